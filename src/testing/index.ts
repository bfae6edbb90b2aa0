/** What a test of a bot, an adapter, a worker or a store needs: a clock that obeys, and fakes of the ports. */
export {
  type Ability,
  type AdapterSubject,
  adapterConformance,
  type Excuse,
  type FaultKind,
  faultKinds,
  holdTime,
  type Lack,
  type NotApplicable,
  type PlatformUnderTest,
  type Said,
  type SeenMessage,
  type Talent,
  talents,
} from './adapter-conformance.ts';
export { type Chance, createChance } from './chance.ts';
export {
  FakePlatform,
  type FakePlatformOptions,
  type Scripted,
  type Sent,
  type Shown,
} from './fake-platform.ts';
export { createFakeRuntime, type FakeRuntime, type FakeRuntimeOptions } from './fake-runtime.ts';
export {
  createFakeWorker,
  type FakeCall,
  type FakeSession,
  type FakeWorker,
  type FakeWorkerOptions,
} from './fake-worker.ts';
export { brokenInvariants, type InvariantOptions, type Scene } from './invariants.ts';
export {
  type Act,
  type Figures,
  type Plan,
  type PlanOptions,
  type SimulatedPlatform,
  type SimulatedSettings,
  type SimulationOptions,
  type SimulationResult,
  type Step,
  shrink,
  simulate,
  type Weather,
  type WorldOptions,
} from './simulation.ts';
export {
  type CorruptRow,
  type Runner,
  type StoreSubject,
  type StoreUnderTest,
  storeConformance,
} from './store-conformance.ts';

/** What a test of a bot, an adapter, a worker or a store needs: a clock that obeys, and fakes of the ports. */
export { type Chance, createChance } from './chance.ts';
export { createFakeRuntime, type FakeRuntime, type FakeRuntimeOptions } from './fake-runtime.ts';
export {
  createFakeWorker,
  type FakeCall,
  type FakeSession,
  type FakeWorker,
  type FakeWorkerOptions,
} from './fake-worker.ts';
export {
  type CorruptRow,
  type Runner,
  type StoreSubject,
  type StoreUnderTest,
  storeConformance,
} from './store-conformance.ts';

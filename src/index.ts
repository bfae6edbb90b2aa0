/**
 * Readback: chat bots whose long work always answers.
 *
 * Reading order: put a relay together, give it a worker, an adapter (`readback/adapters/*`) and a store
 * (`readback/stores/*`), start it.
 */

export { ConfigError, ContractError, StoreError, WorkerError } from './contracts/error.ts';
export { type RelayEventName, RelayEvents } from './contracts/event.ts';
export type {
  CancelAnswer,
  Health,
  NotifyRequest,
  Overlap,
  Relay,
  SubmitRequest,
  TaskStory,
} from './contracts/relay.ts';
export {
  type Deadlines,
  deadlineDefaults,
  type SendClocks,
  sendClockDefaults,
} from './contracts/task.ts';
export { createSystemRuntime } from './core/system-runtime.ts';
export { defineConfig } from './define-config.ts';
// What is said and observed
export type { Words } from './relay.ts';
// Commonly used
// For those who put the process together themselves
export { createRelay, newOwner, type RelayLog, type RelayOptions, type Route } from './relay.ts';
export { defineWorker, type FunctionIO, type FunctionTask } from './workers/function.ts';

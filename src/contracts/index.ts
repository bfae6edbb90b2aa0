/** The shapes and ports that adapters, workers and stores are written against. */
export * from './adapter.ts';
export * from './ask.ts';
export * from './channel.ts';
export type { CrashPoint } from './crash-point.ts';
export * from './delivery.ts';
export * from './error.ts';
export * from './event.ts';
export * from './id.ts';
export * from './inbound.ts';
export * from './incident.ts';
export * from './receipt.ts';
export * from './relay.ts';
export * from './runtime.ts';
export * from './session.ts';
export * from './store.ts';
export * from './task.ts';
export * from './update.ts';
export * from './worker.ts';

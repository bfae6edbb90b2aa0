/** What the fake needs of the outer folders, named once. */
export type { Runtime } from '../../contracts/runtime.ts';
export { createSystemRuntime } from '../../core/system-runtime.ts';

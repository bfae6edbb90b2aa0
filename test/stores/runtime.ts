import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { OwnerId } from '../../src/contracts/id.ts';
import type { Runtime } from '../../src/contracts/runtime.ts';
import { ownerId } from '../../src/testing/store-conformance-rows.ts';

/** The machine's own time and chance: these tests look at files and processes, not at clocks. */
export const runtime: Runtime = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  sleep: (ms) => wait(ms),
  soon: (fn) => void setImmediate(fn),
  random: (bytes) => randomBytes(bytes),
};

export const me: OwnerId = ownerId(1);

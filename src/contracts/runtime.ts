import type { CrashPoint } from './crash-point.ts';

/**
 * All time, scheduling and chance. Core and stores use nothing else, so a simulation owns every
 * clock and every coin. Production: `core/system-runtime.ts`. Tests: `readback/testing`.
 */
export interface Runtime {
  /** Milliseconds since 1970 by the wall clock; may jump both ways. */
  wallMs(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monoMs(): number;
  /** Resolves after `ms` of monotonic time, or at once when `signal` aborts. Never rejects. `ms` above 2^31-1 is clamped. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `fn` after the current work, before any timer of later time. Used to gather a batch. */
  soon(fn: () => void): void;
  /** `bytes` unpredictable bytes. */
  random(bytes: number): Uint8Array;
  /** A test may kill the process here; absent in production. */
  crashPoint?(point: CrashPoint): void;
}

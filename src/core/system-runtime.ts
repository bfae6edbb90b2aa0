import type { Runtime } from '../contracts/runtime.ts';

/** Longest wait of a Node timer; a longer one would fire at once. */
const timerMaxMs = 2 ** 31 - 1;
/** Most bytes that one call of the random source gives. */
const randomMax = 65_536;

/**
 * The real clocks, timers and random source; the only place of the core that touches them.
 * Timers keep the process alive until they fire or their signal aborts.
 */
export function createSystemRuntime(): Runtime {
  return {
    wallMs: () => Date.now(),
    monoMs: () => performance.now(),
    sleep,
    soon: (fn) => void setImmediate(fn),
    random,
  };
}

/** Node may fire up to a millisecond early: then the rest is waited for, so that "after `ms`" is true. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  const untilMs = performance.now() + clampMs(ms);
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout;
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const arm = (): void => {
      const restMs = untilMs - performance.now();
      if (restMs <= 0) done();
      else timer = setTimeout(arm, clampMs(Math.ceil(restMs)));
    };
    timer = setTimeout(arm, clampMs(Math.ceil(ms)));
    signal?.addEventListener('abort', done, { once: true });
  });
}

function clampMs(ms: number): number {
  return ms > 0 ? Math.min(ms, timerMaxMs) : 0;
}

/** Chance in store: one call of the system's source costs as much as hundreds of bytes of it. Each byte is given once. */
const pool = new Uint8Array(4_096);
let poolAt = pool.length;

function random(bytes: number): Uint8Array {
  if (bytes > pool.length) return fresh(bytes);
  if (poolAt + bytes > pool.length) {
    crypto.getRandomValues(pool);
    poolAt = 0;
  }
  poolAt += bytes;
  return pool.slice(poolAt - bytes, poolAt);
}

function fresh(bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += randomMax) {
    crypto.getRandomValues(out.subarray(at, at + randomMax));
  }
  return out;
}

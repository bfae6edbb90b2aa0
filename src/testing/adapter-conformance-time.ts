import type { Runtime } from '../contracts/runtime.ts';

/** So many turns of the event loop are made at once; then each leaves the processor to others for a moment. */
const quickTurns = 100;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * For fake platforms: the virtual time stands still while `work` runs, though it waits for something real (a socket,
 * a signature, a file). Not for work that waits for virtual time or that never ends: then the clock reports that
 * nothing comes to rest.
 *
 * @example const response = await holdTime(runtime, fetch(request))
 */
export async function holdTime<T>(runtime: Runtime, work: Promise<T>): Promise<T> {
  let turns = 0;
  let isOver = false;
  const again = (): void => {
    if (isOver) return;
    turns += 1;
    if (turns > quickTurns) Atomics.wait(pause, 0, 0, 1);
    runtime.soon(again);
  };
  again();
  try {
    return await work;
  } finally {
    isOver = true;
  }
}

import { StoreError } from '../contracts/error.ts';
import type { Relay } from '../contracts/relay.ts';
import type { CliContext } from './context.ts';
import { askControl, type ControlAsk, type ControlResult } from './control-client.ts';
import { socketPath } from './control-protocol.ts';

const rounds = 6;
const roundMs = 500;

/**
 * Does something in the running process, or, when none runs, takes the writer lock and writes the stored change.
 * A process that is just starting or stopping holds the lock without a socket: then it is tried again for 3 s.
 */
export async function act<Ask extends ControlAsk>(
  context: CliContext,
  file: string,
  { ask, offline }: { ask: Ask; offline: (relay: Relay) => Promise<ControlResult<Ask['act']>> },
): Promise<{ result: ControlResult<Ask['act']>; running: boolean }> {
  const runtime = await context.parts.createRuntime();
  const socket = socketPath(file, context.cwd);
  for (let round = 1; ; round += 1) {
    const result = await askControl(socket, ask);
    if (result !== undefined) return { result, running: true };
    try {
      return { result: await withWriter(context, file, offline), running: false };
    } catch (error) {
      if (round === rounds || !isLocked(error)) throw error;
      await runtime.sleep(roundMs);
    }
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'locked';
}

/** A relay that is never started: it only writes what is asked. */
async function withWriter<T>(
  context: CliContext,
  file: string,
  use: (relay: Relay) => Promise<T>,
): Promise<T> {
  const { parts } = context;
  const runtime = await parts.createRuntime();
  const owner = await parts.newOwner(runtime);
  const store = await parts.openStore({ file, runtime, owner });
  try {
    return await use(await parts.createRelay({ store, owner, runtime, adapters: [], workers: [] }));
  } finally {
    await store.close();
  }
}

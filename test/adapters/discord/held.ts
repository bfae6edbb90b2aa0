import { setImmediate as turn } from 'node:timers/promises';
import type { Adapter } from '../../../src/contracts/adapter.ts';
import { holdTime } from '../../../src/testing/adapter-conformance.ts';
import type { FakeDiscord } from '../../../src/testing/discord/index.ts';
import type { FakeRuntime } from '../../../src/testing/index.ts';

/** An adapter that connects while the virtual time stands still: its gateway is a real socket. */
export function heldAdapter(adapter: Adapter, discord: FakeDiscord, runtime: FakeRuntime): Adapter {
  const { start, catchUp } = adapter;
  adapter.start = (host) => holdTime(runtime, start.call(adapter, host));
  if (catchUp !== undefined)
    adapter.catchUp = async (options) => {
      await holdTime(runtime, begun(discord));
      await catchUp.call(adapter, options);
    };
  return adapter;
}

/** Resolves when a session is there, or was refused: then only time helps. */
async function begun({ gateway }: FakeDiscord): Promise<void> {
  const box = { isOver: false };
  const end = (): void => {
    box.isOver = true;
  };
  gateway.connected().then(end, end);
  const closed = gateway.closes.length;
  while (!box.isOver && gateway.closes.length === closed) await turn();
}

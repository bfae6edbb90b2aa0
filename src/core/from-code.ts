import type { Channel } from '../contracts/channel.ts';
import { InboundId, type TaskId } from '../contracts/id.ts';
import type { Message } from '../contracts/inbound.ts';
import type { Core, Work } from './core.ts';
import { nextNumber } from './line.ts';
import { newId } from './new-id.ts';

/** A message that no platform sent: known by `key`, with a number in its Channel like any other. */
export interface FromCode {
  readonly id: InboundId;
  /** Stores it with what became of it. */
  readonly store: (became: 'task' | 'notice', task?: TaskId) => void;
}

/** Gives it its id and number; the caller makes something of it and stores it in the same transaction. */
export function fromCode(
  work: Work,
  core: Core,
  arrived: { readonly channel: Channel; readonly key: string; readonly message: Message },
): FromCode {
  const { channel, key, message } = arrived;
  const id = InboundId.parse(newId(core));
  const seq = nextNumber(channel);
  work.putChannel(channel);
  return {
    id,
    store: (became, task) =>
      work.putInbound({
        id,
        key,
        channel: channel.key,
        seq,
        inbound: message,
        became,
        ...(task === undefined ? {} : { task }),
        source: 'code',
        receivedAtMs: work.now,
      }),
  };
}

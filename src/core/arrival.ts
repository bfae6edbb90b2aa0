import type { Channel } from '../contracts/channel.ts';
import type { InboundId, TaskId } from '../contracts/id.ts';
import type { Inbound } from '../contracts/inbound.ts';
import type { Script, StoredInbound } from '../contracts/store.ts';
import type { Refusal, Update } from '../contracts/update.ts';
import type { Work } from './core.ts';

/** What an Inbound became; its row says so. */
export interface Outcome {
  readonly became: StoredInbound['became'];
  readonly task?: TaskId | undefined;
  /** The answer or refusal, said at once. */
  readonly update?: Update | undefined;
  /** Names the Task that the answer is about. */
  readonly label?: string | undefined;
}

/** The Inbound in hand: stored, numbered, about to become something. */
export interface Arrival {
  readonly id: InboundId;
  readonly inbound: Inbound;
  readonly channel: Channel;
}

export function nameOf(arrival: Arrival): string {
  return arrival.inbound.person.name ?? arrival.inbound.person.id;
}

export function* refuse(work: Work, arrival: Arrival, reason: Refusal): Script<Outcome> {
  yield* work.note({
    name: 'message.refused',
    data: { inboundId: arrival.id, reason },
    channel: arrival.channel.key,
  });
  return { became: 'refusal', update: { kind: 'refused', reason } };
}

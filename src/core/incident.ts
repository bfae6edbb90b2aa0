import { type ChannelKey, IncidentId, type TaskId } from '../contracts/id.ts';
import type { Incident } from '../contracts/incident.ts';
import type { Script } from '../contracts/store.ts';
import { compose } from './compose.ts';
import type { Core, Work } from './core.ts';
import { limit } from './limit.ts';
import { channelFor } from './line.ts';
import { newId } from './new-id.ts';
import { openReceipt } from './open.ts';

export interface Trouble {
  readonly key: string;
  readonly kind: Incident['kind'];
  /** Ids and reason; never the text of a message. */
  readonly reason: string;
  readonly channel?: ChannelKey | undefined;
  readonly taskId?: TaskId | undefined;
  /** Its own death opens no other incident and tells no operator. */
  readonly quiet?: boolean;
}

/** Opens an incident, or counts it when one of that key is open. With an operator's Channel it is told there. */
export function* raise(work: Work, core: Core, trouble: Trouble): Script<void> {
  const open = yield* work.incidentOpen(trouble.key);
  if (open !== undefined) {
    work.putIncident({ ...open, count: open.count + 1, lastAtMs: work.now });
    return;
  }
  const reason = trouble.reason.slice(0, limit.errorChars);
  const id = IncidentId.parse(newId(core));
  const seq = yield* work.nextSeq('incident');
  work.putIncident({
    id,
    seq,
    key: trouble.key,
    kind: trouble.kind,
    reason,
    count: 1,
    openedAtMs: work.now,
    lastAtMs: work.now,
  });
  yield* work.note({
    name: 'incident.opened',
    data: { incidentId: id, kind: trouble.kind, reason },
    channel: trouble.channel,
    taskId: trouble.taskId,
  });
  if (core.operator === undefined || trouble.quiet === true) return;
  const channel = yield* channelFor(work, core, core.operator);
  const { kind, content } = compose({ kind: 'incident', reason }, { words: core.words });
  yield* openReceipt(work, core, {
    subject: { kind: 'incident', id },
    kind,
    revision: 0,
    channel: channel.key,
    content,
  });
}

export function* closeIncident(work: Work, key: string): Script<void> {
  const open = yield* work.incidentOpen(key);
  if (open === undefined) return;
  work.putIncident({ ...open, closedAtMs: work.now });
  yield* work.note({ name: 'incident.closed', data: { incidentId: open.id, kind: open.kind } });
}

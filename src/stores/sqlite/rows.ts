import { Ask } from '../../contracts/ask.ts';
import { Account, Channel } from '../../contracts/channel.ts';
import { JournalRow } from '../../contracts/event.ts';
import { Incident } from '../../contracts/incident.ts';
import { Attempt, Receipt, type ReceiptState } from '../../contracts/receipt.ts';
import { Session, TranscriptItem } from '../../contracts/session.ts';
import { StoredInbound } from '../../contracts/store.ts';
import { Task } from '../../contracts/task.ts';
import { codec } from './row-codec.ts';

export const accounts = codec<Account>({
  table: 'accounts',
  key: ['key'],
  schema: Account,
  plain: ['key', 'adapter', 'account', 'paused_until_ms'],
  flags: ['authorized'],
});

export const channels = codec<Channel>({
  table: 'channels',
  key: ['key'],
  schema: Channel,
  plain: [
    'key',
    'account',
    'seq',
    'head_due_at_ms',
    'due_at_ms',
    'priority',
    'fence',
    'owner',
    'lease_until_ms',
    'confirm_until_ms',
    'audience',
    'audience_owner',
    'absent_since_ms',
    'last_sent_at_ms',
    'opened_at_ms',
  ],
  flags: ['private'],
  json: ['address'],
});

export const inbounds = codec<StoredInbound>({
  table: 'inbounds',
  key: ['id'],
  schema: StoredInbound,
  plain: ['id', 'key', 'channel', 'seq', 'became', 'task', 'source', 'received_at_ms'],
  json: ['inbound'],
  derived: ['kind'],
  derive: (row) => ({ kind: row.inbound.kind }),
});

export const sessions = codec<Session>({
  table: 'sessions',
  key: ['id'],
  schema: Session,
  plain: [
    'id',
    'worker',
    'channel',
    'person_id',
    'version',
    'busy',
    'queued',
    'ready_at_ms',
    'opened_at_ms',
  ],
  json: ['resume'],
});

/** Session and number are given by `transcriptAdd`. */
export const transcripts = codec<TranscriptItem>({
  table: 'transcripts',
  key: ['session', 'seq'],
  schema: TranscriptItem,
  plain: ['session', 'seq', 'at_ms'],
  json: ['item'],
  whole: 'item',
});

export const tasks = codec<Task>({
  table: 'tasks',
  key: ['id'],
  schema: Task,
  plain: [
    'seq',
    'id',
    'state',
    'channel',
    'session',
    'inbound',
    'person_id',
    'person_name',
    'worker',
    'due_at_ms',
    'owner',
    'fence',
    'lease_until_ms',
    'accepted_at_ms',
    'started_at_ms',
    'ended_at_ms',
    'ack_receipt',
    'ask',
    'retry_of',
    'attempt',
    'revision',
    'activity',
    'anchor',
    'title',
    'text',
    'result',
    'error',
  ],
  flags: ['apart'],
  json: ['contract', 'deadlines', 'cause', 'live', 'files'],
  derived: ['open', 'id_tail'],
  derive: (row) => ({ open: row.state === 'ended' ? 0 : 1, id_tail: tailOf(row.id) }),
  inner: { contract_state: ['contract', 'state'] },
});

/** The hex digits of an id from the last to the first, so that the end of it can be looked up in an index. */
export function tailOf(idOrTail: string): string {
  let tail = '';
  for (let at = idOrTail.length - 1; at >= 0; at -= 1)
    if (idOrTail[at] !== '-') tail += idOrTail[at];
  return tail.toLowerCase();
}

export const asks = codec<Ask>({
  table: 'asks',
  key: ['id'],
  schema: Ask,
  plain: [
    'id',
    'task',
    'channel',
    'receipt',
    'person_id',
    'kind',
    'state',
    'opened_at_ms',
    'surfaced_at_ms',
    'until_ms',
    'remind_at_ms',
    'closed_at_ms',
    'text',
    'answered_by',
    'reason',
  ],
  flags: ['free_text'],
  json: ['options', 'answer'],
});

export const receipts = codec<Receipt>({
  table: 'receipts',
  key: ['id'],
  schema: Receipt,
  plain: [
    'id',
    'state',
    'kind',
    'revision',
    'task',
    'channel',
    'seq',
    'origin_channel',
    'origin_seq',
    'place',
    'due_at_ms',
    'head_since_ms',
    'opened_at_ms',
    'expires_at_ms',
    'evidence_due_at_ms',
    'key_valid_until_ms',
    'settled_at_ms',
    'route',
    'attempts',
    'tries',
    'deaths',
    'reason',
  ],
  flags: ['unseen', 'live', 'edited_once'],
  json: ['repairs', 'marks', 'content', 'parts'],
  derived: ['open', 'listed'],
  derive: (row) => ({ open: receiptOpen(row.state) ? 1 : 0, listed: listedOf(row) ? 1 : 0 }),
  inner: { subject_kind: ['subject', 'kind'], subject_id: ['subject', 'id'] },
});

export function receiptOpen(state: ReceiptState): boolean {
  return state === 'pending' || state === 'claimed' || state === 'unknown';
}

/** Part of the transcript: it was sent, was moved or is dead; a superseded one only if something of it was shown. */
function listedOf(row: Receipt): boolean {
  const shown = row.parts.some((part) => part.shownAtMs !== undefined || part.handle !== undefined);
  if (row.state === 'superseded') return shown;
  return (
    shown ||
    row.attempts > 0 ||
    row.state === 'dead' ||
    row.state === 'surfaced' ||
    row.channel !== row.originChannel
  );
}

export const attempts = codec<Attempt>({
  table: 'attempts',
  key: ['receipt', 'n'],
  schema: Attempt,
  plain: [
    'receipt',
    'n',
    'act',
    'channel',
    'route',
    'part',
    'owner',
    'fence',
    'started_at_ms',
    'finished_at_ms',
  ],
  json: ['outcome'],
});

export const incidents = codec<Incident>({
  table: 'incidents',
  key: ['id'],
  schema: Incident,
  plain: [
    'seq',
    'id',
    'key',
    'kind',
    'reason',
    'count',
    'opened_at_ms',
    'last_at_ms',
    'closed_at_ms',
  ],
});

export const journal = codec<JournalRow>({
  table: 'journal',
  key: ['seq'],
  schema: JournalRow,
  plain: ['seq', 'at_ms', 'name', 'task_id', 'channel', 'session_id'],
  json: ['data'],
});

/** Every codec by its table: the tests compare them with `schema.ts`. */
export const codecs = {
  accounts,
  channels,
  inbounds,
  sessions,
  transcripts,
  tasks,
  asks,
  receipts,
  attempts,
  incidents,
  journal,
} as const;

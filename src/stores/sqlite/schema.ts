import { sql } from 'drizzle-orm';
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';

/*
 * The one truth for migrations: `npx drizzle-kit generate` writes `drizzle/sqlite` from it. What is queried or
 * fenced is a column; what is nested is JSON. Times are milliseconds since 1970, flags are 0 or 1. `open` says that a
 * state is not a last one and `listed` that a Receipt belongs to the transcript of its Channel: both are derived when
 * a row is written, so that a partial index can be one comparison (an index `WHERE state IN (…)` is not used for
 * `state = …`). Hot queries are plain SQL in `statement-list.ts`.
 */

export const meta = sqliteTable('meta', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
});

/** Numbers that are never given twice, also after the rows are pruned. */
export const counters = sqliteTable('counters', {
  name: text('name').primaryKey(),
  value: integer('value').notNull(),
});

export const accounts = sqliteTable('accounts', {
  key: text('key').primaryKey(),
  adapter: text('adapter').notNull(),
  account: text('account').notNull(),
  pausedUntilMs: integer('paused_until_ms'),
  authorized: integer('authorized').notNull(),
});

export const channels = sqliteTable(
  'channels',
  {
    key: text('key').primaryKey(),
    address: text('address').notNull(),
    account: text('account').notNull(),
    private: integer('private').notNull(),
    seq: integer('seq').notNull(),
    headDueAtMs: integer('head_due_at_ms').notNull(),
    dueAtMs: integer('due_at_ms'),
    priority: integer('priority').notNull(),
    fence: integer('fence').notNull(),
    owner: text('owner'),
    leaseUntilMs: integer('lease_until_ms'),
    confirmUntilMs: integer('confirm_until_ms'),
    audience: text('audience').notNull(),
    audienceOwner: text('audience_owner'),
    absentSinceMs: integer('absent_since_ms'),
    lastSentAtMs: integer('last_sent_at_ms'),
    openedAtMs: integer('opened_at_ms').notNull(),
  },
  (t) => [
    index('channels_due').on(t.dueAtMs).where(sql`due_at_ms IS NOT NULL`),
    index('channels_account').on(t.account),
    index('channels_owner').on(t.owner).where(sql`owner IS NOT NULL`),
    index('channels_audience_owner').on(t.audienceOwner).where(sql`audience_owner IS NOT NULL`),
  ],
);

/** Former and second addresses: each leads to one Channel. */
export const aliases = sqliteTable(
  'aliases',
  { address: text('address').primaryKey(), channel: text('channel').notNull() },
  (t) => [index('aliases_channel').on(t.channel)],
);

export const inbounds = sqliteTable(
  'inbounds',
  {
    listSeq: integer('list_seq').primaryKey(),
    id: text('id').notNull().unique(),
    key: text('key').notNull().unique(),
    channel: text('channel').notNull(),
    seq: integer('seq').notNull(),
    kind: text('kind').notNull(),
    became: text('became').notNull(),
    task: text('task'),
    source: text('source').notNull(),
    receivedAtMs: integer('received_at_ms').notNull(),
    inbound: text('inbound').notNull(),
  },
  (t) => [
    index('inbounds_channel').on(t.channel),
    index('inbounds_history')
      .on(t.channel, t.seq)
      .where(sql`kind = 'message' AND became <> 'notice'`),
    index('inbounds_open').on(t.task).where(sql`became = 'open'`),
    index('inbounds_received').on(t.receivedAtMs),
  ],
);

export const sessions = sqliteTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    worker: text('worker').notNull(),
    channel: text('channel').notNull(),
    personId: text('person_id'),
    resume: text('resume'),
    version: integer('version').notNull(),
    busy: text('busy'),
    queued: integer('queued').notNull(),
    readyAtMs: integer('ready_at_ms'),
    openedAtMs: integer('opened_at_ms').notNull(),
  },
  (t) => [
    index('sessions_for').on(t.worker, t.channel, t.personId, t.openedAtMs),
    index('sessions_channel').on(t.channel),
    index('sessions_ready').on(t.readyAtMs).where(sql`ready_at_ms IS NOT NULL`),
  ],
);

export const transcripts = sqliteTable(
  'transcripts',
  {
    session: text('session')
      .notNull()
      .references(() => sessions.id),
    seq: integer('seq').notNull(),
    atMs: integer('at_ms').notNull(),
    item: text('item').notNull(),
  },
  (t) => [primaryKey({ columns: [t.session, t.seq] }), index('transcripts_at').on(t.atMs)],
);

export const tasks = sqliteTable(
  'tasks',
  {
    seq: integer('seq').primaryKey(),
    id: text('id').notNull().unique(),
    /** The hex digits of the id from the last to the first: people type the tail. */
    idTail: text('id_tail').notNull(),
    state: text('state').notNull(),
    open: integer('open').notNull(),
    channel: text('channel').notNull(),
    session: text('session').notNull(),
    inbound: text('inbound').notNull(),
    personId: text('person_id').notNull(),
    personName: text('person_name'),
    worker: text('worker').notNull(),
    dueAtMs: integer('due_at_ms'),
    owner: text('owner'),
    fence: integer('fence').notNull(),
    leaseUntilMs: integer('lease_until_ms'),
    acceptedAtMs: integer('accepted_at_ms').notNull(),
    startedAtMs: integer('started_at_ms'),
    endedAtMs: integer('ended_at_ms'),
    contractState: text('contract_state').notNull(),
    /** The clocks of the Contract; its state is the column. */
    contract: text('contract').notNull(),
    deadlines: text('deadlines').notNull(),
    cause: text('cause'),
    live: text('live'),
    ackReceipt: text('ack_receipt'),
    ask: text('ask'),
    apart: integer('apart').notNull(),
    retryOf: text('retry_of'),
    attempt: integer('attempt').notNull(),
    revision: integer('revision').notNull(),
    activity: integer('activity').notNull(),
    anchor: text('anchor'),
    title: text('title').notNull(),
    text: text('text').notNull(),
    files: text('files').notNull(),
    result: text('result'),
    error: text('error'),
  },
  (t) => [
    index('tasks_tail').on(t.idTail),
    index('tasks_due').on(t.dueAtMs).where(sql`due_at_ms IS NOT NULL`),
    index('tasks_open').on(t.seq).where(sql`open = 1`),
    index('tasks_open_channel').on(t.channel).where(sql`open = 1`),
    index('tasks_held').on(t.owner).where(sql`open = 1 AND state <> 'queued'`),
    index('tasks_queued').on(t.session).where(sql`state = 'queued'`),
    index('tasks_channel').on(t.channel),
    index('tasks_person').on(t.channel, t.personId),
    index('tasks_inbound').on(t.inbound),
    index('tasks_ended').on(t.endedAtMs).where(sql`state = 'ended'`),
  ],
);

export const asks = sqliteTable(
  'asks',
  {
    listSeq: integer('list_seq').primaryKey(),
    id: text('id').notNull().unique(),
    task: text('task').notNull(),
    channel: text('channel').notNull(),
    receipt: text('receipt').notNull(),
    personId: text('person_id').notNull(),
    kind: text('kind').notNull(),
    state: text('state').notNull(),
    openedAtMs: integer('opened_at_ms').notNull(),
    surfacedAtMs: integer('surfaced_at_ms'),
    untilMs: integer('until_ms').notNull(),
    remindAtMs: integer('remind_at_ms'),
    closedAtMs: integer('closed_at_ms'),
    freeText: integer('free_text').notNull(),
    text: text('text').notNull(),
    options: text('options').notNull(),
    answer: text('answer'),
    answeredBy: text('answered_by'),
    reason: text('reason'),
  },
  (t) => [
    index('asks_task').on(t.task),
    index('asks_open').on(t.channel).where(sql`state = 'open'`),
  ],
);

export const receipts = sqliteTable(
  'receipts',
  {
    /** The place in the list of all; `seq` is the Channel's number. */
    listSeq: integer('list_seq').primaryKey({ autoIncrement: true }),
    id: text('id').notNull().unique(),
    state: text('state').notNull(),
    open: integer('open').notNull(),
    listed: integer('listed').notNull(),
    subjectKind: text('subject_kind').notNull(),
    subjectId: text('subject_id').notNull(),
    kind: text('kind').notNull(),
    revision: integer('revision').notNull(),
    task: text('task'),
    channel: text('channel').notNull(),
    seq: integer('seq').notNull(),
    originChannel: text('origin_channel').notNull(),
    originSeq: integer('origin_seq').notNull(),
    place: text('place'),
    dueAtMs: integer('due_at_ms'),
    headSinceMs: integer('head_since_ms'),
    openedAtMs: integer('opened_at_ms').notNull(),
    expiresAtMs: integer('expires_at_ms').notNull(),
    evidenceDueAtMs: integer('evidence_due_at_ms'),
    keyValidUntilMs: integer('key_valid_until_ms'),
    settledAtMs: integer('settled_at_ms'),
    unseen: integer('unseen').notNull(),
    live: integer('live').notNull(),
    editedOnce: integer('edited_once').notNull(),
    route: integer('route').notNull(),
    attempts: integer('attempts').notNull(),
    tries: integer('tries').notNull(),
    deaths: integer('deaths').notNull(),
    repairs: text('repairs').notNull(),
    marks: text('marks').notNull(),
    reason: text('reason'),
    content: text('content').notNull(),
    parts: text('parts').notNull(),
  },
  (t) => [
    uniqueIndex('receipts_key').on(t.subjectKind, t.subjectId, t.kind, t.revision),
    uniqueIndex('receipts_terminal').on(t.subjectId).where(sql`kind = 'terminal'`),
    index('receipts_line').on(t.channel, t.seq).where(sql`place = 'line'`),
    index('receipts_dated').on(t.channel, t.place, t.dueAtMs).where(sql`due_at_ms IS NOT NULL`),
    index('receipts_open').on(t.listSeq).where(sql`open = 1`),
    index('receipts_open_channel').on(t.channel, t.seq).where(sql`open = 1`),
    index('receipts_open_task').on(t.task).where(sql`open = 1`),
    index('receipts_dead').on(t.listSeq).where(sql`state = 'dead'`),
    index('receipts_superseded').on(t.listSeq).where(sql`state = 'superseded'`),
    index('receipts_task').on(t.task).where(sql`task IS NOT NULL`),
    index('receipts_channel').on(t.channel),
    index('receipts_origin').on(t.originChannel, t.originSeq).where(sql`listed = 1`),
    index('receipts_moved')
      .on(t.channel, t.seq)
      .where(sql`listed = 1 AND channel <> origin_channel`),
    index('receipts_settled').on(t.openedAtMs).where(sql`open = 0 AND task IS NULL`),
  ],
);

export const attempts = sqliteTable(
  'attempts',
  {
    receipt: text('receipt')
      .notNull()
      .references(() => receipts.id),
    n: integer('n').notNull(),
    act: text('act').notNull(),
    channel: text('channel').notNull(),
    route: integer('route').notNull(),
    part: integer('part').notNull(),
    owner: text('owner').notNull(),
    fence: integer('fence').notNull(),
    startedAtMs: integer('started_at_ms').notNull(),
    finishedAtMs: integer('finished_at_ms'),
    outcome: text('outcome'),
  },
  (t) => [primaryKey({ columns: [t.receipt, t.n] })],
);

export const incidents = sqliteTable(
  'incidents',
  {
    seq: integer('seq').primaryKey(),
    id: text('id').notNull().unique(),
    key: text('key').notNull(),
    kind: text('kind').notNull(),
    reason: text('reason').notNull(),
    count: integer('count').notNull(),
    openedAtMs: integer('opened_at_ms').notNull(),
    lastAtMs: integer('last_at_ms').notNull(),
    closedAtMs: integer('closed_at_ms'),
  },
  (t) => [
    uniqueIndex('incidents_key').on(t.key).where(sql`closed_at_ms IS NULL`),
    index('incidents_open').on(t.seq).where(sql`closed_at_ms IS NULL`),
    index('incidents_closed').on(t.closedAtMs).where(sql`closed_at_ms IS NOT NULL`),
  ],
);

export const adapterStates = sqliteTable(
  'adapter_states',
  {
    account: text('account').notNull(),
    key: text('key').notNull(),
    value: text('value').notNull(),
  },
  (t) => [primaryKey({ columns: [t.account, t.key] })],
);

export const journal = sqliteTable(
  'journal',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    atMs: integer('at_ms').notNull(),
    name: text('name').notNull(),
    taskId: text('task_id'),
    channel: text('channel'),
    sessionId: text('session_id'),
    data: text('data').notNull(),
  },
  (t) => [
    index('journal_task').on(t.taskId).where(sql`task_id IS NOT NULL`),
    index('journal_channel').on(t.channel).where(sql`channel IS NOT NULL`),
    index('journal_loose').on(t.atMs).where(sql`task_id IS NULL`),
  ],
);

/** Copies of rows that could not be read, as they were, for a person to look at. Pruned by age. */
export const quarantined = sqliteTable(
  'quarantined',
  {
    seq: integer('seq').primaryKey(),
    tableName: text('table_name').notNull(),
    rowId: text('row_id').notNull(),
    cause: text('cause').notNull(),
    row: text('row').notNull(),
    atMs: integer('at_ms').notNull(),
  },
  (t) => [index('quarantined_at').on(t.atMs)],
);

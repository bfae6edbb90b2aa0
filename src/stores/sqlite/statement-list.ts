import { codecs } from './rows.ts';

/*
 * Every statement of the store, by name: each is prepared once, and each is explained by a test that fails on a scan
 * or a sort. `INDEXED BY` stands where the planner could prefer a longer way.
 */

/** All columns of a row, in the order of its codec. */
const all = Object.fromEntries(
  Object.values(codecs).map(({ table, columns }) => [
    table,
    `SELECT ${columns.join(', ')} FROM ${table}`,
  ]),
) as Readonly<Record<keyof typeof codecs, string>>;

const reading = {
  metaGet: 'SELECT value FROM meta WHERE key = ?',
  channel: `${all.channels} WHERE key = ?`,
  aliasGet: 'SELECT channel FROM aliases WHERE address = ?',
  account: `${all.accounts} WHERE key = ?`,
  inbound: `${all.inbounds} WHERE id = ?`,
  inboundByKey: `${all.inbounds} WHERE key = ?`,
  inboundsOpenOf: `${all.inbounds} WHERE task = ? AND became = 'open' ORDER BY list_seq`,
  session: `${all.sessions} WHERE id = ?`,
  sessionFor: `${all.sessions} WHERE worker = ? AND channel = ? AND person_id IS ? ORDER BY opened_at_ms LIMIT 1`,
  sessionsReady: `${all.sessions} WHERE ready_at_ms IS NOT NULL ORDER BY ready_at_ms LIMIT ?`,
  transcript: `${all.transcripts} WHERE session = ? ORDER BY seq DESC LIMIT ?`,
  task: `${all.tasks} WHERE id = ?`,
  tasksOpenIn: `${all.tasks} INDEXED BY tasks_open_channel WHERE channel = ? AND open = 1 ORDER BY seq`,
  tasksQueuedIn: `${all.tasks} WHERE session = ? AND state = 'queued' ORDER BY seq LIMIT ?`,
  taskEndedLast: `${all.tasks} INDEXED BY tasks_channel WHERE channel = ? AND state = 'ended' ORDER BY seq DESC LIMIT 1`,
  taskEndedLastOf: `${all.tasks} INDEXED BY tasks_person WHERE channel = ? AND person_id = ? AND state = 'ended' ORDER BY seq DESC LIMIT 1`,
  tasksByTail: `${all.tasks} WHERE id_tail >= @from AND id_tail < @to AND (@channel IS NULL OR channel = @channel) ORDER BY id_tail LIMIT @limit`,
  taskIdsByTail: 'SELECT id FROM tasks WHERE id_tail >= ? AND id_tail < ? ORDER BY id_tail LIMIT ?',
  tasksDue: 'SELECT id, due_at_ms FROM tasks WHERE due_at_ms <= ? ORDER BY due_at_ms LIMIT ?',
  tasksNextDue:
    'SELECT due_at_ms FROM tasks WHERE due_at_ms IS NOT NULL ORDER BY due_at_ms LIMIT 1',
  tasksHeldBelow: `${all.tasks} INDEXED BY tasks_held WHERE open = 1 AND state <> 'queued' AND owner < ? ORDER BY owner, seq LIMIT ?`,
  tasksHeldAbove: `${all.tasks} INDEXED BY tasks_held WHERE open = 1 AND state <> 'queued' AND owner > ? ORDER BY owner, seq LIMIT ?`,
  tasksHeldByNone: `${all.tasks} INDEXED BY tasks_held WHERE open = 1 AND state <> 'queued' AND owner IS NULL ORDER BY seq LIMIT ?`,
  receipt: `${all.receipts} WHERE id = ?`,
  receiptByKey: `${all.receipts} INDEXED BY receipts_key WHERE subject_kind = ? AND subject_id = ? AND kind = ? AND revision = ?`,
  /** Ids only: the rows are mostly known. */
  lineFront:
    "SELECT id, seq FROM receipts INDEXED BY receipts_line WHERE channel = ? AND place = 'line' ORDER BY seq LIMIT ?",
  datedFront:
    'SELECT id, due_at_ms FROM receipts INDEXED BY receipts_dated WHERE channel = ? AND place = ? AND due_at_ms IS NOT NULL ORDER BY due_at_ms LIMIT ?',
  receiptsOpenOf: `${all.receipts} INDEXED BY receipts_open_task WHERE task = ? AND open = 1 ORDER BY list_seq`,
  receiptsShownOf: `${all.receipts} INDEXED BY receipts_task WHERE task = ? AND state = 'surfaced' ORDER BY list_seq`,
  receiptsNumberedIn: `${all.receipts} INDEXED BY receipts_open_channel WHERE channel = ? AND open = 1 AND seq > 0 ORDER BY seq, list_seq LIMIT ?`,
  receiptsUnripeIn: `${all.receipts} INDEXED BY receipts_open_channel WHERE channel = ? AND open = 1 AND seq = 0 ORDER BY list_seq LIMIT ?`,
  attempts: `${all.attempts} WHERE receipt = ? ORDER BY n`,
  ask: `${all.asks} WHERE id = ?`,
  asksOpenIn: `${all.asks} INDEXED BY asks_open WHERE channel = ? AND state = 'open' ORDER BY list_seq`,
  asksOf: `${all.asks} WHERE task = ? ORDER BY list_seq`,
  incidentOpen: `${all.incidents} INDEXED BY incidents_key WHERE key = ? AND closed_at_ms IS NULL`,
  adapterState: 'SELECT value FROM adapter_states WHERE account = ? AND key = ?',
  channelsDue:
    'SELECT key, due_at_ms, priority, account FROM channels WHERE due_at_ms <= ? ORDER BY due_at_ms LIMIT ?',
  channelsNextDue:
    'SELECT due_at_ms FROM channels WHERE due_at_ms IS NOT NULL ORDER BY due_at_ms LIMIT 1',
  channelsOwnedBelow: `${all.channels} WHERE owner < ? ORDER BY owner LIMIT ?`,
  channelsOwnedAbove: `${all.channels} WHERE owner > ? ORDER BY owner LIMIT ?`,
  channelsSeenBelow: `${all.channels} WHERE audience_owner < ? ORDER BY audience_owner LIMIT ?`,
  channelsSeenAbove: `${all.channels} WHERE audience_owner > ? ORDER BY audience_owner LIMIT ?`,
  channelsOfAccount: `${all.channels} WHERE account = ? LIMIT ?`,
} as const;

/** Lists: rows after a number, one more than asked for. */
const paging = {
  historyInbounds:
    "SELECT * FROM inbounds INDEXED BY inbounds_history WHERE channel = ? AND kind = 'message' AND became <> 'notice' AND seq > ? ORDER BY seq LIMIT ?",
  historyOrigin:
    'SELECT * FROM receipts INDEXED BY receipts_origin WHERE origin_channel = ? AND listed = 1 AND origin_seq > ? ORDER BY origin_seq LIMIT ?',
  historyMoved:
    'SELECT * FROM receipts INDEXED BY receipts_moved WHERE channel = ? AND listed = 1 AND channel <> origin_channel AND seq > ? ORDER BY seq LIMIT ?',
  tasksPage: 'SELECT * FROM tasks WHERE seq > @after ORDER BY seq LIMIT @limit',
  tasksPageIn:
    'SELECT * FROM tasks INDEXED BY tasks_channel WHERE channel = @channel AND seq > @after AND (@state IS NULL OR state = @state) AND (@open IS NULL OR open = @open) ORDER BY seq LIMIT @limit',
  tasksPageOpen:
    'SELECT * FROM tasks INDEXED BY tasks_open WHERE open = 1 AND seq > @after AND (@state IS NULL OR state = @state) ORDER BY seq LIMIT @limit',
  tasksPageEnded:
    "SELECT * FROM tasks WHERE state = 'ended' AND seq > @after ORDER BY seq LIMIT @limit",
  receiptsPage:
    'SELECT * FROM receipts WHERE list_seq > @after AND (@state IS NULL OR state = @state) AND (@open IS NULL OR open = @open) ORDER BY list_seq LIMIT @limit',
  receiptsPageOf:
    'SELECT * FROM receipts INDEXED BY receipts_task WHERE task = @task AND list_seq > @after AND (@state IS NULL OR state = @state) AND (@open IS NULL OR open = @open) ORDER BY list_seq LIMIT @limit',
  receiptsPageOpen:
    'SELECT * FROM receipts INDEXED BY receipts_open WHERE open = 1 AND list_seq > @after AND (@state IS NULL OR state = @state) ORDER BY list_seq LIMIT @limit',
  receiptsPageDead:
    "SELECT * FROM receipts INDEXED BY receipts_dead WHERE state = 'dead' AND list_seq > @after ORDER BY list_seq LIMIT @limit",
  receiptsPageSuperseded:
    "SELECT * FROM receipts INDEXED BY receipts_superseded WHERE state = 'superseded' AND list_seq > @after ORDER BY list_seq LIMIT @limit",
  journalNewest: 'SELECT at_ms FROM journal WHERE seq = (SELECT max(seq) FROM journal)',
  journalPage: 'SELECT * FROM journal WHERE seq > @after ORDER BY seq LIMIT @limit',
  journalPageOf:
    'SELECT * FROM journal INDEXED BY journal_task WHERE task_id = @task AND seq > @after AND (@channel IS NULL OR channel = @channel) ORDER BY seq LIMIT @limit',
  journalPageIn:
    'SELECT * FROM journal INDEXED BY journal_channel WHERE channel = @channel AND seq > @after ORDER BY seq LIMIT @limit',
  incidentsPage: 'SELECT * FROM incidents WHERE seq > @after ORDER BY seq LIMIT @limit',
  incidentsPageOpen:
    'SELECT * FROM incidents INDEXED BY incidents_open WHERE closed_at_ms IS NULL AND seq > @after ORDER BY seq LIMIT @limit',
  incidentsPageClosed:
    'SELECT * FROM incidents WHERE closed_at_ms IS NOT NULL AND seq > @after ORDER BY seq LIMIT @limit',
} as const;

const counting = {
  countTasksOpen: 'SELECT COUNT(*) AS n FROM tasks INDEXED BY tasks_open WHERE open = 1',
  countReceiptsOpen: `SELECT COUNT(*) AS n, COALESCE(SUM(r.unseen = 1 OR c.audience IS 'absent'), 0) AS unseen
    FROM receipts r INDEXED BY receipts_open LEFT JOIN channels c ON c.key = r.channel WHERE r.open = 1`,
  countReceiptsDead:
    "SELECT COUNT(*) AS n FROM receipts INDEXED BY receipts_dead WHERE state = 'dead'",
  countIncidentsOpen:
    'SELECT COUNT(*) AS n FROM incidents INDEXED BY incidents_open WHERE closed_at_ms IS NULL',
  oldestOpen: `SELECT r.opened_at_ms AS at_ms FROM receipts r INDEXED BY receipts_open LEFT JOIN channels c ON c.key = r.channel
    WHERE r.open = 1 AND r.unseen = 0 AND c.audience IS NOT 'absent' ORDER BY r.list_seq LIMIT 1`,
} as const;

const writing = {
  metaPut: 'INSERT INTO meta (key, value) VALUES (?, ?)',
  aliasPut:
    'INSERT INTO aliases (address, channel) VALUES (?, ?) ON CONFLICT (address) DO UPDATE SET channel = excluded.channel',
  transcriptAdd:
    'INSERT INTO transcripts (session, seq, at_ms, item) SELECT @session, COALESCE(MAX(seq), 0) + 1, @at_ms, @item FROM transcripts WHERE session = @session',
  adapterStatePut:
    'INSERT INTO adapter_states (account, key, value) VALUES (?, ?, ?) ON CONFLICT (account, key) DO UPDATE SET value = excluded.value',
  journalAdd:
    'INSERT INTO journal (at_ms, name, task_id, channel, session_id, data) VALUES (?, ?, ?, ?, ?, ?)',
  nextSeq:
    'INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value',
  renewTasks:
    "UPDATE tasks INDEXED BY tasks_held SET lease_until_ms = ? WHERE owner = ? AND open = 1 AND state <> 'queued'",
} as const;

export { counting, paging, reading, writing };

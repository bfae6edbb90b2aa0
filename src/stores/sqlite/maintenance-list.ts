import { Contract } from '../../contracts/task.ts';

/* Statements that move, shift, forget, prune and quarantine rows. Same rules as `statement-list.ts`. */

const moved = (column: string): string => `${column} = MAX(0, ${column} + @delta)`;
const movedInJson = (column: string, properties: readonly string[]): string => {
  const pairs = properties.map(
    (name) => `'$.${name}', MAX(0, (${column} ->> '$.${name}') + @delta)`,
  );
  return `${column} = CASE WHEN json_valid(${column}) THEN json_replace(${column}, ${pairs.join(', ')}) ELSE ${column} END`;
};
const clocks = Object.keys(Contract.shape).filter((property) => property.endsWith('AtMs'));

/** A time that is not there stays away: MAX with NULL is NULL, and json_replace adds nothing. */
const shifting = {
  shiftTasks: `UPDATE tasks INDEXED BY tasks_open SET ${moved('due_at_ms')}, ${moved('lease_until_ms')},
    ${movedInJson('contract', clocks)}, ${movedInJson('live', ['shownAtMs'])} WHERE open = 1`,
  shiftReceipts: `UPDATE receipts INDEXED BY receipts_open SET ${moved('opened_at_ms')}, ${moved('due_at_ms')}, ${moved('head_since_ms')},
    ${moved('expires_at_ms')}, ${moved('evidence_due_at_ms')}, ${moved('key_valid_until_ms')}, ${movedInJson('content', ['untilMs'])} WHERE open = 1`,
  shiftAsks: `UPDATE asks INDEXED BY asks_open SET ${moved('until_ms')}, ${moved('remind_at_ms')} WHERE state = 'open'`,
  shiftSessions: `UPDATE sessions INDEXED BY sessions_ready SET ${moved('ready_at_ms')} WHERE ready_at_ms IS NOT NULL`,
  shiftChannels: `UPDATE channels SET ${moved('due_at_ms')}, ${moved('head_due_at_ms')}, ${moved('lease_until_ms')},
    ${moved('confirm_until_ms')}, ${moved('absent_since_ms')}, ${moved('last_sent_at_ms')}`,
  shiftAccounts: `UPDATE accounts SET ${moved('paused_until_ms')} WHERE paused_until_ms IS NOT NULL`,
} as const;

const behind = (column: string): string =>
  `CASE WHEN ${column} > 0 THEN ${column} + @offset ELSE 0 END`;

/** All numbers of `@from` move behind those of `@to` by one offset, so order and gaps stay. */
const merging = {
  mergeInbounds:
    'UPDATE inbounds INDEXED BY inbounds_channel SET channel = @to, seq = seq + @offset WHERE channel = @from',
  mergeAsks:
    'UPDATE asks SET channel = @to WHERE task IN (SELECT id FROM tasks WHERE channel = @from) AND channel = @from',
  mergeTasks: `UPDATE tasks INDEXED BY tasks_channel SET channel = @to,
    live = CASE WHEN json_valid(live) AND live ->> '$.channel' = @from THEN json_replace(live, '$.channel', @to) ELSE live END WHERE channel = @from`,
  mergeReceipts: `UPDATE receipts INDEXED BY receipts_channel SET channel = @to, seq = ${behind('seq')},
    origin_seq = CASE WHEN origin_channel = @from THEN ${behind('origin_seq')} ELSE origin_seq END,
    origin_channel = CASE WHEN origin_channel = @from THEN @to ELSE origin_channel END WHERE channel = @from`,
  mergeReceiptsAway: `UPDATE receipts INDEXED BY receipts_origin SET origin_channel = @to, origin_seq = ${behind('origin_seq')}
    WHERE origin_channel = @from AND listed = 1`,
  sessionsOf: 'SELECT id, worker, person_id FROM sessions WHERE channel = ?',
  mergeSession: 'UPDATE sessions SET channel = ? WHERE id = ?',
  mergeTranscript: `UPDATE transcripts SET session = @to, seq = seq + (SELECT COALESCE(MAX(seq), 0) FROM transcripts WHERE session = @to)
    WHERE session = @from`,
  mergeAliases: 'UPDATE aliases SET channel = ? WHERE channel = ?',
  mergeChannel: `UPDATE channels SET seq = seq + @offset, due_at_ms = CASE WHEN due_at_ms IS NULL THEN @dueAtMs
    WHEN @dueAtMs IS NULL THEN due_at_ms ELSE MIN(due_at_ms, @dueAtMs) END WHERE key = @to`,
  channelDelete: 'DELETE FROM channels WHERE key = ?',
  forgetParts: `UPDATE receipts INDEXED BY receipts_channel SET parts = (SELECT json_group_array(json_remove(value, '$.handle'))
    FROM json_each(receipts.parts)) WHERE channel = ? AND json_valid(parts) AND instr(parts, '"handle"') > 0`,
  forgetTargets: `UPDATE receipts INDEXED BY receipts_open_channel SET content = json_remove(content, '$.target')
    WHERE channel = ? AND open = 1 AND kind = 'amend' AND json_valid(content)`,
  forgetLive: `UPDATE tasks INDEXED BY tasks_channel SET live = NULL WHERE channel = @channel AND live IS NOT NULL
    AND json_valid(live) AND live ->> '$.channel' = @channel`,
  forgetLiveAway: `UPDATE tasks SET live = NULL WHERE id IN (SELECT task FROM receipts INDEXED BY receipts_moved
    WHERE channel = @channel AND listed = 1 AND channel <> origin_channel) AND json_valid(live) AND live ->> '$.channel' = @channel`,
} as const;

const pruning = {
  /** Ended, and all that it said is settled as long ago. */
  pruneTasks: `SELECT id FROM tasks t INDEXED BY tasks_ended WHERE t.state = 'ended' AND t.ended_at_ms < @before
    AND NOT EXISTS (SELECT 1 FROM receipts r INDEXED BY receipts_task WHERE r.task = t.id
      AND (r.open = 1 OR COALESCE(r.settled_at_ms, r.opened_at_ms) >= @before))
    AND NOT EXISTS (SELECT 1 FROM asks a WHERE a.task = t.id AND a.state = 'open') ORDER BY t.ended_at_ms LIMIT @limit`,
  pruneJournalOf:
    'DELETE FROM journal WHERE seq IN (SELECT seq FROM journal INDEXED BY journal_task WHERE task_id = ? LIMIT ?)',
  pruneAttemptsOf: `DELETE FROM attempts WHERE rowid IN (SELECT a.rowid FROM receipts r INDEXED BY receipts_task
    CROSS JOIN attempts a ON a.receipt = r.id WHERE r.task = ? LIMIT ?)`,
  pruneReceiptsOf:
    'DELETE FROM receipts WHERE list_seq IN (SELECT list_seq FROM receipts INDEXED BY receipts_task WHERE task = ? LIMIT ?)',
  pruneAsksOf:
    'DELETE FROM asks WHERE list_seq IN (SELECT list_seq FROM asks WHERE task = ? LIMIT ?)',
  taskDelete: 'DELETE FROM tasks WHERE id = ?',
  /** Answers to commands, notices, incidents: no Task is behind them. */
  pruneReceipts: `SELECT id FROM receipts INDEXED BY receipts_settled WHERE open = 0 AND task IS NULL AND opened_at_ms < @before
    AND COALESCE(settled_at_ms, opened_at_ms) < @before ORDER BY opened_at_ms LIMIT @limit`,
  attemptsDelete:
    'DELETE FROM attempts WHERE rowid IN (SELECT rowid FROM attempts WHERE receipt = ? LIMIT ?)',
  receiptDelete: 'DELETE FROM receipts WHERE id = ?',
  pruneInbounds: `DELETE FROM inbounds WHERE list_seq IN (SELECT i.list_seq FROM inbounds i INDEXED BY inbounds_received
    WHERE i.received_at_ms < @before AND i.became <> 'open'
      AND NOT EXISTS (SELECT 1 FROM tasks t INDEXED BY tasks_inbound WHERE t.inbound = i.id)
      AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.id = i.task)
      AND NOT EXISTS (SELECT 1 FROM receipts r INDEXED BY receipts_key WHERE r.subject_kind = 'inbound' AND r.subject_id = i.id)
    ORDER BY i.received_at_ms LIMIT @limit)`,
  pruneJournal:
    'DELETE FROM journal WHERE seq IN (SELECT seq FROM journal INDEXED BY journal_loose WHERE task_id IS NULL AND at_ms < @before ORDER BY at_ms LIMIT @limit)',
  pruneTranscripts:
    'DELETE FROM transcripts WHERE rowid IN (SELECT rowid FROM transcripts WHERE at_ms < @before ORDER BY at_ms LIMIT @limit)',
  pruneIncidents:
    'DELETE FROM incidents WHERE seq IN (SELECT seq FROM incidents WHERE closed_at_ms < @before ORDER BY closed_at_ms LIMIT @limit)',
  pruneQuarantined:
    'DELETE FROM quarantined WHERE seq IN (SELECT seq FROM quarantined WHERE at_ms < @before ORDER BY at_ms LIMIT @limit)',
} as const;

const quarantining = {
  quarantineCopy:
    'INSERT INTO quarantined (table_name, row_id, cause, row, at_ms) VALUES (?, ?, ?, ?, ?)',
  quarantineReceipt: `UPDATE receipts SET state = 'dead', open = 0, listed = 1, place = NULL, due_at_ms = NULL, head_since_ms = NULL,
    evidence_due_at_ms = NULL, settled_at_ms = @atMs, reason = 'row_invalid' WHERE id = @id`,
  quarantineTask: `UPDATE tasks SET state = 'ended', open = 0, due_at_ms = NULL, owner = NULL, lease_until_ms = NULL, ask = NULL,
    ended_at_ms = COALESCE(ended_at_ms, @atMs), contract_state = @contractState, contract = @contract, deadlines = @deadlines,
    cause = @cause, live = @live, files = @files WHERE id = @id`,
  quarantineSession: 'UPDATE sessions SET resume = NULL WHERE id = ?',
  quarantineChannel:
    'UPDATE channels SET address = @address, due_at_ms = @dueAtMs, owner = NULL, lease_until_ms = NULL WHERE key = @key',
  quarantineAccount: 'UPDATE accounts SET paused_until_ms = NULL, authorized = 1 WHERE key = ?',
  quarantineInbound: "UPDATE inbounds SET became = 'note' WHERE id = ? AND became = 'open'",
  quarantineAttempt:
    'UPDATE attempts SET outcome = NULL, finished_at_ms = NULL WHERE receipt = ? AND n = ?',
  attemptGet: 'SELECT * FROM attempts WHERE receipt = ? AND n = ?',
  attemptDelete: 'DELETE FROM attempts WHERE receipt = ? AND n = ?',
  transcriptGet: 'SELECT * FROM transcripts WHERE session = ? AND seq = ?',
  transcriptDelete: 'DELETE FROM transcripts WHERE session = ? AND seq = ?',
  askDelete: 'DELETE FROM asks WHERE id = ?',
  incidentGet: 'SELECT * FROM incidents WHERE id = ?',
  incidentDelete: 'DELETE FROM incidents WHERE id = ?',
  journalGet: 'SELECT * FROM journal WHERE seq = ?',
  journalDelete: 'DELETE FROM journal WHERE seq = ?',
} as const;

export { merging, pruning, quarantining, shifting };

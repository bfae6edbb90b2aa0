import { randomUUID } from 'node:crypto';
import Database from 'better-sqlite3';
import { openStage } from './stage.mjs';

/*
 * The limit: what the disk, SQLite and Node allow for the rows that a life leaves behind. Hand-written statements in a
 * group commit, into the schema of the store with all its indexes; no store, no core, no look at what was written.
 * The values are those of a real life, so every column has its real size; ids and numbers are made anew.
 */

/** A database with the store's schema, written by nothing else, and the group commit over it. */
export async function openRaw(file) {
  // Made by the store itself, so that tables and indexes are the same.
  const stage = await openStage(file, { start: false });
  await stage.store.close();
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  let waiting = [];
  const flush = () => {
    const batch = waiting;
    waiting = [];
    begin.run();
    for (const { work } of batch) work();
    commit.run();
    for (const { resolve } of batch) resolve();
  };
  const write = (work) =>
    new Promise((resolve) => {
      if (waiting.push({ work, resolve }) === 1) setImmediate(flush);
    });
  return { database, write };
}

/** The rows that one real life left, by what they are; of the newest life in the database. */
export function sampleOf(source, kind) {
  const database = new Database(source, { readonly: true });
  const one = (sql, ...values) => database.prepare(sql).get(...values);
  const last = kind === 'task' ? 'terminal' : 'notice';
  const receipt = one(
    "SELECT * FROM receipts WHERE kind = ? AND state = 'surfaced' ORDER BY list_seq DESC LIMIT 1",
    last,
  );
  const task = one('SELECT * FROM tasks WHERE id = ?', receipt.task);
  const event = (name, about) =>
    one(
      'SELECT * FROM journal WHERE name = ? AND data LIKE ? ORDER BY seq DESC LIMIT 1',
      name,
      about === undefined ? '%' : `%"${about}"%`,
    );
  const rows = {
    receipt,
    task,
    ack: task && one('SELECT * FROM receipts WHERE id = ?', task.ack_receipt),
    attempt: one('SELECT * FROM attempts WHERE receipt = ?', receipt.id),
    inbound: one('SELECT * FROM inbounds WHERE id = ?', task?.inbound ?? receipt.subject_id),
    channel: one('SELECT * FROM channels WHERE key = ?', receipt.channel),
    session: task && one('SELECT * FROM sessions WHERE id = ?', task.session),
    said:
      task &&
      database
        .prepare('SELECT * FROM transcripts WHERE session = ? ORDER BY seq DESC LIMIT 2')
        .all(task.session)
        .reverse(),
    relayStarted: event('relay.started'),
    opened: event('receipt.opened', receipt.id),
    surfaced: event('receipt.surfaced', receipt.id),
    ackOpened: task && event('receipt.opened', task.ack_receipt),
    superseded: task && event('receipt.superseded', task.ack_receipt),
    message: task && event('message.accepted'),
    accepted: task && event('task.accepted'),
    started: task && event('task.started'),
    ended: task && event('task.ended'),
  };
  database.close();
  return rows;
}

/** An insert of all columns but those that SQLite numbers; `given` are set anew, in that order. */
export function inserting(database, table, row, { given, numbered = [] }) {
  const columns = Object.keys(row).filter((column) => !numbered.includes(column));
  const statement = database.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const values = columns.map((column) => row[column]);
  const places = given.map((column) => columns.indexOf(column));
  return (...fresh) => {
    for (let n = 0; n < places.length; n += 1) values[places[n]] = fresh[n];
    statement.run(values);
  };
}

export const updating = (database, table, columns, where = 'id = ?') =>
  database.prepare(
    `UPDATE ${table} SET ${columns.map((c) => `${c} = ?`).join(', ')} WHERE ${where}`,
  );

/** Statements that both lives share: a Receipt is opened and claimed at once, then settled. */
export function delivering(database, sample) {
  const { receipt, attempt } = sample;
  const cut = JSON.stringify(JSON.parse(receipt.parts).map(({ text }) => ({ text })));
  const claimed = { ...receipt, state: 'claimed', open: 1, place: 'line', parts: cut };
  claimed.settled_at_ms = null;
  const running = { ...attempt, finished_at_ms: null, outcome: null };
  return {
    insertReceipt: inserting(database, 'receipts', claimed, {
      given: ['id', 'subject_id', 'task', 'channel', 'origin_channel', 'seq', 'origin_seq'],
      numbered: ['list_seq'],
    }),
    insertAttempt: inserting(database, 'attempts', running, {
      given: ['receipt', 'channel', 'fence'],
    }),
    settleReceipt: updating(database, 'receipts', [
      'state',
      'place',
      'settled_at_ms',
      'parts',
      'open',
    ]),
    settleAttempt: updating(
      database,
      'attempts',
      ['finished_at_ms', 'outcome'],
      'receipt = ? AND n = 1',
    ),
    claimChannel: updating(
      database,
      'channels',
      [
        'seq',
        'head_due_at_ms',
        'due_at_ms',
        'priority',
        'fence',
        'owner',
        'lease_until_ms',
        'last_sent_at_ms',
      ],
      'key = ?',
    ),
    settleChannel: updating(
      database,
      'channels',
      ['owner', 'lease_until_ms', 'head_due_at_ms', 'due_at_ms', 'priority'],
      'key = ?',
    ),
  };
}

/** The end of one Receipt's life: a claim in the commit of its opening, the settling in one of its own. */
export function sending({ database, write, sample, statements }) {
  const { receipt, attempt, channel } = sample;
  const surfaced = inserting(database, 'journal', sample.surfaced, {
    given: ['at_ms', 'task_id', 'channel', 'data'],
    numbered: ['seq'],
  });
  const claim = (id, { key, seq, fence }, priority) => {
    const now = Date.now();
    const until = now + 15_000;
    statements.insertAttempt(id, key, fence);
    statements.claimChannel.run(
      ...[seq, now, until, priority, fence, attempt.owner, until, now, key],
    );
  };
  /** `alsoSettled` writes what else settles with it. */
  const settle = async ({ id, key, task, alsoSettled }) =>
    await write(() => {
      const now = Date.now();
      statements.settleAttempt.run(now, attempt.outcome, id);
      statements.settleReceipt.run('surfaced', null, now, receipt.parts, 0, id);
      surfaced(now, task ?? null, key, sample.surfaced.data.replace(receipt.id, id));
      alsoSettled?.(now);
      statements.settleChannel.run(null, null, now, channel.due_at_ms, channel.priority, key);
    });
  return { claim, settle };
}

/** The Channels that the lives are lived in, made before; and the one event of a start. */
export function channelsOf(database, sample, channels) {
  const put = inserting(
    database,
    'channels',
    { ...sample.channel, seq: 0, fence: 0 },
    {
      given: ['key', 'account'],
    },
  );
  inserting(database, 'journal', sample.relayStarted, { given: [], numbered: ['seq'] })();
  const alias = database.prepare('INSERT INTO aliases (address, channel) VALUES (?, ?)');
  return Array.from({ length: channels }, (_, n) => {
    const account = `null/bot${Math.floor(n / 16)}`;
    const key = `${account}/c${n}`;
    put(key, account);
    alias.run(key, key);
    return { key, seq: 0, fence: 0 };
  });
}

/** The limit of a Receipt's life: opened and claimed, settled; two commits. `source`: a database with a real one. */
export async function receiptLimit(file, source, channels) {
  const { database, write } = await openRaw(file);
  const sample = sampleOf(source, 'receipt');
  const statements = delivering(database, sample);
  const { claim, settle } = sending({ database, write, sample, statements });
  const insertInbound = inserting(database, 'inbounds', sample.inbound, {
    given: ['id', 'key', 'channel', 'seq'],
    numbered: ['list_seq'],
  });
  const opened = inserting(database, 'journal', sample.opened, {
    given: ['at_ms', 'channel', 'data'],
    numbered: ['seq'],
  });
  const rows = channelsOf(database, sample, channels);
  let n = 0;
  const one = async (at) => {
    const row = rows[at];
    const { key } = row;
    const [id, inbound] = [randomUUID(), randomUUID()];
    n += 1;
    row.seq += 2;
    row.fence += 1;
    await write(() => {
      const now = Date.now();
      insertInbound(inbound, `notify|${key}|message||k12345678${n}`, key, row.seq - 1);
      statements.insertReceipt(id, inbound, null, key, key, row.seq, row.seq);
      opened(now, key, sample.opened.data.replace(sample.receipt.id, id));
      claim(id, row, 3);
    });
    await settle({ id, key });
  };
  return { one, close: () => database.close() };
}

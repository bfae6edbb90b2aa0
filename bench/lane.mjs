import Database from 'better-sqlite3';

/** One lane, one narrow row, no attempts, no Journal, no promise: the least that an ordered, fenced, durable queue writes. Context, not a limit. */
export function laneLives(file, channels) {
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(`
    CREATE TABLE lanes (lane TEXT PRIMARY KEY, seq INTEGER, open INTEGER, due_at INTEGER, fence INTEGER DEFAULT 0);
    CREATE INDEX lanes_due ON lanes (due_at) WHERE open > 0;
    CREATE TABLE receipts (id INTEGER PRIMARY KEY, lane TEXT, seq INTEGER, payload TEXT, state TEXT, attempt INTEGER, surfaced_at INTEGER, UNIQUE (lane, seq));
    CREATE INDEX receipts_head ON receipts (lane, seq) WHERE state = 'pending';`);
  const put = database.prepare(
    'INSERT INTO lanes (lane, seq, open, due_at) VALUES (?, 1, 1, ?) ON CONFLICT (lane) DO UPDATE SET open = open + 1, seq = seq + 1, due_at = excluded.due_at RETURNING seq',
  );
  const insert = database.prepare(
    "INSERT INTO receipts (lane, seq, payload, state, attempt) VALUES (?, ?, ?, 'pending', 0)",
  );
  const claim = database.prepare(
    'UPDATE lanes SET due_at = ?, fence = fence + 1 WHERE lane = ? AND open > 0 RETURNING fence',
  );
  const head = database.prepare(
    "UPDATE receipts SET attempt = attempt + 1 WHERE id = (SELECT id FROM receipts WHERE lane = ? AND state = 'pending' ORDER BY seq LIMIT 1) RETURNING id, payload",
  );
  const settleLane = database.prepare(
    'UPDATE lanes SET open = open - 1, due_at = ? WHERE lane = ? AND fence = ?',
  );
  const settle = database.prepare(
    "UPDATE receipts SET state = 'surfaced', surfaced_at = ? WHERE id = ?",
  );
  const [begin, commit] = [database.prepare('BEGIN IMMEDIATE'), database.prepare('COMMIT')];
  let waiting = [];
  const flush = () => {
    const batch = waiting;
    waiting = [];
    begin.run();
    const results = batch.map(({ work }) => work());
    commit.run();
    for (const [at, { resolve }] of batch.entries()) resolve(results[at]);
  };
  const write = (work) =>
    new Promise((resolve) => {
      if (waiting.push({ work, resolve }) === 1) setImmediate(flush);
    });
  const lanes = Array.from({ length: channels }, (_, n) => `null/bot/c${n}`);
  const payload = 'x'.repeat(250);
  const one = async (at) => {
    const lane = lanes[at];
    await write(() => insert.run(lane, put.get(lane, Date.now()).seq, payload));
    const { fence, id } = await write(() => ({
      ...claim.get(Date.now() + 15_000, lane),
      ...head.get(lane),
    }));
    await write(() => {
      settleLane.run(Date.now(), lane, fence);
      settle.run(Date.now(), id);
    });
  };
  return { one, close: () => database.close() };
}

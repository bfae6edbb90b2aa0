import { randomUUID } from 'node:crypto';
import { copyFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { inserting } from './limit.mjs';

/** Fills copies of a real database by SQL: what took the core hours to gather is there in a second. */
function fill(file, source, add) {
  copyFileSync(source, file);
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = OFF');
  database.transaction(() => add(database))();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

const newest = (database, table) =>
  database.prepare(`SELECT * FROM ${table} ORDER BY rowid DESC LIMIT 1`).get();

/** Queued Tasks, each in a Channel of its own, whose clocks are half an hour away. */
export function fillWaiting(file, source, total) {
  fill(file, source, (database) => {
    const atMs = Date.now() + 1_800_000;
    const task = newest(database, 'tasks');
    Object.assign(task, { state: 'queued', open: 1, contract_state: 'created', due_at_ms: atMs });
    Object.assign(task, { ended_at_ms: null, started_at_ms: null, cause: null, live: null });
    Object.assign(task, { owner: null, lease_until_ms: null, result: null, ack_receipt: null });
    task.contract = JSON.stringify({ queueDueAtMs: atMs });
    const put = inserting(database, 'tasks', task, {
      given: ['seq', 'id', 'id_tail', 'channel', 'session', 'inbound'],
    });
    for (let n = 0; n < total; n += 1) {
      const id = randomUUID().replace(/^(.{14})4/, '$17');
      const tail = [...id.replaceAll('-', '')].reverse().join('');
      put(1_000 + n, id, tail, `null/bot0/w${n}`, id, id);
    }
    database.prepare("UPDATE counters SET value = ? WHERE name = 'task'").run(1_000 + total);
  });
}

/** Open Receipts in 1,000 Channels, all due. */
export function fillOpen(file, source, total) {
  fill(file, source, (database) => {
    const now = Date.now();
    const channel = newest(database, 'channels');
    Object.assign(channel, { seq: 1_000, due_at_ms: now, head_due_at_ms: now, priority: 3 });
    Object.assign(channel, { owner: null, lease_until_ms: null });
    const receipt = database
      .prepare("SELECT * FROM receipts WHERE kind = 'notice' ORDER BY list_seq DESC LIMIT 1")
      .get();
    Object.assign(receipt, { state: 'pending', open: 1, listed: 0, place: 'line', parts: '[]' });
    Object.assign(receipt, { attempts: 0, settled_at_ms: null, opened_at_ms: now });
    receipt.expires_at_ms = now + 86_400_000;
    const address = JSON.parse(channel.address);
    const putChannel = inserting(database, 'channels', channel, { given: ['key', 'address'] });
    const putReceipt = inserting(database, 'receipts', receipt, {
      given: ['id', 'subject_id', 'channel', 'origin_channel', 'seq', 'origin_seq'],
      numbered: ['list_seq'],
    });
    const keys = Array.from({ length: 1_000 }, (_, n) => `null/bot0/open${n}`);
    for (const [n, key] of keys.entries())
      putChannel(key, JSON.stringify({ ...address, conversation: `open${n}` }));
    for (let n = 0; n < total; n += 1) {
      const key = keys[n % keys.length];
      const seq = 1 + Math.floor(n / keys.length);
      const id = () => randomUUID().replace(/^(.{14})4/, '$17');
      putReceipt(id(), id(), key, key, seq, seq);
    }
  });
}

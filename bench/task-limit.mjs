import { randomUUID } from 'node:crypto';
import {
  channelsOf,
  delivering,
  inserting,
  openRaw,
  sampleOf,
  sending,
  updating,
} from './limit.mjs';

/** What the Journal says of a Task besides its terminal Receipt. */
function telling(database, sample) {
  const event = (row) =>
    inserting(database, 'journal', row, {
      given: ['at_ms', 'task_id', 'channel', 'data', 'session_id'],
      numbered: ['seq'],
    });
  return {
    message: event(sample.message),
    ackOpened: event(sample.ackOpened),
    accepted: event(sample.accepted),
    started: event(sample.started),
    ended: event(sample.ended),
    superseded: event(sample.superseded),
    opened: event(sample.opened),
  };
}

/** Statements of a Task's life besides its terminal Receipt. */
function working(database, sample) {
  const { task, ack, session } = sample;
  const running = { ...task, state: 'running', open: 1, contract_state: 'created', result: null };
  Object.assign(running, { owner: sample.attempt.owner, fence: 1 });
  Object.assign(running, { ended_at_ms: null, live: null, cause: null });
  running.lease_until_ms = task.accepted_at_ms + 30_000;
  running.due_at_ms = task.accepted_at_ms + 5_000;
  const waiting = { ...ack, state: 'pending', open: 1, place: 'unripe', settled_at_ms: null };
  Object.assign(waiting, { due_at_ms: task.accepted_at_ms + 1_500, reason: null });
  return {
    insertTask: inserting(database, 'tasks', running, {
      given: ['seq', 'id', 'id_tail', 'channel', 'session', 'inbound', 'ack_receipt'],
    }),
    insertAck: inserting(database, 'receipts', waiting, {
      given: ['id', 'subject_id', 'task', 'channel', 'origin_channel'],
      numbered: ['list_seq'],
    }),
    insertInbound: inserting(database, 'inbounds', sample.inbound, {
      given: ['id', 'key', 'channel', 'seq', 'task'],
      numbered: ['list_seq'],
    }),
    insertSession: inserting(
      database,
      'sessions',
      { ...session, version: 0, busy: null },
      {
        given: ['id', 'channel'],
      },
    ),
    say: sample.said.map((said) =>
      inserting(database, 'transcripts', said, { given: ['session', 'seq', 'at_ms'] }),
    ),
    startSession: updating(database, 'sessions', ['busy']),
    endSession: updating(database, 'sessions', ['version', 'busy']),
    endTask: updating(database, 'tasks', [
      'state',
      'open',
      'due_at_ms',
      'owner',
      'lease_until_ms',
      'ended_at_ms',
      'result',
      'cause',
      'contract_state',
      'contract',
    ]),
    settleTask: updating(database, 'tasks', ['contract', 'live', 'contract_state']),
    supersede: updating(database, 'receipts', [
      'state',
      'place',
      'due_at_ms',
      'settled_at_ms',
      'reason',
      'open',
    ]),
    ackChannel: updating(database, 'channels', ['seq', 'due_at_ms', 'priority'], 'key = ?'),
    number: database.prepare(
      'INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value',
    ),
  };
}

/** The limit of a Task's life: accepted and started, ended with its terminal claimed, that settled; three commits. */
export async function taskLimit(file, source, channels) {
  const { database, write } = await openRaw(file);
  const sample = sampleOf(source, 'task');
  const { task } = sample;
  const statements = delivering(database, sample);
  const does = { ...working(database, sample), ...telling(database, sample) };
  const { claim, settle } = sending({ database, write, sample, statements });
  const rows = channelsOf(database, sample, channels);
  for (const row of rows) {
    row.session = randomUUID();
    row.said = 0;
    does.insertSession(row.session, row.key);
  }
  let n = 0;
  const one = async (at) => {
    const row = rows[at];
    const { key, session } = row;
    const [id, ack, inbound, terminal] = Array.from({ length: 4 }, () => randomUUID());
    const tail = [...id.replaceAll('-', '')].reverse().join('');
    n += 1;
    row.seq += 2;
    row.fence += 1;
    await write(() => {
      const now = Date.now();
      does.message(now, null, key, sample.message.data, null);
      does.startSession.run(id, session);
      const { value } = does.number.get('task');
      does.insertTask(value, id, tail, key, session, inbound, ack);
      does.insertAck(ack, id, id, key, key);
      does.ackOpened(now, id, key, sample.ackOpened.data, null);
      does.accepted(now, id, key, sample.accepted.data, session);
      does.insertInbound(inbound, `${key}|message||m12345678${n}`, key, row.seq - 1, id);
      does.ackChannel.run(row.seq - 1, now + 1_500, 4, key);
      does.started(now, id, key, sample.started.data, session);
    });
    await write(() => {
      const now = Date.now();
      does.ended(now, id, key, sample.ended.data, session);
      does.supersede.run('superseded', null, null, now, sample.ack.reason, 0, ack);
      does.superseded(now, id, key, sample.superseded.data, null);
      statements.insertReceipt(terminal, id, id, key, key, row.seq, row.seq);
      does.opened(now, id, key, sample.opened.data, null);
      const { contract, cause, result } = task;
      does.endTask.run(
        ...['ended', 0, null, null, null, now, result, cause, 'terminal_pending', contract, id],
      );
      for (const say of does.say) {
        row.said += 1;
        say(session, row.said, now);
      }
      does.endSession.run(row.said / 2, null, session);
      claim(terminal, row, 6);
    });
    const alsoSettled = () =>
      does.settleTask.run(task.contract, task.live, task.contract_state, id);
    await settle({ id: terminal, key, task: id, alsoSettled });
  };
  return { one, close: () => database.close() };
}

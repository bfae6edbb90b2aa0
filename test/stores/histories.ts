import { deadlineDefaults } from '../../src/contracts/task.ts';
import {
  askId,
  inboundId,
  keyOf,
  ownerId,
  receiptId,
  sessionId,
  t0,
  taskId,
} from '../../src/testing/store-conformance-rows.ts';
import fc from '../support/fast-check.ts';
import type { Table } from './model-rows.ts';
import type { Op } from './ops.ts';
import type { Patch, PutOp } from './puts.ts';
import { type ReadOp, readNames } from './reads.ts';
import { most, receiptStates, taskStates } from './rows.ts';

/** Where a crash finds the scripts that are on their way: not begun, written and not committed, committed and not answered. */
export type CrashAt = 'queued' | 'committing' | 'committed';
/** Which of the two that stand on the same data: the store under test, or a second one beside it. */
export type By = 'one' | 'other';
type Scripts = readonly (readonly Op[])[];

export type Step =
  | { readonly step: 'write'; readonly by: By; readonly scripts: Scripts }
  | { readonly step: 'read'; readonly by: By; readonly reads: readonly ReadOp[] }
  /** Closed with scripts on their way, and opened again. */
  | { readonly step: 'reopen'; readonly scripts: Scripts }
  | { readonly step: 'crash'; readonly at: CrashAt; readonly scripts: Scripts }
  /** A row is damaged by another hand, found unreadable, and taken out of the way. */
  | { readonly step: 'damage'; readonly table: Table; readonly n: number };

const upTo = (max: number) => fc.integer({ min: 1, max });
const slot = fc.integer({ min: 0, max: 9 });
const none = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 3 });
const text = fc.constantFrom('', 'a', 'é ✓ "quoted" \\', "o'hara; --", 'a\nb');
/** Some of these properties. */
const some = (model: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Patch> =>
  fc.record(model, { requiredKeys: [] });

const owner = upTo(most.owners).map(ownerId);
const handle = fc.constantFrom('h1', 'h2');
const live = fc.record({
  receiptId: upTo(most.receipts).map(receiptId),
  handle,
  channel: upTo(most.channels).map(keyOf),
  shownAtMs: slot,
  unknownEdit: fc.boolean(),
});
const contract = fc.record(
  {
    state: fc.constant('created'),
    ackDueAtMs: slot,
    heartbeatDueAtMs: slot,
    terminalDueAtMs: slot,
    lastSurfacedAtMs: slot,
  },
  { requiredKeys: ['state'] },
);
const part = fc.record(
  { text, handle, evidence: fc.constant('accepted'), shownAtMs: slot },
  { requiredKeys: ['text'] },
);
const content = fc.record(
  {
    text,
    buttons: fc.constant([]),
    files: fc.constant([]),
    labelled: fc.boolean(),
    notify: fc.boolean(),
    target: handle,
    untilMs: slot,
  },
  { requiredKeys: ['text', 'buttons', 'files', 'labelled', 'notify'] },
);
const outcome = fc.constant({
  kind: 'surfaced',
  atMs: t0,
  handle: 'h1',
  evidence: 'accepted',
  surface: 'durable',
});
/** Breaks a schema: seldom. */
const wrong = fc.constantFrom('bad');

const patches: Readonly<Record<Table, fc.Arbitrary<Patch>>> = {
  channels: some({
    dueAtMs: none(slot),
    headDueAtMs: slot,
    priority: slot,
    owner: none(owner),
    leaseUntilMs: none(slot),
    confirmUntilMs: none(slot),
    audience: fc.constantFrom('always', 'present', 'absent'),
    audienceOwner: none(owner),
    absentSinceMs: none(slot),
    lastSentAtMs: none(slot),
    account: fc.constantFrom('webchat/main', 'slack/main'),
    private: fc.boolean(),
  }),
  accounts: some({ pausedUntilMs: none(slot), authorized: fc.boolean() }),
  inbounds: some({
    became: fc.constantFrom('task', 'answer', 'command', 'open', 'refusal', 'note', 'notice'),
    task: none(upTo(most.tasks).map(taskId)),
    receivedAtMs: slot,
  }),
  sessions: some({
    resume: none(
      fc.record({ v: slot, worker: text, data: fc.constantFrom(null, { a: [1] }, 'x') }),
    ),
    version: slot,
    busy: none(upTo(most.tasks).map(taskId)),
    queued: slot,
    readyAtMs: none(slot),
  }),
  tasks: some({
    contract,
    dueAtMs: none(slot),
    owner: none(owner),
    fence: slot,
    leaseUntilMs: none(slot),
    startedAtMs: slot,
    endedAtMs: slot,
    cause: fc.constantFrom({ end: 'cancelled', reason: 'stop', by: 'ada' }, null),
    live: none(live),
    ask: none(upTo(most.asks).map(askId)),
    ackReceipt: none(upTo(most.receipts).map(receiptId)),
    inbound: upTo(most.inbounds).map(inboundId),
    session: upTo(3).map(sessionId),
    deadlines: slot.map((n) => ({ ...deadlineDefaults, ackMs: 5_000 + n })),
    files: fc.constantFrom([], [{ name: 'a' }, 1]),
    apart: fc.boolean(),
    revision: slot,
    activity: slot,
    result: none(text),
    error: none(text),
    title: text,
  }),
  asks: some({
    state: fc.constantFrom('open', 'answered', 'closed'),
    surfacedAtMs: none(slot),
    untilMs: slot,
    remindAtMs: none(slot),
    answer: fc.constantFrom({ kind: 'option', index: 1 }, { kind: 'text', text: 'so' }, null),
    answeredBy: none(text),
    reason: fc.constantFrom('aborted', 'timed_out', null),
    closedAtMs: none(slot),
    freeText: fc.boolean(),
  }),
  receipts: some({
    place: fc.constantFrom('line', 'parked', 'unripe', null),
    dueAtMs: none(slot),
    headSinceMs: none(slot),
    expiresAtMs: slot,
    evidenceDueAtMs: none(slot),
    keyValidUntilMs: none(slot),
    settledAtMs: slot,
    unseen: fc.boolean(),
    live: fc.boolean(),
    editedOnce: fc.boolean(),
    attempts: fc.constantFrom(0, 1, 2),
    tries: slot,
    deaths: slot,
    repairs: fc.constantFrom([], ['split']),
    marks: fc.constantFrom([], ['late', 'rerouted']),
    reason: none(text),
    content,
    parts: fc.array(part, { maxLength: 2 }),
  }),
  attempts: some({ outcome: none(outcome), finishedAtMs: none(slot), fence: slot }),
  incidents: some({ count: upTo(9), lastAtMs: slot, closedAtMs: none(slot), reason: text }),
};

/** What breaks a rule: a schema, a move, a number that goes back. */
const offences: Readonly<Record<Table, fc.Arbitrary<Patch>>> = {
  channels: fc.constantFrom({ seq: -1 }, { seq: 0 }, { fence: 0 }, { audience: 'maybe' }),
  accounts: fc.constantFrom({ authorized: 9 }),
  inbounds: fc.constantFrom({ became: 'nothing' }),
  sessions: fc.constantFrom({ queued: -1 }, { unheard: 1 }),
  tasks: fc.oneof(
    fc.record({ state: fc.constantFrom(...taskStates) }),
    fc.constant({ attempt: 0 }),
  ),
  asks: fc.constantFrom({ untilMs: -99_999_999_999 }, { state: 'lost' }),
  receipts: fc.oneof(
    fc.record({ state: fc.constantFrom(...receiptStates) }),
    fc.record({ kind: wrong }),
  ),
  attempts: fc.constantFrom({ part: 0 }),
  incidents: fc.constantFrom({ count: 0 }),
};

const weights: Readonly<Record<Table, number>> = {
  channels: 4,
  accounts: 1,
  inbounds: 3,
  sessions: 3,
  tasks: 5,
  asks: 2,
  receipts: 7,
  attempts: 3,
  incidents: 2,
};
const tables = Object.keys(weights) as readonly Table[];
const numbers: Readonly<Record<Table, number>> = { ...most, accounts: 2 };

function putOf(table: Table): fc.Arbitrary<PutOp> {
  const patch = fc.oneof(
    { arbitrary: patches[table], weight: 24 },
    { arbitrary: offences[table], weight: 1 },
  );
  return fc.record({
    op: fc.constant('put'),
    table: fc.constant(table),
    n: upTo(numbers[table]),
    home: upTo(table === 'attempts' ? most.receipts : most.channels),
    blind: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    move: fc.integer({ min: 0, max: 7 }),
    patch,
  });
}

const put = fc.oneof(
  ...tables.map((table) => ({ arbitrary: putOf(table), weight: weights[table] })),
);
const read: fc.Arbitrary<ReadOp> = fc.record({
  op: fc.constant('read'),
  name: fc.constantFrom(...readNames),
  a: fc.integer({ min: 0, max: 15 }),
  b: fc.integer({ min: 0, max: 7 }),
});
const is = <const Name extends string>(op: Name) => fc.constant(op);
const small = fc.oneof(
  fc.record({ op: is('alias'), address: upTo(most.addresses), channel: upTo(most.channels) }),
  fc.record({ op: is('say'), session: upTo(most.sessions), at: slot, text }),
  fc.record({ op: is('say'), session: upTo(3), at: slot, text }),
  fc.record({ op: is('note'), account: upTo(2), key: slot.map((n) => n % 3), value: text }),
  fc.record({
    op: is('journal'),
    task: fc.integer({ min: 0, max: 3 }),
    channel: fc.integer({ min: 0, max: 2 }),
    at: slot,
    words: fc.constantFrom(0, 0, 0, 1, 2, 10),
  }),
  fc.record({ op: is('next'), list: fc.constantFrom('task' as const, 'incident' as const) }),
  fc.record({ op: is('end'), task: upTo(3), at: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ op: is('ripen'), receipt: upTo(most.receipts) }),
  fc.record({ op: is('route'), receipt: upTo(most.receipts), channel: upTo(most.channels) }),
);
const prune = fc.record({
  op: is('prune'),
  before: upTo(12),
  limit: fc.constantFrom(1, 2, 3, 7, 500),
});
const sweep = fc.oneof(
  prune,
  prune,
  prune,
  fc.record({ op: is('renew'), owner: upTo(most.owners), at: slot }),
  fc.record({ op: is('shift'), seconds: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ op: is('merge'), from: upTo(most.channels), to: upTo(most.channels) }),
  fc.record({ op: is('forget'), channel: upTo(most.channels) }),
  fc.record({
    op: is('quarantine'),
    table: fc.constantFrom(...tables, 'journal' as const, 'weather' as const),
    n: upTo(4),
  }),
);
const fail = fc.record({
  op: is('fail'),
  how: fc.constantFrom('throw' as const, 'yield' as const, 'event' as const),
});

const op: fc.Arbitrary<Op> = fc.oneof(
  { arbitrary: put, weight: 24 },
  { arbitrary: read, weight: 14 },
  { arbitrary: small, weight: 12 },
  { arbitrary: sweep, weight: 5 },
  { arbitrary: fail, weight: 1 },
);

const script = fc.array(op, { minLength: 1, maxLength: 6, size: 'max' });
const several = fc.array(script, { minLength: 2, maxLength: 4, size: 'max' });
const atMost2 = fc.array(script, { maxLength: 2, size: 'max' });
const by = fc.constantFrom<By>('one', 'one', 'one', 'other');

/** Steps that every kind of store can make; crashes where the store under test can be found by one. */
export function steps(crashes: readonly CrashAt[]): readonly fc.Arbitrary<Step>[] {
  const write = fc.record({ step: is('write'), by, scripts: script.map((one) => [one]) });
  const group = fc.record({ step: is('write'), by, scripts: several });
  const look = fc.record({
    step: is('read'),
    by,
    reads: fc.array(read, { minLength: 1, maxLength: 8, size: 'max' }),
  });
  const reopen = fc.record({ step: is('reopen'), scripts: atMost2 });
  const crash = fc.record({
    step: is('crash'),
    at: fc.constantFrom(...crashes),
    scripts: fc.array(script, { minLength: 1, maxLength: 3, size: 'max' }),
  });
  const damage = fc.record({ step: is('damage'), table: fc.constantFrom(...tables), n: upTo(6) });
  return [write, write, write, write, group, group, group, look, look, look, look, damage].concat(
    // Seldom: each opens a database.
    [fc.oneof({ arbitrary: reopen, weight: 1 }, { arbitrary: write, weight: 2 }) as never],
    [fc.oneof({ arbitrary: crash, weight: 1 }, { arbitrary: write, weight: 2 }) as never],
  );
}

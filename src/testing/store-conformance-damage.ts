import type { Script, StoreReads } from '../contracts/store.ts';
import { key1, putBasics, type StoreUnderTest } from './store-conformance-kit.ts';
import {
  accountRow,
  askId,
  askRow,
  attemptRow,
  channelRow,
  inboundId,
  inboundRow,
  incidentId,
  incidentRow,
  ofTask,
  ownerId,
  receiptId,
  receiptRow,
  sessionId,
  shownRow,
  t0,
  taskId,
  taskRow,
} from './store-conformance-rows.ts';

/** A row of every table. */
export async function seed({ store }: StoreUnderTest): Promise<void> {
  await putBasics(store);
  await store.write('seed', function* (tx) {
    tx.putAccount(accountRow());
    tx.putInbound(inboundRow(1, { became: 'open', task: taskId(1) }));
    tx.putInbound(inboundRow(2));
    tx.putTask(taskRow(1, { state: 'running', owner: ownerId(1), dueAtMs: t0 }));
    tx.putTask(taskRow(2));
    tx.putAsk(askRow(1));
    tx.putReceipt(receiptRow(1, ofTask(1, { kind: 'terminal', parts: [{ text: 'a' }] })));
    tx.putReceipt(receiptRow(2));
    tx.putReceipt(shownRow(3));
    tx.putAttempt(attemptRow(1, 1));
    tx.putAttempt(
      attemptRow(1, 2, {
        finishedAtMs: t0,
        outcome: { kind: 'unknown', atMs: t0, phase: 'written', cause: 'x' },
      }),
    );
    tx.putIncident(incidentRow(1));
    tx.putIncident(incidentRow(2));
    tx.addTranscript(sessionId(1), { role: 'assistant', text: 'one', taskId: taskId(1), atMs: t0 });
    tx.addTranscript(sessionId(1), { role: 'assistant', text: 'two', taskId: taskId(1), atMs: t0 });
    yield* tx.journal({ name: 'task.started', data: { attempt: 1 }, taskId: taskId(1) }, t0);
    yield* tx.journal({ name: 'task.started', data: { attempt: 2 }, taskId: taskId(1) }, t0);
  });
}

/** How one row of a table is found, damaged and read. */
export interface Place {
  readonly where: Readonly<Record<string, string | number>>;
  readonly id: string;
  /** Columns, each with values that its schema refuses. */
  readonly bad: Readonly<Record<string, readonly (string | number)[]>>;
  read?(reads: StoreReads): Script<unknown>;
}
const noJson = ['{"a":', 'secret words', ''];

export const places: Readonly<Record<string, Place>> = {
  channels: {
    where: { key: key1 },
    id: key1,
    bad: {
      address: [...noJson, '{"adapter":"x"}'],
      audience: ['maybe'],
      seq: [-1, 'x'],
      private: [2],
    },
    read: (reads) => reads.channel(key1),
  },
  accounts: {
    where: { key: 'webchat/main' },
    id: 'webchat/main',
    bad: { authorized: [7], paused_until_ms: [-5] },
    read: (reads) => reads.account('webchat/main'),
  },
  inbounds: {
    where: { id: inboundId(1) },
    id: inboundId(1),
    bad: { inbound: [...noJson, '{"kind":"dance"}'], became: ['lost'], channel: [''] },
    read: (reads) => reads.inbound(inboundId(1)),
  },
  sessions: {
    where: { id: sessionId(1) },
    id: sessionId(1),
    bad: { resume: [...noJson, '{"v":1}', '[]'] },
    read: (reads) => reads.session(sessionId(1)),
  },
  tasks: {
    where: { id: taskId(1) },
    id: taskId(1),
    bad: {
      contract: [...noJson, '[]', '5', '{"ackDueAtMs":"soon"}', '{"other":1}'],
      deadlines: [...noJson, '{}'],
      cause: [...noJson, '{"end":"never","reason":""}'],
      live: [...noJson, '{}'],
      files: [...noJson, '{}'],
      state: ['dancing'],
      contract_state: ['kept'],
      session: ['nobody'],
      attempt: [0],
    },
    read: (reads) => reads.task(taskId(1)),
  },
  asks: {
    where: { id: askId(1) },
    id: askId(1),
    bad: { options: [...noJson, '[{}]'], answer: [...noJson, '{"kind":"shrug"}'], kind: ['poll'] },
    read: (reads) => reads.asksOf(taskId(1)),
  },
  receipts: {
    where: { id: receiptId(1) },
    id: receiptId(1),
    bad: {
      content: [...noJson, '{"text":"x"}'],
      parts: [...noJson, '{}', '[{"text":1}]'],
      marks: [...noJson, '["new"]'],
      repairs: [...noJson, '["glue"]'],
      state: ['lost'],
      place: ['somewhere'],
      kind: ['song'],
      subject_kind: ['weather'],
      evidence_due_at_ms: ['x'],
    },
    read: (reads) => reads.receipt(receiptId(1)),
  },
  attempts: {
    where: { receipt: receiptId(1), n: 2 },
    id: `${receiptId(1)}:2`,
    bad: { outcome: [...noJson, '{"kind":"fine"}', '{"kind":"unknown","atMs":1}'], act: ['sing'] },
    read: (reads) => reads.attempts(receiptId(1)),
  },
  incidents: {
    where: { id: incidentId(1) },
    id: incidentId(1),
    bad: { kind: ['weather'], count: [0] },
    read: (reads) => reads.incidentOpen(incidentRow(1).key),
  },
  transcripts: {
    where: { session: sessionId(1), seq: 1 },
    id: `${sessionId(1)}:1`,
    bad: { item: [...noJson, '{"role":"narrator"}'] },
    read: (reads) => reads.transcript(sessionId(1), 9),
  },
  journal: { where: { seq: 1 }, id: '1', bad: { data: [...noJson, '[]'], name: ['task.danced'] } },
};

const deadlines = JSON.stringify(taskRow(1).deadlines);
/** The damaged columns as they were. */
export const good: Readonly<Record<string, Readonly<Record<string, string | number | null>>>> = {
  channels: {
    address: JSON.stringify(channelRow(1).address),
    audience: 'always',
    seq: 0,
    private: 1,
  },
  accounts: { authorized: 1, paused_until_ms: null },
  inbounds: { inbound: JSON.stringify(inboundRow(1).inbound), became: 'open', channel: key1 },
  sessions: { resume: null },
  tasks: {
    contract: '{}',
    deadlines,
    cause: null,
    live: null,
    files: '[]',
    state: 'running',
    contract_state: 'created',
    session: sessionId(1),
    attempt: 1,
  },
  asks: { options: '[]', answer: null, kind: 'permission' },
  receipts: {
    content: JSON.stringify(receiptRow(1).content),
    parts: '[]',
    marks: '[]',
    repairs: '[]',
    state: 'pending',
    place: 'line',
    kind: 'terminal',
    subject_kind: 'task',
    evidence_due_at_ms: null,
  },
  attempts: { outcome: null, act: 'send' },
  incidents: { kind: 'receipt_dead', count: 1 },
  transcripts: {
    item: JSON.stringify({ role: 'assistant', text: 'one', taskId: taskId(1), atMs: t0 }),
  },
};

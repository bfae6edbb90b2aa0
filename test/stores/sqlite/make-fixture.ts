import { type ReceiptState, receiptMoves } from '../../../src/contracts/receipt.ts';
import type { Runtime } from '../../../src/contracts/runtime.ts';
import type { Tx } from '../../../src/contracts/store.ts';
import {
  type ContractState,
  contractMoves,
  TaskEnd,
  type TaskState,
} from '../../../src/contracts/task.ts';
import { openSqlite } from '../../../src/stores/sqlite/index.ts';
import { put } from '../../../src/testing/store-conformance-kit.ts';
import {
  accountRow,
  askId,
  askRow,
  attemptRow,
  channelRow,
  inboundId,
  inboundRow,
  incidentRow,
  keyOf,
  ofTask,
  ownerId,
  receiptId,
  receiptRow,
  sessionId,
  sessionRow,
  shownRow,
  t0,
  taskId,
  taskRow,
} from '../../../src/testing/store-conformance-rows.ts';
import { runtime } from '../runtime.ts';

/**
 * Writes a database with rows in every state: what a released version leaves behind. Make one for each release, and
 * never change one that was released:
 *
 *   READBACK_FIXTURE=0.1.0 npx vitest run test/stores/sqlite/fixture.test.ts
 */
export async function makeFixture(file: string): Promise<void> {
  const still: Runtime = {
    ...runtime,
    wallMs: () => t0,
    random: (bytes) => new Uint8Array(bytes).fill(7),
  };
  const store = await openSqlite({ file, runtime: still, owner: ownerId(1) });
  await put(store, (tx) => {
    putChannels(tx);
    putTasks(tx);
    putReceipts(tx);
    putRest(tx);
  });
  await store.write('journal', function* (tx) {
    for (let n = 0; n < 20; n++) yield* tx.nextSeq('task');
    yield* tx.nextSeq('incident');
    yield* tx.journal(
      {
        name: 'task.started',
        data: { attempt: 1 },
        taskId: taskId(2),
        channel: keyOf(1),
        sessionId: sessionId(1),
      },
      t0,
    );
    yield* tx.journal({ name: 'relay.started', data: { owner: ownerId(1), recovered: 0 } }, t0);
  });
  await store.close();
}

function putChannels(tx: Tx): void {
  tx.putAccount(accountRow({ pausedUntilMs: t0 + 60_000 }));
  tx.putAccount(accountRow({ key: 'slack/main', adapter: 'slack', authorized: false }));
  tx.putChannel(
    channelRow(1, {
      seq: 100,
      fence: 4,
      owner: ownerId(1),
      leaseUntilMs: t0 + 15_000,
      dueAtMs: t0 + 15_000,
      lastSentAtMs: t0,
    }),
  );
  tx.putChannel(channelRow(2, { seq: 3, audience: 'absent', absentSinceMs: t0 }));
  tx.putChannel(
    channelRow(3, {
      audience: 'present',
      audienceOwner: ownerId(1),
      confirmUntilMs: t0 + 9,
      dueAtMs: t0 + 9,
    }),
  );
  for (const n of [1, 2, 3]) tx.putAlias(keyOf(n), keyOf(n));
  tx.putAlias(keyOf(33), keyOf(3));
  tx.putSession(
    sessionRow(1, {
      busy: taskId(2),
      queued: 1,
      version: 3,
      resume: { v: 1, worker: 'echo', data: { id: 'native' } },
    }),
  );
  tx.putSession(sessionRow(2, { channel: keyOf(2), personId: 'p1', readyAtMs: t0 }));
  tx.addTranscript(sessionId(1), {
    role: 'user',
    text: 'hello',
    taskId: taskId(5),
    atMs: t0,
    inbound: inboundId(5),
  });
  tx.addTranscript(sessionId(1), {
    role: 'tool',
    call: { id: 'c', name: 'grep', status: 'completed', input: { q: 'x' }, output: 'y' },
    taskId: taskId(5),
    atMs: t0,
  });
  tx.addTranscript(sessionId(1), { role: 'assistant', text: 'done', taskId: taskId(5), atMs: t0 });
}

function putTasks(tx: Tx): void {
  const held = { owner: ownerId(1), fence: 1, leaseUntilMs: t0 + 30_000, startedAtMs: t0 };
  const states: readonly TaskState[] = ['queued', 'running', 'waiting', 'aborting'];
  for (const [index, state] of states.entries()) {
    const cause = { end: 'cancelled', reason: 'asked to', by: 'Ada' } as const;
    const more = {
      ...(state === 'queued' ? {} : held),
      ...(state === 'aborting' ? { cause } : {}),
      ...(state === 'waiting' ? { ask: askId(1) } : {}),
    };
    tx.putTask(taskRow(index + 1, { state, dueAtMs: t0 + 5_000, ...more }));
  }
  let n = 5;
  for (const end of TaskEnd.options) {
    const contract = { state: 'terminal_acked' } as const;
    tx.putTask(
      taskRow(n++, {
        state: 'ended',
        contract,
        cause: { end, reason: 'made' },
        endedAtMs: t0,
        result: 'done',
      }),
    );
  }
  for (const state of Object.keys(contractMoves) as ContractState[]) {
    const over = state.startsWith('terminal');
    const live = {
      receiptId: receiptId(n),
      handle: `h${n}`,
      channel: keyOf(1),
      shownAtMs: t0,
      unknownEdit: true,
    };
    const ended = {
      state: 'ended',
      endedAtMs: t0,
      cause: { end: 'failed', reason: 'made' },
    } as const;
    tx.putTask(
      taskRow(n++, {
        contract: { state, progressDueAtMs: t0 + 45_000 },
        live,
        ...(over ? ended : { state: 'running', ...held }),
      }),
    );
  }
}

function putReceipts(tx: Tx): void {
  let n = 1;
  for (const state of Object.keys(receiptMoves) as ReceiptState[]) {
    const settled = { settledAtMs: t0, reason: 'made' };
    const open = state === 'pending' || state === 'claimed' || state === 'unknown';
    const { place: _, ...row } = receiptRow(n, {
      state,
      attempts: open ? 1 : 2,
      ...(open ? {} : settled),
    });
    tx.putReceipt(open ? { ...row, place: 'line' } : row);
    tx.putAttempt(
      attemptRow(n, 1, {
        finishedAtMs: t0,
        outcome: {
          kind: 'deferred',
          atMs: t0,
          reason: 'unavailable',
          scope: 'channel',
          cause: 'down',
        },
      }),
    );
    n += 1;
  }
  tx.putReceipt(receiptRow(n++, { place: 'parked', dueAtMs: t0 + 1, marks: ['late'] }));
  tx.putReceipt(
    receiptRow(n++, { seq: 0, place: 'unripe', dueAtMs: t0 + 1, ...ofTask(1, { kind: 'ack' }) }),
  );
  tx.putReceipt(receiptRow(n++, { channel: keyOf(2), seq: 2, unseen: true }));
  tx.putReceipt(
    shownRow(n++, {
      channel: keyOf(2),
      seq: 3,
      originChannel: keyOf(1),
      originSeq: 50,
      route: 1,
      marks: ['rerouted'],
    }),
  );
  tx.putReceipt(
    shownRow(
      n++,
      ofTask(5, { kind: 'terminal', content: { ...receiptRow(1).content, end: 'completed' } }),
    ),
  );
  tx.putReceipt(
    receiptRow(
      n++,
      ofTask(3, {
        kind: 'question',
        content: { ...receiptRow(1).content, askId: askId(1), freeText: true, untilMs: t0 + 9 },
      }),
    ),
  );
  tx.putReceipt(
    receiptRow(
      n++,
      ofTask(2, { kind: 'amend', content: { ...receiptRow(1).content, target: 'h1' } }),
    ),
  );
}

function putRest(tx: Tx): void {
  const became = ['task', 'answer', 'command', 'open', 'refusal', 'note', 'notice'] as const;
  for (const [index, what] of became.entries())
    tx.putInbound(inboundRow(60 + index, { became: what, task: taskId(1) }));
  tx.putAsk(askRow(1, { task: taskId(3), surfacedAtMs: t0, remindAtMs: t0 + 300_000 }));
  tx.putAsk(
    askRow(2, {
      state: 'answered',
      answer: { kind: 'option', index: 0 },
      answeredBy: 'Ada',
      closedAtMs: t0,
    }),
  );
  tx.putAsk(askRow(3, { state: 'closed', reason: 'timed_out', closedAtMs: t0 }));
  tx.putIncident(incidentRow(1));
  tx.putIncident(incidentRow(2, { closedAtMs: t0 }));
  tx.setAdapterState('webchat/main', 'cursor', '12');
}

import type { Ask } from '../../src/contracts/ask.ts';
import type { ChannelKey, OwnerId, ReceiptId, SessionId, TaskId } from '../../src/contracts/id.ts';
import { Incident } from '../../src/contracts/incident.ts';
import { Attempt, Receipt } from '../../src/contracts/receipt.ts';
import type { ListedReceipt } from '../../src/contracts/store.ts';
import { deadlineDefaults, Task } from '../../src/contracts/task.ts';

/** When all of it happened: 2026-11-20 23:20:00 UTC. */
export const atMs = Date.UTC(2026, 10, 20, 23, 20);

/** An id of the right form that ends in these digits. */
export function id<T = string>(tail: string): T {
  return `01990000-0000-7000-8000-${tail.padStart(12, '0')}` as T;
}

const channel = 'webchat/main/c1' as ChannelKey;

/** A Task that was completed after 20 s. Parsed, so that it is one the store could hold. */
export function aTask(tail: string, over: Partial<Task> = {}): Task {
  return Task.parse({
    id: id(tail),
    seq: 1,
    channel,
    session: id<SessionId>('5e55'),
    inbound: id('1b'),
    personId: 'v-1',
    personName: 'Ann',
    worker: 'demo',
    title: 'slow 20',
    text: 'slow 20',
    files: [],
    state: 'ended',
    contract: { state: 'terminal_acked' },
    deadlines: deadlineDefaults,
    cause: { end: 'completed', reason: 'done' },
    result: 'Done after 20 s.\nSecond line.',
    apart: false,
    fence: 1,
    acceptedAtMs: atMs,
    startedAtMs: atMs + 12,
    endedAtMs: atMs + 20_012,
    attempt: 1,
    revision: 1,
    activity: 0,
    ...over,
  });
}

export function aReceipt(tail: string, over: Partial<Receipt> = {}): Receipt {
  return Receipt.parse({
    id: id(tail),
    subject: { kind: 'task', id: id('a1b2') },
    kind: 'terminal',
    revision: 0,
    task: id('a1b2'),
    channel,
    seq: 4,
    originChannel: channel,
    originSeq: 4,
    state: 'surfaced',
    content: {
      text: 'Done after 20 s.\nSecond line.',
      buttons: [],
      files: [],
      labelled: false,
      notify: true,
    },
    parts: [
      {
        text: 'Done after 20 s.\nSecond line.',
        handle: 'h-secret',
        evidence: 'rendered',
        shownAtMs: atMs + 20_300,
      },
    ],
    marks: [],
    route: 0,
    attempts: 2,
    tries: 1,
    deaths: 0,
    repairs: [],
    openedAtMs: atMs + 20_012,
    expiresAtMs: atMs + 86_400_000,
    unseen: false,
    live: true,
    editedOnce: false,
    settledAtMs: atMs + 20_300,
    ...over,
  });
}

export function listed(receipt: Receipt, listSeq: number): ListedReceipt {
  return { ...receipt, listSeq };
}

export function anAttempt(n: number, over: Partial<Attempt> = {}): Attempt {
  return Attempt.parse({
    receipt: id<ReceiptId>('4e'),
    n,
    act: 'send',
    channel,
    route: 0,
    part: 1,
    owner: id<OwnerId>('0e'),
    fence: n,
    startedAtMs: atMs + 20_020,
    finishedAtMs: atMs + 20_050,
    ...over,
  });
}

export function anAsk(over: Partial<Ask> = {}): Ask {
  return {
    id: id('a5c'),
    task: id<TaskId>('a1b2'),
    channel,
    receipt: id('4e'),
    personId: 'v-1',
    kind: 'question',
    text: 'Deploy to production?',
    options: [
      { id: '0', label: 'yes' },
      { id: '1', label: 'no', refuses: true },
    ],
    freeText: false,
    state: 'answered',
    openedAtMs: atMs + 1_000,
    surfacedAtMs: atMs + 1_200,
    untilMs: atMs + 600_000,
    answer: { kind: 'option', index: 0 },
    answeredBy: 'Ann',
    closedAtMs: atMs + 4_000,
    ...over,
  } as Ask;
}

export function anIncident(over: Partial<Incident> = {}): Incident {
  return Incident.parse({
    id: id('1c'),
    seq: 1,
    key: 'receipt:4e',
    kind: 'receipt_dead',
    reason: 'blocked',
    count: 2,
    openedAtMs: atMs,
    lastAtMs: atMs + 60_000,
    ...over,
  });
}

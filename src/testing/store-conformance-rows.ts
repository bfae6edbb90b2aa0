import type { Ask } from '../contracts/ask.ts';
import type { Account, Channel } from '../contracts/channel.ts';
import {
  type AskId,
  type ChannelKey,
  channelKey,
  type InboundId,
  type IncidentId,
  type OwnerId,
  type ReceiptId,
  type SessionId,
  type TaskId,
} from '../contracts/id.ts';
import type { Incident } from '../contracts/incident.ts';
import type { Attempt, Receipt } from '../contracts/receipt.ts';
import type { Session } from '../contracts/session.ts';
import type { StoredInbound } from '../contracts/store.ts';
import { deadlineDefaults, type Task } from '../contracts/task.ts';

/* Rows that are as small as their schemas allow, each with a number of its own; `patch` says what a test is about. */

/** 2026-01-01T00:00:00Z. */
export const t0 = Date.UTC(2026, 0, 1);

const uuid = (kind: number, n: number): string =>
  `019b0000-000${kind}-7000-8000-${n.toString(16).padStart(12, '0')}`;

export const taskId = (n: number): TaskId => uuid(1, n) as TaskId;
export const receiptId = (n: number): ReceiptId => uuid(2, n) as ReceiptId;
export const inboundId = (n: number): InboundId => uuid(3, n) as InboundId;
export const sessionId = (n: number): SessionId => uuid(4, n) as SessionId;
export const askId = (n: number): AskId => uuid(5, n) as AskId;
export const incidentId = (n: number): IncidentId => uuid(6, n) as IncidentId;
export const ownerId = (n: number): OwnerId => uuid(7, n) as OwnerId;

export const refOf = (n: number) => ({
  adapter: 'webchat',
  account: 'main',
  conversation: `c${n}`,
});
export const keyOf = (n: number): ChannelKey => channelKey(refOf(n));

export function channelRow(n: number, patch: Partial<Channel> = {}): Channel {
  return {
    key: keyOf(n),
    address: refOf(n),
    account: 'webchat/main',
    private: true,
    seq: 0,
    headDueAtMs: t0,
    priority: 0,
    fence: 0,
    audience: 'always',
    openedAtMs: t0 + n,
    ...patch,
  };
}

export function accountRow(patch: Partial<Account> = {}): Account {
  return { key: 'webchat/main', adapter: 'webchat', account: 'main', authorized: true, ...patch };
}

export function inboundRow(n: number, patch: Partial<StoredInbound> = {}): StoredInbound {
  return {
    id: inboundId(n),
    key: `webchat/main/c1/${n}`,
    channel: keyOf(1),
    seq: n,
    inbound: {
      kind: 'message',
      id: `m${n}`,
      channel: refOf(1),
      person: { id: 'p1', operator: false },
      sentAtMs: t0,
      text: `message ${n}`,
      files: [],
      private: false,
      clientId: false,
    },
    became: 'command',
    source: 'platform',
    receivedAtMs: t0,
    ...patch,
  };
}

export function sessionRow(n: number, patch: Partial<Session> = {}): Session {
  return {
    id: sessionId(n),
    worker: 'echo',
    channel: keyOf(1),
    version: 0,
    queued: 0,
    openedAtMs: t0 + n,
    ...patch,
  };
}

export function taskRow(n: number, patch: Partial<Task> = {}): Task {
  return {
    id: taskId(n),
    seq: n,
    channel: keyOf(1),
    session: sessionId(1),
    inbound: inboundId(n),
    personId: 'p1',
    worker: 'echo',
    title: `task ${n}`,
    text: `do ${n}`,
    files: [],
    state: 'queued',
    contract: { state: 'created', ackDueAtMs: t0 + 5_000 },
    deadlines: deadlineDefaults,
    fence: 0,
    acceptedAtMs: t0,
    apart: false,
    attempt: 1,
    revision: 0,
    activity: 0,
    ...patch,
  };
}

/** A Task at its end. */
export function endedRow(n: number, patch: Partial<Task> = {}): Task {
  const contract = { state: 'terminal_acked' } as const;
  return taskRow(n, {
    state: 'ended',
    contract,
    cause: { end: 'completed', reason: 'done' },
    endedAtMs: t0,
    ...patch,
  });
}

export function receiptRow(n: number, patch: Partial<Receipt> = {}): Receipt {
  const home = { channel: patch.channel ?? keyOf(1), seq: patch.seq ?? n };
  return {
    id: receiptId(n),
    subject: { kind: 'inbound', id: inboundId(n) },
    kind: 'notice',
    revision: 0,
    ...home,
    originChannel: home.channel,
    originSeq: home.seq,
    state: 'pending',
    place: 'line',
    content: { text: `text ${n}`, buttons: [], files: [], labelled: false, notify: true },
    parts: [],
    marks: [],
    route: 0,
    attempts: 0,
    tries: 0,
    deaths: 0,
    repairs: [],
    openedAtMs: t0,
    expiresAtMs: t0 + 86_400_000,
    unseen: false,
    live: false,
    editedOnce: false,
    ...patch,
  };
}

/** A Receipt that a person has seen. */
export function shownRow(n: number, patch: Partial<Receipt> = {}): Receipt {
  const { place: _, ...row } = receiptRow(n, patch);
  const part = { text: `text ${n}`, handle: `h${n}`, evidence: 'accepted', shownAtMs: t0 } as const;
  return { ...row, state: 'surfaced', attempts: 1, parts: [part], settledAtMs: t0, ...patch };
}

/** A Receipt of a Task. */
export function ofTask(task: number, patch: Partial<Receipt> = {}): Partial<Receipt> {
  return { subject: { kind: 'task', id: taskId(task) }, task: taskId(task), ...patch };
}

export function attemptRow(receipt: number, n: number, patch: Partial<Attempt> = {}): Attempt {
  return {
    receipt: receiptId(receipt),
    n,
    act: 'send',
    channel: keyOf(1),
    route: 0,
    part: 1,
    owner: ownerId(1),
    fence: 1,
    startedAtMs: t0,
    ...patch,
  };
}

export function askRow(n: number, patch: Partial<Ask> = {}): Ask {
  return {
    id: askId(n),
    task: taskId(1),
    channel: keyOf(1),
    receipt: receiptId(n),
    personId: 'p1',
    kind: 'permission',
    text: 'may I?',
    options: [
      { id: 'yes', label: 'Yes' },
      { id: 'no', label: 'No', refuses: true },
    ],
    freeText: false,
    state: 'open',
    openedAtMs: t0,
    untilMs: t0 + 600_000,
    ...patch,
  };
}

export function incidentRow(n: number, patch: Partial<Incident> = {}): Incident {
  return {
    id: incidentId(n),
    seq: n,
    key: `receipt:${receiptId(n)}`,
    kind: 'receipt_dead',
    reason: 'gone',
    count: 1,
    openedAtMs: t0,
    lastAtMs: t0,
    ...patch,
  };
}

import type { Adapter } from '../contracts/adapter.ts';
import type { Channel } from '../contracts/channel.ts';
import type { Delivery } from '../contracts/delivery.ts';
import type { ChannelKey } from '../contracts/id.ts';
import type { Attempt, Receipt } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import { applySettlement } from './apply.ts';
import type { Core, Work } from './core.ts';
import { cutParts, deliveryOf } from './cut.ts';
import { bury, rerouteOrBury } from './exhaust.ts';
import { freshen } from './freshen.ts';
import { limit } from './limit.ts';
import { nextNumber, readChannel, refresh, unseenUntil } from './line.ts';
import { passedBy } from './passed.ts';
import { errorText } from './port.ts';
import { settleUncertain } from './settle.ts';
import { supersede } from './settle-row.ts';

/** One part of one Receipt, leased for one send (or one look whether it is there). */
export interface Claim {
  readonly channel: Channel;
  readonly receipt: Receipt;
  readonly attempt: Attempt;
  readonly delivery: Delivery;
  readonly adapter: Adapter;
  /** The message to edit. */
  readonly live?: string | undefined;
  /** When the send in question began; of a reconcile. */
  readonly sentAtMs?: number | undefined;
}
export type Claimed =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  /** Something was moved out of the way: look again. */
  | { readonly kind: 'again' }
  | { readonly kind: 'idle' };

/** Takes what may leave a Channel next: its lease, the Receipt's state and the Attempt in one transaction. */
export function* claimNext(work: Work, core: Core, key: ChannelKey): Script<Claimed> {
  const channel = yield* work.channel(key);
  if (channel === undefined) return { kind: 'idle' };
  const adapter = core.adapters.get(channel.address.adapter);
  if (adapter === undefined || (channel.leaseUntilMs ?? 0) > work.now) return { kind: 'idle' };
  releaseLease(channel);
  if (channel.audience === 'absent') return yield* sweepUnseen(work, core, channel);
  const receipt = yield* nextReceipt(work, channel);
  if (receipt === undefined) {
    yield* refresh(work, core, channel);
    return { kind: 'idle' };
  }
  const task = receipt.task === undefined ? undefined : yield* work.task(receipt.task);
  if (receipt.state === 'claimed' || (yield* lookCutOff(work, receipt)))
    return yield* deadOwner(work, core, { channel, receipt });
  const needless = yield* whyNeedless(work, { receipt, task, adapter });
  if (needless !== undefined) {
    yield* supersede(work, receipt, needless);
    yield* refresh(work, core, channel);
    return { kind: 'again' };
  }
  const account = yield* work.account(channel.account);
  if (blocked(core, receipt, account?.pausedUntilMs ?? 0, work.now))
    return yield* park(work, core, { channel, receipt, adapter });
  if (receipt.state === 'unknown')
    return yield* claimLook(work, core, { channel, receipt, adapter });
  return yield* claimSend(work, core, { channel, receipt, adapter, task });
}

export function releaseLease(channel: Channel): void {
  channel.owner = undefined;
  channel.leaseUntilMs = undefined;
}

/** Its Task has moved past it, or the platform does not let the message be edited any more. */
function* whyNeedless(
  work: Work,
  of: { readonly receipt: Receipt; readonly task: Task | undefined; readonly adapter: Adapter },
): Script<string | undefined> {
  const { receipt, task, adapter } = of;
  if (receipt.state !== 'pending') return undefined;
  if (yield* passedBy(work, receipt, task)) return 'passed';
  if (receipt.kind !== 'amend') return undefined;
  const live = task?.live;
  const isLive = live !== undefined && live.handle === receipt.content.target;
  const shownAtMs = isLive ? live.shownAtMs : receipt.openedAtMs;
  return work.now - shownAtMs < adapter.capabilities.editMs ? undefined : 'too old to be edited';
}

/** A due parked one goes first; an unripe one that has become ripe joins the line at its end. */
function* nextReceipt(work: Work, channel: Channel): Script<Receipt | undefined> {
  if ((channel.confirmUntilMs ?? 0) > work.now) return undefined;
  let line = yield* work.line(channel.key);
  while (line.unripe !== undefined && (line.unripe.dueAtMs ?? 0) <= work.now) {
    ripen(work, channel, line.unripe);
    if (line.head === undefined) channel.headDueAtMs = Math.min(channel.headDueAtMs, work.now);
    work.putChannel(channel);
    line = yield* work.line(channel.key);
  }
  if (line.parked !== undefined && (line.parked.dueAtMs ?? 0) <= work.now) return line.parked;
  if (line.head === undefined || channel.headDueAtMs > work.now) return undefined;
  if (line.head.headSinceMs === undefined) line.head.headSinceMs = work.now;
  return line.head;
}

function ripen(work: Work, channel: Channel, receipt: Receipt): void {
  receipt.seq = nextNumber(channel);
  if (receipt.originSeq === 0) receipt.originSeq = receipt.seq;
  receipt.place = 'line';
  receipt.dueAtMs = undefined;
  work.putReceipt(receipt);
}

interface Held {
  readonly channel: Channel;
  readonly receipt: Receipt;
}
interface Sendable extends Held {
  readonly adapter: Adapter;
}

/** Whoever looked whether it is there died over it: that is a death as well. */
function* lookCutOff(work: Work, receipt: Receipt): Script<boolean> {
  if (receipt.state !== 'unknown') return false;
  const last = (yield* work.attempts(receipt.id)).at(-1);
  return last?.act === 'reconcile' && last.finishedAtMs === undefined;
}

/** Claimed, and its lease is over: whoever sent it died. It counts as dispatched. */
function* deadOwner(work: Work, core: Core, held: Held): Script<Claimed> {
  const { channel, receipt } = held;
  work.putChannel(channel);
  const attempts = yield* work.attempts(receipt.id);
  const last = attempts.at(-1);
  receipt.deaths += 1;
  const cause = 'the process ended before an answer was stored';
  if (last !== undefined && last.outcome === undefined) {
    work.putAttempt({
      ...last,
      finishedAtMs: work.now,
      outcome: { kind: 'unknown', atMs: work.now, phase: 'written', cause },
    });
  }
  if (receipt.deaths >= limit.deathsMax) {
    yield* bury(work, core, receipt, `${receipt.deaths} attempts in a row ended with the process`);
  } else if (last?.act === 'edit') {
    receipt.state = 'pending';
    receipt.tries += 1;
    work.putReceipt(receipt);
    yield* noteUnknownEdit(work, receipt);
  } else {
    receipt.state = 'unknown';
    work.putReceipt(receipt);
  }
  yield* work.note({
    name: 'receipt.unknown',
    data: { receiptId: receipt.id, kind: receipt.kind, cause },
    taskId: receipt.task,
    channel: channel.key,
  });
  yield* refresh(work, core, yield* readChannel(work, channel.key));
  return { kind: 'again' };
}

function* noteUnknownEdit(work: Work, receipt: Receipt): Script<void> {
  const task = receipt.task === undefined ? undefined : yield* work.task(receipt.task);
  if (task?.live === undefined) return;
  work.putTask({ ...task, live: { ...task.live, unknownEdit: true } });
}

/** Whether it has held the line for too long; a pause of the Account does not count. */
function blocked(core: Core, receipt: Receipt, pausedUntilMs: number, nowMs: number): boolean {
  return (
    receipt.place === 'line' &&
    receipt.headSinceMs !== undefined &&
    nowMs - Math.max(receipt.headSinceMs, pausedUntilMs) >= core.clocks.blockMs
  );
}

/** It has held the others for long enough: it gets a due time of its own and says that it is late. */
function* park(work: Work, core: Core, held: Sendable): Script<Claimed> {
  const { channel, receipt } = held;
  receipt.place = 'parked';
  receipt.dueAtMs = Math.max(work.now, channel.headDueAtMs);
  receipt.marks = receipt.marks.includes('late') ? receipt.marks : [...receipt.marks, 'late'];
  if (receipt.parts.length > 0 && receipt.state === 'pending') {
    receipt.parts = cutParts(receipt, { ...held, words: core.words }, ['late']);
  }
  work.putReceipt(receipt);
  channel.headDueAtMs = work.now;
  yield* work.note({
    name: 'receipt.parked',
    data: { receiptId: receipt.id, kind: receipt.kind, marks: receipt.marks },
    taskId: receipt.task,
    channel: channel.key,
  });
  yield* refresh(work, core, channel);
  return { kind: 'again' };
}

/** Nobody is there: what waited too long takes its next route or dies of age. */
function* sweepUnseen(work: Work, core: Core, channel: Channel): Script<Claimed> {
  work.putChannel(channel);
  for (const receipt of yield* work.receiptsOpenIn(channel.key, limit.batch)) {
    if (receipt.state === 'claimed') return yield* deadOwner(work, core, { channel, receipt });
    if ((yield* unseenUntil(work, core, channel, receipt)) > work.now) continue;
    const tooOld = work.now >= receipt.openedAtMs + core.clocks.retainMs;
    if (tooOld) yield* bury(work, core, receipt, 'unseen');
    else yield* rerouteOrBury(work, core, receipt, 'unseen');
  }
  yield* refresh(work, core, yield* readChannel(work, channel.key));
  return { kind: 'idle' };
}

/** Its outcome is unknown: look whether it is there; where nobody can look, the policy decides. */
function* claimLook(work: Work, core: Core, held: Sendable): Script<Claimed> {
  const { channel, receipt, adapter } = held;
  const attempts = yield* work.attempts(receipt.id);
  const sent = attempts.findLast((attempt) => attempt.act !== 'reconcile');
  if (adapter.reconcile === undefined || sent === undefined) {
    const task = receipt.task === undefined ? undefined : yield* work.task(receipt.task);
    const passed = yield* passedBy(work, receipt, task);
    const { capabilities } = adapter;
    const settlement = settleUncertain(
      { receipt, capabilities, clocks: core.clocks, passed, nowMs: work.now },
      { cause: 'the platform cannot be asked' },
    );
    yield* applySettlement(work, core, { channel, receipt, settlement });
    return { kind: 'again' };
  }
  const delivery = deliveryOf(receipt, channel, receipt.parts[sent.part - 1]?.text ?? '');
  const claim = lease(work, core, { ...held, act: 'reconcile', part: sent.part, delivery });
  return { kind: 'claimed', claim: { ...claim, sentAtMs: sent.startedAtMs } };
}

function* claimSend(
  work: Work,
  core: Core,
  held: Sendable & { task: Task | undefined },
): Script<Claimed> {
  const { channel, receipt, task } = held;
  if (task !== undefined) yield* freshen(work, core, receipt, task);
  const handle = editTarget(work, held);
  const liveId = receipt.content.liveId ?? liveIdOf(receipt, task, handle);
  if (liveId !== receipt.content.liveId) receipt.content = { ...receipt.content, liveId };
  const broken = receipt.parts.length === 0 ? cutFirst(core, held) : undefined;
  if (broken !== undefined) {
    const settlement = { kind: 'exhausted', reason: broken } as const;
    yield* applySettlement(work, core, { channel, receipt, settlement });
    return { kind: 'again' };
  }
  const part = receipt.parts.findIndex((candidate) => candidate.shownAtMs === undefined) + 1;
  if (receipt.place === 'parked' && part === 1) renumber(channel, receipt);
  const live = part === 1 || receipt.kind === 'amend' ? handle : undefined;
  receipt.live = receipt.live || live !== undefined;
  receipt.state = 'claimed';
  receipt.evidenceDueAtMs = undefined;
  const delivery = deliveryOf(receipt, channel, receipt.parts[part - 1]?.text ?? '');
  const claim = lease(work, core, {
    ...held,
    act: live === undefined ? 'send' : 'edit',
    part,
    delivery,
  });
  return { kind: 'claimed', claim: { ...claim, live } };
}

/** What cannot be cut cannot be shown there: why, so that the next route is taken and the Channel goes on. */
function cutFirst(core: Core, { channel, receipt, adapter }: Sendable): string | undefined {
  try {
    receipt.parts = cutParts(receipt, { adapter, channel, words: core.words });
    return undefined;
  } catch (error) {
    const cause = `${adapter.name}.cut failed: ${errorText(error)}`.slice(0, limit.errorChars);
    core.log('error', cause, { receipt: receipt.id });
    return cause;
  }
}

/** What leaves late takes its place where it is really shown. */
function renumber(channel: Channel, receipt: Receipt): void {
  const home = receipt.originChannel === receipt.channel;
  receipt.seq = nextNumber(channel);
  if (home) receipt.originSeq = receipt.seq;
}

/** The message that this Delivery edits, looked up now: never at composing. */
function editTarget(work: Work, held: Sendable & { task: Task | undefined }): string | undefined {
  const { receipt, adapter, task, channel } = held;
  if (receipt.kind === 'amend') return receipt.content.target;
  if (receipt.kind !== 'progress' && receipt.kind !== 'terminal') return undefined;
  const live = task?.live;
  if (live === undefined || live.channel !== channel.key || receipt.repairs.includes('repost'))
    return undefined;
  if (receipt.kind === 'terminal' && adapter.capabilities.terminalAs === 'new') return undefined;
  return work.now - live.shownAtMs < adapter.capabilities.editMs ? live.handle : undefined;
}

/** One identity from the first streamed byte on: the ack's id names the live message, whoever shows it. */
function liveIdOf(
  receipt: Receipt,
  task: Task | undefined,
  handle: string | undefined,
): Receipt['id'] | undefined {
  if (task === undefined || receipt.kind === 'notice' || receipt.kind === 'question')
    return undefined;
  if (handle !== undefined) return task.live?.handle === handle ? task.live.receiptId : undefined;
  if (receipt.kind === 'amend') return undefined;
  return task.live === undefined && receipt.route === 0
    ? (task.ackReceipt ?? receipt.id)
    : receipt.id;
}

function lease(
  work: Work,
  core: Core,
  held: Sendable & { act: Attempt['act']; part: number; delivery: Delivery },
): Omit<Claim, 'live' | 'sentAtMs'> {
  const { channel, receipt, adapter, delivery } = held;
  receipt.attempts += 1;
  work.putReceipt(receipt);
  channel.fence += 1;
  channel.owner = core.owner;
  channel.leaseUntilMs = work.now + core.clocks.leaseMs;
  channel.dueAtMs = channel.leaseUntilMs;
  channel.lastSentAtMs = work.now;
  work.putChannel(channel);
  const attempt: Attempt = {
    receipt: receipt.id,
    n: receipt.attempts,
    act: held.act,
    channel: channel.key,
    route: receipt.route,
    part: held.part,
    owner: core.owner,
    fence: channel.fence,
    startedAtMs: work.now,
  };
  work.putAttempt(attempt);
  return { channel, receipt, attempt, delivery, adapter };
}

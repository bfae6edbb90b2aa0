import type { Channel } from '../contracts/channel.ts';
import type { Receipt } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import { pauseAccount, refuseAccount } from './account.ts';
import { loseAudience } from './audience.ts';
import { type Core, capabilitiesOf, type Work } from './core.ts';

import { cutParts } from './cut.ts';
import { bury, nextHeadNow, rerouteOrBury } from './exhaust.ts';
import { readChannel, refresh } from './line.ts';
import { moveChannel } from './move.ts';
import { notePart } from './part.ts';
import type { Settlement } from './settle.ts';
import { supersede } from './settle-row.ts';
import { surface } from './surface.ts';

export interface Settling {
  /** As read in this transaction; put here. */
  readonly channel: Channel;
  readonly receipt: Receipt;
  readonly settlement: Settlement;
  /** From 1; of the attempt. Absent when no send was answered. */
  readonly part?: number;
  /** The attempt was an edit. */
  readonly edit?: boolean;
}

type Of<Kind extends Settlement['kind']> = Settling & {
  readonly settlement: Extract<Settlement, { kind: Kind }>;
};

/** Writes what a settlement means: the Receipt, its Task's Contract, the Channel's due time, the Account's pause, the Journal. */
export function* applySettlement(work: Work, core: Core, settling: Settling): Script<void> {
  const { channel, receipt } = settling;
  const key = channel.key;
  work.putChannel(channel);
  yield* applyKind(work, core, settling);
  // A merge may have taken the row away; its Receipts stand elsewhere then.
  const after = yield* work.channel(key);
  if (after !== undefined) yield* refresh(work, core, after);
  if (receipt.channel !== key)
    yield* refresh(work, core, yield* readChannel(work, receipt.channel));
}

function* applyKind(work: Work, core: Core, settling: Settling): Script<void> {
  const { settlement, receipt } = settling;
  switch (settlement.kind) {
    case 'shown':
      return yield* applyShown(work, core, { ...settling, settlement });
    case 'weak':
      return yield* applyWeak(work, core, { ...settling, settlement });
    case 'retry':
      return yield* applyRetry(work, core, { ...settling, settlement });
    case 'again':
      receipt.editedOnce = true;
      return yield* wait(work, settling, settlement.dueAtMs);
    case 'unseen':
      return yield* applyUnseen(work, core, settling);
    case 'unauthorized':
      return yield* applyUnauthorized(work, core, { ...settling, settlement });
    case 'moved':
      yield* wait(work, settling, work.now);
      return yield* moveChannel(work, core, receipt.channel, settlement.to);
    case 'confirm':
      return yield* applyConfirm(work, { ...settling, settlement });
    case 'repair':
      return yield* applyRepair(work, core, { ...settling, settlement });
    case 'unknown':
      return yield* applyUnknown(work, { ...settling, settlement });
    case 'superseded':
      return yield* supersede(work, receipt, settlement.by);
    case 'exhausted':
      return settlement.held === true
        ? yield* bury(work, core, receipt, settlement.reason)
        : yield* rerouteOrBury(work, core, receipt, settlement.reason);
  }
}

/** Back to `pending`, to be tried at that time: the Channel's head, or a parked one by itself. */
function* wait(work: Work, settling: Settling, dueAtMs: number): Script<void> {
  const { receipt } = settling;
  receipt.state = 'pending';
  yield* setHeadDue(work, receipt, dueAtMs);
  work.putReceipt(receipt);
}

function* setHeadDue(work: Work, receipt: Receipt, dueAtMs: number): Script<void> {
  if (receipt.place === 'parked') {
    receipt.dueAtMs = dueAtMs;
    return;
  }
  const channel = yield* readChannel(work, receipt.channel);
  channel.headDueAtMs = dueAtMs;
  work.putChannel(channel);
}

/** The address works: an earlier permanent answer is not believed any more. */
function* forgetConfirm(work: Work, receipt: Receipt): Script<void> {
  const channel = yield* readChannel(work, receipt.channel);
  if (channel.confirmUntilMs === undefined) return;
  channel.confirmUntilMs = undefined;
  work.putChannel(channel);
}

function* applyShown(work: Work, core: Core, of: Of<'shown'>): Script<void> {
  const { receipt, settlement } = of;
  const { handle, evidence } = settlement;
  notePart(receipt, of.part ?? 1, { handle, evidence, shownAtMs: work.now });
  receipt.deaths = 0;
  receipt.tries = 0;
  yield* nextHeadNow(work, receipt);
  yield* forgetConfirm(work, receipt);
  if (settlement.complete) {
    yield* surface(work, core, receipt, settlement);
    return;
  }
  receipt.state = 'pending';
  if (receipt.place === 'parked') receipt.dueAtMs = work.now;
  receipt.headSinceMs = work.now;
  work.putReceipt(receipt);
  const data = {
    receiptId: receipt.id,
    kind: receipt.kind,
    part: of.part ?? 1,
    parts: receipt.parts.length,
  };
  yield* work.note({ name: 'receipt.part', data, taskId: receipt.task, channel: receipt.channel });
}

function* applyWeak(work: Work, core: Core, of: Of<'weak'>): Script<void> {
  const { receipt, settlement } = of;
  const { handle, evidence } = settlement;
  notePart(receipt, of.part ?? 1, { handle, evidence });
  receipt.deaths = 0;
  if (of.edit === true && capabilitiesOf(core, of.channel).unknownPolicy !== 'repeat') {
    yield* wait(work, of, settlement.dueAtMs);
    return;
  }
  receipt.state = 'unknown';
  receipt.evidenceDueAtMs = settlement.dueAtMs;
  if (settlement.provisional && receipt.place === 'line') {
    yield* nextHeadNow(work, receipt);
    receipt.place = 'parked';
  }
  yield* setHeadDue(work, receipt, settlement.dueAtMs);
  work.putReceipt(receipt);
}

function* applyRetry(work: Work, core: Core, of: Of<'retry'>): Script<void> {
  const { receipt, settlement, channel } = of;
  // Looking whether it is there is no send: deaths in a row are those of sends.
  if (settlement.repeats !== true && settlement.reason !== 'absent') receipt.deaths = 0;
  receipt.evidenceDueAtMs = undefined;
  if (settlement.counts) receipt.tries += 1;
  const waitMs = settlement.dueAtMs - work.now;
  // Time under a platform's pause does not count towards parking.
  if (settlement.paused && receipt.headSinceMs !== undefined) receipt.headSinceMs += waitMs;
  const about = { taskId: receipt.task, channel: receipt.channel };
  if (settlement.repeats === true) {
    yield* markRepeat(work, core, of);
  } else if (settlement.reason !== 'absent') {
    yield* work.note({
      name: 'receipt.deferred',
      data: {
        receiptId: receipt.id,
        kind: receipt.kind,
        reason: settlement.reason,
        dueAtMs: settlement.dueAtMs,
      },
      ...about,
    });
  }
  sayLate(core, of);
  if (of.edit === true && settlement.counts) yield* noteUnknownEdit(work, of);
  if (settlement.scope === 'account')
    yield* pauseAccount(work, channel, settlement.dueAtMs, settlement.reason);
  yield* wait(work, of, settlement.dueAtMs);
}

function* markRepeat(work: Work, core: Core, of: Of<'retry'>): Script<void> {
  const { receipt, settlement, channel } = of;
  const marked = settlement.marked === true;
  const adapter = core.adapters.get(channel.address.adapter);
  // What of it was shown meanwhile said so for itself alone.
  const next = receipt.parts.find((part) => part.shownAtMs === undefined);
  const says = next?.text.includes(core.words.marks.may_repeat) === true;
  if (marked && !says && adapter !== undefined) {
    if (!receipt.marks.includes('may_repeat')) receipt.marks = [...receipt.marks, 'may_repeat'];
    receipt.parts = cutParts(receipt, { adapter, channel, words: core.words }, ['may_repeat']);
  }
  yield* work.note({
    name: 'receipt.repeated',
    data: { receiptId: receipt.id, kind: receipt.kind, marked },
    taskId: receipt.task,
    channel: receipt.channel,
  });
}

/** It was parked while its outcome was unknown: when it goes out anew its text says that it is late. */
function sayLate(core: Core, { receipt, settlement, channel }: Of<'retry'>): void {
  const anew = settlement.reason === 'absent' || settlement.marked === true;
  const adapter = core.adapters.get(channel.address.adapter);
  if (!anew || receipt.place !== 'parked' || adapter === undefined) return;
  if (receipt.parts.some((part) => part.shownAtMs !== undefined)) return;
  receipt.parts = cutParts(receipt, { adapter, channel, words: core.words });
}

/** A late old edit must not overwrite the final text: the terminal edit will be made twice. */
function* noteUnknownEdit(work: Work, of: Of<'retry'>): Script<void> {
  const task = of.receipt.task === undefined ? undefined : yield* work.task(of.receipt.task);
  if (task?.live === undefined || !of.settlement.reason.startsWith('unknown')) return;
  work.putTask({ ...task, live: { ...task.live, unknownEdit: true } });
}

function* applyUnauthorized(work: Work, core: Core, of: Of<'unauthorized'>): Script<void> {
  yield* refuseAccount(work, core, of.channel, of.settlement.cause);
  yield* wait(work, of, work.now);
}

/** No due time, no attempt spent, until somebody comes. */
function* applyUnseen(work: Work, core: Core, of: Settling): Script<void> {
  const { receipt } = of;
  receipt.unseen = true;
  receipt.deaths = 0;
  receipt.headSinceMs = undefined;
  yield* wait(work, of, work.now);
  yield* loseAudience(work, core, yield* readChannel(work, receipt.channel));
}

function* applyConfirm(work: Work, of: Of<'confirm'>): Script<void> {
  const { receipt, settlement } = of;
  const channel = yield* readChannel(work, receipt.channel);
  channel.confirmUntilMs = settlement.untilMs;
  work.putChannel(channel);
  if (receipt.headSinceMs !== undefined) receipt.headSinceMs += settlement.untilMs - work.now;
  yield* work.note({
    name: 'channel.paused',
    data: { untilMs: settlement.untilMs, reason: settlement.reason },
    channel: channel.key,
  });
  yield* wait(work, of, settlement.untilMs);
}

function* applyRepair(work: Work, core: Core, of: Of<'repair'>): Script<void> {
  const { receipt, settlement, channel } = of;
  receipt.repairs = [...receipt.repairs, settlement.repair];
  const adapter = core.adapters.get(channel.address.adapter);
  if (adapter !== undefined && settlement.repair === 'split') {
    receipt.parts = cutParts(receipt, { adapter, channel, words: core.words });
  }
  if (settlement.repair === 'repost') yield* forgetLive(work, receipt);
  const data = { receiptId: receipt.id, kind: receipt.kind, repair: settlement.repair };
  yield* work.note({
    name: 'receipt.repaired',
    data,
    taskId: receipt.task,
    channel: receipt.channel,
  });
  yield* wait(work, of, work.now);
}

/** The message to edit is gone: the next Delivery makes a new one, which becomes the live one. */
function* forgetLive(work: Work, receipt: Receipt): Script<void> {
  const task = receipt.task === undefined ? undefined : yield* work.task(receipt.task);
  if (task?.live === undefined) return;
  receipt.content = { ...receipt.content, liveId: undefined };
  receipt.live = false;
  work.putTask({ ...task, live: undefined });
}

function* applyUnknown(work: Work, of: Of<'unknown'>): Script<void> {
  const { receipt, settlement } = of;
  receipt.state = 'unknown';
  receipt.tries += 1;
  receipt.deaths = 0;
  receipt.keyValidUntilMs = settlement.keyValidUntilMs;
  yield* setHeadDue(work, receipt, settlement.dueAtMs);
  work.putReceipt(receipt);
  const data = { receiptId: receipt.id, kind: receipt.kind, cause: settlement.cause };
  yield* work.note({
    name: 'receipt.unknown',
    data,
    taskId: receipt.task,
    channel: receipt.channel,
  });
}

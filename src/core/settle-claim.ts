import type { ReconcileAnswer } from '../contracts/adapter.ts';
import type { Channel } from '../contracts/channel.ts';
import { type DeliveryOutcome, Evidence, Handle } from '../contracts/delivery.ts';
import type { Receipt } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import { heedAccount } from './account.ts';
import { applySettlement } from './apply.ts';
import { type Claim, releaseLease } from './claim.ts';
import type { Core, Work } from './core.ts';
import { readChannel, refresh } from './line.ts';
import { passedBy } from './passed.ts';
import { errorText } from './port.ts';
import { present } from './present.ts';
import { type Settlement, settle, settleAbsent, settleUncertain } from './settle.ts';
import { noteHandle } from './surface.ts';

/** What came of a claim: an outcome of a send, or the answer to a look. */
export type Answer =
  | { readonly kind: 'outcome'; readonly outcome: DeliveryOutcome }
  | { readonly kind: 'look'; readonly answer: ReconcileAnswer };

/** Writes what came of a claim. A stale fence changes nothing and is counted. */
export function* settleClaim(work: Work, core: Core, claim: Claim, answer: Answer): Script<void> {
  const channel = yield* work.channel(claim.channel.key);
  if (
    channel === undefined ||
    channel.fence !== claim.attempt.fence ||
    channel.owner !== core.owner
  ) {
    core.counts.staleWrites += 1;
    yield* work.note({
      name: 'write.stale',
      data: { what: `settle ${claim.receipt.id}` },
      channel: claim.channel.key,
    });
    return;
  }
  releaseLease(channel);
  const receipt = present(yield* work.receipt(claim.receipt.id), 'receipt', claim.receipt.id);
  const outcome = answer.kind === 'outcome' ? answer.outcome : lookOutcome(answer.answer, work.now);
  // The lease is ours still: nobody else has written this attempt since the claim.
  work.putAttempt({
    ...claim.attempt,
    finishedAtMs: work.now,
    ...(outcome === undefined ? {} : { outcome }),
  });
  const expected = claim.attempt.act === 'reconcile' ? 'unknown' : 'claimed';
  if (receipt.state === expected) {
    const settlement = yield* settlementOf(work, core, { claim, receipt, channel, answer });
    if (settlement.kind === 'superseded' || settlement.kind === 'exhausted')
      yield* heedAccount(work, core, channel, outcome);
    const { part, act } = claim.attempt;
    yield* applySettlement(work, core, {
      channel,
      receipt,
      settlement,
      part,
      edit: act === 'edit',
    });
  } else {
    // Evidence was faster: the Receipt is settled, only the lease is given back.
    channel.headDueAtMs = work.now;
    work.putChannel(channel);
    yield* heedAccount(work, core, channel, outcome);
    if (outcome !== undefined && 'handle' in outcome && receipt.state === 'surfaced') {
      const { part } = claim.attempt;
      yield* noteHandle(work, core, receipt, { part, handle: outcome.handle });
    }
    yield* refresh(work, core, yield* readChannel(work, channel.key));
  }
}

/** A shape that is none of the answers, or `shown` without a handle, tells nothing. */
export function checkedAnswer(answer: ReconcileAnswer | undefined): ReconcileAnswer {
  switch (answer?.kind) {
    case 'absent':
      return answer;
    case 'cannot_tell':
      return {
        kind: 'cannot_tell',
        cause: errorText(answer.cause),
        ...(Number.isFinite(answer.keyValidUntilMs)
          ? { keyValidUntilMs: answer.keyValidUntilMs }
          : {}),
      };
    case 'shown':
      if (Handle.safeParse(answer.handle).success && Evidence.safeParse(answer.evidence).success)
        return answer;
      break;
    case undefined:
      break;
  }
  return { kind: 'cannot_tell', cause: 'reconcile broke its contract' };
}

function lookOutcome(answer: ReconcileAnswer, atMs: number): DeliveryOutcome | undefined {
  if (answer.kind === 'shown')
    return {
      kind: 'surfaced',
      atMs,
      handle: answer.handle,
      evidence: answer.evidence,
      surface: 'durable',
    };
  if (answer.kind === 'absent')
    return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'part', cause: 'not there' };
  return { kind: 'unknown', atMs, phase: 'answered', cause: answer.cause };
}

interface Answered {
  readonly claim: Claim;
  readonly receipt: Receipt;
  readonly channel: Channel;
  readonly answer: Answer;
}

function* settlementOf(work: Work, core: Core, of: Answered): Script<Settlement> {
  const { claim, receipt, answer, channel } = of;
  const { capabilities } = claim.adapter;
  const task = receipt.task === undefined ? undefined : yield* work.task(receipt.task);
  const passed = yield* passedBy(work, receipt, task);
  const look = { receipt, capabilities, clocks: core.clocks, passed, nowMs: work.now };
  if (answer.kind === 'look' && answer.answer.kind === 'absent') return settleAbsent(look);
  if (answer.kind === 'look' && answer.answer.kind === 'cannot_tell')
    return settleUncertain(look, answer.answer);
  const outcome =
    answer.kind === 'outcome'
      ? answer.outcome
      : present(lookOutcome(answer.answer, work.now), 'outcome', receipt.id);
  return settle({
    receipt,
    attempt: claim.attempt,
    outcome:
      receipt.live && answer.kind === 'look' && outcome.kind === 'surfaced'
        ? { ...outcome, surface: 'edited' }
        : outcome,
    capabilities,
    clocks: core.clocks,
    passed,
    afterUnknownEdit: task?.live?.unknownEdit === true && task.live.handle === claim.live,
    confirmed: channel.confirmUntilMs !== undefined,
    nowMs: work.now,
    chance: core.chance(),
  });
}

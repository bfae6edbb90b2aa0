import { describe, expect, it } from 'vitest';
import type { AdapterCapabilities } from '../../src/contracts/adapter.ts';
import {
  DeliveryKind,
  type DeliveryOutcome,
  Evidence,
  type Surface,
} from '../../src/contracts/delivery.ts';
import { ReceiptId } from '../../src/contracts/id.ts';
import type { Attempt, Receipt } from '../../src/contracts/receipt.ts';
import { sendClockDefaults } from '../../src/contracts/task.ts';
import { limit } from '../../src/core/limit.ts';
import {
  fits,
  proves,
  type SettleInput,
  settle,
  settleAbsent,
  settleUncertain,
} from '../../src/core/settle.ts';

const now = 1_000_000;
const kinds = DeliveryKind.options;

const capabilities: AdapterCapabilities = {
  lengthMax: 2_000,
  lengthUnit: 'utf16',
  editMs: Number.POSITIVE_INFINITY,
  buttons: true,
  files: false,
  streams: false,
  terminalAs: 'edit',
  unknownPolicy: 'mark',
  audience: 'reported',
  evidence: 'accepted',
};

function receiptOf(kind: DeliveryKind, patch: Partial<Receipt> = {}): Receipt {
  return {
    id: ReceiptId.parse('01890a5d-ac96-774b-bcce-b302099a8057'),
    subject: { kind: 'task', id: '01890a5d-ac96-774b-bcce-b302099a8058' as never },
    kind,
    revision: 0,
    channel: 'fake/bot/c1' as never,
    seq: 1,
    originChannel: 'fake/bot/c1' as never,
    originSeq: 1,
    state: 'claimed',
    place: 'line',
    content: { text: 'x', buttons: [], files: [], labelled: false, notify: false },
    parts: [{ text: 'x' }],
    marks: [],
    route: 0,
    attempts: 1,
    tries: 0,
    deaths: 0,
    repairs: [],
    openedAtMs: now,
    expiresAtMs: now + 86_400_000,
    unseen: false,
    live: false,
    editedOnce: false,
    ...patch,
  };
}

interface Given extends Partial<Omit<SettleInput, 'receipt' | 'outcome' | 'attempt'>> {
  readonly kind?: DeliveryKind;
  readonly receipt?: Partial<Receipt>;
  readonly act?: Attempt['act'];
  readonly part?: number;
}

function settled(outcome: DeliveryOutcome, given: Given = {}) {
  const { kind = 'terminal', receipt, act = 'send', part = 1, ...rest } = given;
  return settle({
    receipt: receiptOf(kind, receipt),
    attempt: { act, part },
    outcome,
    capabilities,
    clocks: sendClockDefaults,
    passed: false,
    afterUnknownEdit: false,
    confirmed: false,
    nowMs: now,
    chance: 0.5,
    ...rest,
  });
}

const shown = (surface: Surface, evidence: Evidence = 'accepted'): DeliveryOutcome => ({
  kind: 'surfaced',
  atMs: now,
  handle: 'm1',
  evidence,
  surface,
});
const at = { atMs: now, cause: 'because' };
const deferred = (
  reason: 'rate_limited' | 'not_connected' | 'unauthorized' | 'unavailable',
  more: { retryAfterMs?: number; scope?: 'part' | 'channel' | 'account' } = {},
): DeliveryOutcome => ({ kind: 'deferred', scope: 'channel', reason, ...at, ...more });
const rejected = (more: object = {}): DeliveryOutcome => ({
  kind: 'rejected',
  reason: 'blocked',
  code: '403',
  ...at,
  ...more,
});
const unknown = (more: object = {}): DeliveryOutcome => ({
  kind: 'unknown',
  phase: 'written',
  ...at,
  ...more,
});

describe('what each kind of delivery needs', () => {
  const needs: Record<DeliveryKind, readonly Surface[]> = {
    ack: ['durable', 'edited'],
    progress: ['durable', 'edited'],
    question: ['durable'],
    terminal: ['durable', 'edited'],
    notice: ['durable'],
    amend: ['edited'],
  };
  const surfaces = ['durable', 'edited', 'transient'] as const;
  it.each(kinds.flatMap((kind) => surfaces.map((surface) => [kind, surface] as const)))(
    '%s on a surface that is %s',
    (kind, surface) => {
      const enough = needs[kind].includes(surface);
      expect(fits(kind, surface)).toBe(enough);
      const settlement = settled(shown(surface), { kind });
      if (enough) expect(settlement).toMatchObject({ kind: 'shown', complete: true, handle: 'm1' });
      else expect(settlement).toEqual({ kind: 'exhausted', reason: `shown only as ${surface}` });
    },
  );

  it('a later part of an edited terminal is a message of its own, for every kind', () => {
    for (const kind of kinds) {
      const receipt = { parts: [{ text: 'a', shownAtMs: now }, { text: 'b' }] };
      expect(settled(shown('durable'), { kind, receipt, part: 2 }).kind).toBe('shown');
      expect(settled(shown('transient'), { kind, receipt, part: 2 }).kind).toBe('exhausted');
    }
  });

  it('weaker evidence than the platform needs proves nothing, as strong or stronger does', () => {
    for (const [n, evidence] of Evidence.options.entries()) {
      for (const [m, needed] of Evidence.options.entries()) {
        expect(proves(evidence, needed)).toBe(n >= m);
        const settlement = settled(shown('durable', evidence), {
          capabilities: { ...capabilities, evidence: needed },
        });
        if (n >= m) expect(settlement.kind).toBe('shown');
        else
          expect(settlement).toEqual({
            kind: 'weak',
            handle: 'm1',
            evidence,
            dueAtMs: now + sendClockDefaults.evidenceMs,
            provisional: false,
          });
      }
    }
    const own = { ...capabilities, evidence: 'rendered', evidenceMs: 7 } as const;
    expect(settled(shown('durable'), { capabilities: own })).toMatchObject({ dueAtMs: now + 7 });
  });

  it('evidence that stays too weak does not wait beyond the life of the receipt', () => {
    const own = { ...capabilities, evidence: 'rendered' } as const;
    expect(
      settled(shown('durable'), { capabilities: own, receipt: { expiresAtMs: now } }).kind,
    ).toBe('exhausted');
  });

  it('is complete only when no other part is left', () => {
    const receipt = { parts: [{ text: 'a' }, { text: 'b', shownAtMs: now }, { text: 'c' }] };
    expect(settled(shown('durable'), { receipt, part: 1 })).toMatchObject({ complete: false });
    const last = { parts: [{ text: 'a', shownAtMs: now }, { text: 'b' }] };
    expect(settled(shown('durable'), { receipt: last, part: 2 })).toMatchObject({ complete: true });
    expect(
      settled({ ...shown('durable'), kind: 'partly_surfaced' } as never, { receipt }),
    ).toMatchObject({ kind: 'shown', complete: false });
  });
});

describe('outcomes that show nothing, for every kind', () => {
  it.each(kinds)('%s', (kind) => {
    const of = (outcome: DeliveryOutcome, given: Given = {}) =>
      settled(outcome, { kind, ...given });
    const unseen = (reason: 'no_audience' | 'unsupported' | 'suppressed'): DeliveryOutcome => ({
      kind: 'not_surfaced',
      reason,
      ...at,
    });
    expect(of(unseen('no_audience'))).toEqual({ kind: 'unseen' });
    expect(of(unseen('unsupported'))).toMatchObject({ kind: 'exhausted' });
    expect(of(unseen('suppressed'))).toMatchObject({ kind: 'exhausted' });
    expect(of(deferred('unauthorized'))).toEqual({ kind: 'unauthorized', cause: 'because' });
    expect(of(deferred('unavailable'))).toMatchObject({
      kind: 'retry',
      counts: true,
      paused: false,
    });
    expect(of(deferred('not_connected'))).toMatchObject({ kind: 'retry', counts: false });
    const to = { adapter: 'fake', account: 'bot', conversation: 'c2' };
    expect(of({ kind: 'redirected', to, ...at })).toEqual({ kind: 'moved', to });
    expect(of(rejected())).toEqual({ kind: 'exhausted', reason: 'blocked 403: because' });
    expect(of(unknown())).toMatchObject({ kind: 'unknown', cause: 'written: because' });
    expect(of(unknown(), { act: 'edit' })).toMatchObject({ kind: 'retry', counts: true });
  });

  it('a receipt that its task has moved past is superseded by all of them', () => {
    const to = { adapter: 'fake', account: 'bot', conversation: 'c2' };
    for (const outcome of [
      { kind: 'not_surfaced', reason: 'no_audience', ...at } as const,
      { kind: 'redirected', to, ...at } as const,
      deferred('unavailable'),
      rejected(),
      rejected({ repair: 'plain' }),
      shown('transient'),
    ])
      expect(settled(outcome, { kind: 'ack', passed: true })).toEqual({
        kind: 'superseded',
        by: 'passed',
      });
    expect(settled(unknown(), { kind: 'progress', act: 'edit', passed: true }).kind).toBe(
      'superseded',
    );
    // Shown is shown: its message must be finished.
    expect(settled(shown('durable'), { kind: 'ack', passed: true }).kind).toBe('shown');
    expect(settled(unknown(), { kind: 'ack', passed: true }).kind).toBe('unknown');
  });

  it('nobody there, on a platform that cannot say when somebody comes, is tried again', () => {
    const always = { ...capabilities, audience: 'always' } as const;
    const outcome = { kind: 'not_surfaced', reason: 'no_audience', ...at } as const;
    expect(settled(outcome, { capabilities: always })).toMatchObject({
      kind: 'retry',
      counts: true,
    });
  });
});

describe('waiting', () => {
  it('what the platform asks for is kept, and a little is added', () => {
    const settlement = settled(deferred('rate_limited', { retryAfterMs: 30_000 }));
    expect(settlement).toMatchObject({
      kind: 'retry',
      counts: false,
      paused: true,
      scope: 'channel',
    });
    const { dueAtMs } = settlement as { dueAtMs: number };
    expect(dueAtMs).toBeGreaterThanOrEqual(now + 30_000);
    expect(dueAtMs).toBeLessThanOrEqual(now + 30_000 + limit.retryJitterMs);
    expect(settled(deferred('rate_limited', { retryAfterMs: 5, scope: 'account' }))).toMatchObject({
      scope: 'account',
    });
    expect(settled(deferred('rate_limited', { retryAfterMs: 5, scope: 'part' }))).toMatchObject({
      scope: 'channel',
    });
  });

  it('a rate limit without a time backs off, longer each time', () => {
    const due = (attempts: number): number => {
      const receipt = { attempts };
      const settlement = settled(deferred('rate_limited'), { receipt, chance: 0.999 });
      return (settlement as { dueAtMs: number }).dueAtMs - now;
    };
    expect(due(1)).toBeGreaterThan(400);
    expect(due(5)).toBeGreaterThan(7_000);
    expect(due(50)).toBeGreaterThan(50_000);
    expect(due(50)).toBeLessThanOrEqual(60_000);
  });

  it('a refused connection backs off although it costs no attempt', () => {
    const settlement = settled(deferred('not_connected'), {
      receipt: { attempts: 9 },
      chance: 0.999,
    });
    expect(settlement).toMatchObject({ counts: false, paused: false });
    expect((settlement as { dueAtMs: number }).dueAtMs - now).toBeGreaterThan(50_000);
  });

  it('the last attempt is made when the receipt expires: not before and not never', () => {
    const receipt = { tries: 20, expiresAtMs: now + 3_000 };
    const settlement = settled(deferred('unavailable'), { receipt, chance: 0.999 });
    expect(settlement).toMatchObject({ kind: 'retry', dueAtMs: now + 3_000 });
    const last = settled(deferred('unavailable'), { receipt: { expiresAtMs: now } });
    expect(last).toEqual({ kind: 'exhausted', reason: 'expired after unavailable: because' });
    expect(settled(unknown(), { act: 'edit', receipt: { expiresAtMs: now } }).kind).toBe(
      'exhausted',
    );
  });
});

describe('a permanent answer', () => {
  it.each(['split', 'plain', 'drop_anchor', 'repost'] as const)('%s is tried once', (repair) => {
    expect(settled(rejected({ repair }))).toEqual({ kind: 'repair', repair, code: '403' });
    expect(settled(rejected({ repair }), { receipt: { repairs: [repair] } }).kind).toBe(
      'exhausted',
    );
    const other = repair === 'plain' ? 'split' : 'plain';
    expect(settled(rejected({ repair }), { receipt: { repairs: [other] } }).kind).toBe('repair');
  });

  it('is believed the second time where the platform may be wrong', () => {
    const outcome = rejected({ confirmAfterMs: 60_000 });
    expect(settled(outcome)).toEqual({
      kind: 'confirm',
      untilMs: now + 60_000,
      reason: 'blocked 403',
    });
    expect(settled(outcome, { confirmed: true }).kind).toBe('exhausted');
  });
});

describe('a terminal edit', () => {
  const edit = { act: 'edit', afterUnknownEdit: true } as const;
  it('after an edit of unknown outcome is made twice, and only the second settles', () => {
    expect(settled(shown('edited'), edit)).toEqual({
      kind: 'again',
      dueAtMs: now + sendClockDefaults.sendMs,
    });
    expect(settled(shown('edited'), { ...edit, receipt: { editedOnce: true } }).kind).toBe('shown');
  });
  it('otherwise once; so is a new message, and an edit of another kind', () => {
    expect(settled(shown('edited'), { act: 'edit' }).kind).toBe('shown');
    expect(settled(shown('durable'), { afterUnknownEdit: true }).kind).toBe('shown');
    expect(settled(shown('edited'), { ...edit, kind: 'progress' }).kind).toBe('shown');
  });
});

describe('after an unknown outcome', () => {
  const look = (
    policy: AdapterCapabilities['unknownPolicy'],
    kind: DeliveryKind = 'terminal',
    receipt: Partial<Receipt> = {},
  ) => ({
    receipt: receiptOf(kind, receipt),
    capabilities: { ...capabilities, unknownPolicy: policy },
    clocks: sendClockDefaults,
    passed: false,
    nowMs: now,
  });
  it('that is not there it is sent again at once', () => {
    expect(settleAbsent(look('hold'))).toMatchObject({
      kind: 'retry',
      dueAtMs: now,
      counts: false,
    });
    expect(settleAbsent({ ...look('hold'), passed: true }).kind).toBe('superseded');
    expect(settleAbsent(look('mark', 'terminal', { expiresAtMs: now })).kind).toBe('exhausted');
  });
  it.each([
    ['repeat', 'terminal', {}, false],
    ['repeat', 'terminal', { keyValidUntilMs: now + 1 }, false],
    ['repeat', 'terminal', { keyValidUntilMs: now }, true],
    ['repeat', 'ack', { keyValidUntilMs: now }, false],
    ['mark', 'terminal', {}, true],
    ['mark', 'question', {}, true],
    ['mark', 'ack', {}, false],
  ] as const)('the policy %s for a %s with %o marks it: %s', (policy, kind, receipt, marked) => {
    expect(settleUncertain(look(policy, kind, receipt), { cause: 'cannot tell' })).toMatchObject({
      kind: 'retry',
      repeats: true,
      marked,
    });
  });
  it('repeat: what the platform says of its key counts, where no outcome said it', () => {
    const said = (keyValidUntilMs: number) =>
      settleUncertain(look('repeat', 'terminal'), { cause: 'x', keyValidUntilMs });
    expect([said(now + 1), said(now)]).toMatchObject([{ marked: false }, { marked: true }]);
  });
  it('hold gives it up at once, on every route', () => {
    expect(settleUncertain(look('hold'), { cause: 'x' })).toMatchObject({
      kind: 'exhausted',
      held: true,
    });
  });
  it('whatever the policy, neither what passed nor what expired is sent again', () => {
    for (const policy of ['repeat', 'mark', 'hold'] as const) {
      expect(settleUncertain({ ...look(policy), passed: true }, { cause: 'x' }).kind).toBe(
        'superseded',
      );
      expect(
        settleUncertain(look(policy, 'terminal', { expiresAtMs: now }), { cause: 'x' }).kind,
      ).toBe('exhausted');
    }
  });
});

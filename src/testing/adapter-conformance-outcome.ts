import assert from 'node:assert/strict';
import type { DeliveryOutcome } from '../contracts/delivery.ts';
import {
  type AdapterBench,
  type AdapterCheck,
  asText,
  handleOf,
  isOpen,
  longMs,
  timesShown,
  wellFormed,
} from './adapter-conformance-kit.ts';
import { type FaultKind, faultKinds } from './adapter-conformance-subject.ts';

const sendMs = 10_000;

/** Sends directly into a fault, as the relay would: with a signal that aborts. */
async function meet(
  bench: AdapterBench,
  kind: FaultKind,
): Promise<{ outcome: DeliveryOutcome; retryAfterMs: number | undefined; shown: string[] }> {
  const channel = await bench.enter();
  const { retryAfterMs } = bench.platform.fault(kind, channel);
  const late = new AbortController();
  void bench.runtime.sleep(sendMs).then(() => late.abort());
  const { delivery, attempt } = bench.compose(channel, { text: 'hello', signal: late.signal });
  const answer = bench.adapter.deliver(delivery, attempt);
  answer.catch(() => undefined);
  const limitMs = sendMs + 5_000;
  const outcome = await bench
    .within(answer, limitMs, `deliver (${kind})`)
    .catch((error: unknown) => {
      assert.fail(`deliver threw for what the platform did (${kind}): ${error}`);
    });
  return { outcome: wellFormed(outcome), retryAfterMs, shown: bench.texts(channel) };
}

type Judge = (
  outcome: DeliveryOutcome,
  met: { bench: AdapterBench; retryAfterMs: number | undefined },
) => boolean;

const open: Judge = (outcome, { bench }) => isOpen(outcome, bench.adapter);
const rejects =
  (...reasons: string[]): Judge =>
  (outcome) =>
    outcome.kind === 'rejected' && reasons.includes(outcome.reason) && outcome.code !== '';

const allowed: Readonly<Record<FaultKind, { is: string; judge: Judge }>> = {
  refused: {
    is: 'deferred: nothing left',
    judge: (outcome) =>
      outcome.kind === 'deferred' && ['not_connected', 'unavailable'].includes(outcome.reason),
  },
  reset_before: { is: 'unknown', judge: open },
  applied_then_reset: { is: 'unknown', judge: open },
  hang: { is: 'unknown', judge: open },
  server_error: { is: 'unknown', judge: open },
  rate_limited: {
    is: 'deferred by at least what the platform asked for, with its scope',
    judge: (outcome, { retryAfterMs = 0 }) =>
      outcome.kind === 'deferred' &&
      outcome.reason === 'rate_limited' &&
      outcome.retryAfterMs !== undefined &&
      outcome.retryAfterMs >= retryAfterMs,
  },
  unauthorized: {
    is: 'deferred for the whole account',
    judge: (outcome) =>
      outcome.kind === 'deferred' &&
      outcome.reason === 'unauthorized' &&
      outcome.scope === 'account',
  },
  blocked: { is: 'rejected with a code', judge: rejects('blocked', 'forbidden') },
  gone: { is: 'rejected as gone, with a code', judge: rejects('gone') },
  invalid: { is: 'rejected as invalid, with a code', judge: rejects('invalid') },
};

/** After these the same text gets through by itself. */
const passing: readonly FaultKind[] = ['refused', 'reset_before', 'server_error', 'rate_limited'];

export function outcomeChecks(check: AdapterCheck): void {
  check('success has the handle of what is seen', [], async (bench) => {
    const channel = await bench.enter();
    const outcome = wellFormed(await bench.deliver(channel, { text: 'hello' }));
    assert.ok(outcome.kind === 'surfaced', `not shown: ${asText(outcome)}`);
    assert.equal(outcome.surface, 'durable');
    const seen = bench.platform.shown(channel).map(({ handle, text }) => ({ handle, text }));
    assert.deepEqual(seen, [{ handle: outcome.handle, text: 'hello' }]);
  });

  check('two messages have two handles', [], async (bench) => {
    const channel = await bench.enter();
    const one = handleOf(await bench.deliver(channel));
    const two = handleOf(await bench.deliver(channel));
    assert.notEqual(one, two);
  });

  for (const kind of faultKinds) {
    const { is, judge } = allowed[kind];
    check(`"${kind}" is ${is}`, [kind], async (bench) => {
      const { outcome, retryAfterMs, shown } = await meet(bench, kind);
      assert.ok(judge(outcome, { bench, retryAfterMs }), `answered ${asText(outcome)}`);
      if (outcome.kind === 'deferred' || outcome.kind === 'rejected') assert.deepEqual(shown, []);
    });
    check(`"${kind}" tells no secret`, [kind], async (bench) => {
      const { outcome } = await meet(bench, kind);
      for (const secret of bench.platform.secrets)
        assert.ok(
          !`${asText(outcome)} ${bench.logs.join('\n')}`.includes(secret),
          'a secret is told',
        );
    });
  }
  for (const kind of passing) {
    check(`after "${kind}" the text gets through by itself`, [kind], async (bench) => {
      const channel = await bench.enter();
      const { retryAfterMs = 0 } = bench.platform.fault(kind, channel);
      await bench.notify(channel, 'through');
      if (kind === 'rate_limited' && retryAfterMs > 0) {
        const before = bench.platform.sends;
        await bench.advance(retryAfterMs - 1);
        assert.equal(bench.platform.sends, before, 'sent before the platform allowed it');
      }
      await bench.advance(longMs);
      assert.equal(timesShown(bench.texts(channel), 'through'), 1);
    });
  }
}

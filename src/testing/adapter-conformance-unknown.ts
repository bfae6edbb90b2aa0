import assert from 'node:assert/strict';
import type { ReconcileAnswer, ReconcileQuestion } from '../contracts/adapter.ts';
import type { ChannelRef } from '../contracts/id.ts';
import {
  type AdapterBench,
  type AdapterCheck,
  asText,
  handleOf,
  isOpen,
  longMs,
  timesShown,
} from './adapter-conformance-kit.ts';
import type { FaultKind } from './adapter-conformance-subject.ts';

const text = 'only once';

/** A send into a fault, then the question whether it is there. */
async function ask(
  bench: AdapterBench,
  channel: ChannelRef,
  kind: FaultKind | undefined,
): Promise<ReconcileAnswer> {
  const late = new AbortController();
  const { delivery, attempt } = bench.compose(channel, { text, signal: late.signal });
  const sentAtMs = bench.runtime.wallMs();
  let handle: string | undefined;
  if (kind !== undefined) {
    bench.platform.fault(kind, channel);
    void bench.runtime.sleep(10_000).then(() => late.abort());
    const outcome = await bench.within(bench.adapter.deliver(delivery, attempt), longMs, 'deliver');
    assert.ok(isOpen(outcome, bench.adapter), `not open: ${asText(outcome)}`);
    if ('handle' in outcome) handle = outcome.handle;
  }
  // A platform that knows a key again is asked when it does so no more: until then sending again is the better question.
  const knowsAgain = bench.adapter.capabilities.unknownPolicy === 'repeat';
  await bench.advance(knowsAgain ? longMs : 60_000);
  const question: ReconcileQuestion = {
    receiptId: delivery.receiptId,
    channel,
    key: attempt.key,
    part: 1,
    content: attempt.content,
    sentAtMs,
    ...(handle === undefined ? {} : { handle }),
    signal: new AbortController().signal,
  };
  assert.ok(bench.adapter.reconcile, 'no reconcile');
  return await bench.within(bench.adapter.reconcile(question), longMs, 'reconcile');
}

/** How often a text may be seen whose first send was lost after it was shown. */
async function judgeLost(bench: AdapterBench, channel: ChannelRef): Promise<void> {
  const { adapter } = bench;
  const seen = bench.texts(channel).filter((one) => one.includes(text));
  const { rows } = await bench.relay.receipts.list();
  const state = rows.at(-1)?.state;
  if (adapter.reconcile !== undefined || adapter.capabilities.unknownPolicy === 'repeat') {
    assert.deepEqual(seen, [text]);
    assert.equal(state, 'surfaced');
  } else if (adapter.capabilities.unknownPolicy === 'hold') {
    assert.deepEqual(seen, [text]);
    assert.equal(state, 'dead');
  } else {
    assert.equal(seen.length, 2, `seen ${asText(seen)}`);
    assert.notEqual(seen[1], text, 'the repetition does not say that it may be one');
    assert.equal(state, 'surfaced');
  }
}

export function unknownChecks(check: AdapterCheck): void {
  check(
    'shown and the answer lost: what is declared is what happens',
    ['applied_then_reset'],
    async (bench) => {
      const channel = await bench.enter();
      bench.platform.fault('applied_then_reset', channel);
      await bench.notify(channel, text);
      await bench.advance();
      await judgeLost(bench, channel);
    },
  );

  check('and nothing that follows overtakes it', ['applied_then_reset'], async (bench) => {
    const channel = await bench.enter();
    bench.platform.fault('applied_then_reset', channel);
    await bench.notify(channel, text);
    await bench.notify(channel, 'the next');
    await bench.advance(2 * longMs);
    assert.equal(bench.texts(channel).at(-1), 'the next');
    assert.equal(timesShown(bench.texts(channel), 'the next'), 1);
  });

  check('the same key again shows it once, as the same message', ['repeat'], async (bench) => {
    const channel = await bench.enter();
    const receiptId = bench.receiptId();
    const seq = 1_000;
    const first = handleOf(await bench.deliver(channel, { text, receiptId, seq }));
    const again = handleOf(await bench.deliver(channel, { text, receiptId, seq, n: 2 }));
    assert.equal(again, first);
    assert.equal(timesShown(bench.texts(channel), text), 1);
  });

  check(
    'reconcile finds what is shown, with its handle',
    ['reconcile', 'applied_then_reset'],
    async (bench) => {
      const channel = await bench.enter();
      const answer = await ask(bench, channel, 'applied_then_reset');
      const [seen] = bench.platform.shown(channel);
      assert.equal(seen?.text, text);
      assert.ok(answer.kind === 'shown', `answered ${asText(answer)}`);
      assert.equal(answer.handle, seen.handle);
    },
  );

  check(
    'reconcile says of a lost request what a person would',
    ['reconcile', 'reset_before'],
    async (bench) => {
      const channel = await bench.enter();
      const answer = await ask(bench, channel, 'reset_before');
      const isSeen = timesShown(bench.texts(channel), text) > 0;
      if (isSeen) assert.equal(answer.kind, 'shown');
      else assert.notEqual(answer.kind, 'shown');
    },
  );

  check('reconcile calls what was never sent absent', ['reconcile'], async (bench) => {
    const channel = await bench.enter();
    await bench.deliver(channel, { text: `${text} or not` });
    const answer = await ask(bench, channel, undefined);
    assert.equal(answer.kind, 'absent');
  });
}

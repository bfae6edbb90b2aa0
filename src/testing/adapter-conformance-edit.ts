import assert from 'node:assert/strict';
import {
  type AdapterBench,
  type AdapterCheck,
  asText,
  handleOf,
  wellFormed,
} from './adapter-conformance-kit.ts';

/** Shows the ack of a Task; answers how to end its work. */
export async function begin(
  bench: AdapterBench,
  name?: string,
): Promise<{
  channel: Awaited<ReturnType<AdapterBench['enter']>>;
  finish: (text: string) => void;
}> {
  const channel = await bench.enter(name);
  await bench.settle(bench.platform.say(channel, 'go'));
  await bench.advance(3_000);
  const call = bench.worker.calls.at(-1);
  assert.ok(call, 'what the person said started no work');
  assert.equal(bench.platform.shown(channel).length, 1, 'that it was taken on is not seen');
  return { channel, finish: (text) => void call.finish(text) };
}

export function editChecks(check: AdapterCheck): void {
  check('an edit changes the message that it names', ['edit'], async (bench) => {
    const channel = await bench.enter();
    const live = handleOf(await bench.deliver(channel, { text: 'first' }));
    await bench.deliver(channel, { text: 'another' });
    const outcome = wellFormed(
      await bench.deliver(channel, { kind: 'progress', text: 'changed', live }),
    );
    assert.ok(outcome.kind === 'surfaced', `answered ${asText(outcome)}`);
    assert.equal(outcome.handle, live);
    assert.equal(outcome.surface, 'edited');
    assert.deepEqual(bench.texts(channel), ['changed', 'another']);
  });

  check('the same edit twice does no harm', ['edit'], async (bench) => {
    const channel = await bench.enter();
    const live = handleOf(await bench.deliver(channel, { text: 'first' }));
    const receiptId = bench.receiptId();
    const edit = { kind: 'progress', text: 'changed', live, receiptId, seq: 2_000_000 } as const;
    assert.equal(handleOf(await bench.deliver(channel, edit)), live);
    assert.equal(handleOf(await bench.deliver(channel, { ...edit, n: 2 })), live);
    assert.deepEqual(bench.texts(channel), ['changed']);
  });

  check(
    'the edit of a message that is gone is told as that',
    ['edit', 'delete_ours'],
    async (bench) => {
      const channel = await bench.enter();
      const live = handleOf(await bench.deliver(channel, { text: 'first' }));
      await bench.settle(bench.platform.deleteOurs?.(channel, live) ?? Promise.resolve());
      const outcome = wellFormed(
        await bench.deliver(channel, { kind: 'progress', text: 'changed', live }),
      );
      assert.ok(outcome.kind === 'rejected', `answered ${asText(outcome)}`);
      assert.deepEqual([outcome.reason, outcome.repair], ['gone', 'repost']);
      assert.deepEqual(bench.texts(channel), []);
    },
  );

  check(
    'the answer is seen though its placeholder was deleted',
    ['edit', 'delete_ours'],
    async (bench) => {
      const { channel, finish } = await begin(bench);
      const [placeholder] = bench.platform.shown(channel);
      const handle = placeholder?.handle ?? '';
      await bench.settle(bench.platform.deleteOurs?.(channel, handle) ?? Promise.resolve());
      finish('the answer');
      await bench.advance();
      assert.deepEqual(bench.texts(channel), ['the answer']);
    },
  );

  check('an amend takes the buttons off', ['edit', 'press'], async (bench) => {
    const channel = await bench.enter();
    const live = handleOf(await bench.deliver(channel, { text: 'which?', buttons: ['a', 'b'] }));
    assert.deepEqual(bench.platform.shown(channel)[0]?.buttons, ['a', 'b']);
    const outcome = await bench.deliver(channel, { kind: 'amend', text: 'which? b', live });
    assert.equal(handleOf(outcome), live);
    const seen = bench.platform.shown(channel).map(({ text, buttons }) => ({ text, buttons }));
    assert.deepEqual(seen, [{ text: 'which? b', buttons: [] }]);
  });

  check('an amend makes no message, also where nothing can be edited', [], async (bench) => {
    const channel = await bench.enter();
    const live = handleOf(await bench.deliver(channel, { text: 'first' }));
    wellFormed(await bench.deliver(channel, { kind: 'amend', text: 'finished', live }));
    assert.equal(bench.platform.shown(channel).length, 1, 'the amend is a message of its own');
  });

  check('an answer comes where terminalAs says, and nothing stays at work', [], async (bench) => {
    const { channel, finish } = await begin(bench);
    const [placeholder] = bench.platform.shown(channel);
    finish('the answer');
    await bench.advance();
    const seen = bench.platform.shown(channel);
    const { terminalAs, editMs } = bench.adapter.capabilities;
    const answer = seen.at(-1);
    assert.equal(answer?.text, 'the answer');
    assert.equal(answer.handle === placeholder?.handle, terminalAs === 'edit' && editMs > 0);
    const left = seen.flatMap(({ buttons }) => buttons);
    if (editMs > 0) assert.deepEqual(left, [], 'a button of the work stays');
  });
}

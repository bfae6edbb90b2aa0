import assert from 'node:assert/strict';
import { begin } from './adapter-conformance-edit.ts';
import {
  type AdapterBench,
  type AdapterCheck,
  handleOf,
  timesShown,
} from './adapter-conformance-kit.ts';

const heard = (bench: AdapterBench): string[] =>
  bench.accepted.flatMap((inbound) => (inbound.kind === 'message' ? [inbound.text] : []));

export function restartChecks(check: AdapterCheck): void {
  check('a handle names its message after a restart', ['edit'], async (bench) => {
    const channel = await bench.enter();
    const live = handleOf(await bench.deliver(channel, { text: 'before' }));
    await bench.restart();
    assert.deepEqual(await bench.enter(), channel);
    const edited = await bench.deliver(channel, { kind: 'progress', text: 'after', live });
    assert.equal(handleOf(edited), live);
    assert.deepEqual(bench.texts(channel), ['after']);
  });

  check('what was seen before a crash is not seen again', [], async (bench) => {
    const channel = await bench.enter();
    for (const text of ['one', 'two', 'three']) await bench.notify(channel, text);
    await bench.advance();
    await bench.crash();
    assert.deepEqual(await bench.enter(), channel);
    await bench.notify(channel, 'four');
    await bench.advance();
    assert.deepEqual(bench.texts(channel), ['one', 'two', 'three', 'four']);
  });

  check('what waited at a crash is seen after it, in order', [], async (bench) => {
    const channel = await bench.enter();
    const said = ['one', 'two', 'three', 'four'];
    const notified = said.map((text) => bench.relay.notify({ channel, text, key: text }));
    await bench.settle(Promise.all(notified));
    await bench.crash();
    await bench.enter();
    await bench.advance();
    const seen = bench.texts(channel);
    // The one whose send was cut off may be there twice where the platform has no key.
    const firsts = said.map((text) => seen.findIndex((one) => one.includes(text)));
    assert.ok(!firsts.includes(-1), `seen ${seen.join(', ')}`);
    assert.deepEqual(
      firsts.toSorted((a, b) => a - b),
      firsts,
    );
    const isExact =
      bench.adapter.reconcile !== undefined ||
      bench.adapter.capabilities.unknownPolicy === 'repeat';
    for (const text of said)
      assert.ok(timesShown(seen, text) <= (isExact ? 1 : 2), `${text} is seen too often`);
  });

  check('a person is told in the same message what a crash ended', ['edit'], async (bench) => {
    const { channel } = await begin(bench);
    const [placeholder] = bench.platform.shown(channel);
    await bench.crash();
    await bench.enter();
    await bench.advance();
    const seen = bench.platform.shown(channel);
    const same = seen.find(({ handle }) => handle === placeholder?.handle);
    assert.ok(same, 'the placeholder is gone');
    assert.notEqual(same.text, placeholder?.text, 'it still says that work goes on');
    const isFirst = bench.adapter.capabilities.terminalAs === 'edit';
    assert.equal(isFirst, bench.sends.at(1)?.attempt.live === same.handle);
  });

  check('what comes again after a restart is stored once', ['redeliver'], async (bench) => {
    const channel = await bench.enter();
    const { id } = await bench.settle(bench.platform.say(channel, 'once'));
    await bench.advance(1_000);
    await bench.restart();
    await bench.enter();
    const again = await bench.settle(bench.platform.redeliver?.(channel, id) ?? assert.fail());
    await bench.advance(1_000);
    assert.equal(again.taken, true);
    assert.deepEqual(heard(bench), ['once']);
  });

  check('what was said meanwhile comes once and in order', ['missed'], async (bench) => {
    const channel = await bench.enter();
    await bench.settle(bench.platform.say(channel, 'before'));
    await bench.advance(1_000);
    await bench.stop();
    for (const text of ['away 1', 'away 2', 'away 3']) {
      const said = await bench.settle(bench.platform.say(channel, text));
      assert.equal(said.taken, false);
    }
    await bench.start();
    await bench.enter();
    await bench.advance(60_000);
    const all = ['before', 'away 1', 'away 2', 'away 3'];
    assert.deepEqual(heard(bench), all);
    await bench.restart();
    await bench.enter();
    await bench.advance(60_000);
    assert.deepEqual(heard(bench), all);
  });
}

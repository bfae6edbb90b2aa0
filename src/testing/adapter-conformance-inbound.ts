import assert from 'node:assert/strict';
import type { ChannelRef } from '../contracts/id.ts';
import { Inbound } from '../contracts/inbound.ts';
import { type AdapterBench, type AdapterCheck, handleOf } from './adapter-conformance-kit.ts';
import type { PlatformUnderTest, Said } from './adapter-conformance-subject.ts';

type Act = (platform: PlatformUnderTest, channel: ChannelRef) => Promise<Said>;

const text = 'of a person: 😀 é';

/** Lets a person act, and the platform's own way of bringing it in run to its end. */
async function act(bench: AdapterBench, channel: ChannelRef, what: Act): Promise<Said> {
  const said = await bench.settle(what(bench.platform, channel));
  await bench.advance(1_000);
  return said;
}

function newest(bench: AdapterBench, kind: Inbound['kind']): Inbound {
  const inbound = bench.accepted.at(-1);
  assert.equal(inbound?.kind, kind, `a ${kind} did not come in`);
  return Inbound.parse(inbound);
}

export function inboundChecks(check: AdapterCheck): void {
  check('a message comes in whole, from its conversation', [], async (bench) => {
    const channel = await bench.enter();
    const said = await act(bench, channel, (platform) => platform.say(channel, text));
    assert.equal(said.taken, true);
    const inbound = newest(bench, 'message');
    assert.equal(inbound.kind === 'message' && inbound.text, text);
    assert.deepEqual(inbound.channel, channel);
    assert.equal(bench.accepted.length, 1);
  });

  check('the same words twice are two messages', [], async (bench) => {
    const channel = await bench.enter();
    await act(bench, channel, (platform) => platform.say(channel, text));
    await act(bench, channel, (platform) => platform.say(channel, text));
    assert.equal(bench.accepted.length, 2);
  });

  check('two people are two', [], async (bench) => {
    const [ada, bob] = [await bench.enter('ada'), await bench.enter('bob')];
    await act(bench, ada, (platform) => platform.say(ada, text));
    await act(bench, bob, (platform) => platform.say(bob, text));
    const people = new Set(bench.accepted.map(({ person }) => person.id));
    assert.equal(people.size, 2);
    assert.deepEqual(
      bench.accepted.map(({ channel }) => channel),
      [ada, bob],
    );
  });

  check('what the platform brings twice is stored once', ['redeliver'], async (bench) => {
    const channel = await bench.enter();
    const { id } = await act(bench, channel, (platform) => platform.say(channel, text));
    const again = await act(
      bench,
      channel,
      (platform) => platform.redeliver?.(channel, id) ?? assert.fail(),
    );
    assert.equal(again.taken, true, 'a repetition is not told to be stored');
    assert.equal(bench.accepted.length, 1);
  });

  check('what could not be stored is not said to be', [], async (bench) => {
    const channel = await bench.enter();
    bench.refuses = true;
    const said = await act(bench, channel, (platform) => platform.say(channel, text));
    assert.equal(said.taken, false, 'the platform was told before it was stored');
    assert.deepEqual(bench.accepted, []);
  });

  check('and is stored when the platform brings it again', ['redeliver'], async (bench) => {
    const channel = await bench.enter();
    bench.refuses = true;
    const { id } = await act(bench, channel, (platform) => platform.say(channel, text));
    bench.refuses = false;
    const bring: Act = (platform) => platform.redeliver?.(channel, id) ?? assert.fail();
    const again = await act(bench, channel, bring);
    await bench.advance(60_000);
    assert.equal(bench.accepted.length, 1);
    // Who lets time pass between two tries takes it then; that it is told shows at the next time.
    const { taken } = again.taken ? again : await act(bench, channel, bring);
    assert.equal(taken, true, 'it is stored and not told to be');
    assert.equal(bench.accepted.length, 1);
  });

  check('a press names its button', ['press'], async (bench) => {
    const channel = await bench.enter();
    handleOf(await bench.deliver(channel, { text: 'which?', buttons: ['choice:a', 'choice:b'] }));
    const said = await act(
      bench,
      channel,
      (platform) => platform.press?.(channel, 'choice:b') ?? assert.fail(),
    );
    assert.equal(said.taken, true);
    const inbound = newest(bench, 'press');
    assert.equal(inbound.kind === 'press' && inbound.button, 'choice:b');
    assert.deepEqual(inbound.channel, channel);
  });

  check('a press that could not be stored is not said to be', ['press'], async (bench) => {
    const channel = await bench.enter();
    handleOf(await bench.deliver(channel, { text: 'which?', buttons: ['choice:a'] }));
    bench.refuses = true;
    const said = await act(
      bench,
      channel,
      (platform) => platform.press?.(channel, 'choice:a') ?? assert.fail(),
    );
    assert.equal(said.taken, false);
    assert.deepEqual(bench.accepted, []);
  });

  check('an edited message names the message and its new words', ['edited'], async (bench) => {
    const channel = await bench.enter();
    const { id } = await act(bench, channel, (platform) => platform.say(channel, text));
    await act(
      bench,
      channel,
      (platform) => platform.edit?.(channel, id, 'new words') ?? assert.fail(),
    );
    const inbound = newest(bench, 'edited');
    assert.ok(inbound.kind === 'edited');
    assert.equal(inbound.messageId, bench.accepted[0]?.id);
    assert.equal(inbound.text, 'new words');
  });

  check('a deleted message is named', ['deleted'], async (bench) => {
    const channel = await bench.enter();
    const { id } = await act(bench, channel, (platform) => platform.say(channel, text));
    await act(bench, channel, (platform) => platform.remove?.(channel, id) ?? assert.fail());
    const inbound = newest(bench, 'deleted');
    assert.equal(inbound.kind === 'deleted' && inbound.messageId, bench.accepted[0]?.id);
  });
}

import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { redirected, unavailable } from '../support/outcome.ts';

const tell = (h: Harness, text: string, conversation = 'c1') =>
  h.settle(h.relay.notify({ channel: h.platform.channel(conversation), text, key: text }));

/** The old address answers where the conversation is now. */
const movedTo =
  (to: string, from = 'c1'): NonNullable<FakePlatform['decide']> =>
  ({ delivery }) =>
    delivery.channel.conversation === from ? redirected(to) : undefined;

describe('a conversation that moved', () => {
  it('to a new address: key and order stay, both addresses lead to it, at once', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    platform.decide = movedTo('new');
    await tell(h, 'one');
    await tell(h, 'two');
    expect(platform.texts('new')).toEqual(['one', 'two']);
    await tell(h, 'three', 'new');
    await tell(h, 'four');
    expect(platform.texts('new')).toEqual(['one', 'two', 'three', 'four']);
    expect(platform.sent).toHaveLength(5);
    expect(new Set((await h.receipts()).map(({ channel }) => channel))).toEqual(
      new Set(['fake/bot/c1']),
    );
    expect((await h.receipts()).map(({ seq }) => seq)).toEqual([2, 4, 6, 8]);
    expect(await h.events('channel.moved')).toEqual([{ from: 'fake/bot/c1', to: 'fake/bot/new' }]);
    expect(h.errors).toEqual([]);
  });

  it('the session goes on there: its next task knows what was said before', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await h.say('first');
    (await h.worker.next()).finish('one');
    await h.advance(100);
    platform.decide = movedTo('new');
    await tell(h, 'moved');
    await h.say('second', { conversation: 'new' });
    const call = await h.worker.next();
    expect(call.spec.transcript.map((item) => 'text' in item && item.text)).toEqual([
      'first',
      'one',
    ]);
    call.finish('two');
    await h.advance(100);
    expect(platform.texts('new')).toContain('two');
    expect(h.errors).toEqual([]);
  });

  it('handles from before are forgotten: nothing is edited, the end is a new message', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.decide = movedTo('new');
    call.finish('done');
    await h.advance(100);
    expect(platform.sent.at(-1)?.attempt.live).toBeUndefined();
    expect(platform.texts('new')).toEqual(['done']);
    expect(h.errors).toEqual([]);
  });

  it('an amend of a message from before is dropped, and holds nobody up', async () => {
    const platform = new FakePlatform({ capabilities: { terminalAs: 'new' } });
    const h = await startHarness({ platform });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.decide = movedTo('new');
    call.finish('done');
    await h.advance(100);
    await tell(h, 'next');
    await h.advance(30_000);
    expect(platform.texts('new')).toEqual(['done', 'next']);
    const amend = (await h.receipts()).find(({ kind }) => kind === 'amend');
    expect(amend?.state).toBe('superseded');
    expect(h.errors).toEqual([]);
  });

  it.each(Array.from({ length: 12 }, (_, turns) => turns))(
    'what is said %i turns after such an amend was dropped is not overlooked',
    async (turns) => {
      const platform = new FakePlatform({ capabilities: { terminalAs: 'new' } });
      const h = await startHarness({ platform });
      await h.say('go');
      const call = await h.worker.next();
      await h.advance(2_000);
      platform.decide = movedTo('new');
      const sayLater = async (): Promise<void> => {
        for (let n = 0; n < turns; n += 1) await Promise.resolve();
        await h.relay.notify({ channel: platform.channel(), text: 'next', key: 'next' });
      };
      let said: Promise<void> | undefined;
      h.relay.on('receipt.superseded', ({ kind }) => {
        if (kind === 'amend') said = sayLater();
      });
      call.finish('done');
      await h.advance(10);
      await said;
      expect(platform.texts('new')).toEqual(['done', 'next']);
      expect(h.errors).toEqual([]);
    },
  );

  it('parts shown before the move are not sent again', async () => {
    const platform = new FakePlatform({ capabilities: { lengthMax: 40 } });
    const h = await startHarness({ platform });
    platform.decide = ({ attempt, delivery }) =>
      attempt.part > 1 && delivery.channel.conversation === 'c1' ? redirected('new') : undefined;
    await tell(h, Array.from({ length: 14 }, (_, n) => `word${n}`).join(' '));
    await h.advance(100);
    expect(platform.texts('c1')).toHaveLength(1);
    expect(platform.texts('new').join(' ')).not.toContain('word0 ');
    expect(platform.texts('new').join(' ')).toContain('word13');
    expect(h.errors).toEqual([]);
  });

  it('to an address that has a row: what is open there follows behind, in order', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    platform.decide = () => unavailable;
    await tell(h, 'old one');
    await tell(h, 'old two');
    await h.advance(1_000);
    await tell(h, 'new one', 'new');
    await tell(h, 'new two', 'new');
    let moved = false;
    platform.decide = ({ delivery }) => {
      if (delivery.channel.conversation === 'new') return moved ? undefined : unavailable;
      moved = true;
      return redirected('new');
    };
    await h.advance(10_000);
    expect(platform.texts('new')).toEqual(['old one', 'old two', 'new one', 'new two']);
    expect(platform.texts('c1')).toEqual([]);
    expect(new Set((await h.receipts()).map(({ channel }) => channel))).toEqual(
      new Set(['fake/bot/c1']),
    );
    await tell(h, 'later', 'new');
    expect(platform.texts('new').at(-1)).toBe('later');
    expect(h.errors).toEqual([]);
  });

  it('the older row stays also when the younger one was sending', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await tell(h, 'there', 'new');
    await h.advance(1_000);
    platform.decide = movedTo('new');
    await tell(h, 'one');
    await tell(h, 'two');
    await h.advance(1_000);
    expect(platform.texts('new')).toEqual(['there', 'one', 'two']);
    expect(new Set((await h.receipts()).map(({ channel }) => channel))).toEqual(
      new Set(['fake/bot/new']),
    );
    expect(h.errors).toEqual([]);
  });

  it('tasks of both go on and end where the conversation is now', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await h.say('a');
    const a = await h.worker.next();
    await h.say('b', { conversation: 'new' });
    const b = await h.worker.next();
    await h.advance(2_000);
    platform.decide = movedTo('new');
    a.finish('end a');
    await h.advance(1_000);
    b.finish('end b');
    await h.advance(1_000);
    const texts = platform.texts('new').join('\n');
    expect(texts).toContain('end a');
    expect(texts).toContain('end b');
    expect((await h.receipts()).filter(({ kind }) => kind === 'terminal')).toMatchObject([
      { state: 'surfaced' },
      { state: 'surfaced' },
    ]);
    expect(h.errors).toEqual([]);
  });
});

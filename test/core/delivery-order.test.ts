import { describe, expect, it } from 'vitest';
import { FakePlatform, type Scripted } from '../../src/testing/fake-platform.ts';
import fc from '../support/fast-check.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { deferred, lost, rateLimited, rejected, unavailable, unknown } from '../support/outcome.ts';

const tell = (h: Harness, text: string, conversation = 'c1') =>
  h.settle(h.relay.notify({ channel: h.platform.channel(conversation), text, key: text }));

describe('order within a channel', () => {
  /** Outcomes after which it is known, or can be asked, whether the part is shown. */
  const outcome: fc.Arbitrary<Scripted | undefined> = fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    fc.constantFrom<Scripted>(
      unavailable,
      deferred('not_connected'),
      rateLimited(700),
      rateLimited(400, 'account'),
      rejected({ repair: 'plain' }),
      unknown(),
      lost(),
      { kind: 'hang' },
      { kind: 'throw', error: new Error('adapter bug') },
    ),
  );

  it('whatever the platform answers: seen in order, nothing twice, the end once', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(outcome, { maxLength: 14 }), async (script) => {
        const platform = new FakePlatform({ reconcile: true, capabilities: { lengthMax: 40 } });
        const h = await startHarness({ platform });
        const left = [...script];
        platform.decide = () => left.shift();
        await h.say('go');
        const call = await h.worker.next();
        await h.advance(1_000);
        await tell(h, 'first of two notices, which is long enough for some parts');
        await h.advance(1_000);
        call.emit({ kind: 'progress', message: 'half' });
        await tell(h, 'second notice');
        await h.advance(1_000);
        call.finish('the end');
        await h.advance(100_000);
        await isInOrder(h);
        expect(h.errors).toEqual([]);
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  async function isInOrder(h: Harness): Promise<void> {
    const { shown } = h.platform;
    const keys = shown.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    const receipts = new Map(
      (await h.receipts()).map((receipt) => [receipt.id as string, receipt]),
    );
    const seqs = shown.map(({ receiptId, key }) => {
      const part = Number(key.split('.').at(-1));
      return (receipts.get(receiptId)?.seq ?? 0) * 100 + part;
    });
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    const ends = shown.flatMap(({ history }) => history).filter((text) => text.includes('the end'));
    // An edit of unknown outcome may be made again; the message is one.
    expect(shown.filter(({ text }) => text.includes('the end'))).toHaveLength(1);
    expect(ends.length).toBeGreaterThanOrEqual(1);
    const terminals = [...receipts.values()].filter(({ kind }) => kind === 'terminal');
    expect(terminals).toMatchObject([{ state: 'surfaced' }]);
  }

  it('one in flight: a slow send holds those behind it, not other channels', async () => {
    const h = await startHarness();
    let release = (): void => undefined;
    h.platform.scripted.push({
      kind: 'hold',
      until: new Promise<void>((resolve) => {
        release = resolve;
      }),
    });
    await tell(h, 'slow');
    await tell(h, 'behind');
    await tell(h, 'elsewhere', 'c2');
    expect(h.platform.texts()).toEqual([]);
    expect(h.platform.texts('c2')).toEqual(['elsewhere']);
    release();
    await h.advance(0);
    expect(h.platform.texts()).toEqual(['slow', 'behind']);
    expect(h.errors).toEqual([]);
  });

  it('what is opened while its channel is served is not forgotten', async () => {
    const h = await startHarness();
    const channel = h.platform.channel();
    const texts = Array.from({ length: 40 }, (_, n) => `n${n}`);
    await h.settle(Promise.all(texts.map((text) => h.relay.notify({ channel, text, key: text }))));
    expect(h.platform.texts()).toEqual(texts);
    expect(h.errors).toEqual([]);
  });
});

describe('order of the channels of one account', () => {
  const paced = () => new FakePlatform({ capabilities: { gapMs: { account: 1_000 } } });

  it('the more urgent first: an end before a question, an ack, a notice, progress', async () => {
    const platform = paced();
    const h = await startHarness({ platform, deadlines: { ackMs: 30_000 } });
    const calls = [];
    for (const conversation of ['end', 'question', 'progress']) {
      await h.say('go', { conversation });
      calls.push(await h.worker.next());
    }
    await h.advance(9_000);
    platform.scripted.push(rateLimited(5_000, 'account'));
    await tell(h, 'pause', 'pause');
    const before = platform.shown.length;
    calls[2]?.emit({ kind: 'progress', message: 'half' });
    await h.advance(10);
    await tell(h, 'hello', 'notice');
    void calls[1]?.ask({ kind: 'question', text: 'What?', options: [{ id: 'a', label: 'A' }] });
    await h.say('go', { conversation: 'ack' });
    await h.advance(2_000);
    calls[0]?.finish('done');
    const sent = platform.sent.length;
    await h.advance(30_000);
    expect(
      platform.sent
        .slice(sent)
        .map(({ delivery }) => delivery.kind)
        .slice(0, 6),
    ).toEqual(['terminal', 'question', 'ack', 'notice', 'notice', 'progress']);
    expect(before).toBe(3);
    expect(h.errors).toEqual([]);
  });

  it('a channel whose ack is late comes before all others', async () => {
    const platform = paced();
    const h = await startHarness({ platform });
    await h.say('go', { conversation: 'end' });
    const call = await h.worker.next();
    await h.advance(3_000);
    platform.scripted.push(rateLimited(20_000, 'account'));
    await tell(h, 'pause', 'pause');
    await h.say('go', { conversation: 'late' });
    await h.advance(6_000);
    call.finish('done');
    expect((await h.events('deadline.missed')).map(({ clock }) => clock)).toEqual(['ack']);
    const sent = platform.sent.length;
    await h.advance(20_000);
    expect(platform.sent.slice(sent).map(({ delivery }) => delivery.channel.conversation)).toEqual([
      'late',
      'end',
      'pause',
    ]);
    expect(h.errors).toEqual([]);
  });

  it('gaps of an account and of a channel are kept', async () => {
    const platform = new FakePlatform({
      capabilities: { gapMs: { account: 100, channel: 1_000 } },
    });
    const h = await startHarness({ platform });
    for (const text of ['a', 'b', 'c']) await tell(h, text);
    for (const text of ['d', 'e']) await tell(h, text, 'c2');
    await h.advance(10_000);
    const times = (conversation?: string): number[] =>
      platform.sent
        .filter(
          ({ delivery }) =>
            conversation === undefined || delivery.channel.conversation === conversation,
        )
        .map(({ atMs }) => atMs);
    const gaps = (at: readonly number[]) => at.slice(1).map((one, n) => one - (at[n] ?? 0));
    expect(Math.min(...gaps(times()))).toBeGreaterThanOrEqual(100);
    expect(Math.min(...gaps(times('c1')))).toBeGreaterThanOrEqual(1_000);
    expect(platform.texts()).toEqual(['a', 'b', 'c']);
    expect(platform.texts('c2')).toEqual(['d', 'e']);
    expect(h.errors).toEqual([]);
  });
});

describe('typing', () => {
  it('is shown while the work is open, never before it and never after its end', async () => {
    const h = await startHarness();
    const { platform } = h;
    await h.say('first');
    await h.say('second');
    const first = await h.worker.next();
    await h.advance(20_000);
    expect(platform.transients.map(({ kind }) => kind)).toEqual(['typing', 'typing', 'typing']);
    expect(new Set(platform.transients.map(({ taskId }) => taskId))).toEqual(
      new Set([first.task.id]),
    );
    first.finish('done');
    await h.advance(100);
    const second = await h.worker.next();
    second.ignoreAbort();
    await h.advance(10_000);
    const cancelled = h.relay.tasks.cancel(second.task.id);
    await h.advance(6_000);
    expect((await cancelled).kind).toBe('detached');
    const count = platform.transients.length;
    await h.advance(60_000);
    expect(platform.transients).toHaveLength(count);
    second.text('late');
    await h.advance(60_000);
    expect(platform.transients).toHaveLength(count);
    expect(h.errors).toEqual([]);
  });

  it('rests while a question waits for its answer, and goes on after it', async () => {
    const h = await startHarness();
    await h.say('go');
    const call = await h.worker.next();
    const reply = call.ask({ kind: 'question', text: 'Which one?', options: [] });
    await h.runtime.settle();
    const count = h.platform.transients.length;
    await h.advance(60_000);
    expect(h.platform.transients).toHaveLength(count);
    await h.say('this one');
    expect(await reply).toEqual({ outcome: 'answered', text: 'this one' });
    await h.advance(10_000);
    expect(h.platform.transients.length).toBeGreaterThan(count);
    expect(h.errors).toEqual([]);
  });

  it('is not shown on by a process that died', async () => {
    const h = await startHarness();
    await h.say('go');
    await h.worker.next();
    await h.advance(10_000);
    await h.crash(1_000);
    const count = h.platform.transients.length;
    await h.advance(60_000);
    expect(h.platform.transients).toHaveLength(count);
    expect(h.errors).toEqual([]);
  });
});

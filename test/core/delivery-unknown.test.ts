import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';
import { lost, unknown } from '../support/outcome.ts';

const say = { text: 'hello', key: 'k' };

async function notified(platform: FakePlatform) {
  const h = await startHarness({ platform });
  await h.settle(h.relay.notify({ ...say, channel: platform.channel() }));
  return h;
}

describe('an outcome that is unknown, where the platform cannot be asked', () => {
  it('repeat: is sent again with the same key, unmarked, while the key is known', async () => {
    const platform = new FakePlatform({ capabilities: { unknownPolicy: 'repeat' } });
    platform.scripted.push(unknown({ keyValidUntilMs: 4_000_000_000_000 }));
    const h = await notified(platform);
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['hello']);
    expect(platform.sent).toHaveLength(2);
    expect(platform.sent[1]?.attempt.key).toBe(platform.sent[0]?.attempt.key);
    expect(await h.events('receipt.repeated')).toMatchObject([{ marked: false }]);
    expect(h.errors).toEqual([]);
  });

  it('repeat: behind the window of the key it says that it may be a repetition', async () => {
    const platform = new FakePlatform({ capabilities: { unknownPolicy: 'repeat' } });
    platform.scripted.push(lost({ keyValidUntilMs: 1 }));
    const h = await notified(platform);
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['hello', 'This may be a repetition:\n\nhello']);
    expect(await h.events('receipt.repeated')).toMatchObject([{ marked: true }]);
    expect(h.errors).toEqual([]);
  });

  it.each([
    [1, true],
    [4_000_000_000_000, false],
    [Number.NaN, false],
  ])(
    'repeat: until %d the key is known, says who was asked: marked %s',
    async (keyValidUntilMs, marked) => {
      const capabilities = { unknownPolicy: 'repeat' } as const;
      const platform = new FakePlatform({ reconcile: true, capabilities });
      platform.scripted.push(lost());
      platform.reconcileAnswers = [{ kind: 'cannot_tell', cause: 'no history', keyValidUntilMs }];
      const h = await notified(platform);
      await h.advance(60_000);
      expect(platform.sent).toHaveLength(2);
      expect(await h.events('receipt.repeated')).toMatchObject([{ marked }]);
      expect(h.errors).toEqual([]);
    },
  );

  it('mark: is sent again and says so; an ack without it', async () => {
    const platform = new FakePlatform();
    platform.scripted.push(lost());
    const h = await notified(platform);
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['hello', 'This may be a repetition:\n\nhello']);
    platform.scripted.push(lost());
    await h.say('work', { conversation: 'c2' });
    await h.advance(3_000);
    expect(platform.texts('c2')).toEqual(['On it…', 'On it…']);
    expect(await h.events('receipt.repeated')).toMatchObject([{ marked: true }, { marked: false }]);
    expect(h.errors).toEqual([]);
  });

  it('hold: is dead at once with an incident, on no other route either', async () => {
    const platform = new FakePlatform({ capabilities: { unknownPolicy: 'hold' } });
    platform.scripted.push(lost());
    const h = await startHarness({
      platform,
      routes: () => [{ channel: platform.channel('dm'), private: true }],
    });
    await h.settle(h.relay.notify({ ...say, channel: platform.channel() }));
    await h.advance(60_000);
    expect(platform.texts()).toEqual(['hello']);
    expect(platform.texts('dm')).toEqual([]);
    expect(await h.receipts()).toMatchObject([{ state: 'dead' }]);
    expect((await h.relay.incidents.list({ open: true })).rows).toMatchObject([
      { kind: 'receipt_dead' },
    ]);
    expect(h.errors).toEqual([]);
  });

  it('a call that neither answers nor ends is unknown after sendMs, and its signal was aborted', async () => {
    const platform = new FakePlatform();
    platform.scripted.push({ kind: 'hang' });
    const h = await notified(platform);
    await h.advance(9_999);
    expect(platform.sent[0]?.attempt.signal.aborted).toBe(false);
    await h.advance(1_001);
    expect(platform.sent[0]?.attempt.signal.aborted).toBe(true);
    await h.advance(2_000);
    expect(platform.texts()).toEqual(['This may be a repetition:\n\nhello']);
    expect(await h.events('receipt.unknown')).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });
});

describe('reconciling', () => {
  const asking = (policy: 'repeat' | 'mark' | 'hold' = 'mark') =>
    new FakePlatform({ reconcile: true, capabilities: { unknownPolicy: policy } });

  it('shown: nothing is sent again, the handle is kept', async () => {
    const platform = asking();
    platform.scripted.push(lost());
    const h = await notified(platform);
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['hello']);
    expect(platform.sent).toHaveLength(1);
    expect(await h.receipts()).toMatchObject([{ state: 'surfaced', parts: [{ handle: 'm1' }] }]);
    expect(platform.asked).toMatchObject([{ part: 1, content: { text: 'hello' } }]);
    expect(h.errors).toEqual([]);
  });

  it('absent: is sent again at once, without a mark', async () => {
    const platform = asking('hold');
    platform.scripted.push(unknown());
    const h = await notified(platform);
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['hello']);
    expect(platform.sent).toHaveLength(2);
    expect(h.errors).toEqual([]);
  });

  it('cannot tell: the policy decides', async () => {
    const platform = asking('mark');
    platform.scripted.push(lost());
    platform.reconcileAnswers = [{ kind: 'cannot_tell', cause: 'no history' }];
    const h = await notified(platform);
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['hello', 'This may be a repetition:\n\nhello']);
    expect(h.errors).toEqual([]);
  });

  it.each([
    ['nothing', undefined],
    ['another kind', { kind: 'maybe' }],
    ['shown without a handle', { kind: 'shown', evidence: 'accepted' }],
  ])('%s is an answer that tells nothing', async (_, answer) => {
    const platform = asking('mark');
    platform.scripted.push(lost());
    const h = await startHarness({
      platform,
      adapters: () => [
        { ...platform.adapter(), reconcile: async () => answer as { kind: 'absent' } },
      ],
    });
    await h.settle(h.relay.notify({ ...say, channel: platform.channel() }));
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['hello', 'This may be a repetition:\n\nhello']);
    expect(h.errors).toEqual([]);
  });

  it('that hangs is given up after sendMs, and the policy decides', async () => {
    const platform = asking('mark');
    platform.scripted.push(unknown());
    const h = await startHarness({
      platform,
      adapters: () => [{ ...platform.adapter(), reconcile: () => new Promise(() => undefined) }],
    });
    await h.settle(h.relay.notify({ ...say, channel: platform.channel() }));
    await h.advance(13_000);
    expect(platform.texts()).toEqual(['This may be a repetition:\n\nhello']);
    expect(h.errors).toEqual([]);
  });

  it('an ack of unknown outcome is looked for before its task’s end makes it needless, and is finished', async () => {
    const platform = new FakePlatform({ reconcile: true, capabilities: { terminalAs: 'new' } });
    const h = await startHarness({ platform });
    await h.say('go');
    const call = await h.worker.next();
    platform.scripted.push(lost());
    await h.advance(1_500);
    call.finish('done');
    await h.advance(5_000);
    expect(platform.asked).toHaveLength(1);
    expect(platform.shown.map(({ kind }) => kind)).toEqual(['amend', 'terminal']);
    expect(platform.shown[0]?.buttons).toEqual([]);
    expect(h.errors).toEqual([]);
  });
});

describe('edits of unknown outcome', () => {
  it('are not reconciled but made again, with newer words', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.scripted.push(unknown());
    call.emit({ kind: 'progress', message: 'first' });
    await h.advance(1);
    call.emit({ kind: 'progress', message: 'second' });
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['second']);
    expect(platform.asked).toEqual([]);
    expect(h.errors).toEqual([]);
  });

  it('make the terminal edit happen twice, sendMs apart, and only the second settles', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.scripted.push(unknown());
    call.emit({ kind: 'progress', message: 'half' });
    await h.advance(0);
    call.finish('done');
    await h.advance(9_000);
    const terminals = () => platform.sent.filter(({ delivery }) => delivery.kind === 'terminal');
    expect(terminals()).toHaveLength(1);
    expect((await h.task(id)).contract.state).toBe('terminal_pending');
    // The late old edit arrives now.
    const [message] = platform.shown;
    if (message !== undefined) message.text = 'half';
    await h.advance(5_000);
    expect(terminals()).toHaveLength(2);
    expect((terminals()[1]?.atMs ?? 0) - (terminals()[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(
      10_000,
    );
    expect(platform.texts()).toEqual(['done']);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    await h.advance(60_000);
    expect(terminals()).toHaveLength(2);
    expect(h.errors).toEqual([]);
  });

  it('of a crash count the same', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.scripted.push({ kind: 'hang' });
    call.emit({ kind: 'progress', message: 'half' });
    await h.advance(0);
    await h.crash(1_000);
    await h.advance(20_000);
    const terminals = platform.sent.filter(({ delivery }) => delivery.kind === 'terminal');
    expect(terminals).toHaveLength(2);
    expect(h.errors).toEqual([]);
  });
});

describe('a receipt that kills its process', () => {
  it('also by being looked for: it is dead after three deaths', async () => {
    const platform = new FakePlatform({ reconcile: true });
    let asked = 0;
    const h = await startHarness({
      platform,
      adapters: () => [
        {
          ...platform.adapter(),
          reconcile: () => {
            asked += 1;
            return new Promise(() => undefined);
          },
        },
      ],
    });
    platform.scripted.push({ kind: 'hang' });
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'poison', key: 'a' }));
    for (let n = 0; n < 4; n += 1) {
      await h.crash(100);
      await h.advance(1_000);
    }
    await h.advance(60_000);
    expect(asked).toBe(2);
    expect(await h.receipts()).toMatchObject([{ state: 'dead' }]);
    expect((await h.relay.incidents.list({ open: true })).rows).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('is dead after three deaths in a row, with an incident, and the channel goes on', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    platform.decide = ({ delivery }) => (delivery.text === 'poison' ? { kind: 'hang' } : undefined);
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'poison', key: 'a' }));
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'food', key: 'b' }));
    for (let n = 0; n < 3; n += 1) {
      expect(platform.sent).toHaveLength(n + 1);
      await h.crash(100);
      await h.advance(1_000);
    }
    await h.advance(60_000);
    expect(platform.sent.filter(({ delivery }) => delivery.text === 'poison')).toHaveLength(3);
    expect(platform.texts()).toEqual(['food']);
    expect((await h.receipts()).map(({ state }) => state)).toEqual(['dead', 'surfaced']);
    expect((await h.relay.incidents.list({ open: true })).rows).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });
});

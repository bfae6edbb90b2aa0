import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { deferred, rateLimited, rejected, unauthorized, unavailable } from '../support/outcome.ts';

const tell = (h: Harness, text: string, conversation = 'c1') =>
  h.settle(h.relay.notify({ channel: h.platform.channel(conversation), text, key: text }));

describe('a rate limit', () => {
  it('of a channel: it waits as long as asked, others go on, no attempt is spent', async () => {
    const platform = new FakePlatform();
    platform.scripted.push(rateLimited(30_000));
    const h = await startHarness({ platform });
    await tell(h, 'one');
    await tell(h, 'two');
    await tell(h, 'other', 'c2');
    expect(platform.texts('c2')).toEqual(['other']);
    await h.advance(29_999);
    expect(platform.texts()).toEqual([]);
    expect((await h.receipts())[0]).toMatchObject({ tries: 0, attempts: 1 });
    await h.advance(300);
    expect(platform.texts()).toEqual(['one', 'two']);
    expect(h.errors).toEqual([]);
  });

  it('of a part of a message: that part waits, shown parts stay', async () => {
    const platform = new FakePlatform({ capabilities: { lengthMax: 40 } });
    const h = await startHarness({ platform });
    let once = false;
    platform.decide = ({ attempt }) => {
      if (attempt.part !== 2 || once) return undefined;
      once = true;
      return rateLimited(5_000, 'part');
    };
    await tell(h, Array.from({ length: 10 }, (_, n) => `word${n}`).join(' '));
    await h.advance(4_999);
    expect(platform.shown).toHaveLength(1);
    await h.advance(300);
    expect(platform.shown.length).toBeGreaterThan(1);
    expect(platform.sent.filter(({ attempt }) => attempt.part === 1)).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('is not cut short by what becomes ripe behind it', async () => {
    const platform = new FakePlatform();
    platform.scripted.push(rateLimited(20_000, 'part'));
    const h = await startHarness({ platform });
    await tell(h, 'one');
    await h.say('go');
    await h.worker.next();
    await h.advance(19_000);
    expect(platform.sent).toHaveLength(1);
    await h.advance(1_300);
    expect(platform.texts()).toEqual(['one', 'On it…']);
    expect(h.errors).toEqual([]);
  });

  it('of the account stops all its channels, and is not forgotten by a restart', async () => {
    const platform = new FakePlatform();
    platform.scripted.push(rateLimited(60_000, 'account'));
    const h = await startHarness({ platform });
    await tell(h, 'one');
    await tell(h, 'other', 'c2');
    await h.crash(1_000);
    await tell(h, 'third', 'c3');
    await h.advance(58_000);
    expect(platform.sent).toHaveLength(1);
    await h.advance(2_000);
    expect([platform.texts(), platform.texts('c2'), platform.texts('c3')]).toEqual([
      ['one'],
      ['other'],
      ['third'],
    ]);
    expect(await h.events('account.paused')).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('holds also for what comes after the one that met it', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await h.say('go');
    const call = await h.worker.next();
    platform.scripted.push(rateLimited(30_000));
    await h.advance(2_000);
    call.finish('done');
    await h.advance(28_000);
    expect(platform.sent).toHaveLength(1);
    await h.advance(2_000);
    expect(platform.texts()).toEqual(['done']);
    expect(h.errors).toEqual([]);
  });

  it('without a time is tried with growing distance, not in a loop', async () => {
    const platform = new FakePlatform();
    platform.decide = () => deferred('rate_limited');
    const h = await startHarness({ platform });
    await tell(h, 'one');
    await h.advance(3_600_000);
    expect(platform.sent.length).toBeGreaterThan(60);
    expect(platform.sent.length).toBeLessThan(400);
    expect(h.errors).toEqual([]);
  });

  it('an outage of an hour costs few calls, and ends soon after it', async () => {
    const platform = new FakePlatform();
    platform.decide = () => deferred('not_connected');
    const h = await startHarness({ platform });
    await tell(h, 'one');
    await h.advance(3_600_000);
    expect(platform.sent.length).toBeLessThan(400);
    platform.decide = undefined;
    await h.advance(60_000);
    expect(platform.texts()).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });
});

describe('parking', () => {
  it('after blockMs the others pass; it says that it is late and is tried on', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    platform.decide = ({ delivery }) => (delivery.text.includes('stuck') ? unavailable : undefined);
    await tell(h, 'stuck');
    await tell(h, 'next');
    await h.advance(599_000);
    expect(platform.texts()).toEqual([]);
    await h.advance(62_000);
    expect(platform.texts()).toEqual(['next']);
    expect(await h.events('receipt.parked')).toHaveLength(1);
    platform.decide = undefined;
    await h.advance(61_000);
    expect(platform.texts()).toEqual(['next', 'Late:\n\nstuck']);
    expect((await h.receipts())[0]).toMatchObject({ state: 'surfaced', marks: ['late'] });
    expect(h.errors).toEqual([]);
  });

  it('says so also when its outcome was unknown while it was parked', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    platform.decide = ({ delivery }) =>
      delivery.text.includes('stuck')
        ? { kind: 'unknown', atMs: 0, phase: 'written', cause: 'x' }
        : undefined;
    await tell(h, 'stuck');
    await tell(h, 'next');
    await h.advance(680_000);
    expect(platform.texts()).toEqual(['next']);
    platform.decide = undefined;
    await h.advance(121_000);
    expect(platform.texts()).toEqual(['next', 'Late:\n\nstuck']);
    expect(h.errors).toEqual([]);
  });

  it.each([
    ['a rate limit', rateLimited(1_800_000)],
    ['a pause of the account', rateLimited(1_800_000, 'account')],
  ])('%s does not count: order is kept', async (_, limited) => {
    const platform = new FakePlatform();
    platform.scripted.push(limited);
    const h = await startHarness({ platform });
    await tell(h, 'one');
    await tell(h, 'two');
    await h.advance(1_801_000);
    expect(platform.texts()).toEqual(['one', 'two']);
    expect(await h.events('receipt.parked')).toEqual([]);
    expect(h.errors).toEqual([]);
  });

  it('a pause of the account counts for no channel of it', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    platform.decide = ({ delivery }) => (delivery.text === 'one' ? unavailable : undefined);
    await tell(h, 'one');
    await tell(h, 'two');
    await h.advance(300_000);
    platform.decide = ({ delivery }) =>
      delivery.text === 'limit' ? rateLimited(1_800_000, 'account') : undefined;
    await tell(h, 'limit', 'c2');
    platform.decide = undefined;
    await h.advance(1_801_000);
    expect(platform.texts()).toEqual(['one', 'two']);
    expect(h.errors).toEqual([]);
  });
});

describe('an account without authorization', () => {
  it('is held with one incident, everything goes out in order when it is connected', async () => {
    const platform = new FakePlatform();
    platform.scripted.push(unauthorized);
    const h = await startHarness({ platform });
    await tell(h, 'one');
    await tell(h, 'two');
    await tell(h, 'other', 'c2');
    await h.advance(3_600_000);
    expect(platform.sent).toHaveLength(1);
    const open = (await h.relay.incidents.list({ open: true })).rows;
    expect(open).toMatchObject([{ kind: 'unauthorized', key: 'account:fake/bot' }]);
    platform.host.connection('bot', 'disconnected', 'gateway');
    await h.advance(60_000);
    expect(platform.sent).toHaveLength(1);
    platform.host.connection('bot', 'connected');
    await h.advance(100);
    expect(platform.texts()).toEqual(['one', 'two']);
    expect(platform.texts('c2')).toEqual(['other']);
    expect((await h.relay.incidents.list({ open: true })).rows).toEqual([]);
    expect(await h.events('receipt.parked')).toEqual([]);
    expect((await h.receipts())[0]?.tries).toBe(0);
    expect(h.errors).toEqual([]);
  });

  it('is still held after a restart', async () => {
    const platform = new FakePlatform();
    platform.scripted.push(unauthorized);
    const h = await startHarness({ platform });
    await tell(h, 'one');
    await h.crash(1_000);
    await h.advance(60_000);
    expect(platform.sent).toHaveLength(1);
    platform.host.connection('bot', 'connected');
    await h.advance(100);
    expect(platform.texts()).toEqual(['one']);
    expect(h.errors).toEqual([]);
  });
});

describe('an account that nothing comes in for', () => {
  it('is an incident with its remedy until it is connected; what goes out goes on', async () => {
    const h = await startHarness({});
    const { platform } = h;
    platform.host.connection('bot', 'misconfigured', 'two processes poll: stop one');
    platform.host.connection('bot', 'misconfigured', 'two processes poll: stop one');
    await tell(h, 'one');
    expect(platform.texts()).toEqual(['one']);
    expect((await h.relay.incidents.list({ open: true })).rows).toMatchObject([
      { kind: 'adapter', key: 'adapter:fake/bot', reason: 'two processes poll: stop one' },
    ]);
    platform.host.connection('bot', 'connected');
    await h.advance(100);
    expect((await h.relay.incidents.list({ open: true })).rows).toEqual([]);
    expect(h.errors).toEqual([]);
  });
});

describe('a permanent answer that may be wrong', () => {
  const wrong = rejected({ confirmAfterMs: 30_000 });

  it('pauses the channel, costs no attempt, and is forgotten when the address works', async () => {
    const platform = new FakePlatform();
    platform.scripted.push(wrong);
    const h = await startHarness({ platform });
    await tell(h, 'one');
    await tell(h, 'two');
    await h.crash(1_000);
    await h.advance(28_000);
    expect(platform.sent).toHaveLength(1);
    await h.advance(2_000);
    expect(platform.texts()).toEqual(['one', 'two']);
    expect(await h.events('channel.paused')).toHaveLength(1);
    expect((await h.receipts())[0]).toMatchObject({ tries: 0, state: 'surfaced' });
    platform.scripted.push(wrong);
    await tell(h, 'three');
    await h.advance(31_000);
    expect(platform.texts()).toEqual(['one', 'two', 'three']);
    expect(h.errors).toEqual([]);
  });

  it('given again after the pause it is believed, for every receipt of the channel', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    platform.decide = () => wrong;
    for (const text of ['one', 'two', 'three']) await tell(h, text);
    await h.advance(30_100);
    expect((await h.receipts()).map(({ state }) => state)).toEqual(['dead', 'dead', 'dead']);
    expect(platform.sent).toHaveLength(4);
    expect(h.errors).toEqual([]);
  });
});

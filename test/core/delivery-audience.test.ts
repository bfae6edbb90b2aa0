import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, type HarnessOptions, startHarness } from '../support/harness.ts';
import { noAudience } from '../support/outcome.ts';

const day = 86_400_000;
/** A day of a fake clock is many thousand rounds of the poll; no clock of a Task is longer but the one that is set here. */
const longMs = 120_000;
const reported = () =>
  new FakePlatform({
    capabilities: { audience: 'reported', presence: { ttlMs: 7_200_000, refreshMs: 3_600_000 } },
  });

async function started(options: HarnessOptions = {}) {
  const platform = options.platform ?? reported();
  const h = await startHarness({ ...options, platform });
  const present = (here: boolean, conversation = 'c1') =>
    h.settle(platform.host.audience(platform.channel(conversation), here));
  return { h, platform, present };
}
const incidents = async (h: Harness) => (await h.relay.incidents.list({ open: true })).rows;

describe('without an audience', () => {
  it('the silence clocks hold from the moment in which the last one leaves', async () => {
    const { h, present } = await started();
    await present(true);
    await h.say('go');
    await h.worker.next();
    await h.advance(2_000);
    await present(false);
    await h.advance(5 * 60_000);
    expect(await h.events('deadline.near')).toEqual([]);
    expect(await h.events('deadline.missed')).toEqual([]);
    expect(h.errors).toEqual([]);
  });

  it(
    'for a day nothing piles up and nothing is late; on return all is told in order',
    async () => {
      const deadlines = { terminalMs: 5 * day };
      const { h, platform, present } = await started({ deadlines });
      await present(true);
      const id = await h.say('go');
      const call = await h.worker.next();
      await h.advance(2_000);
      expect(platform.texts()).toEqual(['On it…']);
      await present(false);
      const rows = (await h.receipts()).length;
      for (let n = 0; n < 24; n += 1) {
        call.emit({ kind: 'progress', message: `step ${n}` });
        await h.advance(day / 24);
      }
      expect((await h.receipts()).length).toBe(rows);
      expect(platform.sent).toHaveLength(1);
      expect(await h.events('deadline.missed')).toEqual([]);
      expect(await h.events('deadline.near')).toEqual([]);
      expect(await incidents(h)).toEqual([]);
      expect((await h.task(id)).contract.state).toBe('acked');
      const health = await h.relay.health();
      expect(health.ok).toBe(true);
      await present(true);
      await h.advance(29_000);
      expect(await h.events('deadline.near')).toEqual([]);
      await h.advance(2_000);
      expect(platform.texts()[0]).toContain('Still working');
      call.finish('done');
      await h.advance(1_000);
      expect(platform.texts()).toEqual(['done']);
      expect(h.errors).toEqual([]);
    },
    longMs,
  );

  it('an ack waits, is not missed, and goes out at once when somebody comes', async () => {
    const { h, platform, present } = await started();
    await h.say('go');
    await h.worker.next();
    await h.advance(60_000);
    expect(platform.sent).toEqual([]);
    expect(await h.events('deadline.missed')).toEqual([]);
    await present(true);
    expect(platform.texts()).toEqual(['On it…']);
    expect(h.errors).toEqual([]);
  });

  it('what waits is no backlog but counted for itself', async () => {
    const { h, present } = await started();
    const channel = h.platform.channel();
    await h.settle(h.relay.notify({ channel, text: 'one', key: '1' }));
    await h.settle(h.relay.notify({ channel, text: 'two', key: '2' }));
    await h.advance(600_000);
    expect(await h.relay.health()).toMatchObject({ ok: true, figures: { receiptsUnseen: 2 } });
    await present(true);
    expect(h.platform.texts()).toEqual(['one', 'two']);
    expect((await h.relay.figures()).receiptsUnseen).toBe(0);
    expect(h.errors).toEqual([]);
  });

  it('answered by a send: no attempt is spent, the clocks hold, it waits for somebody', async () => {
    const { h, platform, present } = await started();
    await present(true);
    const id = await h.say('go');
    const call = await h.worker.next();
    platform.scripted.push(noAudience);
    await h.advance(2_000);
    expect(platform.sent).toHaveLength(1);
    expect((await h.receipts())[0]).toMatchObject({ state: 'pending', unseen: true, tries: 0 });
    await present(false);
    for (let n = 0; n < 10; n += 1) {
      call.emit({ kind: 'progress', message: `step ${n}` });
      await h.advance(60_000);
    }
    expect(platform.sent).toHaveLength(1);
    expect(await h.receipts()).toHaveLength(1);
    expect(await h.events('deadline.missed')).toEqual([]);
    expect((await h.task(id)).contract.state).toBe('created');
    await present(true);
    expect(platform.texts()).toEqual(['On it…']);
    expect(h.errors).toEqual([]);
  });

  it('a crash ends the audience of its process; the queued are not late meanwhile', async () => {
    const { h, platform, present } = await started();
    await present(true);
    await h.say('first');
    await h.say('second');
    await h.advance(2_000);
    await h.crash(60_000);
    await h.advance(3_600_000);
    const missed = (await h.events('deadline.missed')).map(({ clock }) => clock);
    expect(missed).not.toContain('progress');
    expect(missed).not.toContain('ack');
    await present(true);
    expect(platform.texts().join('\n')).toContain('Interrupted');
    expect(h.errors).toEqual([]);
  });

  it('on a platform that cannot tell when somebody comes, it is tried again and ends loudly', async () => {
    const platform = new FakePlatform();
    platform.decide = () => noAudience;
    const h = await startHarness({ platform, clocks: { expireMs: 3_600_000 } });
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'hello', key: 'k' }));
    await h.advance(3_700_000);
    expect(platform.sent.length).toBeLessThan(400);
    expect(await h.receipts()).toMatchObject([{ state: 'dead' }]);
    expect(await incidents(h)).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('the life of a receipt is counted while somebody is there', async () => {
    const { h, platform, present } = await started({ clocks: { expireMs: 3_600_000 } });
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'hello', key: 'k' }));
    await h.advance(4 * 3_600_000);
    platform.decide = () => ({
      kind: 'deferred',
      reason: 'unavailable',
      atMs: 0,
      cause: 'x',
    });
    await present(true);
    await h.advance(3_500_000);
    expect(await h.receipts()).toMatchObject([{ state: 'pending' }]);
    await h.advance(200_000);
    expect(await h.receipts()).toMatchObject([{ state: 'dead' }]);
    expect(h.errors).toEqual([]);
  });
});

describe('a terminal that nobody sees', () => {
  it('takes the next private route after terminalMs, and stays readable where it was asked', async () => {
    const web = reported();
    const mail = new FakePlatform({ name: 'mail' });
    const h = await startHarness({
      platform: web,
      adapters: () => [web.adapter(), mail.adapter()],
      routes: () => [
        { channel: mail.channel('list') },
        { channel: mail.channel('ada'), private: true },
      ],
    });
    await h.say('go', { private: true });
    (await h.worker.next()).finish('done');
    await h.advance(1_799_000);
    expect(mail.shown).toEqual([]);
    await h.advance(2_000);
    expect(mail.texts('list')).toEqual([]);
    expect(mail.texts('ada')).toEqual([expect.stringContaining('done')]);
    const history = await web.host.history(web.channel(), 0, 10);
    expect(history.items.at(-1)).toMatchObject({ kind: 'delivery', seen: true });
    expect(JSON.stringify(history.items)).toContain('done');
    await h.settle(web.host.audience(web.channel(), true));
    await h.advance(1_000);
    expect(web.shown.filter(({ kind }) => kind === 'terminal')).toEqual([]);
    expect(h.errors).toEqual([]);
  });

  it('without a route waits for unseenMs, then is dead: listed, without an incident', async () => {
    const { h } = await started({ clocks: { retainMs: 7_200_000 } });
    const id = await h.say('go');
    (await h.worker.next()).finish('done');
    await h.advance(7_200_000 - 60_000);
    const terminal = async () => (await h.receipts(id)).find(({ kind }) => kind === 'terminal');
    expect((await terminal())?.state).toBe('pending');
    await h.advance(120_000);
    expect(await terminal()).toMatchObject({ state: 'dead', reason: 'unseen' });
    expect(await incidents(h)).toEqual([]);
    expect((await h.relay.receipts.list({ state: 'dead' })).rows.length).toBeGreaterThan(0);
    expect(h.errors).toEqual([]);
  });

  it('a route that leads back to the same channel does not shorten its life', async () => {
    const platform = reported();
    const routes = () => [{ channel: platform.channel(), private: true }];
    const { h, present } = await started({ platform, routes });
    await h.say('go');
    (await h.worker.next()).finish('done');
    await h.advance(3_600_000);
    await present(true);
    expect(platform.texts()).toEqual(['done']);
    expect(h.errors).toEqual([]);
  });
});

describe('an audience that comes and goes', () => {
  it('sees everything once and in order', async () => {
    const { h, platform, present } = await started();
    for (let n = 0; n < 10; n += 1) {
      await present(n % 2 === 0);
      await h.settle(h.relay.notify({ channel: platform.channel(), text: `n${n}`, key: `${n}` }));
      if (n % 3 === 0) await present(true);
      if (n % 4 === 0) await present(true);
      await h.advance(700);
    }
    await present(true);
    await h.advance(1_000);
    expect(platform.texts()).toEqual(Array.from({ length: 10 }, (_, n) => `n${n}`));
    expect(h.errors).toEqual([]);
  });
});

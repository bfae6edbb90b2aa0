import { describe, expect, it } from 'vitest';
import type { Repair } from '../../src/contracts/delivery.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { rejected, unavailable, unsupported } from '../support/outcome.ts';

const incidents = async (h: Harness) => (await h.relay.incidents.list({ open: true })).rows;

describe('repairs', () => {
  it.each(['split', 'plain', 'drop_anchor', 'repost'] as const)(
    '%s is tried once, and told to the adapter',
    async (repair) => {
      const platform = new FakePlatform();
      const h = await startHarness({ platform });
      platform.decide = ({ attempt }) =>
        attempt.repairs.includes(repair) ? undefined : rejected({ repair });
      await h.say('go');
      (await h.worker.next()).finish('done');
      await h.advance(100);
      expect(platform.texts()).toEqual(['done']);
      expect(platform.sent.map(({ attempt }) => attempt.repairs)).toEqual([[], [repair]]);
      const anchors = platform.sent.map(({ delivery }) => delivery.anchor !== undefined);
      expect(anchors).toEqual([true, repair !== 'drop_anchor']);
      expect(h.errors).toEqual([]);
    },
  );

  it('each once, one after the other; then it is dead', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const all: Repair[] = ['split', 'plain', 'drop_anchor', 'repost'];
    platform.decide = ({ attempt }) =>
      rejected({ repair: all.find((one) => !attempt.repairs.includes(one)) ?? 'plain' });
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'hello', key: 'k' }));
    await h.advance(100);
    expect(platform.sent).toHaveLength(5);
    expect(await h.events('receipt.repaired')).toHaveLength(4);
    expect(await h.receipts()).toMatchObject([{ state: 'dead', repairs: all }]);
    expect(h.errors).toEqual([]);
  });

  it('repost: the message to edit is gone, a new one is made and edited from then on', async () => {
    const h = await startHarness();
    const { platform } = h;
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.shown.splice(0);
    call.emit({ kind: 'progress', message: 'half' });
    await h.advance(3_000);
    expect(platform.texts()).toEqual(['half']);
    expect((await h.task(id)).live?.handle).toBe('m2');
    call.finish('done');
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['done']);
    expect(h.errors).toEqual([]);
  });

  it('a live message too old to edit: the next one is new and becomes the live one', async () => {
    const platform = new FakePlatform({ capabilities: { editMs: 60_000 } });
    const h = await startHarness({ platform });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(100_000);
    expect(platform.shown.length).toBeGreaterThan(1);
    call.finish('done');
    await h.advance(1_000);
    expect(platform.texts().at(-1)).toBe('done');
    expect(platform.texts().filter((text) => text === 'done')).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });
});

describe('an amend', () => {
  async function withAmend(platform: FakePlatform) {
    const h = await startHarness({ platform });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    return { h, end: () => call.finish('done') };
  }
  const amends = async (h: Harness) => (await h.receipts()).filter(({ kind }) => kind === 'amend');

  it('that is refused is superseded without an incident', async () => {
    const platform = new FakePlatform({ capabilities: { terminalAs: 'new' } });
    const { h, end } = await withAmend(platform);
    platform.decide = ({ delivery }) => (delivery.kind === 'amend' ? rejected() : undefined);
    end();
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['On it…', 'done']);
    expect(await amends(h)).toMatchObject([{ state: 'superseded' }]);
    expect(await incidents(h)).toEqual([]);
    expect(h.errors).toEqual([]);
  });

  it('lives ten minutes, then it is superseded without an incident', async () => {
    const platform = new FakePlatform({ capabilities: { terminalAs: 'new' } });
    const { h, end } = await withAmend(platform);
    platform.decide = ({ delivery }) => (delivery.kind === 'amend' ? unavailable : undefined);
    end();
    await h.advance(599_000);
    expect(await amends(h)).toMatchObject([{ state: 'pending' }]);
    const before = platform.sent.length;
    await h.advance(2_000);
    expect(await amends(h)).toMatchObject([{ state: 'superseded' }]);
    expect(platform.sent.length - before).toBe(1);
    expect(await incidents(h)).toEqual([]);
    expect(h.errors).toEqual([]);
  });

  it('is made once for each message', async () => {
    const platform = new FakePlatform({ capabilities: { terminalAs: 'new' } });
    const { h, end } = await withAmend(platform);
    end();
    await h.advance(1_000);
    expect(await amends(h)).toHaveLength(1);
    expect(platform.shown[0]).toMatchObject({ kind: 'amend', buttons: [] });
    expect(h.errors).toEqual([]);
  });
});

describe('an ack and progress that cannot be shown', () => {
  it('change no state; one incident for the channel; no heartbeat until something surfaces', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    platform.decide = ({ delivery }) =>
      delivery.kind === 'ack' || delivery.kind === 'progress' ? unsupported : undefined;
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.advance(600_000);
    expect(platform.sent).toHaveLength(1);
    expect(await incidents(h)).toMatchObject([
      { kind: 'progress_dead', key: 'channel:fake/bot/c1' },
    ]);
    expect((await h.task(id)).state).toBe('running');
    call.finish('done');
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['done']);
    expect(await incidents(h)).toEqual([]);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect(h.errors).toEqual([]);
  });
});

describe('redrive', () => {
  async function dead(platform: FakePlatform) {
    const h = await startHarness({ platform });
    const id = await h.say('go');
    platform.decide = () => rejected();
    (await h.worker.next()).finish('done');
    await h.advance(1_000);
    const receipt = (await h.receipts(id)).find(({ kind }) => kind === 'terminal');
    if (receipt === undefined) throw new Error('no terminal');
    return { h, id, receipt };
  }

  it('tries a dead terminal again: its contract too, and it says that it is late', async () => {
    const platform = new FakePlatform();
    const { h, id, receipt } = await dead(platform);
    expect((await h.task(id)).contract.state).toBe('terminal_failed');
    expect((await h.relay.receipts.list({ state: 'dead' })).rows).toHaveLength(1);
    platform.decide = () => unavailable;
    await h.settle(h.relay.receipts.redrive(receipt.id, { by: 'op' }));
    expect((await h.task(id)).contract.state).toBe('terminal_pending');
    expect(await incidents(h)).toEqual([]);
    platform.decide = undefined;
    await h.advance(10_000);
    expect(platform.texts()).toEqual([expect.stringMatching(/^Late:[\s\S]*done$/)]);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect(await h.events('receipt.redriven')).toMatchObject([{ by: 'op' }]);
    expect(h.errors).toEqual([]);
  });

  it('shown parts stay shown', async () => {
    const platform = new FakePlatform({ capabilities: { lengthMax: 40 } });
    const h = await startHarness({ platform });
    platform.decide = ({ attempt }) => (attempt.part === 2 ? rejected() : undefined);
    const text = Array.from({ length: 14 }, (_, n) => `word${n}`).join(' ');
    await h.settle(h.relay.notify({ channel: platform.channel(), text, key: 'k' }));
    await h.advance(100);
    const [receipt] = await h.receipts();
    expect(receipt?.state).toBe('dead');
    platform.decide = undefined;
    await h.settle(h.relay.receipts.redrive(receipt?.id as never));
    await h.advance(1_000);
    const all = platform.texts().join(' ');
    for (let n = 0; n < 14; n += 1)
      expect(all.match(new RegExp(`word${n}\\b`, 'g'))).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('of one that is not dead is refused', async () => {
    const platform = new FakePlatform();
    const { h, receipt } = await dead(platform);
    platform.decide = undefined;
    await h.settle(h.relay.receipts.redrive(receipt.id));
    await h.advance(100);
    await expect(h.settle(h.relay.receipts.redrive(receipt.id))).rejects.toMatchObject({
      code: 'not_dead',
    });
    expect(h.errors).toEqual([]);
  });
});

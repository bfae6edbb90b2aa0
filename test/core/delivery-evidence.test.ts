import { describe, expect, it } from 'vitest';
import type { ReceiptId } from '../../src/contracts/id.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { lost, rejected, unavailable, unknown } from '../support/outcome.ts';

const strict = (reconcile = false) =>
  new FakePlatform({ reconcile, capabilities: { evidence: 'rendered', evidenceMs: 30_000 } });

async function notified(platform: FakePlatform, text = 'hello') {
  const h = await startHarness({ platform });
  await h.settle(h.relay.notify({ channel: platform.channel(), text, key: 'k' }));
  const receipt = await one(h);
  const seen = (what: { part?: number; handle?: string; evidence?: 'accepted' | 'rendered' }) =>
    h.settle(platform.host.evidence({ receiptId: receipt.id, evidence: 'rendered', ...what }));
  return { h, id: receipt.id, seen };
}

async function one(h: Harness) {
  const [receipt] = await h.receipts();
  if (receipt === undefined) throw new Error('no receipt');
  return receipt;
}

describe('evidence that is too weak', () => {
  it('is not surfaced; stronger evidence surfaces it and nothing is sent again', async () => {
    const platform = strict();
    const { h, seen } = await notified(platform);
    expect(await one(h)).toMatchObject({ state: 'unknown', parts: [{ handle: 'm1' }] });
    expect(await seen({ evidence: 'accepted' })).toBe('known');
    expect((await one(h)).state).toBe('unknown');
    expect(await seen({})).toBe('taken');
    expect((await one(h)).state).toBe('surfaced');
    await h.advance(120_000);
    expect(platform.sent).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('holds the line no longer than until evidence comes', async () => {
    const platform = strict();
    const { h, seen } = await notified(platform);
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'next', key: 'n' }));
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['hello']);
    await seen({});
    expect(platform.texts()).toEqual(['hello', 'next']);
    expect(h.errors).toEqual([]);
  });

  it('without more is reconciled after evidenceMs', async () => {
    const platform = strict(true);
    platform.reconcileAnswers = [{ kind: 'shown', handle: 'm1', evidence: 'rendered' }];
    const { h } = await notified(platform);
    await h.advance(29_000);
    expect(platform.asked).toEqual([]);
    await h.advance(2_000);
    expect(platform.asked).toMatchObject([{ handle: 'm1', part: 1 }]);
    expect((await one(h)).state).toBe('surfaced');
    expect(platform.sent).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('of an ack holds up no end: what the task has moved past is looked for at once', async () => {
    const platform = strict(true);
    const h = await startHarness({ platform });
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    call.finish('done');
    await h.advance(100);
    expect(platform.asked).toHaveLength(1);
    expect(platform.texts()).toEqual(['On it…', 'done']);
    const ack = (await h.receipts(id)).find(({ kind }) => kind === 'ack');
    expect(ack?.state).toBe('superseded');
    expect(h.errors).toEqual([]);
  });

  it('is any, when the platform says that it is not enough this once', async () => {
    const platform = new FakePlatform({ reconcile: true, capabilities: { evidenceMs: 30_000 } });
    platform.reconcileAnswers = [{ kind: 'absent' }];
    const shown = { kind: 'surfaced', atMs: 0, evidence: 'accepted', surface: 'durable' } as const;
    platform.scripted.push({ ...shown, handle: 'hidden', provisional: true });
    const { h, seen } = await notified(platform);
    expect(await one(h)).toMatchObject({ state: 'unknown', parts: [{ handle: 'hidden' }] });
    await h.advance(31_000);
    expect(platform.asked).toMatchObject([{ handle: 'hidden' }]);
    expect((await one(h)).state).toBe('surfaced');
    expect(platform.texts()).toEqual(['hello']);

    platform.scripted.push({ ...shown, handle: 'again', provisional: true });
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'two', key: 'k2' }));
    const [, second] = await h.receipts();
    expect(second?.state).toBe('unknown');
    expect(await seen({ evidence: 'rendered', receiptId: second?.id } as never)).toBe('taken');
    expect((await h.receipts())[1]?.state).toBe('surfaced');
    expect(h.errors).toEqual([]);
  });

  it('and so it holds up nobody: what stands behind it goes on at once', async () => {
    const platform = new FakePlatform({ reconcile: true, capabilities: { evidenceMs: 30_000 } });
    platform.reconcileAnswers = [{ kind: 'absent' }];
    const shown = { kind: 'surfaced', atMs: 0, evidence: 'accepted', surface: 'durable' } as const;
    platform.scripted.push({ ...shown, handle: 'hidden', provisional: true });
    const { h } = await notified(platform);
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'two', key: 'k2' }));
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['two']);
    await h.advance(31_000);
    expect(platform.texts()).toEqual(['two', 'hello']);
    expect(platform.sent).toHaveLength(3);
    expect((await h.receipts()).map(({ state }) => state)).toEqual(['surfaced', 'surfaced']);
    expect(h.errors).toEqual([]);
  });

  it('for ever ends with the life of the receipt, loudly', async () => {
    const platform = new FakePlatform({ reconcile: true, capabilities: { evidence: 'rendered' } });
    const h = await startHarness({ platform, clocks: { expireMs: 600_000 } });
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'hello', key: 'k' }));
    await h.advance(700_000);
    expect(await one(h)).toMatchObject({ state: 'dead' });
    expect((await h.relay.incidents.list({ open: true })).rows).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });
});

describe('evidence', () => {
  it('names a part, and only all parts together surface the receipt', async () => {
    const platform = new FakePlatform({ capabilities: { lengthMax: 40, evidence: 'rendered' } });
    const text = Array.from({ length: 14 }, (_, n) => `word${n}`).join(' ');
    const { h, seen } = await notified(platform, text);
    await h.advance(100);
    const count = (await one(h)).parts.length;
    expect(count).toBe(3);
    expect(platform.shown).toHaveLength(1);
    expect(await seen({})).toBe('unknown_receipt');
    expect(await seen({ part: 9 })).toBe('unknown_receipt');
    expect(await seen({ handle: 'm1' })).toBe('taken');
    expect(await seen({ part: 1 })).toBe('known');
    expect(platform.shown).toHaveLength(2);
    expect(await seen({ part: 3 })).toBe('taken');
    expect((await one(h)).state).not.toBe('surfaced');
    expect(await seen({ part: 2 })).toBe('taken');
    expect((await one(h)).state).toBe('surfaced');
    expect(h.errors).toEqual([]);
  });

  it('of a part lets the next one go at once', async () => {
    const platform = new FakePlatform({ capabilities: { lengthMax: 40, evidence: 'rendered' } });
    const text = Array.from({ length: 14 }, (_, n) => `word${n}`).join(' ');
    const { h, seen } = await notified(platform, text);
    for (const part of [1, 2, 3]) {
      expect(platform.shown).toHaveLength(part);
      await seen({ part });
    }
    expect((await one(h)).state).toBe('surfaced');
    expect(platform.shown).toHaveLength(3);
    expect(h.errors).toEqual([]);
  });

  it('of what was never sent, or is not there, is refused', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    platform.scripted.push({ kind: 'hold', until: new Promise(() => undefined) });
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'first', key: 'a' }));
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'second', key: 'b' }));
    const [, second] = await h.receipts();
    const none = '01890a5d-ac96-774b-bcce-b302099a8057' as ReceiptId;
    for (const receiptId of [second?.id ?? none, none])
      expect(await h.settle(platform.host.evidence({ receiptId, evidence: 'observed' }))).toBe(
        'unknown_receipt',
      );
    expect(h.errors).toEqual([]);
  });

  it('out of pending: a backoff is cut short, nothing is sent again', async () => {
    const platform = new FakePlatform();
    platform.decide = () => unavailable;
    const { h, seen } = await notified(platform);
    await h.advance(30_000);
    const sent = platform.sent.length;
    expect((await one(h)).state).toBe('pending');
    expect(await seen({ handle: 'm9' })).toBe('taken');
    expect(await seen({ handle: 'm9' })).toBe('known');
    await h.advance(120_000);
    expect(platform.sent).toHaveLength(sent);
    expect(await one(h)).toMatchObject({ state: 'surfaced', parts: [{ handle: 'm9' }] });
    expect(h.errors).toEqual([]);
  });

  it('out of claimed: faster than the answer, whose handle is kept', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const id = await h.say('go');
    const call = await h.worker.next();
    let release = (): void => undefined;
    platform.scripted.push({
      kind: 'hold',
      until: new Promise<void>((resolve) => (release = resolve)),
    });
    await h.advance(1_500);
    const ack = await one(h);
    expect(ack.state).toBe('claimed');
    await h.settle(platform.host.evidence({ receiptId: ack.id, evidence: 'observed' }));
    expect((await h.task(id)).contract.state).toBe('acked');
    release();
    await h.advance(0);
    expect((await h.task(id)).live?.handle).toBe('m1');
    call.finish('done');
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['done']);
    expect(h.errors).toEqual([]);
  });

  it('out of unknown', async () => {
    const platform = new FakePlatform();
    platform.decide = () => unknown();
    const { h, seen } = await notified(platform);
    await seen({});
    const sent = platform.sent.length;
    await h.advance(120_000);
    expect(platform.sent).toHaveLength(sent);
    expect((await one(h)).state).toBe('surfaced');
    expect(h.errors).toEqual([]);
  });

  it('out of superseded: the working message is found and finished', async () => {
    const platform = new FakePlatform({ capabilities: { terminalAs: 'new' } });
    const h = await startHarness({ platform });
    const id = await h.say('go');
    const call = await h.worker.next();
    platform.decide = ({ delivery }) => (delivery.kind === 'ack' ? lost() : undefined);
    await h.advance(1_500);
    call.finish('done');
    await h.advance(1_000);
    const ack = (await h.receipts(id)).find(({ kind }) => kind === 'ack');
    expect(ack?.state).toBe('superseded');
    const receiptId = ack?.id as ReceiptId;
    await h.settle(platform.host.evidence({ receiptId, handle: 'm1', evidence: 'observed' }));
    await h.advance(1_000);
    expect(platform.shown[0]).toMatchObject({ handle: 'm1', kind: 'amend', buttons: [] });
    expect(h.errors).toEqual([]);
  });

  it('out of superseded while the end still waits: the end takes its place, and nothing writes over the end', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const id = await h.say('go');
    const call = await h.worker.next();
    platform.decide = ({ delivery, atMs }) =>
      delivery.kind === 'ack'
        ? lost()
        : { kind: 'deferred', atMs, reason: 'not_connected', cause: 'down' };
    await h.advance(1_500);
    call.finish('done');
    await h.advance(1_000);
    const ack = (await h.receipts(id)).find(({ kind }) => kind === 'ack');
    const receiptId = ack?.id as ReceiptId;
    await h.settle(platform.host.evidence({ receiptId, handle: 'm1', evidence: 'observed' }));
    platform.decide = undefined;
    await h.advance(120_000);
    expect(platform.texts()).toEqual(['done']);
    expect((await h.receipts(id)).map(({ kind }) => kind)).toEqual(['ack', 'terminal']);
    expect(h.errors).toEqual([]);
  });

  it('out of dead: the contract of a terminal is acked after all, and its incident closes', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const id = await h.say('go');
    const call = await h.worker.next();
    platform.decide = () => rejected();
    call.finish('done');
    await h.advance(1_000);
    const dead = (await h.receipts(id)).find(({ kind }) => kind === 'terminal');
    expect(dead?.state).toBe('dead');
    expect((await h.task(id)).contract.state).toBe('terminal_failed');
    expect((await h.relay.incidents.list({ open: true })).rows).toHaveLength(1);
    const receiptId = dead?.id as ReceiptId;
    await h.settle(platform.host.evidence({ receiptId, evidence: 'observed' }));
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect((await h.relay.incidents.list({ open: true })).rows).toEqual([]);
    expect(h.errors).toEqual([]);
  });

  it('a press proves the question although its send was never answered', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.decide = ({ delivery }) =>
      delivery.kind === 'question' ? { kind: 'apply_and_hang' } : undefined;
    const reply = call.ask({
      kind: 'permission',
      text: 'May I?',
      options: [{ id: 'y', label: 'Yes' }],
    });
    await h.advance(100);
    await h.press('Yes');
    expect(await h.settle(reply)).toEqual({ outcome: 'selected', optionId: 'y' });
    const question = (await h.receipts(id)).find(({ kind }) => kind === 'question');
    expect(question).toMatchObject({ state: 'surfaced', parts: [{ evidence: 'answered' }] });
    expect(h.errors).toEqual([]);
  });
});

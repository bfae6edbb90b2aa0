import { describe, expect, it } from 'vitest';
import type { DeliveryOutcomeInput } from '../../src/contracts/delivery.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';
import { deferred, rejected, unavailable } from '../support/outcome.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const notConnected = deferred('not_connected');
const tell = (h: Harness, text: string, conversation?: string) =>
  h.settle(h.relay.notify({ channel: h.platform.channel(conversation), text, key: text }));

describe('F01 to F04: what was not sent yet when the process ended', () => {
  it('F01 a crash between the stored answer and its send: it is shown after the restart', async () => {
    const h = await startHarness();
    const id = await h.say('go');
    h.platform.decide = () => unavailable;
    (await h.worker.next()).finish('forty-two');
    await h.advance(0);
    expect(h.platform.shown).toEqual([]);
    await h.crash(minute);
    h.platform.decide = undefined;
    await h.advance(minute);
    expect(h.platform.texts().join()).toContain('forty-two');
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect(h.worker.calls).toHaveLength(1);
    await expectInvariants(h);
  });

  it('F02 what was queued goes out after the restart in its order; what is too old says that it is late, nothing is dropped', async () => {
    const h = await startHarness();
    h.platform.decide = () => notConnected;
    const texts = Array.from({ length: 20 }, (_, n) => `message ${n}`);
    for (const text of texts) await tell(h, text);
    await h.advance(1_000);
    h.platform.decide = undefined;
    await h.crash(hour);
    await h.advance(2 * minute);
    const said = h.platform.texts().map((text) => text.replace(/^Late:\s*/, ''));
    expect(said).toEqual(texts);
    expect(h.platform.texts()[0]).toMatch(/^Late:/);
    expect((await h.receipts()).every(({ state }) => state === 'surfaced')).toBe(true);
    await h.crash(minute);
    await h.advance(minute);
    expect(h.platform.shown).toHaveLength(20);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F02 what was said twice under one key before and after the restart is shown once', async () => {
    const h = await startHarness();
    h.platform.decide = () => notConnected;
    const before = await tell(h, 'once');
    await h.crash(minute);
    const after = await tell(h, 'once');
    expect(after).toEqual({ receiptId: before.receiptId, duplicate: true });
    h.platform.decide = undefined;
    await h.advance(2 * minute);
    expect(h.platform.texts()).toEqual(['once']);
  });

  it('F03 refused connections for an hour and a restart among them: certainly not sent, so all of it is sent later, unmarked', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    platform.decide = () => notConnected;
    for (let n = 0; n < 5; n += 1) await tell(h, `message ${n}`, `c${n}`);
    await h.advance(30 * minute);
    await h.crash(30 * minute);
    await h.advance(minute);
    expect(platform.shown).toEqual([]);
    for (const { state, tries } of await h.receipts())
      expect([state, tries]).toEqual(['pending', 0]);
    platform.decide = undefined;
    await h.advance(2 * minute);
    for (let n = 0; n < 5; n += 1) {
      expect(platform.texts(`c${n}`)).toHaveLength(1);
      expect(platform.texts(`c${n}`)[0]).toContain(`message ${n}`);
      expect(platform.texts(`c${n}`)[0]).not.toContain('repetition');
    }
    expect(platform.asked).toEqual([]);
    expect(await h.events('receipt.unknown')).toEqual([]);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it.each([
    ['can be asked', true],
    ['cannot be asked', false],
  ])(
    'F04 claimed, and dead before the first byte: shown after the restart (the platform %s)',
    async (_, reconcile) => {
      const platform = new FakePlatform({ reconcile });
      const h = await startHarness({ platform });
      platform.scripted.push({ kind: 'hang' });
      await tell(h, 'forty-two');
      expect((await h.receipts())[0]?.state).toBe('claimed');
      await h.crash(1_000);
      await h.advance(minute);
      expect(platform.texts()).toHaveLength(1);
      expect(platform.texts()[0]).toContain('forty-two');
      expect(platform.texts()[0]?.includes('repetition')).toBe(!reconcile);
      expect((await h.receipts())[0]?.state).toBe('surfaced');
      await expectInvariants(h);
      expect(h.errors).toEqual([]);
    },
  );
});

describe('F05 what an error means', () => {
  const text = 'Network request failed!';
  const answers: readonly (readonly [string, DeliveryOutcomeInput, string])[] = [
    ['no connection', { ...notConnected, cause: text } as DeliveryOutcomeInput, 'pending'],
    [
      'sent, no answer',
      { kind: 'unknown', atMs: 0, phase: 'written', cause: text },
      'surfaced, after it was asked for',
    ],
    ['refused for good', { ...rejected(), cause: text } as DeliveryOutcomeInput, 'dead'],
  ];

  it.each(answers)(
    'F05 %s: judged by phase and code, although all say the same text',
    async (_, answer, meaning) => {
      const platform = new FakePlatform({ reconcile: true });
      const h = await startHarness({ platform });
      platform.decide = ({ attempt }) => {
        if (answer.kind !== 'unknown') return answer;
        return attempt.n === 1 ? { kind: 'apply', answer } : undefined;
      };
      await tell(h, 'hello');
      await h.advance(10_000);
      const [receipt] = await h.receipts();
      const asked = platform.asked.length > 0 ? ', after it was asked for' : '';
      expect(`${receipt?.state}${asked}`).toBe(meaning);
      expect(platform.shown).toHaveLength(answer.kind === 'unknown' ? 1 : 0);
    },
  );

  it('F05 223 answers wait behind one outage: none is given up, each is shown once', async () => {
    const h = await startHarness();
    h.platform.decide = () => ({ ...unavailable, cause: text }) as DeliveryOutcomeInput;
    for (let n = 0; n < 223; n += 1) await tell(h, `answer ${n}`, `c${n % 40}`);
    await h.advance(5 * minute);
    expect(await h.events('receipt.dead')).toEqual([]);
    h.platform.decide = undefined;
    await h.advance(5 * minute);
    expect(h.platform.shown).toHaveLength(223);
    expect((await h.relay.figures()).receiptsOpen).toBe(0);
    await expectInvariants(h);
  });
});

describe('F06 all looks fine here and nobody sees it', () => {
  it('F06 taken by the platform and never rendered: the age of the backlog flips health, evidence mends it', async () => {
    const platform = new FakePlatform({
      reconcile: true,
      capabilities: { evidence: 'rendered' },
    });
    const h = await startHarness({ platform });
    await tell(h, 'hello');
    expect(platform.texts()).toEqual(['hello']);
    await h.advance(2 * minute);
    expect(await h.relay.health()).toMatchObject({ ok: true, ready: true });
    await h.advance(minute);
    const health = await h.relay.health();
    expect(health).toMatchObject({ ok: false, ready: true });
    expect(health.reasons.join()).toMatch(/has waited to be shown for 180 s/);
    const [receipt] = await h.receipts();
    if (receipt === undefined) throw new Error('no receipt');
    await h.settle(platform.host.evidence({ receiptId: receipt.id, evidence: 'rendered' }));
    expect((await h.relay.health()).ok).toBe(true);
    expect(h.errors).toEqual([]);
  });
});

describe('F07 the platform’s event stream is down', () => {
  it('F07 while the stream reconnects, and when it never does, answers are sent all the same', async () => {
    const h = await startHarness();
    const id = await h.say('go');
    const call = await h.worker.next();
    h.platform.host.connection('bot', 'disconnected', 'the socket was closed');
    await h.advance(3_000);
    expect(h.platform.texts()).toEqual(['On it…']);
    call.finish('forty-two');
    await h.advance(0);
    expect(h.platform.texts()).toEqual(['forty-two']);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    await tell(h, 'and more', 'c2');
    await h.advance(0);
    expect(h.platform.texts('c2')).toEqual(['and more']);
    expect(await h.events('receipt.deferred')).toEqual([]);
  });
});

describe('F08 clocks that ran out while nobody was there', () => {
  it('F08 each task that was open is told once what became of it, and who may still wait does', async () => {
    const h = await startHarness({ deadlines: { queueMs: 20 * minute } });
    const running = await h.say('runs', { conversation: 'c1' });
    await h.worker.next();
    const waits = await h.say('waits too long', { conversation: 'c1' });
    await h.advance(15 * minute);
    const young = await h.say('waits on', { conversation: 'c1' });
    await h.crash(10 * minute);
    await h.advance(10_000);
    expect((await h.task(running)).cause).toEqual({ end: 'interrupted', reason: 'restarted' });
    expect((await h.task(waits)).cause).toEqual({ end: 'timed_out', reason: 'never_started' });
    expect((await h.task(young)).state).toBe('running');
    const call = await h.worker.next();
    expect(call.task.text).toBe('waits on');
    call.finish('not stale at all');
    await h.advance(10_000);
    const told = h.platform.texts('c1');
    expect(told.filter((text) => text.includes('Interrupted'))).toHaveLength(1);
    expect(told.filter((text) => text.includes('never got its turn'))).toHaveLength(1);
    expect(told.filter((text) => text.includes('not stale at all'))).toHaveLength(1);
    for (const id of [running, waits, young])
      expect((await h.task(id)).contract.state).toBe('terminal_acked');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F08 an answer whose time ran out while nobody was there gets its last attempt', async () => {
    const h = await startHarness();
    h.platform.decide = () => unavailable;
    const id = await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(minute);
    h.platform.decide = undefined;
    await h.crash(2 * day);
    await h.advance(minute);
    expect(h.platform.texts().join()).toContain('forty-two');
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    await expectInvariants(h);
  });
});

describe('F09 what was delivered is not said again', () => {
  it('F09 dead between the answer of the platform and its storing: once, also after many restarts and a week', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    platform.scripted.push({ kind: 'apply_and_hang' });
    const id = await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(0);
    expect(platform.texts()).toEqual(['forty-two']);
    for (let n = 0; n < 5; n += 1) {
      await h.crash(day);
      await h.advance(minute);
    }
    expect(platform.texts()).toEqual(['forty-two']);
    expect(platform.sent).toHaveLength(1);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F09 a week old, perhaps delivered and nobody can be asked: not replayed, told to whoever runs it', async () => {
    const h = await startHarness();
    h.platform.scripted.push({ kind: 'apply_and_hang' });
    await tell(h, 'forty-two');
    await h.crash(7 * day);
    await h.advance(minute);
    expect(h.platform.texts()).toEqual(['forty-two']);
    expect((await h.receipts())[0]).toMatchObject({ state: 'dead' });
    expect((await h.relay.incidents.list({ open: true })).rows).toHaveLength(1);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

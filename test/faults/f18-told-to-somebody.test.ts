import { describe, expect, it } from 'vitest';
import type { DeliveryOutcomeInput } from '../../src/contracts/delivery.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';
import { deferred, rejected, transient, unavailable } from '../support/outcome.ts';

const minute = 60_000;
const hour = 60 * minute;
const tell = (h: Harness, text: string, conversation?: string) =>
  h.settle(h.relay.notify({ channel: h.platform.channel(conversation), text, key: text }));
const incidents = async (h: Harness) => (await h.relay.incidents.list({ open: true })).rows;

describe('F18 what is refused for good', () => {
  it.each(['blocked', 'gone', 'forbidden', 'invalid'] as const)(
    'F18 %s: one attempt, then it is told to whoever runs it, and never tried again by itself',
    async (reason) => {
      const platform = new FakePlatform();
      platform.decide = ({ delivery }) =>
        delivery.channel.conversation === 'c1'
          ? ({ ...rejected(), reason } as DeliveryOutcomeInput)
          : undefined;
      const h = await startHarness({ platform, operator: { channel: platform.channel('ops') } });
      const id = await h.say('go');
      (await h.worker.next()).finish('forty-two');
      await h.advance(15 * minute);
      await h.crash(minute);
      await h.advance(15 * minute);
      const here = platform.sent.filter(({ delivery }) => delivery.channel.conversation === 'c1');
      expect(here).toHaveLength(1);
      expect((await h.task(id)).contract.state).toBe('terminal_failed');
      expect(await incidents(h)).toMatchObject([{ kind: 'receipt_dead', count: 1 }]);
      expect(platform.texts('ops')).toEqual([expect.stringContaining(reason)]);
      expect(platform.texts('ops')[0]).not.toContain('forty-two');
      await expectInvariants(h);
    },
  );
});

describe('F19 why it was not shown', () => {
  it('F19 each attempt keeps its own cause, the end its reason; both can be asked for, also after a restart', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const causes = ['socket closed', 'bad gateway', 'chat not found'];
    platform.scripted.push(
      { ...deferred('not_connected'), cause: causes[0] } as DeliveryOutcomeInput,
      { ...unavailable, cause: causes[1] } as DeliveryOutcomeInput,
      { ...rejected(), code: '400', cause: causes[2] } as DeliveryOutcomeInput,
    );
    const id = await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(5 * minute);
    await h.crash(minute);
    const story = await h.relay.tasks.inspect(id);
    const terminal = story?.receipts.find(({ receipt }) => receipt.kind === 'terminal');
    const kept = terminal?.attempts.map(({ outcome }) =>
      outcome !== undefined && 'cause' in outcome ? `${outcome.kind}: ${outcome.cause}` : 'none',
    );
    expect(kept).toEqual([
      'deferred: socket closed',
      'deferred: bad gateway',
      'rejected: chat not found',
    ]);
    expect(terminal?.receipt.reason).toBe('forbidden 400: chat not found');
    const dead = (await h.relay.receipts.list({ state: 'dead' })).rows;
    expect(dead.map(({ reason }) => reason)).toEqual(['forbidden 400: chat not found']);
    expect((await incidents(h))[0]?.reason).toContain('chat not found');
    expect(await h.events('receipt.deferred')).toMatchObject([
      { reason: 'not_connected: socket closed' },
      { reason: 'unavailable: bad gateway' },
    ]);
  });

  it('F19 dropped by nobody and never tried are told apart', async () => {
    const platform = new FakePlatform();
    platform.scripted.push(rejected());
    const h = await startHarness({ platform });
    await tell(h, 'refused');
    platform.decide = () => deferred('not_connected');
    await tell(h, 'held', 'c2');
    await h.advance(1_000);
    const rows = (await h.relay.receipts.list()).rows;
    const told = rows.map(({ state, reason }) => [state, reason]).toSorted();
    expect(told).toEqual([
      ['dead', 'forbidden 403: because'],
      ['pending', undefined],
    ]);
  });
});

describe('F22 the work succeeded and its answer could not be shown', () => {
  const failing = (...conversations: string[]) => {
    const platform = new FakePlatform();
    platform.decide = ({ delivery }) =>
      conversations.includes(delivery.channel.conversation) ? rejected() : undefined;
    const options = {
      platform,
      operator: { channel: platform.channel('ops') },
      routes: () => [{ channel: platform.channel('dm'), private: true }],
    };
    return { platform, options };
  };

  it('F22 it takes the next way to the person', async () => {
    const { platform, options } = failing('c1');
    const h = await startHarness(options);
    const id = await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(minute);
    expect(platform.texts('dm')).toEqual([expect.stringContaining('forty-two')]);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect(platform.texts('ops')).toEqual([]);
    await expectInvariants(h);
  });

  it('F22 with no way left it is raised: the operator is told, it stays listed, and can be sent later', async () => {
    const { platform, options } = failing('c1', 'dm');
    const h = await startHarness(options);
    const id = await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(minute);
    const task = await h.task(id);
    expect([task.cause?.end, task.contract.state]).toEqual(['completed', 'terminal_failed']);
    expect(platform.texts('ops')).toHaveLength(1);
    const [dead] = (await h.relay.receipts.list({ state: 'dead' })).rows;
    expect(platform.texts('ops')[0]).toContain(dead?.id);
    platform.decide = undefined;
    if (dead !== undefined) await h.settle(h.relay.receipts.redrive(dead.id));
    await h.advance(minute);
    expect(platform.shown.filter(({ text }) => text.includes('forty-two'))).toHaveLength(1);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect(await incidents(h)).toEqual([]);
    await expectInvariants(h);
  });
});

describe('F37 tried again while alive', () => {
  it('F37 a failed send needs no restart: it is tried until it is shown, soon after the platform is back', async () => {
    const h = await startHarness();
    h.platform.decide = () => unavailable;
    const id = await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(hour);
    const tries = h.platform.sent.length;
    expect(tries).toBeGreaterThan(30);
    expect(tries).toBeLessThan(500);
    h.platform.decide = undefined;
    await h.advance(minute);
    expect(h.platform.texts().join()).toContain('forty-two');
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect(await h.events('relay.started')).toHaveLength(1);
  });
});

describe('H04 every configured attempt can be reached', () => {
  it.each([5_000, 300_000, 1_200_000])(
    'H04 expireMs %i: tried until then, the last time at the very end',
    async (expireMs) => {
      const h = await startHarness({ clocks: { expireMs } });
      h.platform.decide = () => unavailable;
      const openedAtMs = h.runtime.wallMs();
      await tell(h, 'hello');
      await h.advance(expireMs - 1);
      expect((await h.receipts())[0]?.state).toBe('pending');
      await h.advance(minute);
      const times = h.platform.sent.map(({ atMs }) => atMs - openedAtMs);
      expect(times.at(-1)).toBe(expireMs);
      const gaps = times.slice(1).map((at, n) => at - (times[n] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(minute);
      expect(await h.receipts()).toMatchObject([{ state: 'dead' }]);
      expect(h.errors).toEqual([]);
    },
  );

  it('H04 what can be shown only by the last attempt is shown by it', async () => {
    const h = await startHarness({ clocks: { expireMs: 300_000 } });
    const openedAtMs = h.runtime.wallMs();
    h.platform.decide = ({ atMs }) => (atMs < openedAtMs + 300_000 ? unavailable : undefined);
    const id = await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(301_000);
    expect(h.platform.texts().join()).toContain('forty-two');
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
  });
});

describe('H09 what passes settles nothing', () => {
  it('H09 a terminal shown as a status only is not told: it goes the next way, or is raised', async () => {
    const platform = new FakePlatform();
    platform.decide = ({ delivery }) =>
      delivery.channel.conversation === 'c1' ? transient : undefined;
    const h = await startHarness({
      platform,
      routes: ({ personId }) =>
        personId === 'ada' ? [{ channel: platform.channel('dm'), private: true }] : [],
    });
    const ada = await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(minute);
    expect((await h.task(ada)).contract.state).toBe('terminal_acked');
    expect(platform.texts('dm')).toEqual([expect.stringContaining('forty-two')]);
    const bob = await h.say('go', { person: 'bob' });
    (await h.worker.next()).finish('forty-three');
    await h.advance(minute);
    expect((await h.task(bob)).contract.state).toBe('terminal_failed');
    expect(await incidents(h)).toMatchObject([{ kind: 'receipt_dead' }]);
    await expectInvariants(h);
  });
});

describe('H13 whatever pauses sending ends by itself', () => {
  it.each([false, true])(
    'H13 a limit of the account is over when its time is, a restart meanwhile %s',
    async (restarted) => {
      const h = await startHarness();
      h.platform.scripted.push({
        ...deferred('rate_limited'),
        scope: 'account',
        retryAfterMs: 10 * minute,
      } as DeliveryOutcomeInput);
      await tell(h, 'one');
      await tell(h, 'two', 'c2');
      if (restarted) await h.crash(minute);
      await h.advance(11 * minute);
      expect([...h.platform.texts(), ...h.platform.texts('c2')].toSorted()).toEqual(['one', 'two']);
      await tell(h, 'three', 'c3');
      await h.advance(1_000);
      expect(h.platform.texts('c3')).toEqual(['three']);
    },
  );

  it('H13 however often and with whatever a channel failed, it sends again when the platform does', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    const answers = [
      unavailable,
      deferred('not_connected'),
      { ...deferred('rate_limited'), retryAfterMs: 30_000 },
      { kind: 'unknown', atMs: 0, phase: 'written', cause: 'reset' },
      rejected({ confirmAfterMs: 30_000 }),
    ] as const;
    let n = 0;
    platform.decide = () => {
      n += 1;
      return answers[n % answers.length] as DeliveryOutcomeInput;
    };
    for (let k = 0; k < 10; k += 1) await tell(h, `message ${k}`, `c${k % 2}`);
    await h.advance(hour);
    platform.decide = undefined;
    await h.advance(5 * minute);
    expect((await h.relay.figures()).receiptsOpen).toBe(0);
    for (const conversation of ['c0', 'c1']) {
      const at = h.runtime.wallMs();
      await tell(h, `after ${conversation}`, conversation);
      await h.advance(0);
      expect(platform.shown.at(-1)).toMatchObject({ text: `after ${conversation}`, atMs: at });
    }
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

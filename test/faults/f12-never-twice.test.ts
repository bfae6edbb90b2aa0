import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';
import { startSecond } from './two-processes.ts';

const minute = 60_000;
const tell = (h: Harness, text: string, conversation?: string) =>
  h.settle(h.relay.notify({ channel: h.platform.channel(conversation), text, key: text }));

describe('F12 two processes over one store', () => {
  it('F12 both see what is due: each receipt is claimed by one and shown once', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    const second = await startSecond(h, platform);
    platform.decide = ({ runtime }) => ({ kind: 'hold', until: runtime.sleep(300) });
    for (let n = 0; n < 30; n += 1) {
      const from = n % 2 === 0 ? h.relay : second;
      const channel = platform.channel(`c${n % 3}`);
      await h.settle(from.notify({ channel, text: `message ${n}`, key: `${n}` }));
    }
    await h.advance(30_000);
    expect(platform.shown).toHaveLength(30);
    expect(platform.sent).toHaveLength(30);
    for (let c = 0; c < 3; c += 1) {
      const said = Array.from({ length: 10 }, (_, n) => `message ${n * 3 + c}`);
      expect(platform.texts(`c${c}`)).toEqual(said);
    }
    await h.settle(second.stop({ now: true }));
    expect(h.errors).toEqual([]);
  });

  it('F12 one stuck in a send loses its lease: the other asks and goes on, the late answer changes nothing', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    // The whole process is stuck: not even its own time limit ends the call.
    const stuck = h.store.write.bind(h.store);
    Object.assign(h.store, {
      write: async (...args: Parameters<typeof stuck>) => {
        if (args[0] === 'settle') await until;
        return await stuck(...args);
      },
    });
    await tell(h, 'hello');
    expect(platform.texts()).toEqual(['hello']);
    const second = await startSecond(h, platform);
    await h.advance(minute);
    expect(platform.texts()).toEqual(['hello']);
    expect(platform.asked).toHaveLength(1);
    expect((await h.receipts())[0]).toMatchObject({ state: 'surfaced' });
    release();
    await h.advance(1_000);
    expect((await h.relay.health()).staleWrites).toBe(1);
    expect(platform.texts()).toEqual(['hello']);
    await h.settle(second.stop({ now: true }));
    expect(h.errors).toEqual([]);
  });
});

describe('F13 the platform took it and its answer is lost', () => {
  it.each([
    ['that can be asked', { reconcile: true }, 1],
    ['that knows a key again', { keyed: true, capabilities: { unknownPolicy: 'repeat' } }, 2],
  ] as const)('F13 on a platform %s: one message', async (_, options, sends) => {
    const platform = new FakePlatform(options);
    const h = await startHarness({ platform });
    platform.scripted.push({ kind: 'apply_and_hang' });
    const id = await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(5 * minute);
    expect(platform.texts()).toEqual(['forty-two']);
    expect(platform.sent).toHaveLength(sends);
    expect(new Set(platform.sent.map(({ attempt }) => attempt.key)).size).toBe(1);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F13 where nobody can tell it is said once more and says so', async () => {
    const h = await startHarness();
    h.platform.scripted.push({ kind: 'apply_and_hang' });
    await tell(h, 'forty-two');
    await h.advance(5 * minute);
    expect(h.platform.texts()).toEqual([
      'forty-two',
      expect.stringContaining('This may be a repetition:'),
    ]);
    expect(await h.events('receipt.repeated')).toMatchObject([{ marked: true }]);
  });
});

describe('H10 no second copy by a race', () => {
  it('H10 while a send is under way nothing else takes its receipt: no wake, no poll, no newer message, no second process', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const second = await startSecond(h, platform);
    const id = await h.say('go');
    platform.decide = ({ delivery, runtime }) =>
      delivery.kind === 'terminal' ? { kind: 'hold', until: runtime.sleep(9_000) } : undefined;
    (await h.worker.next()).finish('forty-two');
    for (let n = 0; n < 9; n += 1) {
      const from = n % 2 === 0 ? second : h.relay;
      const channel = platform.channel();
      await h.settle(from.notify({ channel, text: `meanwhile ${n}`, key: `${n}` }));
      await h.advance(1_500);
    }
    await h.advance(minute);
    expect(platform.texts().filter((text) => text.includes('forty-two'))).toHaveLength(1);
    expect(platform.sent.filter(({ delivery }) => delivery.kind === 'terminal')).toHaveLength(1);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    await h.settle(second.stop({ now: true }));
    expect(h.errors).toEqual([]);
  });
});

describe('H12 dead after the platform accepted', () => {
  it.each([
    ['asked for by its key', { reconcile: true }],
    ['sent again under its key', { keyed: true, capabilities: { unknownPolicy: 'repeat' } }],
  ] as const)('H12 it is %s: one message', async (_, options) => {
    const platform = new FakePlatform(options);
    const h = await startHarness({ platform });
    platform.scripted.push({ kind: 'apply_and_hang' });
    await tell(h, 'forty-two');
    const [sent] = platform.sent;
    await h.crash(1_000);
    await h.advance(minute);
    expect(platform.texts()).toEqual(['forty-two']);
    const keys = [...platform.sent.slice(1).map(({ attempt }) => attempt), ...platform.asked];
    expect(keys.map(({ key }) => key)).toEqual([sent?.attempt.key]);
    expect((await h.receipts())[0]).toMatchObject({ state: 'surfaced', attempts: 2 });
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

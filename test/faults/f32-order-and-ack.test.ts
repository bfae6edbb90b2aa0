import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/contracts/error.ts';
import { createChance } from '../../src/testing/chance.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';

describe('F32 the end comes last', () => {
  it.each([1, 2, 3])(
    'F32 whatever each send takes, each conversation is seen in order and its end last (seed %i)',
    async (seed) => {
      const platform = new FakePlatform({
        capabilities: { editMs: 0, terminalAs: 'new', lengthMax: 80 },
      });
      const h = await startHarness({ platform });
      const chance = createChance(seed);
      platform.decide = ({ runtime }) => ({
        kind: 'hold',
        until: runtime.sleep(chance.below(6_000)),
      });
      const chats = Array.from({ length: 5 }, (_, n) => `c${n}`);
      for (const conversation of chats) await h.say('go', { conversation });
      for (let step = 1; step <= 4; step += 1) {
        await h.advance(7_000);
        for (const call of h.worker.calls) call.emit({ kind: 'progress', message: `step ${step}` });
      }
      await h.advance(8_000);
      const answer = `the end ${'x'.repeat(120)} and its tail`;
      for (const call of h.worker.calls) call.finish(answer);
      await h.advance(60_000);
      for (const conversation of chats) {
        const texts = platform.texts(conversation);
        const steps = texts.flatMap((text) => /step (\d)/.exec(text)?.[1] ?? []);
        expect(steps.length).toBeGreaterThan(1);
        expect(steps).toEqual(steps.toSorted());
        expect(texts.at(-1)).toContain('and its tail');
        const end = texts.findIndex((text) => text.includes('the end'));
        expect(texts.slice(end).join()).not.toContain('step');
      }
      expect(h.errors).toEqual([]);
    },
  );

  it('F32 two sends of one conversation are never under way at once', async () => {
    const h = await startHarness();
    const under = new Map<string, number>();
    let most = 0;
    h.platform.decide = ({ delivery, runtime }) => {
      const { conversation } = delivery.channel;
      const now = (under.get(conversation) ?? 0) + 1;
      under.set(conversation, now);
      most = Math.max(most, now);
      const until = runtime.sleep(500).then(() => void under.set(conversation, now - 1));
      return { kind: 'hold', until };
    };
    for (let n = 0; n < 40; n += 1) {
      const channel = h.platform.channel(`c${n % 2}`);
      await h.settle(h.relay.notify({ channel, text: `${n}`, key: `${n}` }));
    }
    await h.advance(20_000);
    expect(most).toBe(1);
    for (const c of [0, 1]) {
      const said = Array.from({ length: 20 }, (_, n) => `${n * 2 + c}`);
      expect(h.platform.texts(`c${c}`)).toEqual(said);
    }
  });
});

describe('F33 an ack is a promise', () => {
  it('F33 nothing is shown for a message before it is stored with its task', async () => {
    const h = await startHarness({ deadlines: { ackDelayMs: 1 } });
    const stored: number[] = [];
    const count = h.memory.database.prepare('SELECT count(*) AS n FROM tasks');
    h.platform.decide = () => {
      stored.push((count.get() as { n: number }).n);
      return undefined;
    };
    const write = h.store.write.bind(h.store);
    let release = (): void => undefined;
    const disk = new Promise<void>((resolve) => {
      release = resolve;
    });
    Object.assign(h.store, {
      write: async (...args: Parameters<typeof write>) => {
        if (args[0] === 'accept') await disk;
        return await write(...args);
      },
    });
    let told = false;
    const accepted = h.platform.say('go').then(() => {
      told = true;
    });
    await h.advance(10_000);
    expect([told, h.platform.shown, h.platform.transients]).toEqual([false, [], []]);
    release();
    await h.advance(10_000);
    await accepted;
    expect(h.platform.texts()).toEqual(['On it…']);
    expect(stored).toEqual([1]);
  });

  it('F33 a message that cannot be stored is refused to the platform, not acked; sent again it is taken on once', async () => {
    const h = await startHarness();
    const write = h.store.write.bind(h.store);
    Object.assign(h.store, {
      write: async (name: string) => {
        throw new StoreError('unwritable', `disk full: ${name}`);
      },
    });
    await expect(h.say('go', { id: 'm-1' })).rejects.toMatchObject({ code: 'unwritable' });
    await h.advance(30_000);
    expect([h.platform.shown, h.platform.transients, h.worker.calls]).toEqual([[], [], []]);
    Object.assign(h.store, { write });
    await h.advance(30_000);
    await h.say('go', { id: 'm-1' });
    await h.settle(h.platform.say('go', { id: 'm-1' }));
    await h.advance(2_000);
    expect(h.platform.texts()).toEqual(['On it…']);
    expect(h.worker.calls).toHaveLength(1);
  });

  it('F33 a crash before the commit leaves neither ack nor task; the redelivered message is taken on', async () => {
    const h = await startHarness();
    const lost = h.platform.say('go', { id: 'm-1' });
    lost.catch(() => undefined);
    await h.crash(1_000);
    await h.advance(5_000);
    const stored = (await h.relay.tasks.list()).rows.length;
    expect(h.platform.shown.length > 0).toBe(stored > 0);
    await h.settle(h.platform.say('go', { id: 'm-1' }));
    await h.advance(5_000);
    expect((await h.relay.tasks.list()).rows).toHaveLength(1);
    expect(h.platform.shown).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Transient } from '../../src/contracts/adapter.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const minute = 60_000;
const hour = 60 * minute;
const typings = (h: Harness): number =>
  h.platform.transients.filter(({ kind }) => kind === 'typing').length;

/** How many typing signs come in that time. */
async function typedIn(h: Harness, ms: number): Promise<number> {
  const before = typings(h);
  await h.advance(ms);
  return typings(h) - before;
}

describe('F31 typing ends with the work', () => {
  it.each([
    ['completed', 'forty-two'],
    ['completed without a word', { status: 'completed', text: '' }],
    ['failed', { status: 'failed', text: '', reason: 'no_oven' }],
    ['gave nothing', undefined],
  ] as const)('F31 a task that %s: from its end on not one more', async (_, result) => {
    const h = await startHarness();
    expect(await typedIn(h, minute)).toBe(0);
    const id = await h.say('go');
    const call = await h.worker.next();
    expect(await typedIn(h, 20_000)).toBeGreaterThan(1);
    call.finish(result as never);
    await h.advance(0);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect(await typedIn(h, 10 * minute)).toBe(0);
    expect(h.errors).toEqual([]);
  });

  it('F31 none while an answer waits for its platform, and none for what only waits in the queue', async () => {
    const h = await startHarness();
    await h.say('first');
    const queued = await h.say('second');
    const call = await h.worker.next();
    h.platform.decide = () => ({
      kind: 'deferred',
      atMs: 0,
      reason: 'unavailable',
      cause: 'down',
    });
    await h.advance(10_000);
    expect(h.platform.transients.some(({ taskId }) => taskId === queued)).toBe(false);
    await h.settle(h.relay.tasks.cancel(queued));
    call.finish('done');
    await h.advance(0);
    expect(await typedIn(h, 10 * minute)).toBe(0);
    h.platform.decide = undefined;
    await h.advance(minute);
    expect(h.platform.texts().join()).toContain('done');
    expect(await typedIn(h, minute)).toBe(0);
  });

  it('F31 none after a stop, whatever the worker still does', async () => {
    const h = await startHarness();
    await h.say('go');
    const call = await h.worker.next();
    call.ignoreAbort();
    await h.advance(10_000);
    const stopped = h.relay.stop();
    await h.advance(30_000);
    await stopped;
    call.text('still here');
    expect(await typedIn(h, hour)).toBe(0);
  });
});

describe('F43 typing lasts as long as the work, not longer and not shorter', () => {
  it('F43 it does not vanish in the middle: over a long silence no gap is longer than its life', async () => {
    const platform = new FakePlatform();
    const times: number[] = [];
    const h = await startHarness({
      platform,
      deadlines: { terminalMs: 2 * hour },
      adapters: () => [
        {
          ...platform.adapter(),
          show: ({ kind }: Transient) => {
            if (kind === 'typing') times.push(platform.host.runtime.wallMs());
          },
        },
      ],
    });
    const startedAtMs = h.runtime.wallMs();
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(15 * minute);
    const all = [startedAtMs, ...times, h.runtime.wallMs()];
    const gaps = all.slice(1).map((at, n) => at - (all[n] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(10_000);
    call.finish('done');
    await h.advance(0);
    const count = times.length;
    await h.advance(10 * minute);
    expect(times).toHaveLength(count);
  });

  it.each([
    ['hangs', () => new Promise<void>(() => undefined)],
    [
      'throws',
      () => {
        throw new Error('no typing here');
      },
    ],
  ])(
    'F43 a typing call that %s holds nothing: the answer comes, and typing ends',
    async (_, show) => {
      const platform = new FakePlatform();
      let calls = 0;
      const h = await startHarness({
        platform,
        adapters: () => [
          {
            ...platform.adapter(),
            show: () => {
              calls += 1;
              return show() as unknown as undefined;
            },
          },
        ],
      });
      const id = await h.say('go');
      const call = await h.worker.next();
      await h.advance(minute);
      expect(calls).toBeGreaterThan(5);
      call.finish('done');
      await h.advance(0);
      expect(platform.texts().join()).toContain('done');
      expect((await h.task(id)).contract.state).toBe('terminal_acked');
      const count = calls;
      await h.advance(10 * minute);
      expect(calls).toBe(count);
      expect(h.errors).toEqual([]);
    },
  );

  it('F43 a worker that never ends does not type for ever: the task’s deadline ends it', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 20 * minute } });
    await h.say('go');
    (await h.worker.next()).ignoreAbort();
    expect(await typedIn(h, 20 * minute)).toBeGreaterThan(100);
    expect(await typedIn(h, 20 * minute)).toBe(0);
  });
});

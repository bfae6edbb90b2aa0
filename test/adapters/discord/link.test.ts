import { describe, expect, test } from 'vitest';
import { Link } from '../../../src/adapters/discord/link.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';

function make() {
  const runtime = createFakeRuntime();
  const told: string[] = [];
  const link = new Link(
    {
      runtime,
      connection: (_, state, cause) => void told.push(cause ? `${state}: ${cause}` : state),
    },
    '1',
  );
  const states = (): string[] => told.map((one) => one.split(':')[0] ?? '');
  return { runtime, link, told, states };
}

describe('how the bot stands with Discord', () => {
  test('is told when it changes', () => {
    const { link, states } = make();
    expect(link.state).toBe('starting');
    link.opened(0);
    link.opened(0);
    link.closed(0, 'gone');
    link.closed(0, 'still gone');
    link.opened(0);
    expect(states()).toEqual(['connected', 'disconnected', 'connected']);
  });

  test('the worst shard counts, and all must be there', () => {
    const { link, states } = make();
    link.sharded(3);
    link.opened(0);
    link.opened(2);
    expect([link.state, link.isHearing]).toEqual(['starting', false]);
    link.opened(1);
    link.closed(2, 'gone');
    link.opened(0);
    expect(states()).toEqual(['connected', 'disconnected']);
    link.sharded(1);
    expect([link.state, link.isHearing]).toEqual(['disconnected', false]);
    link.opened(0);
    expect([link.state, link.isHearing]).toEqual(['connected', true]);
  });

  test('a refused token says what to do, and a call that began before is no proof against it', () => {
    const { link, told, states, runtime } = make();
    link.opened(0);
    const beforeMs = runtime.monoMs() - 1;
    link.refused('401');
    link.authorized(beforeMs);
    link.closed(0, 'the network too');
    expect(states()).toEqual(['connected', 'unauthorized']);
    expect(told[1]).toContain('"Bot"');
    link.authorized(runtime.monoMs());
    link.opened(0);
    expect(states()).toEqual(['connected', 'unauthorized', 'disconnected', 'connected']);
  });

  test('a refusal right after Discord said that it knows the token is believed, each time for longer', async () => {
    const { link, runtime } = make();
    const heldMs: number[] = [];
    link.opened(0);
    link.authorized(runtime.monoMs());
    for (let n = 0; n < 8; n += 1) {
      link.refused('4004');
      const fromMs = runtime.monoMs();
      for (; link.isRefused; await runtime.advance(30_000)) link.authorized(runtime.monoMs());
      heldMs.push(runtime.monoMs() - 30_000 - fromMs);
    }
    expect(heldMs.map((ms) => ms / 60_000)).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    // What is refused long after is probed at once.
    await runtime.advance(5 * 60_000);
    link.refused('401');
    link.authorized(runtime.monoMs());
    expect(link.isRefused).toBe(false);
  });

  test('what needs a person stays told until it is mended, each for itself', () => {
    const { link, told } = make();
    link.opened(0);
    link.broken('words', 'content');
    link.closed(0, 'ECONNREFUSED');
    link.broken('shards');
    link.opened(0);
    expect(link.isBroken('content')).toBe(true);
    expect(link.isBroken('gateway')).toBe(false);
    expect(link.isHearing).toBe(true);
    link.mended('content');
    expect(told).toEqual(['connected', 'misconfigured: words', 'connected']);
  });

  test('rests until it is time, the signal aborts, the token is refused or is known again', async () => {
    const { link, runtime } = make();
    const rested: string[] = [];
    const going = new AbortController().signal;
    const stop = new AbortController();
    void link.rest(60_000, going).then(() => rested.push('time'));
    void link.rest(90_000, stop.signal).then(() => rested.push('abort'));
    await runtime.advance(60_000);
    stop.abort();
    await runtime.settle();
    void link.rest(90_000, going).then(() => rested.push('refused'));
    link.refused('401');
    await runtime.settle();
    void link.rest(90_000, going).then(() => rested.push('known'));
    // Said again it wakes nobody: two who ask would wake each other for ever.
    link.refused('401');
    await runtime.settle();
    expect(rested).toEqual(['time', 'abort', 'refused']);
    link.authorized(runtime.monoMs());
    await runtime.settle();
    expect(rested).toEqual(['time', 'abort', 'refused', 'known']);
  });

  test('waits longer from failure to failure, half a minute at most', () => {
    const { link } = make();
    for (const [failures, mostMs] of [
      [1, 1_000],
      [3, 4_000],
      [40, 30_000],
    ] as const) {
      const waitMs = link.backoffMs(failures);
      expect(waitMs).toBeGreaterThanOrEqual(mostMs / 2);
      expect(waitMs).toBeLessThanOrEqual(mostMs);
    }
  });

  test('a stop is told once, to who was told before', () => {
    const { link, told } = make();
    link.stopped();
    expect(told).toEqual([]);
    link.broken('words', 'content');
    link.stopped();
    expect(told).toEqual(['misconfigured: words', 'disconnected: stopped']);
  });
});

import { describe, expect, test } from 'vitest';
import { Link } from '../../../src/adapters/slack/link.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';

function make() {
  const runtime = createFakeRuntime();
  const told: string[] = [];
  const link = new Link(
    {
      runtime,
      connection: (_, state, cause) => void told.push(cause ? `${state}: ${cause}` : state),
    },
    'T1',
  );
  const states = (): string[] => told.map((one) => one.split(':')[0] ?? '');
  return { runtime, link, told, states };
}

describe('how the bot stands with Slack', () => {
  test('is told when it changes', () => {
    const { link, states } = make();
    link.opened();
    link.opened();
    link.closed('gone');
    link.closed('still gone');
    link.opened();
    expect(states()).toEqual(['connected', 'disconnected', 'connected']);
  });

  test('a refused token says what to do, and a call that began before is no proof against it', () => {
    const { link, told, states, runtime } = make();
    link.opened();
    const beforeMs = runtime.monoMs() - 1;
    link.refused('token_revoked');
    link.authorized(beforeMs);
    link.closed('the network too');
    expect(states()).toEqual(['connected', 'unauthorized']);
    expect(told[1]).toContain('"OAuth & Permissions"');
    link.authorized(runtime.monoMs());
    link.opened();
    expect(states()).toEqual(['connected', 'unauthorized', 'disconnected', 'connected']);
  });

  test('a refusal right after Slack said that it knows the token is believed, each time for longer', async () => {
    const { link, states, runtime } = make();
    const heldMs: number[] = [];
    link.opened();
    link.authorized(runtime.monoMs());
    for (let n = 0; n < 8; n += 1) {
      link.refused('org_login_required');
      const fromMs = runtime.monoMs();
      for (; link.isRefused; await runtime.advance(30_000)) link.authorized(runtime.monoMs());
      heldMs.push(runtime.monoMs() - 30_000 - fromMs);
    }
    expect(heldMs.map((ms) => ms / 60_000)).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    expect(states().filter((state) => state === 'unauthorized')).toHaveLength(8);
    // What is refused long after is probed at once.
    await runtime.advance(5 * 60_000);
    link.refused('token_revoked');
    link.authorized(runtime.monoMs());
    expect(link.isRefused).toBe(false);
  });

  test('what needs a person is not covered up by a network that fails as well', () => {
    const { link, states } = make();
    link.broken('missing_scope: do this');
    link.closed('ECONNREFUSED');
    expect(states()).toEqual(['misconfigured']);
    link.opened();
    expect(states()).toEqual(['misconfigured', 'connected']);
  });

  test('dropped events are told until ten minutes passed without a word of it', async () => {
    const { link, states, runtime } = make();
    link.opened();
    link.lossy('app_rate_limited');
    await runtime.advance(9 * 60_000);
    link.lossy('app_rate_limited');
    await runtime.advance(9 * 60_000);
    expect(states()).toEqual(['connected', 'misconfigured']);
    await runtime.advance(2 * 60_000);
    expect(states()).toEqual(['connected', 'misconfigured', 'connected']);
  });

  test('our own messages that stop coming back mean that Slack sends no events', async () => {
    const { link, told, states, runtime } = make();
    link.opened();
    // Nothing is concluded where none ever came back: not every place is subscribed to.
    link.heard('D1');
    for (let n = 0; n < 20; n += 1) {
      link.showed('C1');
      await runtime.advance(60_000);
    }
    expect(states()).toEqual(['connected']);
    for (let n = 0; n < 4; n += 1) link.showed('D1');
    await runtime.advance(11 * 60_000);
    expect(states()).toEqual(['connected']);
    link.showed('D1');
    expect(states()).toEqual(['connected', 'misconfigured']);
    expect(told[1]).toContain('"Event Subscriptions"');
    link.heard(undefined);
    expect(states()).toEqual(['connected', 'misconfigured', 'connected']);
  });

  test('rests until it is time, the signal aborts, or a send is refused', async () => {
    const { link, runtime } = make();
    const rested: string[] = [];
    const stop = new AbortController();
    void link.rest(60_000, new AbortController().signal).then(() => rested.push('time'));
    void link.rest(90_000, stop.signal).then(() => rested.push('abort'));
    await runtime.advance(60_000);
    expect(rested).toEqual(['time']);
    stop.abort();
    await runtime.settle();
    expect(rested).toEqual(['time', 'abort']);
    void link.rest(90_000, new AbortController().signal).then(() => rested.push('refused'));
    link.refused('invalid_auth');
    await runtime.settle();
    expect(rested).toEqual(['time', 'abort', 'refused']);
    void link.rest(90_000, new AbortController().signal).then(() => rested.push('again'));
    // Said again it wakes nobody: two who ask would wake each other for ever.
    link.refused('invalid_auth');
    await runtime.settle();
    expect(rested).toEqual(['time', 'abort', 'refused']);
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
});

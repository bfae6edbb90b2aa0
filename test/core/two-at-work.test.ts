import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startSecond } from '../faults/two-processes.ts';
import { startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

/** Goal: two live processes over one store share its rows by leases alone. */

const minute = 60_000;

describe('two processes at work', () => {
  it('that wake for the same channel at the same time send once: the second finds the lease', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    platform.scripted.push({
      kind: 'deferred',
      atMs: 0,
      reason: 'unavailable',
      retryAfterMs: 5_000,
      cause: 'down',
    });
    const channel = platform.channel();
    await h.settle(h.relay.notify({ channel, text: 'hello', key: '1' }));
    // It reads from the store when the channel is due, as the first one knows already.
    const second = await startSecond(h, platform);
    platform.decide = ({ runtime }) => ({ kind: 'hold', until: runtime.sleep(300) });
    await h.advance(minute);
    expect(platform.texts()).toEqual(['hello']);
    expect(platform.sent).toHaveLength(2);
    expect(await h.receipts()).toMatchObject([{ state: 'surfaced', deaths: 0 }]);
    expect(await h.events('receipt.unknown')).toEqual([]);
    await h.settle(second.stop({ now: true }));
    expect(h.errors).toEqual([]);
  });

  it('leave each other’s tasks alone: one that works for long keeps its lease', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const id = await h.say('long');
    const call = await h.worker.next();
    const second = await startSecond(h, platform);
    await h.advance(5 * minute);
    expect((await h.task(id)).state).toBe('running');
    call.finish('done at last');
    await h.advance(1_000);
    expect((await h.task(id)).cause?.end).toBe('completed');
    expect(h.worker.calls).toHaveLength(1);
    expect(platform.texts().join()).toContain('done at last');
    await expectInvariants(h);
    await h.settle(second.stop({ now: true }));
    expect(h.errors).toEqual([]);
  });
});

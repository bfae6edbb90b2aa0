import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';

describe('H11 a claim is a lease', () => {
  it('H11 a hung send does not stay sending: the channel goes on without a restart', async () => {
    const h = await startHarness();
    h.platform.scripted.push({ kind: 'hang' });
    const channel = h.platform.channel();
    await h.settle(h.relay.notify({ channel, text: 'one', key: '1' }));
    await h.settle(h.relay.notify({ channel, text: 'two', key: '2' }));
    const claimed = await h.read((reads) => reads.channelsDue(Number.MAX_SAFE_INTEGER, 10));
    expect((claimed[0]?.dueAtMs ?? 0) - h.runtime.wallMs()).toBe(15_000);
    await h.advance(13_000);
    expect(h.platform.texts()).toHaveLength(2);
    expect(h.errors).toEqual([]);
  });

  it('H11 a claim of a dead process falls with its lease, in whichever process', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    platform.scripted.push({ kind: 'apply_and_hang' });
    const channel = platform.channel();
    await h.settle(h.relay.notify({ channel, text: 'one', key: '1' }));
    await h.crash(0);
    await h.advance(16_000);
    expect(platform.texts()).toEqual(['one']);
    expect(await h.receipts()).toMatchObject([{ state: 'surfaced' }]);
    expect(h.errors).toEqual([]);
  });
});

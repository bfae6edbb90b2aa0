import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';
import { noAudience, unsupported } from '../support/outcome.ts';

describe('H01 success without anybody who could see it', () => {
  it('H01 a terminal answered with no audience is not acked, and is shown when somebody comes', async () => {
    const platform = new FakePlatform({ capabilities: { audience: 'reported' } });
    const h = await startHarness({ platform });
    await h.settle(platform.host.audience(platform.channel(), true));
    const id = await h.say('go');
    platform.scripted.push(noAudience);
    (await h.worker.next()).finish('done');
    await h.advance(600_000);
    expect((await h.task(id)).contract.state).toBe('terminal_pending');
    expect(platform.shown).toEqual([]);
    await h.settle(platform.host.audience(platform.channel(), true));
    expect(platform.texts()).toEqual(['done']);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect(h.errors).toEqual([]);
  });

  it('H01 a platform that does nothing with it says so, and it is told to somebody who can act', async () => {
    const platform = new FakePlatform();
    platform.decide = ({ delivery }) =>
      delivery.channel.conversation === 'c1' ? unsupported : undefined;
    const h = await startHarness({ platform, operator: { channel: platform.channel('ops') } });
    const id = await h.say('go');
    (await h.worker.next()).finish('done');
    await h.advance(1_000);
    expect((await h.task(id)).contract.state).toBe('terminal_failed');
    expect(platform.texts('ops')).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });
});

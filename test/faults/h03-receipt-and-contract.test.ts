import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { rejected, unavailable } from '../support/outcome.ts';

const pair = async (h: Harness, id: Parameters<Harness['task']>[0]) => {
  const receipt = (await h.receipts(id)).find(({ kind }) => kind === 'terminal');
  return [receipt?.state, (await h.task(id)).contract.state];
};

describe('H03 a receipt and its contract never disagree', () => {
  it('H03 at every crash and every answer the two say the same', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform, clocks: { expireMs: 120_000 } });
    platform.decide = () => unavailable;
    const id = await h.say('go');
    (await h.worker.next()).finish('done');
    await h.advance(10_000);
    expect(await pair(h, id)).toEqual(['pending', 'terminal_pending']);
    await h.crash(1_000);
    expect(await pair(h, id)).toEqual(['pending', 'terminal_pending']);
    await h.advance(120_000);
    expect(await pair(h, id)).toEqual(['dead', 'terminal_failed']);
    await h.crash(1_000);
    expect(await pair(h, id)).toEqual(['dead', 'terminal_failed']);
    platform.decide = undefined;
    const terminal = (await h.receipts(id)).find(({ kind }) => kind === 'terminal');
    if (terminal === undefined) throw new Error('no terminal');
    await h.settle(h.relay.receipts.redrive(terminal.id));
    await h.advance(1_000);
    expect(await pair(h, id)).toEqual(['surfaced', 'terminal_acked']);
    await h.crash(1_000);
    expect(await pair(h, id)).toEqual(['surfaced', 'terminal_acked']);
    expect(platform.shown).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('H03 what died and is proved after all moves both', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const id = await h.say('go');
    platform.decide = () => rejected();
    (await h.worker.next()).finish('done');
    await h.advance(1_000);
    const terminal = (await h.receipts(id)).find(({ kind }) => kind === 'terminal');
    if (terminal === undefined) throw new Error('no terminal');
    await h.settle(platform.host.evidence({ receiptId: terminal.id, evidence: 'rendered' }));
    expect(await pair(h, id)).toEqual(['surfaced', 'terminal_acked']);
    expect(h.errors).toEqual([]);
  });
});

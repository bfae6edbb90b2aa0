import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';

describe('one message', () => {
  it('is acknowledged, shows progress in the same message, and ends in it', async () => {
    const h = await startHarness();
    const id = await h.say('build the site');
    const call = await h.worker.next();
    expect(h.platform.shown).toEqual([]);
    await h.advance(1_500);
    expect(h.platform.texts()).toEqual(['On it…']);
    call.emit({ kind: 'progress', message: 'compiling' });
    await h.advance(2_000);
    expect(h.platform.texts()).toEqual(['compiling']);
    await h.advance(30_000);
    expect(h.platform.texts()[0]).toContain('Still working');
    call.finish('all done');
    await h.runtime.settle();
    expect(h.platform.texts()).toEqual(['all done']);
    const task = await h.task(id);
    expect(task.state).toBe('ended');
    expect(task.contract.state).toBe('terminal_acked');
    expect(h.errors).toEqual([]);
  });

  it('that ends before the ack is ripe needs none', async () => {
    const h = await startHarness();
    await h.say('quick');
    (await h.worker.next()).finish('pong');
    await h.runtime.settle();
    expect(h.platform.texts()).toEqual(['pong']);
    await h.advance(60_000);
    expect(h.platform.texts()).toEqual(['pong']);
    expect(h.platform.sent).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('that ends while its ack may be on the way: the ack is looked for, never sent again', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    platform.scripted.push({ kind: 'hang' });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    call.finish('done');
    await h.advance(60_000);
    expect(platform.sent.map(({ delivery }) => delivery.kind)).toEqual(['ack', 'terminal']);
    expect(platform.texts()).toEqual(['done']);
    expect(h.errors).toEqual([]);
  });

  it('interrupted by a crash is told once, with Retry, which runs it again', async () => {
    const h = await startHarness();
    const id = await h.say('long');
    await h.worker.next();
    await h.advance(2_000);
    await h.crash(60_000);
    expect(h.platform.texts()[0]).toContain('Interrupted');
    expect((await h.task(id)).cause).toMatchObject({ end: 'interrupted', reason: 'restarted' });
    await h.press('Retry');
    const again = await h.worker.next();
    again.finish('second time lucky');
    await h.runtime.settle();
    expect(h.platform.texts().at(-1)).toContain('second time lucky');
    expect(h.errors).toEqual([]);
  });
});

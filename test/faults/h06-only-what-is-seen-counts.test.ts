import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';
import { unavailable, unsupported } from '../support/outcome.ts';

describe('H06 work moves no contract, only what was seen does', () => {
  it('H06 an ack that was never shown is not forgotten because the worker is busy', async () => {
    const platform = new FakePlatform();
    platform.decide = () => unavailable;
    const h = await startHarness({ platform });
    const id = await h.say('go');
    const call = await h.worker.next();
    for (let n = 0; n < 20; n += 1) {
      const tool = { id: `t${n}`, name: 'search', status: 'in_progress' } as const;
      call.emit({ kind: 'tool_call', call: tool });
      await h.advance(1_000);
    }
    expect((await h.task(id)).contract.state).toBe('created');
    expect((await h.events('deadline.missed')).map(({ clock }) => clock)).toEqual(['ack']);
    platform.decide = undefined;
    await h.advance(61_000);
    expect(platform.shown.length).toBeGreaterThan(0);
    expect(['acked', 'progressing']).toContain((await h.task(id)).contract.state);
    expect(h.errors).toEqual([]);
  });
});

describe('H07 progress means that the person saw something', () => {
  it('H07 a worker that talks all the time to nobody misses its deadline, each time', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.decide = () => unavailable;
    for (let n = 0; n < 60; n += 1) {
      call.emit({ kind: 'progress', message: `step ${n}` });
      await h.advance(1_000);
    }
    expect((await h.task(id)).contract.state).toBe('sla_missed');
    platform.decide = undefined;
    await h.advance(61_000);
    expect((await h.task(id)).contract.state).toBe('progressing');
    expect(h.errors).toEqual([]);
  });

  it('H07 heartbeats come for as long as the work lasts, not once', async () => {
    const h = await startHarness();
    await h.say('go');
    await h.worker.next();
    await h.advance(10 * 60_000);
    const [message] = h.platform.shown;
    expect(message?.history.length).toBeGreaterThan(15);
    expect(await h.events('deadline.missed')).toEqual([]);
    expect(h.errors).toEqual([]);
  });

  it('H07 the outcome of a heartbeat counts: one that fails is tried again', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await h.say('go');
    await h.worker.next();
    await h.advance(2_000);
    let failures = 0;
    platform.decide = ({ delivery }) => {
      if (delivery.kind !== 'progress' || failures === 3) return undefined;
      failures += 1;
      return unavailable;
    };
    await h.advance(40_000);
    expect(failures).toBe(3);
    expect(platform.texts()[0]).toContain('Still working');
    expect(h.errors).toEqual([]);
  });
});

describe('H08 a platform without a place for progress', () => {
  it('H08 is not asked again and again, and tells one incident instead of a warning each time', async () => {
    const platform = new FakePlatform();
    const logged: string[] = [];
    platform.decide = ({ delivery }) => (delivery.kind === 'terminal' ? undefined : unsupported);
    const h = await startHarness({
      platform,
      log: (level, message) => void logged.push(`${level}: ${message}`),
    });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(10 * 60_000);
    expect(platform.sent).toHaveLength(1);
    expect((await h.relay.incidents.list()).rows).toHaveLength(1);
    expect(logged).toEqual([]);
    call.finish('done');
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['done']);
  });
});

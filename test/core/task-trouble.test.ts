import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/contracts/error.ts';
import type { Store } from '../../src/contracts/store.ts';
import { createFakeWorker } from '../../src/testing/fake-worker.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Makes every write fail as a full disk does, until it is let go. */
function fillDisk(h: Harness): { tries: () => number; free: () => void } {
  const port = h.store as { write: Store['write'] };
  const { write } = port;
  let tries = 0;
  port.write = async (name) => {
    tries += 1;
    throw new StoreError('unwritable', `disk full: ${name}`);
  };
  return {
    tries: () => tries,
    free: () => {
      port.write = write;
    },
  };
}

describe('the wall clock jumps', () => {
  it.each([3 * hour, -3 * hour])('by %i ms: nothing fires and nothing starves', async (deltaMs) => {
    const h = await startHarness();
    const id = await h.say('long');
    const queued = await h.say('queued');
    const call = await h.worker.next();
    await h.advance(2_000);
    h.runtime.jumpWall(deltaMs);
    await h.advance(25_000);
    expect(await h.events('clock.jumped')).toEqual([{ deltaMs }]);
    expect((await h.task(id)).state).toBe('running');
    expect((await h.task(queued)).state).toBe('queued');
    expect(await h.events('deadline.missed')).toEqual([]);
    await h.advance(10_000);
    expect(h.platform.texts()[0]).toContain('Still working');
    call.emit({ kind: 'progress', message: 'a word after the jump' });
    await h.advance(2_000);
    expect(h.platform.texts()[0]).toContain('a word after the jump');
    await expectInvariants(h, { quiet: false });
    await h.advance(28 * minute);
    expect((await h.task(id)).cause).toBeUndefined();
    await h.advance(minute + 30_000);
    expect((await h.task(id)).cause).toEqual({ end: 'timed_out', reason: 'terminal' });
    for (const one of h.worker.calls) one.finish('ok');
    await h.advance(5_000);
    for (const one of h.worker.calls) one.finish('ok');
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('is found again and again, also after it went back', async () => {
    const h = await startHarness();
    await h.say('long');
    await h.advance(2_000);
    for (const deltaMs of [-2 * hour, -2 * hour, 5 * hour]) {
      h.runtime.jumpWall(deltaMs);
      await h.advance(21_000);
    }
    expect(await h.events('clock.jumped')).toHaveLength(3);
    (await h.worker.next()).finish('ok');
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('a store that cannot write', () => {
  it('accepts nothing, keeps results and writes them when it can, and health says so at once', async () => {
    const h = await startHarness();
    const id = await h.say('long');
    const call = await h.worker.next();
    await h.advance(2_000);
    const disk = fillDisk(h);
    await expect(h.say('refused')).rejects.toMatchObject({ code: 'unwritable' });
    expect(await h.relay.health()).toMatchObject({
      ok: false,
      reasons: ['the store cannot write'],
    });
    const sent = h.platform.sent.length;
    call.finish('kept');
    await h.advance(10 * minute);
    expect(h.platform.sent).toHaveLength(sent);
    expect((await h.task(id)).state).toBe('running');
    disk.free();
    await h.advance(11_000);
    expect((await h.task(id)).cause?.end).toBe('completed');
    expect(h.platform.texts()[0]).toContain('kept');
    expect((await h.relay.health()).ok).toBe(true);
    await h.say('works again');
    (await h.worker.next()).finish('ok');
    await h.advance(5_000);
    await expectInvariants(h);
    const known = /cannot write|accepting failed/;
    expect(h.errors.filter((error) => !known.test(error))).toEqual([]);
    expect(h.errors.length).toBeLessThan(10);
  });

  it('for an hour costs a bounded number of tries', async () => {
    const h = await startHarness();
    await h.say('long');
    const call = await h.worker.next();
    await h.advance(2_000);
    const disk = fillDisk(h);
    await h.advance(10 * minute);
    const early = disk.tries();
    await h.advance(10 * minute);
    const middle = disk.tries() - early;
    await h.advance(10 * minute);
    expect(disk.tries() - early - middle).toBeLessThan(middle * 1.3);
    disk.free();
    call.finish('ok');
    await h.advance(minute);
    await expectInvariants(h);
  });
});

describe('a row that cannot be read', () => {
  it('a receipt: dead, an incident, and the channel goes on', async () => {
    const h = await startHarness();
    await h.settle(
      h.relay.notify({ channel: h.platform.channel('other'), text: 'warms up', key: 'k' }),
    );
    let hold = true;
    h.platform.decide = ({ atMs }) =>
      hold
        ? { kind: 'deferred', atMs, reason: 'not_connected', cause: 'offline', retryAfterMs: 5_000 }
        : undefined;
    await h.settle(h.relay.notify({ channel: h.platform.channel(), text: 'broken', key: 'a' }));
    await h.settle(h.relay.notify({ channel: h.platform.channel(), text: 'whole', key: 'b' }));
    h.memory.database
      .prepare(`UPDATE receipts SET content = '{nonsense' WHERE content LIKE '%broken%'`)
      .run();
    hold = false;
    await h.advance(minute);
    expect(h.platform.texts()).toEqual(['whole']);
    const incidents = (await h.relay.incidents.list({ open: true })).rows;
    expect(incidents.map((incident) => incident.kind)).toEqual(['row_invalid']);
    expect((await h.relay.figures()).receiptsOpen).toBe(0);
    expect(h.errors).toEqual([]);
  });

  it('a task: it ends interrupted and is told, its worker is left behind, its session goes on', async () => {
    const h = await startHarness();
    const id = await h.say('broken');
    await h.say('whole');
    const call = await h.worker.next();
    await h.advance(2_000);
    h.memory.database.prepare(`UPDATE tasks SET deadlines = '{nonsense' WHERE id = ?`).run(id);
    call.emit({ kind: 'progress', message: 'a word' });
    await h.advance(10_000);
    expect(call.io.signal.aborted).toBe(true);
    expect((await h.task(id)).cause).toEqual({ end: 'interrupted', reason: 'row_invalid' });
    expect(h.platform.texts().join('\n')).toContain('its record cannot be read any more');
    const next = await h.worker.next();
    expect(next.task.text).toBe('whole');
    next.finish('whole done');
    await h.advance(10_000);
    expect(h.platform.texts().join('\n')).toContain('whole done');
    expect(
      (await h.relay.incidents.list({ open: true })).rows.map((incident) => incident.kind),
    ).toEqual(['row_invalid']);
  });
});

describe('listeners and health', () => {
  it('a listener hears of what was committed only', async () => {
    const h = await startHarness();
    const heard: string[] = [];
    h.relay.on('task.accepted', () => heard.push('task'));
    const write = h.store.write.bind(h.store);
    let broken = true;
    Object.assign(h.store, {
      write: (name: string, script: Parameters<Store['write']>[1]) =>
        write(name, function* (tx) {
          const result = yield* script(tx);
          if (broken) throw new StoreError('unwritable', 'the disk is full');
          return result;
        }),
    });
    await expect(h.say('lost')).rejects.toMatchObject({ code: 'unwritable' });
    expect(heard).toEqual([]);
    broken = false;
    await h.say('kept');
    expect(heard).toEqual(['task']);
  });

  it('a listener that throws is logged and changes nothing', async () => {
    const h = await startHarness();
    h.relay.on('task.ended', () => {
      throw new Error('mine');
    });
    const heard: string[] = [];
    const stop = h.relay.on('task.ended', ({ end }) => heard.push(end));
    await h.say('one');
    (await h.worker.next()).finish('ok');
    await h.advance(1_000);
    stop();
    await h.say('two');
    (await h.worker.next()).finish('ok');
    await h.advance(1_000);
    expect(heard).toEqual(['completed']);
    expect(h.errors).toHaveLength(2);
    expect(h.errors[0]).toContain('a listener failed');
    await expectInvariants(h);
  });

  it('what waits for two minutes to be shown flips health, and shown it is healthy again', async () => {
    const h = await startHarness();
    let down = true;
    h.platform.decide = ({ atMs }) =>
      down
        ? { kind: 'deferred', atMs, reason: 'not_connected', cause: 'offline', retryAfterMs: 5_000 }
        : undefined;
    await h.say('one');
    (await h.worker.next()).finish('ok');
    await h.advance(minute);
    expect((await h.relay.health()).ok).toBe(true);
    await h.advance(2 * minute);
    const health = await h.relay.health();
    expect(health.ok).toBe(false);
    expect(health.reasons[0]).toContain('has waited to be shown');
    down = false;
    await h.advance(minute);
    expect((await h.relay.health()).ok).toBe(true);
    await expectInvariants(h);
  });

  it('settled resolves when nothing can happen without time', async () => {
    const h = await startHarness();
    await h.say('one');
    (await h.worker.next()).finish('ok');
    await h.relay.settled();
    expect(h.platform.texts()).toEqual(['ok']);
  });
});

describe('late results', () => {
  it.each([
    ['timed_out', true],
    ['cancelled', false],
  ] as const)('of one that ended %s: shown is %s', async (end, shown) => {
    const h = await startHarness({ deadlines: { terminalMs: 2 * minute, answerMs: minute } });
    const id = await h.say('long');
    const call = await h.worker.next();
    call.ignoreAbort();
    await h.advance(2_000);
    if (end === 'cancelled') await h.say('/cancel');
    await h.advance(3 * minute);
    expect((await h.task(id)).cause?.end).toBe(end);
    call.emit({ kind: 'progress', message: 'late talk' });
    call.finish('the late text');
    await h.advance(5_000);
    const told = h.platform.texts().filter((text) => text.includes('the late text'));
    expect(told).toHaveLength(shown ? 1 : 0);
    if (shown) expect(told[0]).toMatch(/“long”[\s\S]*A result came after the end \(timed out\)/);
    expect(await h.events('task.late')).toEqual([{ status: 'completed', shown }]);
    expect(h.platform.texts().join()).not.toContain('late talk');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('coming in twice', () => {
  it('a redelivered message changes nothing; client ids are unique per person only', async () => {
    const h = await startHarness();
    const first = await h.say('one', { id: 'same' });
    const again = await h.settle(h.platform.say('one', { id: 'same' }));
    expect(again).toMatchObject({ kind: 'duplicate', taskId: first });
    const client = (person: string) =>
      h.settle(
        h.platform.host.accept({
          kind: 'message',
          id: 'c-1',
          channel: h.platform.channel(),
          person: { id: person },
          sentAtMs: 0,
          text: person,
          clientId: true,
        }),
      );
    expect((await client('ada')).kind).toBe('accepted');
    expect((await client('bob')).kind).toBe('accepted');
    expect((await client('bob')).kind).toBe('duplicate');
    expect((await h.relay.tasks.list()).rows).toHaveLength(3);
    for (let n = 0; n < 3; n += 1) (await h.worker.next()).finish('ok');
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('submit and notify are idempotent by key and channel, and refuse bad input by name', async () => {
    const h = await startHarness();
    const channel = h.platform.channel();
    const submit = (over: object) =>
      h.settle(h.relay.submit({ channel, text: 'go', key: 'k', ...over }));
    const one = await submit({});
    expect(await submit({ text: 'other words' })).toEqual({ taskId: one.taskId, duplicate: true });
    expect((await submit({ channel: h.platform.channel('c2') })).duplicate).toBe(false);
    const said = await h.settle(h.relay.notify({ channel, text: 'hello', key: 'k' }));
    expect(await h.settle(h.relay.notify({ channel, text: 'hello', key: 'k' }))).toEqual({
      receiptId: said.receiptId,
      duplicate: true,
    });
    await expect(submit({ key: '' })).rejects.toThrow(/key: /);
    await expect(submit({ key: 'x'.repeat(201) })).rejects.toThrow(/key: /);
    await expect(submit({ key: 'k2', text: ' ' })).rejects.toThrow(/text: /);
    await expect(submit({ key: 'k3', worker: 'nobody' })).rejects.toThrow(
      /"nobody"; there are: fake/,
    );
    await expect(submit({ key: 'k4', channel: { ...channel, adapter: 'irc' } })).rejects.toThrow(
      /"irc"; there are: fake/,
    );
    await expect(
      h.settle(h.relay.notify({ channel: { ...channel, adapter: 'irc' }, text: 'x', key: 'k5' })),
    ).rejects.toThrow(/irc/);
    for (let n = 0; n < 2; n += 1) (await h.worker.next()).finish('ok');
    await h.advance(5_000);
    expect((await h.relay.tasks.list()).rows).toHaveLength(2);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('configuration', () => {
  it('reconfigure changes new tasks only', async () => {
    const h = await startHarness();
    const before = await h.say('one');
    h.relay.reconfigure({ deadlines: { terminalMs: 11 * minute }, overlap: 'reject' });
    const after = await h.say('two', { conversation: 'c2' });
    expect((await h.task(before)).deadlines.terminalMs).toBe(30 * minute);
    expect((await h.task(after)).deadlines.terminalMs).toBe(11 * minute);
    expect(await h.say('three')).toBeUndefined();
    expect(() => h.relay.reconfigure({ concurrency: 0 })).toThrow(/concurrency: got 0/);
    for (let n = 0; n < 2; n += 1) (await h.worker.next()).finish('ok');
    await h.advance(5_000);
    await expectInvariants(h);
  });

  it.each([
    [{ deadlines: { ackMs: 0 } }, /^deadlines\.ackMs: .*0/],
    [{ deadlines: { ackMs: Number.NaN } }, /^deadlines\.ackMs: .*NaN/],
    [
      { deadlines: { ackMs: 60_000 } },
      /^deadlines\.ackMs: must be less than progressMs \(45000\), got 60000/,
    ],
    [{ deadlines: { answerMs: 31 * minute } }, /^deadlines\.answerMs: must be at most terminalMs/],
    [
      { clocks: { leaseMs: 14_999 } },
      /^clocks\.leaseMs: must be at least sendMs \+ 5000 \(15000\), got 14999/,
    ],
    [{ concurrency: 10_001 }, /^concurrency: got 10001; allowed is a whole number from 1 to 10000/],
    [{ queueMax: -1 }, /^queueMax: got -1/],
    [
      { overlap: 'steer' as 'queue' },
      /^overlap: got "steer"; allowed is "queue", "interrupt" or "reject"/,
    ],
    [{ workers: [createFakeWorker(), createFakeWorker()] }, /^workers: two are named "fake"/],
    [
      { workers: [createFakeWorker({ name: 'a' }), createFakeWorker({ name: 'b' })] },
      /^pick: there are 2 workers \(a, b\)/,
    ],
    [
      { workers: [createFakeWorker({ deadlines: { ackMs: 50_000 } })] },
      /^fake\.deadlines\.ackMs: must be less than progressMs/,
    ],
  ])('%j is refused with path, value and what is allowed', async (options, message) => {
    await expect(startHarness(options)).rejects.toThrow(message);
  });

  it('clocks of relay, adapter and worker that do not fit together are refused when set, not at the first message', async () => {
    const h = await startHarness({ workers: [createFakeWorker({ deadlines: { ackMs: 20_000 } })] });
    expect(() => h.relay.reconfigure({ deadlines: { progressMs: 15_000 } })).toThrow(
      /ackMs: must be less than progressMs \(15000\), got 20000/,
    );
    expect(await h.say('still works')).toBeDefined();
  });
});

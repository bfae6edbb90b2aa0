import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { createFakeWorker } from '../../src/testing/fake-worker.ts';
import { startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

const minute = 60_000;
const permission = {
  kind: 'permission',
  text: 'May I?',
  options: [
    { id: 'yes', label: 'Yes' },
    { id: 'no', label: 'No', refuses: true },
  ],
} as const;
const durable = () =>
  createFakeWorker({ capabilities: { reattach: true, session: 'durable', resume: 'native' } });

describe('after a crash', () => {
  it('queued tasks stay queued and run in order; the running one is told once, with Retry and for how long we were away', async () => {
    const h = await startHarness();
    const first = await h.say('one');
    await h.say('two');
    await h.say('three');
    await h.worker.next();
    await h.advance(2_000);
    await h.crash(7 * minute);
    expect((await h.task(first)).cause).toEqual({ end: 'interrupted', reason: 'restarted' });
    expect(h.platform.texts()[0]).toMatch(/I was away for 7 min 1 s, until 09:07 UTC/);
    expect(h.platform.texts()[0]).toContain('“one”');
    expect(h.platform.button('Retry')).toBe(`retry:${first}`);
    const second = await h.worker.next();
    expect(second.task.text).toBe('two');
    second.finish('two done');
    const third = await h.worker.next();
    third.finish('three done');
    await h.advance(5_000);
    expect(h.worker.calls.map((call) => call.task.text)).toEqual(['one', 'two', 'three']);
    await h.crash();
    await h.advance(5_000);
    expect(
      h.platform.shown.filter((message) =>
        message.history.some((text) => text.includes('Interrupted')),
      ),
    ).toHaveLength(1);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('nothing begins and nothing is sent before the adapters are there', async () => {
    const h = await startHarness();
    await h.say('one');
    await h.say('two');
    await h.advance(2_000);
    const adapter = h.platform.adapter.bind(h.platform);
    let began = false;
    const early: string[] = [];
    let opened: () => void = () => undefined;
    const door = new Promise<void>((resolve) => {
      opened = resolve;
    });
    h.platform.adapter = () => {
      const made = adapter();
      return {
        ...made,
        start: async (host) => {
          await door;
          began = true;
          await made.start(host);
        },
        deliver: async (delivery, attempt) => {
          if (!began) early.push(delivery.text);
          return await made.deliver(delivery, attempt);
        },
      };
    };
    const restarted = h.crash();
    for (let turns = 0; turns < 50; turns += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(h.worker.calls).toHaveLength(1);
    opened();
    await restarted;
    expect(early).toEqual([]);
    expect(h.worker.calls).toHaveLength(2);
    h.worker.calls[1]?.finish('ok');
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('one whose time passed meanwhile was interrupted all the same: the truth comes before the clocks', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 5 * minute, answerMs: minute } });
    const id = await h.say('one');
    await h.worker.next();
    await h.advance(2_000);
    await h.crash(60 * minute);
    expect((await h.task(id)).cause).toEqual({ end: 'interrupted', reason: 'restarted' });
    expect(await h.events('deadline.missed')).toEqual([]);
    expect(h.platform.texts()).toHaveLength(1);
    expect(h.platform.texts()[0]).toContain('I was away');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('one that was aborting ends as its cause says', async () => {
    const h = await startHarness();
    const id = await h.say('one');
    (await h.worker.next()).ignoreAbort();
    await h.advance(2_000);
    await h.say('/cancel never mind');
    expect((await h.task(id)).state).toBe('aborting');
    await h.crash(minute);
    expect((await h.task(id)).cause).toEqual({ end: 'cancelled', reason: 'never mind', by: 'ada' });
    expect(h.platform.texts()[0]).toContain('Cancelled by ada: never mind.');
    await h.advance(5_000);
    expect(h.platform.texts().filter((text) => text.includes('never mind'))).toHaveLength(2);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('one that waited on a question: the question is closed and its buttons go', async () => {
    const h = await startHarness();
    const id = await h.say('one');
    void (await h.worker.next()).ask(permission);
    await h.advance(2_000);
    const button = h.platform.button('Yes');
    await h.crash(minute);
    await h.advance(5_000);
    expect((await h.task(id)).cause?.end).toBe('interrupted');
    expect(h.platform.shown[0]?.buttons).toEqual([]);
    await h.settle(h.platform.press(button));
    await h.advance(100);
    expect(h.platform.texts().at(-1)).toContain('Too late');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('one that had ended and was not told is told', async () => {
    const h = await startHarness();
    const id = await h.say('one');
    const call = await h.worker.next();
    let down = true;
    h.platform.decide = ({ atMs }) =>
      down ? { kind: 'deferred', atMs, reason: 'not_connected', cause: 'offline' } : undefined;
    call.finish('the result');
    await h.advance(5_000);
    expect((await h.task(id)).contract.state).toBe('terminal_pending');
    down = false;
    await h.crash(minute);
    await h.advance(minute);
    expect(h.platform.texts()).toHaveLength(1);
    expect(h.platform.texts()[0]).toContain('the result');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('a worker that can be attached', () => {
  it('is watched again after a crash, and its result arrives', async () => {
    const worker = durable();
    const h = await startHarness({ workers: [worker] });
    const id = await h.say('one');
    await worker.next();
    await h.advance(2_000);
    await h.crash(minute);
    const call = await worker.next();
    expect(call.kind).toBe('attach');
    expect((await h.task(id)).state).toBe('running');
    call.emit({ kind: 'progress', message: 'still at it' });
    await h.advance(5_000);
    call.finish('made it');
    await h.advance(5_000);
    expect(h.platform.texts()[0]).toContain('made it');
    expect(h.platform.shown).toHaveLength(1);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('that had asked may ask again: the old question is closed', async () => {
    const worker = durable();
    const h = await startHarness({ workers: [worker] });
    const id = await h.say('one');
    void (await worker.next()).ask(permission);
    await h.advance(2_000);
    await h.crash(minute);
    const call = await worker.next();
    expect((await h.task(id)).state).toBe('running');
    const reply = call.ask(permission);
    await h.advance(2_000);
    await h.press('Yes');
    expect(await reply).toEqual({ outcome: 'selected', optionId: 'yes' });
    call.finish('ok');
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('that hangs holds the start no longer than attachMs', async () => {
    const worker = durable();
    const h = await startHarness({ workers: [worker], clocks: { attachMs: 5_000 } });
    const id = await h.say('one');
    await worker.next();
    await h.advance(2_000);
    worker.ensureSession = () => new Promise(() => undefined);
    let up = false;
    const crashed = h.crash().catch(() => undefined);
    void crashed;
    for (let turns = 0; turns < 20; turns += 1)
      await new Promise((resolve) => setImmediate(resolve));
    void h.relay.health().then(() => undefined);
    await h.runtime.advance(5_000);
    up = (await h.relay.health()).ready;
    expect(up).toBe(true);
    await h.runtime.advance(5_000);
    expect((await h.task(id)).cause?.end).toBe('interrupted');
    await expectInvariants(h);
  });

  it('stays running over a clean stop, and is attached at the next start', async () => {
    const worker = durable();
    const h = await startHarness({ workers: [worker] });
    const id = await h.say('one');
    const call = await worker.next();
    call.ignoreAbort();
    worker.dispose = async () => {
      call.fail(new Error('the connection was closed'));
    };
    await h.advance(2_000);
    const stopping = h.relay.stop();
    await h.advance(30_000);
    await stopping;
    expect(call.io.signal.aborted).toBe(false);
    expect((await h.task(id)).state).toBe('running');
    await h.crash(minute);
    const again = await worker.next();
    expect(again.kind).toBe('attach');
    again.finish('made it');
    await h.advance(5_000);
    expect(h.platform.texts()[0]).toContain('made it');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('a stop', () => {
  it('lets what runs finish, takes nothing on, and exits', async () => {
    const h = await startHarness();
    const id = await h.say('one');
    const queued = await h.say('two');
    const call = await h.worker.next();
    await h.advance(2_000);
    const stopping = h.relay.stop();
    await h.advance(1_000);
    await expect(h.say('three')).rejects.toMatchObject({ code: 'stopping' });
    await expect(
      h.settle(h.relay.submit({ channel: h.platform.channel(), text: 'x', key: 'k' })),
    ).rejects.toMatchObject({ code: 'stopping' });
    await expect(
      h.settle(h.relay.notify({ channel: h.platform.channel(), text: 'x', key: 'k' })),
    ).rejects.toMatchObject({ code: 'stopping' });
    call.finish('just in time');
    await h.advance(30_000);
    await stopping;
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect((await h.task(queued)).state).toBe('queued');
    expect(h.worker.disposed).toBe(true);
    await h.start();
    (await h.worker.next()).finish('two done');
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('waits for the answer of a send that takes longer than the drain, and stores it', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform, clocks: { drainMs: 1_000 } });
    platform.decide = ({ runtime }) => ({ kind: 'apply_and_hold', until: runtime.sleep(8_000) });
    const id = await h.say('one');
    (await h.worker.next()).finish('told');
    await h.advance(100);
    const stopped = h.relay.stop().then(async () => (await h.task(id)).contract.state);
    await h.advance(20_000);
    expect(await stopped).toBe('terminal_acked');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('ends the rest interrupted after drainMs, and tells it before it exits', async () => {
    const h = await startHarness();
    const id = await h.say('one');
    await h.worker.next();
    await h.advance(2_000);
    const stopping = h.relay.stop();
    await h.advance(9_900);
    expect((await h.task(id)).state).toBe('running');
    await h.advance(20_000);
    await stopping;
    expect((await h.task(id)).cause).toEqual({ end: 'interrupted', reason: 'stopped' });
    expect(h.platform.texts()[0]).toContain('Interrupted: the bot was stopped');
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('fires no clock while it drains', async () => {
    const h = await startHarness({
      clocks: { drainMs: 2 * minute },
      deadlines: { terminalMs: 2 * minute, answerMs: minute },
    });
    const id = await h.say('one');
    const call = await h.worker.next();
    await h.advance(minute + 30_000);
    const stopping = h.relay.stop();
    await h.advance(minute);
    expect((await h.task(id)).state).toBe('running');
    call.finish('ok');
    await h.advance(4 * minute);
    await stopping;
    expect((await h.task(id)).cause?.end).toBe('completed');
    await expectInvariants(h);
  });

  it('a second one is immediate; what was not told is told after the next start', async () => {
    const h = await startHarness();
    const id = await h.say('one');
    (await h.worker.next()).ignoreAbort();
    await h.advance(2_000);
    const first = h.relay.stop();
    await h.advance(500);
    const second = h.relay.stop();
    await h.runtime.settle();
    await second;
    await first;
    expect((await h.task(id)).state).toBe('running');
    await h.crash(minute);
    expect((await h.task(id)).cause).toEqual({ end: 'interrupted', reason: 'restarted' });
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

const minute = 60_000;

/** Background work silently lost, run twice, or not told apart. */
describe('work that is lost elsewhere', () => {
  it('H02 a task that a crash killed gets its own final message, and its contract is settled by it', async () => {
    const h = await startHarness();
    const ids = [
      await h.say('a', { conversation: 'c1' }),
      await h.say('b', { conversation: 'c2' }),
    ];
    await h.advance(2_000);
    await h.crash(5 * minute);
    await h.advance(5_000);
    for (const id of ids) {
      const task = await h.task(id);
      expect(task.cause).toEqual({ end: 'interrupted', reason: 'restarted' });
      expect(task.contract.state).toBe('terminal_acked');
    }
    for (const conversation of ['c1', 'c2']) {
      const told = h.platform.texts(conversation).filter((text) => text.includes('Interrupted'));
      expect(told).toHaveLength(1);
    }
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('H05 the terminal deadline bounds the work, also of a worker that keeps talking', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 3 * minute, answerMs: minute } });
    const id = await h.say('for ever');
    const call = await h.worker.next();
    for (let n = 0; n < 20 && !call.settled; n += 1) {
      call.emit({ kind: 'progress', message: `step ${n}` });
      call.io.touch();
      await h.advance(10_000);
    }
    const task = await h.task(id);
    expect(task.cause).toEqual({ end: 'timed_out', reason: 'terminal' });
    expect((task.endedAtMs ?? 0) - (task.startedAtMs ?? 0)).toBe(3 * minute);
    expect(h.platform.texts()[0]).toContain('Timed out');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('H14 clocks are rows: they fire without any message in the channel, after a restart too, in the message from before it', async () => {
    const h = await startHarness();
    await h.say('first');
    await h.say('second');
    await h.advance(2_000);
    const [first, second] = h.platform.shown.map((message) => message.handle);
    await h.crash();
    await h.advance(40_000);
    expect(h.platform.shown.map((message) => message.handle)).toEqual([first, second]);
    expect(h.platform.texts()[1]).toContain('Still working');
    await h.worker.next();
    (await h.worker.next()).finish('after the restart');
    await h.advance(5_000);
    expect(h.platform.shown.find((message) => message.handle === second)?.text).toContain(
      'after the restart',
    );
    expect(h.platform.shown).toHaveLength(2);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('H14 a result that is there at once finds its contract', async () => {
    const h = await startHarness();
    const states: string[] = [];
    h.relay.on('task.ended', ({ end }) => states.push(end));
    for (let n = 0; n < 20; n += 1) {
      const id = h.say(`q${n}`, { conversation: `c${n}` });
      (await h.worker.next()).finish('at once');
      expect((await h.task(await id)).contract.state).toMatch(/^(created|terminal_)/);
    }
    await h.advance(1_000);
    expect(states).toHaveLength(20);
    await expectInvariants(h);
  });

  it('F10 work that was not acknowledged is redelivered from its receipt, never executed again', async () => {
    const h = await startHarness();
    await h.say('charge the card');
    const call = await h.worker.next();
    let down = true;
    h.platform.decide = ({ atMs }) =>
      down ? { kind: 'deferred', atMs, reason: 'unavailable', cause: 'down' } : undefined;
    call.finish('charged');
    await h.advance(10_000);
    for (let n = 0; n < 3; n += 1) await h.crash(minute);
    down = false;
    await h.advance(5 * minute);
    expect(h.worker.calls).toHaveLength(1);
    expect(h.platform.texts()).toHaveLength(1);
    expect(h.platform.texts()[0]).toContain('charged');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F10 work that a crash interrupted is never run again by itself', async () => {
    const h = await startHarness();
    await h.say('charge the card');
    await h.worker.next();
    await h.crash(minute);
    await h.crash(minute);
    await h.advance(10 * minute);
    expect(h.worker.calls).toHaveLength(1);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F20 what takes too long is told when its time is over, whether its worker hangs or was never called', async () => {
    const h = await startHarness({
      concurrency: 1,
      deadlines: { terminalMs: 10 * minute, queueMs: 5 * minute },
    });
    const hangs = await h.say('hangs', { conversation: 'c1' });
    const waits = await h.say('waits', { conversation: 'c2' });
    (await h.worker.next()).ignoreAbort();
    await h.advance(5 * minute);
    expect((await h.task(waits)).cause).toEqual({ end: 'timed_out', reason: 'never_started' });
    expect(h.platform.texts('c2').at(-1)).toContain('Timed out: it never got its turn');
    await h.advance(5 * minute + 5_000);
    expect((await h.task(hangs)).cause).toEqual({ end: 'timed_out', reason: 'terminal' });
    expect(h.platform.texts('c1').at(-1)).toContain('Timed out');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F23 /status tells running, waiting for you, queued, and done but not shown, from the store alone', async () => {
    const h = await startHarness();
    const status = async (conversation: string): Promise<string> => {
      await h.say('/status', { conversation });
      await h.advance(100);
      return h.platform.texts(conversation).at(-1) ?? '';
    };
    await h.say('runs', { conversation: 'c1' });
    await h.say('queues', { conversation: 'c1' });
    await h.worker.next();
    await h.say('blocked', { conversation: 'c2' });
    void (await h.worker.next()).ask({ kind: 'question', text: 'which?', options: [] });
    await h.advance(10_000);
    expect(await status('c1')).toMatch(/“runs”.*: running for 10 s\n.*“queues”.*: queued for 10 s/);
    expect(await status('c2')).toMatch(/“blocked”.*: waiting for your answer/);
    h.platform.decide = ({ delivery, atMs }) =>
      delivery.kind === 'terminal'
        ? { kind: 'rejected', atMs, reason: 'invalid', code: '400', cause: 'too odd' }
        : undefined;
    await h.say('done', { conversation: 'c3' });
    (await h.worker.next()).finish('odd text');
    await h.advance(5_000);
    expect(await status('c3')).toMatch(
      /“done”.*: completed \(done\); its answer could not be shown yet/,
    );
    h.platform.decide = undefined;
    for (const call of h.worker.calls) call.finish('ok');
    await h.advance(5_000);
    for (const call of h.worker.calls) call.finish('ok');
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F25 one truth: chat, code and button see the same end; cancel twice makes one end and answers both', async () => {
    const h = await startHarness();
    const id = await h.say('long');
    (await h.worker.next()).ignoreAbort();
    await h.advance(2_000);
    const button = h.platform.button('Cancel');
    const code = h.relay.tasks.cancel(id, { by: 'ops', reason: 'first' });
    await h.runtime.settle();
    await h.say('/cancel second');
    await h.settle(h.platform.press(button));
    const twice = h.relay.tasks.cancel(id, { by: 'ops', reason: 'third' });
    await h.advance(6_000);
    const cause = { end: 'cancelled', reason: 'first', by: 'ops' };
    expect(await code).toEqual({ kind: 'detached', cause });
    expect(await twice).toEqual({ kind: 'detached', cause });
    expect((await h.task(id)).cause).toEqual(cause);
    expect(
      h.platform.texts().filter((text) => text.includes('Cancelled by ops: first.')),
    ).toHaveLength(2);
    expect(await h.settle(h.relay.tasks.cancel(id))).toEqual({ kind: 'already_ended', cause });
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/contracts/store.ts';
import type { EndCause } from '../../src/contracts/task.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { createFakeWorker } from '../../src/testing/fake-worker.ts';
import { startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

const minute = 60_000;
const unavailable = (atMs: number) =>
  ({ kind: 'deferred', atMs, reason: 'unavailable', cause: 'down' }) as const;

describe('the ack clock', () => {
  it('shows the ack when ackDelayMs is over, not before', async () => {
    const h = await startHarness({ deadlines: { ackDelayMs: 2_000 } });
    await h.say('work');
    await h.advance(1_999);
    expect(h.platform.shown).toEqual([]);
    await h.advance(1);
    expect(h.platform.texts()).toEqual(['On it…']);
    expect(h.platform.shown[0]?.buttons.map((button) => button.label)).toEqual(['Cancel']);
    (await h.worker.next()).finish('ok');
    await h.runtime.settle();
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('missed is written once, and its channel is served before all others of the account', async () => {
    const platform = new FakePlatform({ capabilities: { gapMs: { account: 1_000 } } });
    const h = await startHarness({ platform });
    let down = true;
    platform.decide = ({ atMs }) =>
      down ? { ...unavailable(atMs), scope: 'account', retryAfterMs: 20_000 } : undefined;
    // Final messages are the most urgent of all but this.
    for (let n = 1; n <= 5; n += 1) {
      await h.say('quick', { conversation: `s${n}` });
      (await h.worker.next()).finish('done');
    }
    await h.advance(1_000);
    const id = await h.say('urgent', { conversation: 'late' });
    await h.advance(6_000);
    expect(await h.events('deadline.missed')).toEqual([{ clock: 'ack', lateMs: 0 }]);
    expect((await h.task(id)).contract.state).toBe('created');
    down = false;
    const before = platform.sent.length;
    await h.advance(minute);
    expect(platform.sent[before]?.delivery.channel.conversation).toBe('late');
    (await h.worker.next()).finish('ok');
    await h.advance(2 * minute);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('is not missed when an answer came before it', async () => {
    const h = await startHarness();
    await h.say('quick');
    (await h.worker.next()).finish('pong');
    await h.advance(10_000);
    expect(await h.events('deadline.missed')).toEqual([]);
    await expectInvariants(h);
  });
});

describe('the progress clock', () => {
  it('at two thirds edits the live message: elapsed time and the last word', async () => {
    const h = await startHarness();
    await h.say('long');
    const call = await h.worker.next();
    await h.advance(1_500);
    call.emit({ kind: 'progress', message: 'compiling' });
    await h.advance(2_000);
    const shownAt = 1_500;
    await h.advance(30_000 + shownAt - 3_500 - 1);
    expect(h.platform.texts()).toEqual(['compiling']);
    await h.advance(2_001);
    expect(h.platform.texts()).toHaveLength(1);
    expect(h.platform.texts()[0]).toMatch(/^compiling\n\nStill working \(3[0-9] s\)…$/);
    await h.advance(60_000);
    expect(h.platform.texts()[0]).toMatch(/Still working \(1 min 3\d s\)…$/);
    expect(await h.events('deadline.missed')).toEqual([]);
    call.finish('ok');
    await h.runtime.settle();
    await expectInvariants(h);
  });

  it('heartbeats every two thirds for half an hour, all in one message', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 40 * minute } });
    await h.say('long');
    await h.advance(30 * minute);
    expect(h.platform.shown).toHaveLength(1);
    const beats = h.platform.shown[0]?.history.length ?? 0;
    expect(beats).toBeGreaterThan(50);
    expect(beats).toBeLessThan(65);
    expect(h.platform.texts()[0]).toContain('Still working (');
    expect(await h.events('deadline.missed')).toEqual([]);
    (await h.worker.next()).finish('ok');
    await h.runtime.settle();
    expect(h.errors).toEqual([]);
  });

  it('a heartbeat is composed once per silence: nothing more is written while it cannot be shown', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await h.say('long');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.decide = ({ atMs }) => unavailable(atMs);
    await h.advance(10 * minute);
    expect(await h.events('deadline.near')).toHaveLength(1);
    platform.decide = undefined;
    await h.advance(3 * minute);
    expect((await h.events('deadline.near')).length).toBeGreaterThan(1);
    call.finish('ok');
    await h.advance(1_000);
    await expectInvariants(h);
  });

  it('sla_missed is written only when nothing was surfaced by the full time, and what surfaces later mends it', async () => {
    const h = await startHarness();
    const id = await h.say('long');
    const call = await h.worker.next();
    await h.advance(2_000);
    let down = true;
    h.platform.decide = ({ atMs }) => (down ? unavailable(atMs) : undefined);
    call.emit({ kind: 'progress', message: 'nobody sees this' });
    await h.advance(45_000);
    expect((await h.task(id)).contract.state).toBe('sla_missed');
    expect((await h.events('deadline.missed')).map((miss) => miss['clock'])).toEqual(['progress']);
    down = false;
    await h.advance(minute);
    expect((await h.task(id)).contract.state).toBe('progressing');
    expect(h.platform.texts()[0]).toContain('nobody sees this');
    call.finish('ok');
    await h.advance(minute);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('100,000 events of a worker cost few rows, and the newest word is what is shown', async () => {
    const h = await startHarness();
    const id = await h.say('noisy');
    const call = await h.worker.next();
    for (let n = 0; n < 50_000; n += 1) call.emit({ kind: 'progress', message: `step ${n}` });
    await h.advance(2_000);
    for (let n = 50_000; n < 100_000; n += 1) call.emit({ kind: 'progress', message: `step ${n}` });
    await h.advance(4_000);
    expect(h.platform.texts()).toEqual(['step 99999']);
    const progress = (await h.receipts(id)).filter((receipt) => receipt.kind === 'progress');
    expect(progress.length).toBeLessThanOrEqual(3);
    expect((await h.journal()).length).toBeLessThan(20);
    call.finish('ok');
    await h.runtime.settle();
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('never opens two progress receipts closer than progressEveryMs', async () => {
    const h = await startHarness({ deadlines: { progressEveryMs: 5_000 } });
    await h.say('chatty');
    const call = await h.worker.next();
    for (let n = 0; n < 60; n += 1) {
      call.emit({ kind: 'progress', message: `word ${n}` });
      await h.advance(500);
    }
    const at = h.platform.sent
      .filter((sent) => sent.delivery.kind === 'progress')
      .map((sent) => sent.atMs);
    expect(at.length).toBeGreaterThanOrEqual(5);
    for (const [index, ms] of at.slice(1).entries())
      expect(ms - (at[index] ?? 0)).toBeGreaterThanOrEqual(5_000);
    call.finish('ok');
    await h.runtime.settle();
    await expectInvariants(h);
  });

  it('the same word again opens no receipt and resets no clock', async () => {
    const h = await startHarness();
    const id = await h.say('long');
    const call = await h.worker.next();
    call.emit({ kind: 'progress', message: 'same' });
    await h.advance(2_000);
    for (let n = 0; n < 10; n += 1) {
      call.emit({ kind: 'progress', message: 'same' });
      await h.advance(2_500);
    }
    const progress = (await h.receipts(id)).filter((receipt) => receipt.kind === 'progress');
    expect(progress).toHaveLength(1);
    await h.advance(8_000);
    expect(h.platform.texts()[0]).toContain('Still working');
    call.finish('ok');
    await h.runtime.settle();
  });
});

describe('the clocks of the work', () => {
  it('terminalMs aborts with its cause stored, and the task ends timed_out with Retry', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 5 * minute, answerMs: minute } });
    const id = await h.say('long');
    const call = await h.worker.next();
    await h.advance(5 * minute - 1);
    expect((await h.task(id)).state).toBe('running');
    await h.advance(1);
    expect(call.io.signal.reason as EndCause).toEqual({ end: 'timed_out', reason: 'terminal' });
    expect((await h.task(id)).cause).toEqual({ end: 'timed_out', reason: 'terminal' });
    expect(h.platform.texts()[0]).toContain('Timed out: it took longer than it may');
    expect(h.platform.button('Retry')).toBe(`retry:${id}`);
    expect(await h.events('deadline.missed')).toEqual([{ clock: 'terminal', lateMs: 0 }]);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('a completed result that arrives while aborting wins; others end as the cause says', async () => {
    for (const [status, end] of [
      ['completed', 'completed'],
      ['failed', 'timed_out'],
      ['interrupted', 'timed_out'],
    ] as const) {
      const h = await startHarness({ deadlines: { terminalMs: 2 * minute, answerMs: minute } });
      const id = await h.say('long');
      const call = await h.worker.next();
      call.ignoreAbort();
      await h.advance(2 * minute + 2_000);
      expect((await h.task(id)).state).toBe('aborting');
      call.finish({ status, text: 'just made it' });
      await h.runtime.settle();
      expect((await h.task(id)).cause?.end).toBe(end);
      expect(h.platform.texts()[0]).toContain('just made it');
      await expectInvariants(h);
    }
  });

  it('a worker that throws while aborting ends as the cause says', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 2 * minute, answerMs: minute } });
    const id = await h.say('long');
    const call = await h.worker.next();
    call.ignoreAbort();
    await h.advance(2 * minute + 1_000);
    call.fail(new Error('torn down'));
    await h.runtime.settle();
    expect((await h.task(id)).cause).toEqual({ end: 'timed_out', reason: 'terminal' });
    await expectInvariants(h);
  });

  it('graceMs leaves a worker behind that ignores its abort: detached and counted', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 2 * minute, answerMs: minute } });
    const id = await h.say('long');
    (await h.worker.next()).ignoreAbort();
    await h.advance(2 * minute + 4_999);
    expect((await h.task(id)).state).toBe('aborting');
    await h.advance(1);
    expect((await h.task(id)).cause).toEqual({ end: 'timed_out', reason: 'terminal' });
    expect(await h.events('task.detached')).toHaveLength(1);
    expect((await h.relay.health()).tasksDetached).toBe(1);
    expect((await h.relay.health()).tasksRunning).toBe(0);
    await expectInvariants(h);
  });

  it('a result in the very instant in which the grace is over makes one end', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 2 * minute, answerMs: minute } });
    const id = await h.say('long');
    const call = await h.worker.next();
    call.ignoreAbort();
    await h.advance(2 * minute + 4_000);
    const port = h.store as { write: Store['write'] };
    const { write } = port;
    port.write = (name, script) => {
      if (name === 'fire') call.finish('just now');
      return write(name, script);
    };
    await h.advance(10_000);
    expect(call.settled).toBe(true);
    expect(await h.events('task.ended')).toHaveLength(1);
    expect((await h.task(id)).cause?.end).toBe('timed_out');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('queueMs ends what never got its turn, and the queue goes on', async () => {
    const h = await startHarness({ deadlines: { queueMs: 3 * minute, terminalMs: 20 * minute } });
    await h.say('first');
    const second = await h.say('second');
    const first = await h.worker.next();
    await h.advance(3 * minute);
    expect((await h.task(second)).cause).toEqual({ end: 'timed_out', reason: 'never_started' });
    expect(h.platform.texts()[1]).toContain('Timed out: it never got its turn');
    await h.say('third');
    first.finish('ok');
    (await h.worker.next()).finish('third done');
    await h.runtime.settle();
    expect(h.platform.texts().join('\n')).toContain('third done');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('idleMs aborts a worker without a sign of life; touch and events are signs', async () => {
    const h = await startHarness({ deadlines: { idleMs: minute } });
    const id = await h.say('long');
    const call = await h.worker.next();
    for (let n = 0; n < 5; n += 1) {
      await h.advance(50_000);
      if (n % 2 === 0) call.io.touch();
      else call.emit({ kind: 'reasoning', partId: 'r', delta: 'hm' });
    }
    expect((await h.task(id)).state).toBe('running');
    await h.advance(minute);
    expect((await h.task(id)).cause).toEqual({ end: 'timed_out', reason: 'idle' });
    expect(h.platform.texts()[0]).toContain('gave no sign of life');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('idleMs is off while a question is open', async () => {
    const h = await startHarness({ deadlines: { idleMs: minute } });
    const id = await h.say('long');
    const call = await h.worker.next();
    void call.ask({ kind: 'question', text: 'which?', options: [{ id: 'a', label: 'A' }] });
    await h.advance(5 * minute);
    expect((await h.task(id)).state).toBe('waiting');
    await h.press('A');
    await h.advance(50_000);
    expect((await h.task(id)).state).toBe('running');
    await h.advance(20_000);
    expect((await h.task(id)).cause).toEqual({ end: 'timed_out', reason: 'idle' });
    await expectInvariants(h);
  });

  it('an idle worker that can be attached is asked for the truth first', async () => {
    const worker = createFakeWorker({ capabilities: { reattach: true, session: 'durable' } });
    const h = await startHarness({ workers: [worker], deadlines: { idleMs: minute } });
    const id = await h.say('long');
    await worker.next();
    await h.advance(minute + 100);
    const truth = await worker.next();
    expect(truth.kind).toBe('attach');
    truth.finish('it had ended long ago');
    await h.runtime.settle();
    expect((await h.task(id)).cause?.end).toBe('completed');
    expect(h.platform.texts()).toEqual(['it had ended long ago']);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('an attach without an answer does not hold the idle clock for ever', async () => {
    const worker = createFakeWorker({ capabilities: { reattach: true, session: 'durable' } });
    const h = await startHarness({ workers: [worker], deadlines: { idleMs: minute } });
    const id = await h.say('long');
    await h.advance(minute + 20_000);
    expect((await h.task(id)).cause).toEqual({ end: 'timed_out', reason: 'idle' });
    await expectInvariants(h);
  });
});

describe('clocks after downtime', () => {
  it('fire once each: a queued task whose time is over ends, and is told once', async () => {
    const h = await startHarness({ deadlines: { queueMs: 10 * minute } });
    await h.say('first');
    const second = await h.say('second');
    await h.advance(2_000);
    await h.crash(60 * minute);
    await h.advance(5_000);
    expect((await h.task(second)).cause).toEqual({ end: 'timed_out', reason: 'never_started' });
    const told = h.platform.shown.filter((message) => message.text.includes('never got its turn'));
    expect(told).toHaveLength(1);
    const missed = await h.events('deadline.missed');
    expect(missed.filter((miss) => miss['clock'] === 'queue')).toHaveLength(1);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('a queued task that may still wait says so once, and runs', async () => {
    const h = await startHarness();
    await h.say('first');
    await h.say('second');
    await h.advance(2_000);
    await h.crash(10 * minute);
    const call = await h.worker.next();
    const again = call.task.text === 'first' ? await h.worker.next() : call;
    expect(again.task.text).toBe('second');
    again.finish('second done');
    await h.advance(10_000);
    expect(h.platform.texts().at(-1)).toContain('second done');
    const missed = await h.events('deadline.missed');
    expect(missed.filter((miss) => miss['clock'] === 'progress').length).toBeLessThanOrEqual(1);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

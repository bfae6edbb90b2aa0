import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

const minute = 60_000;

describe('overlap: queue', () => {
  it('shows the position, and every change of it as progress in the same message', async () => {
    const h = await startHarness();
    await h.say('one');
    const one = await h.worker.next();
    const second = await h.say('two');
    const third = await h.say('three');
    await h.advance(2_000);
    expect(h.platform.texts().slice(1)).toEqual([
      expect.stringContaining('Queued: you are next.'),
      expect.stringContaining('Queued: position 2.'),
    ]);
    one.finish('done one');
    const two = await h.worker.next();
    expect(two.task.id).toBe(second);
    await h.advance(2_000);
    expect(h.platform.texts()[1]).toContain('Your turn');
    expect(h.platform.texts()[2]).toContain('Queued: you are next.');
    two.fail(new Error('broke'));
    const three = await h.worker.next();
    expect(three.task.id).toBe(third);
    three.finish('done three');
    await h.advance(2_000);
    expect(h.platform.shown).toHaveLength(3);
    expect(h.platform.texts()[2]).toContain('done three');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('an ack that became ripe after its turn had come does not speak of a queue', async () => {
    const h = await startHarness();
    await h.say('one');
    await h.say('two');
    (await h.worker.next()).finish('done one');
    await h.advance(1_500);
    expect(h.platform.texts()[1]).toContain('On it…');
    expect(h.platform.texts()[1]).not.toContain('Queued');
    (await h.worker.next()).finish('ok');
    await h.runtime.settle();
    await h.advance(100);
    expect(h.platform.texts()[1]).not.toContain('Queued');
    await expectInvariants(h);
  });

  it('when one in the middle is cancelled those behind it are told', async () => {
    const h = await startHarness();
    await h.say('one');
    const one = await h.worker.next();
    const second = await h.say('two');
    await h.say('three');
    await h.advance(2_000);
    await h.settle(h.relay.tasks.cancel(second));
    await h.advance(2_000);
    expect(h.platform.texts()[2]).toContain('Queued: you are next.');
    one.finish('ok');
    (await h.worker.next()).finish('ok');
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('is bounded: one too many is refused visibly and costs nothing', async () => {
    const h = await startHarness({ queueMax: 2 });
    for (const text of ['one', 'two', 'three']) await h.say(text);
    expect(await h.say('four')).toBeUndefined();
    await h.advance(2_000);
    expect(h.platform.texts().filter((text) => text.includes('Too much is waiting'))).toHaveLength(
      1,
    );
    expect(await h.events('message.refused')).toEqual([
      expect.objectContaining({ reason: 'queue_full' }),
    ]);
    for (let n = 0; n < 3; n += 1) (await h.worker.next()).finish('ok');
    await h.advance(2_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('drains on every end: thrown, nothing, cancelled, detached, timed out, missing session', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 2 * minute, answerMs: minute } });
    for (const text of ['a', 'b', 'c', 'd', 'e']) await h.say(text);
    (await h.worker.next()).fail(new Error('thrown'));
    (await h.worker.next()).finish(undefined as unknown as string);
    const c = await h.worker.next();
    await h.settle(h.relay.tasks.cancel(c.task.id));
    const d = await h.worker.next();
    d.ignoreAbort();
    await h.advance(2 * minute + 5_000);
    const e = await h.worker.next();
    e.finish('the last');
    await h.advance(5_000);
    const ends = (await h.relay.tasks.list()).rows.map(
      (task) => `${task.cause?.end}/${task.cause?.reason}`,
    );
    expect(ends).toEqual([
      'failed/worker_failed',
      'failed/no_result',
      'cancelled/cancelled by request',
      'timed_out/terminal',
      'completed/done',
    ]);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('overlap: interrupt', () => {
  it('the running task is replaced without a Retry button, and the new one waits for its end', async () => {
    const h = await startHarness({ overlap: 'interrupt' });
    const first = await h.say('one');
    const one = await h.worker.next();
    one.ignoreAbort();
    await h.advance(2_000);
    await h.say('two');
    expect((await h.task(first)).state).toBe('aborting');
    expect(h.worker.calls).toHaveLength(1);
    await h.advance(5_000);
    expect(h.worker.calls).toHaveLength(2);
    expect((await h.task(first)).cause).toEqual({ end: 'cancelled', reason: 'replaced' });
    expect(h.platform.texts()[0]).toContain('a newer message took its place');
    expect(h.platform.shown[0]?.buttons).toEqual([]);
    h.worker.calls[1]?.finish('two done');
    await h.advance(2_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('one waits: a newer message ends the waiting one the same way', async () => {
    const h = await startHarness({ overlap: 'interrupt' });
    await h.say('one');
    (await h.worker.next()).ignoreAbort();
    const second = await h.say('two');
    await h.say('three');
    expect((await h.task(second)).cause).toEqual({ end: 'cancelled', reason: 'replaced' });
    await h.advance(5_000);
    const three = await h.worker.next();
    expect(three.task.text).toBe('three');
    three.finish('ok');
    await h.advance(2_000);
    expect(h.worker.calls).toHaveLength(2);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('a task that waits for a free-text answer is answered, not interrupted', async () => {
    const h = await startHarness({ overlap: 'interrupt' });
    const id = await h.say('one');
    const call = await h.worker.next();
    const reply = call.ask({ kind: 'question', text: 'which branch?', options: [] });
    await h.runtime.settle();
    await h.say('main');
    expect(await reply).toEqual({ outcome: 'answered', text: 'main' });
    expect((await h.task(id)).state).toBe('running');
    call.finish('ok');
    await h.advance(2_000);
    await expectInvariants(h);
  });
});

describe('overlap: reject', () => {
  it('refuses visibly while busy, and takes the next when it is free', async () => {
    const h = await startHarness({ overlap: 'reject' });
    await h.say('one');
    expect(await h.say('two')).toBeUndefined();
    expect(h.platform.texts()).toContainEqual(expect.stringContaining('still busy'));
    (await h.worker.next()).finish('ok');
    await h.runtime.settle();
    await h.say('three');
    (await h.worker.next()).finish('ok');
    await h.advance(2_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('sessions', () => {
  it('of other channels run in parallel, up to concurrency', async () => {
    const h = await startHarness({ concurrency: 3 });
    for (let n = 1; n <= 5; n += 1) await h.say('work', { conversation: `c${n}` });
    await h.runtime.settle();
    expect(h.worker.calls).toHaveLength(3);
    h.worker.calls[0]?.finish('ok');
    await h.runtime.settle();
    expect(h.worker.calls).toHaveLength(4);
    for (let n = 1; n < 5; n += 1) {
      h.worker.calls[n]?.finish('ok');
      await h.runtime.settle();
    }
    expect(h.worker.calls).toHaveLength(5);
    await h.advance(2_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('are one of a channel, or with sessionPer person one of each person', async () => {
    const shared = await startHarness();
    await shared.say('a', { person: 'ada' });
    await shared.say('b', { person: 'bob' });
    await shared.runtime.settle();
    expect(shared.worker.calls).toHaveLength(1);
    const own = await startHarness({ sessionPer: 'person' });
    await own.say('a', { person: 'ada' });
    await own.say('b', { person: 'bob' });
    await own.say('c', { person: 'bob' });
    await own.runtime.settle();
    expect(own.worker.calls.map((call) => call.task.text)).toEqual(['a', 'b']);
    for (const call of own.worker.calls) call.finish('ok');
    await own.worker.next();
    await own.runtime.settle();
    own.worker.calls[2]?.finish('ok');
    await own.advance(2_000);
    await expectInvariants(own);
  });

  it('carry their transcript and resume token to the next task', async () => {
    const h = await startHarness();
    await h.say('first question');
    (await h.worker.next()).finish('first answer');
    await h.runtime.settle();
    await h.say('second question');
    const call = await h.worker.next();
    expect(
      call.spec.transcript.map((item) => ('text' in item ? `${item.role}: ${item.text}` : '')),
    ).toEqual(['user: first question', 'assistant: first answer']);
    call.finish('ok');
    await h.runtime.settle();
    await expectInvariants(h);
  });
});

describe('silence clocks and an audience', () => {
  it('begin anew when somebody comes; the start of the work does not set them back', async () => {
    const platform = new FakePlatform({ capabilities: { audience: 'reported' } });
    const h = await startHarness({
      platform,
      deadlines: { queueMs: 120 * minute, terminalMs: 60 * minute },
    });
    const first = await h.say('one');
    const second = await h.say('two');
    const one = await h.worker.next();
    await h.advance(10 * minute);
    // It begins before anything of it could be shown.
    platform.decide = ({ delivery, atMs }) =>
      delivery.taskId === second
        ? { kind: 'deferred', atMs, reason: 'unavailable', cause: 'down' }
        : undefined;
    await h.settle(platform.host.audience(platform.channel(), true));
    one.finish('ok');
    await h.advance(3_000);
    expect((await h.task(first)).state).toBe('ended');
    expect((await h.task(second)).state).toBe('running');
    expect(await h.events('deadline.missed')).toEqual([]);
    platform.decide = undefined;
    await h.advance(20_000);
    expect((await h.task(second)).contract.state).not.toBe('sla_missed');
    (await h.worker.next()).finish('ok');
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('many', () => {
  it('1,000 tasks over 100 channels all end and nothing is left open', async () => {
    const h = await startHarness({ concurrency: 20 });
    const ends = { told: 0, failed: 0 };
    const answer = async (): Promise<void> => {
      for (let n = 0; n < 1_000; n += 1) {
        const call = await h.worker.next();
        const how = n % 7;
        if (how === 3) call.fail(new Error('one of seven'));
        else if (how === 5) call.finish({ status: 'failed', text: 'no' });
        else call.finish(`answer ${call.task.text}`);
        if (how === 3 || how === 5) ends.failed += 1;
        else ends.told += 1;
      }
    };
    const answered = answer();
    const said: Promise<unknown>[] = [];
    for (let n = 0; n < 1_000; n += 1)
      said.push(h.platform.say(`q${n}`, { conversation: `c${n % 100}` }));
    await h.settle(Promise.all(said));
    await h.runtime.runUntil(async () => (await h.relay.figures()).tasksOpen === 0, 60 * minute);
    await h.settle(answered);
    await h.advance(minute);
    expect((await h.relay.figures()).receiptsOpen).toBe(0);
    expect(ends.told + ends.failed).toBe(1_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  }, 120_000);
});

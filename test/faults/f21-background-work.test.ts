import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { createFakeWorker } from '../../src/testing/fake-worker.ts';
import { startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';
import { rejected, unavailable } from '../support/outcome.ts';
import { startSecond } from './two-processes.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('F21 the target is busy for an hour', () => {
  it('F21 a completion is shown while the conversation works on something else', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 2 * hour } });
    await h.say('long');
    await h.worker.next();
    await h.advance(30 * minute);
    await h.settle(
      h.relay.notify({ channel: h.platform.channel(), text: 'the build is done', key: 'build' }),
    );
    await h.advance(0);
    expect(h.platform.texts().at(-1)).toBe('the build is done');
  });

  it('F21 a completion whose platform takes nothing for an hour is still shown', async () => {
    const h = await startHarness();
    const { taskId } = await h.settle(
      h.relay.submit({ channel: h.platform.channel(), text: 'build', key: 'build' }),
    );
    h.platform.decide = () => unavailable;
    (await h.worker.next()).finish('built');
    await h.advance(hour);
    expect((await h.task(taskId)).contract.state).toBe('terminal_pending');
    h.platform.decide = undefined;
    await h.advance(minute + 1_000);
    expect(h.platform.texts().join()).toContain('built');
    expect((await h.task(taskId)).contract.state).toBe('terminal_acked');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('F24 the host of the work dies', () => {
  it('F24 32 tasks at work and some aborting: after the restart none runs for ever, each is told, work goes on', async () => {
    const h = await startHarness();
    const ids = [];
    for (let n = 0; n < 32; n += 1) ids.push(await h.say(`work ${n}`, { conversation: `c${n}` }));
    for (const call of h.worker.calls.slice(0, 5)) {
      call.ignoreAbort();
      h.relay.tasks.cancel(call.task.id).catch(() => undefined);
    }
    await h.advance(2_000);
    await h.crash(hour);
    await h.advance(10_000);
    expect((await h.relay.tasks.list({ open: true })).rows).toEqual([]);
    for (const [n, id] of ids.entries()) {
      const task = await h.task(id);
      expect(task.cause?.end).toBe(n < 5 ? 'cancelled' : 'interrupted');
      expect(task.contract.state).toBe('terminal_acked');
      expect(h.platform.texts(`c${n}`)).toHaveLength(1);
    }
    const health = await h.relay.health();
    expect([health.ok, health.tasksRunning]).toEqual([true, 0]);
    await h.say('next', { conversation: 'c0' });
    h.worker.calls.at(-1)?.finish('works again');
    await h.advance(1_000);
    expect(h.platform.texts('c0').at(-1)).toBe('works again');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('F29 a claim held by a process that lives and does nothing', () => {
  it('F29 the task is taken over when its lease is over; what the old one says then counts for nothing', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.say('queued behind it');
    await h.advance(2_000);
    // It lives, holds its claim and writes nothing any more.
    const write = h.store.write.bind(h.store);
    let stuck = true;
    let release = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    Object.assign(h.store, {
      write: async (...args: Parameters<typeof write>) => {
        if (stuck) await until;
        return await write(...args);
      },
    });
    const second = await startSecond(h, platform);
    await h.advance(10_000);
    expect((await h.task(id)).state).toBe('running');
    await h.advance(minute);
    expect((await h.task(id)).cause).toEqual({ end: 'interrupted', reason: 'restarted' });
    expect(h.worker.calls.map(({ task }) => task.text)).toEqual(['go', 'queued behind it']);
    stuck = false;
    call.finish('too late');
    release();
    h.worker.calls[1]?.finish('done');
    await h.advance(minute);
    expect((await h.task(id)).cause?.end).toBe('interrupted');
    expect(await h.events('task.ended')).toHaveLength(2);
    expect(platform.texts().filter((text) => text.includes('Interrupted'))).toHaveLength(1);
    expect(platform.texts().filter((text) => text.includes('done'))).toHaveLength(1);
    await h.settle(second.stop({ now: true }));
  });

  it('F29 what was queued behind it is not lost by a restart', async () => {
    const h = await startHarness();
    await h.say('stuck');
    (await h.worker.next()).ignoreAbort();
    const ids = [];
    for (let n = 0; n < 3; n += 1) ids.push(await h.say(`queued ${n}`));
    await h.crash(minute);
    for (let n = 0; n < 3; n += 1) {
      const call = await h.worker.next();
      expect(call.task.text).toBe(`queued ${n}`);
      call.finish(`done ${n}`);
    }
    await h.advance(10_000);
    for (const id of ids) expect((await h.task(id)).contract.state).toBe('terminal_acked');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('F38 where the answer belongs', () => {
  it('F38 an answer that a restart had to deliver goes to the same conversation, under the same question', async () => {
    const platform = new FakePlatform({ capabilities: { terminalAs: 'new' } });
    const h = await startHarness({ platform });
    await h.say('other', { conversation: 'c2', id: 'question-2' });
    await h.say('go', { conversation: 'c1', id: 'question-1' });
    platform.decide = () => unavailable;
    for (const call of h.worker.calls) call.finish(`answer to ${call.task.text}`);
    await h.advance(1_000);
    await h.crash(minute);
    platform.decide = undefined;
    await h.advance(2 * minute);
    const told = platform.shown.map(({ conversation, anchor, text }) => [
      conversation,
      anchor,
      /answer to \w+/.exec(text)?.[0],
    ]);
    expect(told.toSorted()).toEqual([
      ['c1', 'question-1', 'answer to go'],
      ['c2', 'question-2', 'answer to other'],
    ]);
    expect(h.errors).toEqual([]);
  });
});

describe('F40 one at a time in one session', () => {
  it('F40 a task that is watched again after a restart holds its session: a new message waits for it', async () => {
    const worker = createFakeWorker({
      capabilities: { reattach: true, session: 'durable', resume: 'native' },
    });
    const h = await startHarness({ workers: [worker] });
    await h.say('first');
    await worker.next();
    await h.crash(1_000);
    const again = await worker.next();
    expect(again.kind).toBe('attach');
    await h.say('second');
    await h.advance(5 * minute);
    expect(worker.calls.map(({ kind }) => kind)).toEqual(['prompt', 'attach']);
    again.finish('first done');
    const second = await worker.next();
    expect([second.kind, second.task.text]).toEqual(['prompt', 'second']);
    second.finish('second done');
    await h.advance(5_000);
    const [one, two] = h.platform.texts();
    expect(one).toContain('first done');
    expect(two).toContain('second done');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

describe('F41 nobody listens for the completion', () => {
  it('F41 who submitted is gone: the answer is a row, and is shown', async () => {
    const worker = createFakeWorker({
      capabilities: { reattach: true, session: 'durable', resume: 'native' },
    });
    const h = await startHarness({ workers: [worker] });
    const { taskId } = await h.settle(
      h.relay.submit({ channel: h.platform.channel(), text: 'nightly', key: 'cron' }),
    );
    await worker.next();
    await h.crash(minute);
    (await worker.next()).finish('the report');
    await h.advance(1_000);
    expect(h.platform.texts().join()).toContain('the report');
    expect((await h.task(taskId)).result).toBe('the report');
    expect(h.errors).toEqual([]);
  });

  it.each([true, false])(
    'F41 its conversation is gone: it takes the next way (there is one: %s) or is raised, and is not dropped',
    async (hasRoute) => {
      const platform = new FakePlatform();
      const h = await startHarness({
        platform,
        routes: () => (hasRoute ? [{ channel: platform.channel('home'), private: true }] : []),
      });
      platform.decide = ({ delivery }) =>
        delivery.channel.conversation === 'raw' ? rejected() : undefined;
      const { taskId } = await h.settle(
        h.relay.submit({ channel: platform.channel('raw'), text: 'nightly', key: 'cron' }),
      );
      (await h.worker.next()).finish('the report');
      await h.advance(minute);
      const { contract, result } = await h.task(taskId);
      expect(result).toBe('the report');
      expect(contract.state).toBe(hasRoute ? 'terminal_acked' : 'terminal_failed');
      expect(platform.texts('home').join().includes('the report')).toBe(hasRoute);
      const raised = (await h.relay.incidents.list({ open: true })).rows;
      expect(raised).toHaveLength(hasRoute ? 0 : 1);
    },
  );
});

describe('F42 ended and still shown as running', () => {
  it('F42 the end shows everywhere by itself: in the message, in lists, in figures; no further message is needed', async () => {
    const h = await startHarness();
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    expect(h.platform.shown[0]?.buttons.map(({ label }) => label)).toEqual(['Cancel']);
    call.finish('forty-two');
    await h.advance(0);
    expect(h.platform.texts()).toEqual(['forty-two']);
    expect(h.platform.shown[0]?.buttons).toEqual([]);
    expect((await h.relay.tasks.list({ open: true })).rows).toEqual([]);
    expect((await h.relay.tasks.inspect(id))?.task.state).toBe('ended');
    expect((await h.relay.health()).tasksRunning).toBe(0);
    expect(await h.events('message.accepted')).toHaveLength(1);
  });
});

describe('F46 dispatched, and no result is stored', () => {
  it('F46 it ends as what it is: perhaps it had effects. It is not run again but by a press, and then it knows', async () => {
    const h = await startHarness();
    const id = await h.say('pay the bill');
    await h.worker.next();
    await h.crash(minute);
    await h.crash(minute);
    await h.advance(10_000);
    expect(h.worker.calls).toHaveLength(1);
    expect((await h.task(id)).cause).toEqual({ end: 'interrupted', reason: 'restarted' });
    expect(h.platform.texts()).toEqual([
      expect.stringContaining('It was not run again, since it may have had effects.'),
    ]);
    await h.press('Retry');
    const again = await h.worker.next();
    expect([again.task.text, again.task.attempt]).toEqual(['pay the bill', 2]);
    again.finish('paid');
    await h.advance(1_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

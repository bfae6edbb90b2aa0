import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { createFakeWorker } from '../../src/testing/fake-worker.ts';
import { startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';
import { rejected, unavailable } from '../support/outcome.ts';

const minute = 60_000;
const hour = 60 * minute;
const question = {
  kind: 'permission',
  text: 'May I delete it?',
  options: [
    { id: 'yes', label: 'Yes' },
    { id: 'no', label: 'No', refuses: true },
  ],
} as const;

describe('F39 made and shown are two things', () => {
  it.each([false, true])(
    'F39 the answer is complete, its stream and its send failed: shown once and whole, nothing is made again (a crash between: %s)',
    async (crashed) => {
      const platform = new FakePlatform({ capabilities: { streams: true } });
      const h = await startHarness({ platform });
      const id = await h.say('tell me a story');
      const call = await h.worker.next();
      const story = 'Once upon a time there was a bot. It always answered. The end.';
      call.text(story.slice(0, 20));
      await h.advance(3_000);
      platform.decide = () => unavailable;
      call.text(story.slice(20));
      await h.advance(1_000);
      call.finish(story);
      await h.advance(minute);
      const task = await h.task(id);
      expect([task.state, task.contract.state]).toEqual(['ended', 'terminal_pending']);
      expect(task.result).toBe(story);
      if (crashed) await h.crash(minute);
      platform.decide = undefined;
      await h.advance(2 * minute);
      expect(h.worker.calls).toHaveLength(1);
      expect(platform.shown).toHaveLength(1);
      const shown = platform.texts().join();
      expect(shown.split('The end.')).toHaveLength(2);
      expect(shown).toContain(story);
      expect((await h.task(id)).contract.state).toBe('terminal_acked');
      await expectInvariants(h);
      expect(h.errors).toEqual([]);
    },
  );
});

describe('F44 not too many words', () => {
  it('F44 ten minutes of a chatty worker are one message, edited not too often; of a silent one as well', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 2 * hour } });
    await h.say('chatty', { conversation: 'c1' });
    await h.say('silent', { conversation: 'c2' });
    const [chatty] = h.worker.calls;
    for (let n = 0; n < 600; n += 1) {
      for (let k = 0; k < 50; k += 1) chatty?.emit({ kind: 'progress', message: `step ${n}.${k}` });
      await h.advance(1_000);
    }
    const [first, second] = ['c1', 'c2'].map((conversation) =>
      h.platform.shown.filter((message) => message.conversation === conversation),
    );
    expect([first?.length, second?.length]).toEqual([1, 1]);
    expect(first?.[0]?.history.length).toBeLessThanOrEqual(1 + 600 / 2);
    expect(second?.[0]?.history.length).toBeLessThanOrEqual(1 + 600 / 30);
    expect(first?.[0]?.text).toBe('step 599.49');
    for (const call of h.worker.calls) call.finish('done');
    await h.advance(minute);
    await expectInvariants(h);
  });

  it('F44 what is retried for an hour is said once: nobody reads of retries', async () => {
    const h = await startHarness();
    h.platform.decide = () => unavailable;
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(20 * minute);
    call.finish('done');
    await h.advance(40 * minute);
    h.platform.decide = undefined;
    await h.advance(2 * minute);
    expect(h.platform.shown).toHaveLength(1);
    expect(h.platform.texts()[0]).toContain('done');
    await expectInvariants(h);
  });
});

describe('F45 the same request for attention', () => {
  it('F45 a question is asked once, whatever restarts: its task ends, its buttons go, it is not asked again', async () => {
    const h = await startHarness();
    await h.say('clean up');
    void (await h.worker.next()).ask(question);
    await h.advance(2_000);
    for (let n = 0; n < 5; n += 1) {
      await h.crash(minute);
      await h.advance(minute);
    }
    const asked = h.platform.shown.filter(({ history }) =>
      history.some((text) => text.includes('May I delete it?')),
    );
    expect(asked).toHaveLength(1);
    expect(h.platform.shown.flatMap(({ buttons }) => buttons.map(({ label }) => label))).toEqual([
      'Retry',
    ]);
    expect(await h.events('ask.opened')).toHaveLength(1);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F45 a worker that outlives the bot and asks again: at any time one question has buttons', async () => {
    const worker = createFakeWorker({
      capabilities: { reattach: true, session: 'durable', resume: 'native' },
    });
    const h = await startHarness({ workers: [worker] });
    await h.say('clean up');
    for (let n = 0; n < 4; n += 1) {
      void (await worker.next()).ask(question);
      await h.advance(minute);
      const open = h.platform.shown.filter(({ buttons }) =>
        buttons.some(({ label }) => label === 'Yes'),
      );
      expect(open).toHaveLength(1);
      await h.crash(minute);
    }
    (await worker.next()).finish('left as it is');
    await h.advance(minute);
    expect(h.platform.shown.every(({ buttons }) => buttons.length === 0)).toBe(true);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F45 the same trouble is told to the operator once, over restarts; it is counted', async () => {
    const platform = new FakePlatform();
    platform.decide = ({ delivery }) =>
      delivery.channel.conversation === 'ops' ? undefined : rejected();
    const h = await startHarness({ platform, operator: { channel: platform.channel('ops') } });
    for (let n = 0; n < 4; n += 1) {
      await h.say(`go ${n}`);
      await h.advance(minute);
      await h.crash(minute);
    }
    const open = (await h.relay.incidents.list({ open: true })).rows;
    const about = open.filter(({ kind }) => kind === 'progress_dead');
    expect(about).toHaveLength(1);
    expect(about[0]?.count).toBe(4);
    const told = platform.texts('ops').filter((text) => text.includes('ack'));
    expect(told).toHaveLength(1);
    await expectInvariants(h);
  });
});

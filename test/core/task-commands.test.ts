import { describe, expect, it } from 'vitest';
import type { TaskId } from '../../src/contracts/id.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

const minute = 60_000;
const last = (h: Harness, conversation = 'c1'): string =>
  h.platform.texts(conversation).at(-1) ?? '';
const tail = (id: TaskId, length: number): string => id.replaceAll('-', '').slice(-length);

async function rest(h: Harness): Promise<void> {
  for (const call of h.worker.calls) call.finish('done');
  await h.advance(5_000);
  for (const call of h.worker.calls) call.finish('done');
  await h.advance(5_000);
  await expectInvariants(h);
  expect(h.errors).toEqual([]);
}

describe('/cancel', () => {
  it('stores who and why, and shows exactly that: final message, answer, inspect', async () => {
    const h = await startHarness();
    const id = await h.say('build');
    await h.advance(2_000);
    await h.say('/cancel wrong branch');
    await h.advance(100);
    const cause = { end: 'cancelled', reason: 'wrong branch', by: 'ada' };
    expect((await h.task(id)).cause).toEqual(cause);
    expect((await h.relay.tasks.inspect(id))?.task.cause).toEqual(cause);
    expect(h.platform.texts()[0]).toContain('Cancelled by ada: wrong branch.');
    expect(last(h)).toContain('Cancelled by ada: wrong branch.');
    expect(h.platform.shown[0]?.buttons).toEqual([]);
    await rest(h);
  });

  it.each(['', '   ', '\n\n'])('a blank reason (%j) is "cancelled by request"', async (reason) => {
    const h = await startHarness();
    const id = await h.say('build');
    await h.say(`/cancel${reason}`);
    await h.advance(100);
    expect((await h.task(id)).cause?.reason).toBe('cancelled by request');
    await rest(h);
  });

  it.each(['idle', 'terminal', 'constructor', 'toString', '__proto__', 'replaced'])(
    'the word %s is shown as it was typed, not taken for a code of ours',
    async (word) => {
      const h = await startHarness();
      await h.say('build');
      await h.say(`/cancel ${word}`);
      await h.advance(100);
      expect(last(h)?.replaceAll('\\', '')).toContain(`Cancelled by ada: ${word}.`);
      await rest(h);
    },
  );

  it('answers only when the outcome is known: a worker that takes its time, then one that ignores it', async () => {
    const h = await startHarness();
    await h.say('build');
    (await h.worker.next()).ignoreAbort();
    await h.advance(2_000);
    await h.say('/cancel');
    await h.advance(4_000);
    expect(h.platform.texts()).toHaveLength(1);
    await h.advance(1_100);
    expect(last(h)).toContain('did not stop when asked and was left behind');
    await rest(h);
  });

  it('of one that completes meanwhile says that it had ended, and how', async () => {
    const h = await startHarness();
    const id = await h.say('build');
    const call = await h.worker.next();
    call.ignoreAbort();
    await h.say('/cancel');
    call.finish('ready');
    await h.advance(100);
    expect((await h.task(id)).cause?.end).toBe('completed');
    expect(last(h)).toContain('It had already ended. Done.');
    await rest(h);
  });

  it('after the end says so and makes no second final message', async () => {
    const h = await startHarness();
    const id = await h.say('build');
    (await h.worker.next()).finish('ready');
    await h.runtime.settle();
    await h.say(`/cancel ${tail(id, 6)} too late`);
    await h.advance(100);
    expect(last(h)).toContain('It had already ended. Done.');
    expect((await h.task(id)).cause).toEqual({ end: 'completed', reason: 'done' });
    await rest(h);
  });

  it('names by a short tail; unknown, ambiguous and not yours are refused', async () => {
    const h = await startHarness();
    const first = await h.say('one');
    const second = await h.say('two', { person: 'bob' });
    const elsewhere = await h.say('three', { conversation: 'c2' });
    await h.advance(2_000);
    await h.say(`/cancel ${tail(second, 4)}`);
    await h.advance(100);
    expect(last(h)).toContain('Only the person who asked');
    await h.say(`/cancel ${tail(elsewhere, 8)}`);
    await h.advance(100);
    expect(last(h)).toContain('I know no task of that id here');
    h.memory.database
      .prepare(
        `UPDATE tasks SET id_tail = substr(id_tail, 1, 0) || 'ffff' || substr(id_tail, 5) WHERE channel LIKE '%c1'`,
      )
      .run();
    await h.say('/cancel ffff');
    await h.advance(100);
    expect(last(h)).toContain('More than one task ends like that');
    expect((await h.task(first)).state).toBe('running');
    expect((await h.task(second)).state).toBe('queued');
    await rest(h);
  });

  it('without an id means the newest open one of that person', async () => {
    const h = await startHarness();
    const first = await h.say('one');
    const second = await h.say('two');
    const third = await h.say('three', { person: 'bob' });
    await h.say('/cancel');
    await h.advance(100);
    expect((await h.task(second)).cause?.end).toBe('cancelled');
    expect((await h.task(first)).state).toBe('running');
    expect((await h.task(third)).state).toBe('queued');
    await rest(h);
  });

  it('of a name with a mention in it calls nobody', async () => {
    const h = await startHarness();
    await h.say('build', { person: '@everyone' });
    await h.say('/cancel', { person: '@everyone' });
    await h.advance(100);
    expect(last(h)).not.toContain('@everyone');
    await rest(h);
  });
});

describe('the Cancel button', () => {
  it('has no answer of its own: the final message is it', async () => {
    const h = await startHarness();
    const id = await h.say('build');
    await h.advance(2_000);
    await h.press('Cancel', { text: 'changed my mind' });
    await h.advance(5_000);
    expect(h.platform.texts()).toEqual(['Cancelled by ada: changed my mind.']);
    expect((await h.task(id)).cause?.by).toBe('ada');
    await rest(h);
  });

  it('pressed by another is refused, by an operator obeyed', async () => {
    const h = await startHarness();
    const id = await h.say('build');
    await h.advance(2_000);
    await h.press('Cancel', { person: 'bob' });
    await h.advance(100);
    expect(last(h)).toContain('Only the person who asked');
    expect((await h.task(id)).state).toBe('running');
    await h.press('Cancel', { person: 'root', operator: true });
    await h.advance(100);
    expect((await h.task(id)).cause).toMatchObject({ end: 'cancelled', by: 'root' });
    await rest(h);
  });
});

describe('retry', () => {
  it('pressed twice makes one new task of the same input; it counts its attempt', async () => {
    const h = await startHarness();
    const id = await h.say('build');
    (await h.worker.next()).fail(new Error('first try'));
    await h.runtime.settle();
    const button = h.platform.button('Retry');
    await h.settle(Promise.all([h.platform.press(button), h.platform.press(button)]));
    await h.settle(h.platform.press(button));
    const again = await h.worker.next();
    expect(again.task).toMatchObject({ text: 'build', attempt: 2 });
    expect((await h.relay.tasks.list()).rows).toHaveLength(2);
    expect((await h.relay.tasks.list()).rows[1]).toMatchObject({ retryOf: id, apart: true });
    again.finish('second try');
    await h.advance(2_000);
    expect(last(h)).toContain('“build”');
    await rest(h);
  });

  it('of an open task is refused; /retry without an id takes the newest ended one of the person', async () => {
    const h = await startHarness();
    const first = await h.say('one');
    await h.say(`/retry ${tail(first, 4)}`);
    await h.advance(100);
    expect(last(h)).toContain('It has not ended yet');
    (await h.worker.next()).finish('ok');
    await h.runtime.settle();
    await h.say('/retry', { person: 'bob' });
    await h.advance(100);
    expect(last(h)).toContain('nothing here to run again');
    await h.say('/retry');
    expect((await h.worker.next()).task).toMatchObject({ text: 'one', attempt: 2 });
    await rest(h);
  });

  it('through code: twice makes one, and an unknown one is an error', async () => {
    const h = await startHarness();
    const id = await h.say('one');
    await expect(h.settle(h.relay.tasks.retry(id))).rejects.toMatchObject({ code: 'not_ended' });
    (await h.worker.next()).finish('ok');
    await h.runtime.settle();
    const one = await h.settle(h.relay.tasks.retry(id));
    const two = await h.settle(h.relay.tasks.retry(id));
    expect(two).toEqual({ taskId: one.taskId, duplicate: true });
    const unknown = '01920000-0000-7000-8000-000000000000' as TaskId;
    await expect(h.settle(h.relay.tasks.retry(unknown))).rejects.toMatchObject({
      name: 'ContractError',
    });
    await rest(h);
  });
});

describe('/status and /help', () => {
  it('tell what is open in this channel only, from the store alone', async () => {
    const h = await startHarness();
    await h.say('/status');
    await h.advance(100);
    expect(last(h)).toBe('Nothing is open here.');
    await h.say('build the site');
    await h.say('and the docs');
    await h.say('elsewhere', { conversation: 'c2' });
    await h.advance(90_000);
    await h.say('/status');
    await h.advance(100);
    expect(last(h)).toContain('“build the site”');
    expect(last(h)).toContain('running for 1 min 30 s');
    expect(last(h)).toContain('queued for 1 min 30 s');
    expect(last(h)).not.toContain('elsewhere');
    await h.say('/help');
    await h.advance(100);
    expect(last(h)).toContain('`/cancel [id] [reason]`');
    await rest(h);
  });
});

describe('titles and labels', () => {
  it('a title is at most 60 graphemes of the first line, mentions neutral', async () => {
    const h = await startHarness();
    const id = await h.say(`@everyone ${'👨‍👩‍👧‍👦'.repeat(80)}\nsecond line`);
    const { title } = await h.task(id);
    const graphemes = [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(title)];
    expect(graphemes.length).toBeLessThanOrEqual(60);
    expect(title).not.toContain('@everyone');
    expect(title).not.toContain('second');
    await rest(h);
  });

  it('stand on what is not directly under its question: several open, a late answer, submit', async () => {
    const h = await startHarness();
    await h.say('first thing');
    await h.say('second thing');
    await h.advance(2_000);
    expect(h.platform.texts()[1]).toContain('“second thing”');
    (await h.worker.next()).finish('first answer');
    await h.advance(100);
    expect(h.platform.texts()[0]).toContain('“first thing”');
    (await h.worker.next()).finish('second answer');
    await h.advance(2_000);
    expect(h.platform.texts()[1]).toMatch(
      /^\*\*“second thing”\*\* · `[0-9a-f]{4,}`\n\nsecond answer$/,
    );
    await h.say('alone');
    (await h.worker.next()).finish('plain');
    await h.advance(100);
    expect(last(h)).toBe('plain');
    await h.settle(h.relay.submit({ channel: h.platform.channel(), text: 'nightly', key: 'n1' }));
    (await h.worker.next()).finish('all green');
    await h.advance(2_000);
    expect(last(h)).toContain('“nightly”');
    await rest(h);
  });
});

describe('edits and deletes', () => {
  const event = (h: Harness, kind: 'edited' | 'deleted', messageId: string, id: string) => ({
    kind,
    id,
    channel: h.platform.channel(),
    person: { id: 'ada', name: 'ada' },
    sentAtMs: h.runtime.wallMs(),
    messageId,
  });

  it('change and cancel what is queued, and nothing that runs', async () => {
    const h = await startHarness();
    const first = await h.say('one', { id: 'm1' });
    const second = await h.say('two', { id: 'm2' });
    const third = await h.say('three', { id: 'm3' });
    const accept = (input: unknown) => h.settle(h.platform.host.accept(input as never));
    await accept({ ...event(h, 'edited', 'm1', 'e1'), text: 'one!' });
    await accept({ ...event(h, 'edited', 'm2', 'e2'), text: 'two!' });
    await accept({ ...event(h, 'edited', 'm2', 'e2'), text: 'redelivered' });
    await accept(event(h, 'deleted', 'm3', 'e3'));
    await accept(event(h, 'deleted', 'm1', 'e4'));
    await accept(event(h, 'deleted', 'never seen', 'e5'));
    expect((await h.task(first)).text).toBe('one');
    expect((await h.task(first)).state).toBe('running');
    expect(await h.task(second)).toMatchObject({ text: 'two!', title: 'two!', state: 'queued' });
    expect((await h.task(third)).cause).toMatchObject({
      end: 'cancelled',
      reason: 'message_deleted',
    });
    (await h.worker.next()).finish('ok');
    expect((await h.worker.next()).task.text).toBe('two!');
    expect(await h.events('message.noted')).toHaveLength(5);
    await h.advance(minute);
    await rest(h);
  });
});

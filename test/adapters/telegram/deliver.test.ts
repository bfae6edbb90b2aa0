import { afterEach, describe, expect, test } from 'vitest';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import type { TelegramChat } from '../../../src/testing/telegram/index.ts';
import { compose, newReceipt, newTask, outcomeOf, type Said } from './send.ts';
import { Stage, type StageOptions } from './stage.ts';

let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  stage.ann.say('/status');
  await stage.advance(3_000);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

function channelOf(chat: TelegramChat, thread?: number): ChannelRef {
  const account = String(stage.telegram.botId);
  const channel = { adapter: 'telegram', account, conversation: String(chat.id) };
  return thread === undefined ? channel : { ...channel, thread: String(thread) };
}

/** One attempt past the relay; time goes on until it is answered. */
async function send(said: Said = {}, channel = channelOf(stage.ann.chat)) {
  const { delivery, attempt } = compose(stage.harness.runtime, channel, said);
  const answer = stage.adapter.deliver(delivery, attempt);
  let isAnswered = false;
  void answer.finally(() => {
    isAnswered = true;
  });
  await stage.harness.runtime.runUntil(() => isAnswered, 30_000);
  return outcomeOf(await answer);
}
async function shown(said: Said = {}, channel?: ChannelRef): Promise<string> {
  const outcome = await send(said, channel);
  if (outcome.kind !== 'surfaced') throw new Error(JSON.stringify(outcome));
  return outcome.handle;
}

describe('what becomes of a send', () => {
  test('shown, with the number of the message', async () => {
    const { ann } = await open();
    const handle = await shown({ text: 'hello' });
    expect(ann.chat.messages.at(-1)).toMatchObject({ messageId: Number(handle), text: 'hello' });
  });

  test('the same edit twice is proof', async () => {
    await open();
    const live = await shown({ text: 'first' });
    const edit = { kind: 'progress', text: 'changed', live } as const;
    expect(await send(edit)).toMatchObject({ kind: 'surfaced', handle: live, surface: 'edited' });
    expect(await send({ ...edit, n: 2 })).toMatchObject({ kind: 'surfaced', surface: 'edited' });
  });

  test('the edit of what is gone asks for a new message', async () => {
    const { ann } = await open();
    const live = await shown({ text: 'first' });
    const message = ann.chat.messages.at(-1);
    if (message !== undefined) ann.delete(message);
    const outcome = await send({ kind: 'progress', text: 'changed', live });
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'gone', repair: 'repost' });
  });

  test('a topic that is gone is left by the repair', async () => {
    const { ann, telegram } = await open();
    const group = telegram.supergroup({ members: [ann], topics: true });
    const topic = group.topic('x');
    const channel = channelOf(group, topic.topicId);
    await shown({ text: 'there' }, channel);
    expect(topic.texts).toEqual(['there']);
    topic.delete();
    await stage.advance(2_000);
    expect(await send({ text: 'here' }, channel)).toMatchObject({ repair: 'drop_anchor' });
    await stage.advance(2_000);
    await shown({ text: 'here', repairs: ['drop_anchor'] }, channel);
    expect(group.texts).toContain('here');
  });

  test('an anchor that is gone does no harm', async () => {
    const { ann } = await open();
    await shown({ text: 'hello', anchor: '999999' });
    expect(ann.chat.messages.at(-1)?.replyTo).toBeUndefined();
  });

  test('F18 a person who blocked the bot is believed at the second time', async () => {
    const { ann } = await open();
    ann.block();
    expect(await send()).toMatchObject({
      kind: 'rejected',
      reason: 'blocked',
      confirmAfterMs: 3_600_000,
    });
  });

  test('a group that became a supergroup, and one that is no more', async () => {
    const { ann, telegram } = await open();
    const group = telegram.group({ members: [ann] });
    const channel = channelOf(group);
    const moved = group.migrate();
    expect(await send({}, channel)).toMatchObject({
      kind: 'redirected',
      to: { conversation: String(moved.id) },
    });
    moved.delete();
    expect(await send({}, channelOf(moved))).toMatchObject({ kind: 'rejected', reason: 'gone' });
  });

  test('a limit of the platform pauses what passes as well', async () => {
    const { ann, telegram } = await open();
    telegram.fault('sendMessage', { kind: 'rate_limited', retryAfterS: 30 });
    expect(await send()).toMatchObject({
      kind: 'deferred',
      reason: 'rate_limited',
      scope: 'account',
      retryAfterMs: 30_000,
    });
    const transient = {
      kind: 'typing',
      channel: channelOf(ann.chat),
      taskId: newTask(stage.harness.runtime),
      liveId: newReceipt(stage.harness.runtime),
    } as const;
    stage.adapter.show?.({ ...transient, seq: 1 });
    await stage.advance(29_000);
    expect(telegram.callsOf('sendChatAction')).toEqual([]);
    await stage.advance(1_000);
    stage.adapter.show?.({ ...transient, seq: 2 });
    await stage.advance(1_000);
    expect(telegram.callsOf('sendChatAction')).toHaveLength(1);
  });

  test('F13 shown and the answer lost, and a server that hangs: unknown', async () => {
    const { telegram } = await open();
    telegram.fault('sendMessage', { kind: 'applied_then_reset' });
    expect(await send()).toMatchObject({ kind: 'unknown', phase: 'written' });
    telegram.fault('sendMessage', { kind: 'hang' });
    const late = new AbortController();
    void stage.harness.runtime.sleep(10_000).then(() => late.abort());
    expect(await send({ signal: late.signal })).toMatchObject({ kind: 'unknown' });
    for (const kind of ['html', 'wrong_json', 'server_error'] as const) {
      telegram.fault('sendMessage', { kind });
      expect(await send()).toMatchObject({ kind: 'unknown', phase: 'answered' });
    }
  });

  test('F05 nobody there: certainly not sent', async () => {
    const { telegram } = await open();
    telegram.fault('sendMessage', { kind: 'refused' });
    expect(await send()).toMatchObject({ kind: 'deferred', reason: 'not_connected' });
    await telegram.down();
    // A connection that is still held breaks; then none comes to be.
    await send();
    expect(await send()).toMatchObject({ kind: 'deferred', reason: 'not_connected' });
    await telegram.up();
  });

  test('what is aborted before it begins is not sent', async () => {
    const { telegram } = await open();
    const before = telegram.callsOf('sendMessage').length;
    expect(await send({ signal: AbortSignal.abort() })).toMatchObject({ kind: 'deferred' });
    expect(telegram.callsOf('sendMessage')).toHaveLength(before);
  });

  test('after the stop nothing is sent', async () => {
    const { telegram } = await open();
    const stopping = stage.adapter.stop();
    await stage.harness.settle(stopping);
    await stage.adapter.stop();
    const before = telegram.calls.length;
    expect(await send()).toMatchObject({ kind: 'deferred', reason: 'not_connected' });
    await stage.advance(120_000);
    expect(telegram.calls).toHaveLength(before);
    await expect(stage.adapter.file('telegram:x')).rejects.toMatchObject({ code: 'not_running' });
  });

  test('a stop ends a send that hangs', async () => {
    const { telegram } = await open();
    telegram.fault('sendMessage', { kind: 'hang' });
    const sending = send();
    void stage.harness.runtime.sleep(1_000).then(() => stage.adapter.stop());
    expect(await sending).toMatchObject({ kind: 'unknown' });
  });
});

describe('files', () => {
  test('are seen with their bytes, and a short text below', async () => {
    const { ann } = await open();
    const file = { name: 'notes.txt', mimeType: 'text/plain', text: 'in a file: ä 😀' };
    await shown({ content: { text: 'see **this**', files: [file] }, buttons: ['retry:1'] });
    const message = ann.chat.messages.at(-1);
    expect(message?.text).toBe('see this');
    expect(message?.entities).toEqual([{ type: 'bold', offset: 4, length: 4 }]);
    expect(message?.files[0]?.name).toBe('notes.txt');
    expect(new TextDecoder().decode(message?.files[0]?.bytes)).toBe(file.text);
    expect(message?.buttons.flat().map(({ data }) => data)).toEqual(['retry:1']);
  });

  test('an address is fetched by Telegram', async () => {
    const { ann } = await open();
    const url = 'https://example.org/a.pdf';
    const file = { name: 'a.pdf', mimeType: 'application/pdf', url };
    await shown({ content: { text: '', files: [file] } });
    expect(ann.chat.messages.at(-1)?.files[0]?.url).toBe(url);
  });

  test('one that it cannot fetch is told by its address', async () => {
    const { ann, telegram } = await open();
    const file = { name: 'a', mimeType: 'text/html', url: 'https://example.org/a' };
    telegram.fault('sendDocument', {
      kind: 'status',
      code: 400,
      description: 'Bad Request: failed to get HTTP URL content',
    });
    const said = { content: { text: '', files: [file] } };
    expect(await send(said)).toMatchObject({ kind: 'rejected', repair: 'plain' });
    await shown({ ...said, repairs: ['plain'] });
    expect(ann.chat.texts.at(-1)).toBe('File: a https://example.org/a');
  });
});

describe('the line with a sound', () => {
  const minuteMs = 60_000;

  test('is sent once, also when the edit was repeated', async () => {
    const { ann } = await open();
    const live = await shown({ kind: 'ack', text: 'On it…' });
    await stage.advance(2 * minuteMs);
    const receiptId = newReceipt(stage.harness.runtime);
    const edit = { kind: 'terminal', text: 'done', live, notify: true, receiptId } as const;
    await shown(edit);
    await shown({ ...edit, n: 2 });
    expect(ann.chat.texts.filter((text) => text === 'Done, see above.')).toHaveLength(1);
  });

  test('follows an edit whose first answer was lost', async () => {
    const { ann, telegram } = await open();
    const live = await shown({ kind: 'ack', text: 'On it…' });
    await stage.advance(2 * minuteMs);
    telegram.fault('editMessageText', { kind: 'applied_then_reset' });
    const receiptId = newReceipt(stage.harness.runtime);
    const edit = { kind: 'terminal', text: 'done', live, notify: true, receiptId } as const;
    expect(await send(edit)).toMatchObject({ kind: 'unknown' });
    expect(ann.chat.texts.at(-1)).toBe('done');
    await shown({ ...edit, n: 2 });
    expect(ann.chat.texts.at(-1)).toBe('Done, see above.');
  });

  test('not after a part of more, an edit that is not the end, or a silent end', async () => {
    const { ann } = await open();
    const live = await shown({ kind: 'ack', text: 'On it…' });
    await stage.advance(2 * minuteMs);
    await send({ kind: 'terminal', text: 'a', live, notify: true, part: 1, parts: 2 });
    await send({ kind: 'progress', text: 'b', live });
    await send({ kind: 'terminal', text: 'c', live, notify: false });
    expect(ann.chat.texts.at(-1)).toBe('c');
  });

  test('its words may be others, and its age too', async () => {
    const words = { completed: 'Fertig, siehe oben.' };
    const { ann } = await open({ config: { notifyAfterMs: 0, words } });
    const live = await shown({ kind: 'ack', text: 'Bin dran…' });
    await stage.advance(2_000);
    await shown({ kind: 'terminal', text: 'a', live, notify: true });
    expect(ann.chat.texts.at(-1)).toBe('Fertig, siehe oben.');
  });
});

describe('what passes', () => {
  test('F31 ends with the Task, whoever still shows it', async () => {
    const { ann, telegram } = await open({ config: { streams: 'draft' } });
    const { runtime } = stage.harness;
    const [taskId, liveId] = [newTask(runtime), newReceipt(runtime)];
    const channel = channelOf(ann.chat);
    const passing = { channel, taskId, liveId };
    stage.adapter.show?.({ ...passing, kind: 'text', seq: 1, text: 'a piece' });
    await stage.advance(2_000);
    expect(ann.chat.draft?.text).toBe('a piece');
    await shown({ kind: 'terminal', text: 'done', taskId, liveId });
    const before = telegram.calls.filter(({ method }) => method !== 'getUpdates').length;
    stage.adapter.show?.({ ...passing, kind: 'typing', seq: 2 });
    stage.adapter.show?.({ ...passing, kind: 'text', seq: 3, text: 'a piece more' });
    await stage.advance(10_000);
    const after = telegram.calls.filter(({ method }) => method !== 'getUpdates').length;
    expect(after).toBe(before);
    expect(ann.chat.draft).toBeUndefined();
  });

  test('a send waits for the edit of streamed text that is under way', async () => {
    const { ann, telegram } = await open({ config: { streams: 'edit' } });
    const { runtime } = stage.harness;
    const [taskId, liveId] = [newTask(runtime), newReceipt(runtime)];
    const live = await shown({ kind: 'ack', text: 'On it…', taskId, liveId });
    telegram.fault('editMessageText', { kind: 'slow', ms: 3_000 });
    const passing = { channel: channelOf(ann.chat), taskId, liveId };
    stage.adapter.show?.({ ...passing, kind: 'text', seq: 1, text: 'a piece' });
    await stage.advance(1_500);
    const startedMs = runtime.monoMs();
    await shown({ kind: 'terminal', text: 'done', taskId, liveId, live });
    expect(runtime.monoMs() - startedMs).toBeGreaterThan(1_000);
    expect(ann.chat.texts.at(-1)).toBe('done');
    const edits = telegram.callsOf('editMessageText').map(({ payload }) => payload['text']);
    expect(edits).toEqual(['a piece', 'done']);
  });
});

describe('a group', () => {
  test('holds back what would pass its limit, and says for how long', async () => {
    const { ann, telegram } = await open();
    const group = telegram.group({ members: [ann] });
    const channel = channelOf(group);
    for (let n = 0; n < 14; n += 1) {
      await shown({ kind: 'progress', text: `${n}` }, channel);
      await stage.advance(1_000);
    }
    const held = await send({ kind: 'progress', text: 'more' }, channel);
    expect(held).toMatchObject({ kind: 'deferred', reason: 'rate_limited', scope: 'part' });
    const waitMs = held.kind === 'deferred' ? (held.retryAfterMs ?? 0) : 0;
    expect(waitMs).toBeGreaterThan(40_000);
    await shown({ kind: 'terminal', text: 'the answer' }, channel);
    // The answer took a place as well.
    await stage.advance(waitMs + 1_000);
    await shown({ kind: 'progress', text: 'more' }, channel);
    expect(telegram.limitsHit).toBe(0);
  });
});

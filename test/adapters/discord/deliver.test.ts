import { afterEach, describe, expect, test } from 'vitest';
import { deliver } from '../../../src/adapters/discord/deliver.ts';
import type { Delivery } from '../../../src/contracts/delivery.ts';
import { DeliveryOutcome } from '../../../src/contracts/delivery.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import type {
  DiscordChannel,
  DiscordFault,
  DiscordMessage,
} from '../../../src/testing/discord/index.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';
import { compose, type Said } from './send.ts';

const create = 'POST /channels/:id/messages';

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

type Wish = Said & { readonly signal?: AbortSignal; readonly key?: string; readonly n?: number };

/** One attempt past the relay; time goes on until it is answered. */
async function send(said: Wish = {}, channel: ChannelRef = stage.refOf(stage.room)) {
  const { delivery, attempt } = compose(channel, said);
  const { signal = attempt.signal, key = delivery.receiptId, n = 1 } = said;
  const answer = deliver(stage.site, delivery, { ...attempt, signal, key, n });
  let isAnswered = false;
  void answer.finally(() => {
    isAnswered = true;
  });
  await stage.harness.runtime.runUntil(() => isAnswered, 30_000);
  return DeliveryOutcome.parse(await answer);
}

async function shown(said: Wish = {}, channel?: ChannelRef): Promise<string> {
  const outcome = await send(said, channel);
  if (outcome.kind !== 'surfaced') throw new Error(JSON.stringify(outcome));
  return outcome.handle;
}

const ours = (channel: DiscordChannel = stage.room): readonly DiscordMessage[] =>
  channel.messages.filter(({ from }) => from.kind === 'bot');
const buttonsIn = (messages: readonly DiscordMessage[]) =>
  messages.flatMap(({ buttons }) => buttons);

describe('what the relay shows', () => {
  test('placeholder, progress as edits of it, and the answer as a reply that rings', async () => {
    const { room, ann } = await open();
    await stage.begin();
    await stage.advance(3_000);
    expect(ours()).toHaveLength(1);
    expect(buttonsIn(ours()).map(({ label }) => label)).toEqual(['Cancel']);
    stage.work.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(60_000);
    expect(ours()).toHaveLength(1);
    expect(room.texts[0]).toContain('reading');
    stage.work.finish('the **answer**');
    await stage.advance(5_000);
    const [, answer] = ours();
    expect(ours()).toHaveLength(2);
    expect(answer?.text).toBe('the **answer**');
    expect(answer?.replyTo?.text).toBe('go');
    expect(answer?.notified).toEqual([ann.id]);
    expect(buttonsIn(ours())).toEqual([]);
    expect(await stage.incidents()).toEqual([]);
  });

  test('a long answer in parts, in order; a very long one as a file', async () => {
    await open();
    await stage.begin();
    await stage.advance(3_000);
    const lines = Array.from({ length: 1_000 }, (_, at) => `line${at}`);
    stage.work.finish(lines.join('\n'));
    await stage.advance(30_000);
    const parts = ours().slice(1);
    expect(parts.length).toBeGreaterThanOrEqual(4);
    expect(
      parts
        .map(({ text }) => text)
        .join('\n')
        .match(/line\d+/g),
    ).toEqual(lines);
    await stage.begin();
    await stage.advance(3_000);
    const text = Array.from({ length: 9_000 }, (_, at) => `line${at}`).join('\n');
    stage.work.finish(text);
    await stage.advance(30_000);
    const [beginning, file] = ours().slice(-2);
    expect(beginning?.text).toContain('line0');
    expect(file?.files.map(({ name }) => name)).toEqual(['answer.md']);
    expect(new TextDecoder().decode(file?.files[0]?.bytes)).toBe(text);
  });
});

describe('what becomes of a send', () => {
  test('is shown with its id, and edited', async () => {
    await open();
    const live = await shown({ kind: 'ack', text: 'hello' });
    expect(ours().at(-1)).toMatchObject({ id: live, text: 'hello' });
    const edit = { kind: 'progress', text: 'changed', live } as const;
    for (const _ of [1, 2])
      expect(await send(edit)).toMatchObject({ kind: 'surfaced', handle: live, surface: 'edited' });
    expect(ours()).toHaveLength(1);
  });

  test('the edit of what is gone asks for a new message', async () => {
    await open();
    const live = await shown({ kind: 'ack' });
    stage.room.moderate(ours()[0] as DiscordMessage);
    const outcome = await send({ kind: 'progress', live });
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'gone', repair: 'repost' });
  });

  const unknown: readonly DiscordFault[] = [
    { kind: 'reset' },
    { kind: 'applied_then_reset' },
    { kind: 'server_error' },
    { kind: 'applied_then_server_error' },
    { kind: 'html' },
    { kind: 'wrong_json' },
  ];
  test.each(unknown)(
    'F13 $kind: unknown, with its nonce; the same again makes one',
    async (fault) => {
      const { discord } = await open();
      discord.fault(create, fault);
      const outcome = await send({ key: 'one' });
      expect(outcome).toMatchObject({ kind: 'unknown' });
      expect(outcome.kind === 'unknown' && outcome.key).toMatch(/^[\w-]{24}$/);
      expect(stage.site.sent.by(String(outcome.kind === 'unknown' && outcome.key))).toMatchObject({
        part: 1,
      });
      await shown({ key: 'one', n: 2 });
      expect(ours()).toHaveLength(1);
    },
  );

  test('a server that hangs: unknown', async () => {
    const { discord } = await open();
    discord.fault(create, { kind: 'hang' });
    const late = new AbortController();
    void stage.harness.runtime.sleep(8_000).then(() => late.abort());
    expect(await send({ signal: late.signal })).toMatchObject({ kind: 'unknown' });
  });

  test('nobody there: certainly not sent', async () => {
    const { discord } = await open();
    discord.fault(create, { kind: 'refused' });
    expect(await send()).toMatchObject({ kind: 'deferred', reason: 'not_connected' });
  });

  test('a token that does not hold is told', async () => {
    const { discord } = await open();
    discord.fault(create, { kind: 'error', code: 0, status: 401 });
    expect(await send()).toMatchObject({ kind: 'deferred', reason: 'unauthorized' });
    expect(stage.refused).toHaveLength(1);
  });

  test('what is aborted before it begins is not sent', async () => {
    const { discord } = await open();
    expect(await send({ signal: AbortSignal.abort() })).toMatchObject({ kind: 'deferred' });
    expect(discord.callsOf(create)).toEqual([]);
  });

  test('no token, in a log or in an outcome', async () => {
    const { discord } = await open();
    for (const kind of ['reset', 'html', 'server_error', 'refused'] as const) {
      discord.fault(create, { kind });
      expect(JSON.stringify(await send())).not.toContain(discord.token);
    }
    expect(stage.logs.join('\n')).not.toContain(discord.token);
  });
});

describe('a channel that refuses', () => {
  test('for good is left alone, and tried again slowly; what is shown there heals it', async () => {
    const { discord, room } = await open();
    room.permit('bot', { deny: ['SendMessages'] });
    expect(await send()).toMatchObject({ kind: 'rejected', reason: 'forbidden', code: '50013' });
    expect(await send()).toMatchObject({
      kind: 'deferred',
      reason: 'unavailable',
      scope: 'channel',
      retryAfterMs: 60_000,
    });
    expect(discord.callsOf(create)).toHaveLength(1);
    await stage.advance(60_000);
    room.permit('bot', { allow: ['SendMessages'] });
    await shown();
    await shown();
    room.permit('bot', { deny: ['SendMessages'] });
    expect(await send()).toMatchObject({ kind: 'rejected' });
    expect(await send()).toMatchObject({ kind: 'deferred', retryAfterMs: 60_000 });
    const other = discord.channel();
    await shown({}, stage.refOf(other));
  });

  test('a file alone is no reason to leave the channel', async () => {
    const { room } = await open();
    room.permit('bot', { deny: ['AttachFiles'] });
    const files = [{ name: 'a.md', mimeType: 'text/markdown', text: 'words' }];
    const outcome = await send({ content: { text: '', files } });
    expect(outcome).toMatchObject({ kind: 'rejected', code: '50013', repair: 'split' });
    await shown();
  });

  test('nothing leaves while the budget of refused requests is used up', async () => {
    const { discord } = await open();
    const { budget, host } = stage.site;
    for (let at = 0; at < 1_000; at += 1) budget.note({ status: 403 }, host.runtime.monoMs());
    expect(await send()).toMatchObject({ kind: 'deferred', scope: 'account' });
    expect(discord.callsOf(create)).toEqual([]);
  });
});

describe('threads', () => {
  const begin = async () => {
    const { ann, room } = stage;
    const message = ann.say('what is up with the tests', { to: room });
    const ref = { ...stage.refOf(room), thread: message.id };
    await stage.take(message, ref);
    return { message, ref };
  };

  test('the thread of a question is made with its first words, then answered in', async () => {
    const { discord } = await open({ config: { sessions: 'thread' } });
    const { message } = await begin();
    await stage.advance(3_000);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(message.thread?.name).toBe('what is up with the tests');
    expect(message.thread?.texts.at(-1)).toBe('forty-two');
    expect(ours()).toEqual([]);
    expect(discord.callsOf('POST /channels/:id/messages/:id/threads')).toHaveLength(1);
  });

  test('one that is still to be made is shown no typing, and once made it is', async () => {
    const { discord } = await open({ config: { sessions: 'thread' } });
    await begin();
    await stage.advance(20_000);
    const typed = discord.callsOf('POST /channels/:id/typing').map(({ status }) => status);
    expect(typed.length).toBeGreaterThan(1);
    expect(new Set(typed)).toEqual(new Set([204]));
  });

  test('one that was made by somebody else is fine', async () => {
    const { ann } = await open({ config: { sessions: 'thread' } });
    const message = ann.say('hm', { to: stage.room });
    ann.openThread(message, { name: 'mine' });
    await stage.take(message, { ...stage.refOf(stage.room), thread: message.id });
    await stage.advance(3_000);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(message.thread?.texts.at(-1)).toBe('forty-two');
  });

  test('one that was forgotten over a restart is made all the same', async () => {
    const { discord } = await open({ config: { sessions: 'thread' } });
    const message = stage.ann.say('hm', { to: stage.room });
    const ref = { ...stage.refOf(stage.room), thread: message.id };
    await shown({ text: 'answer' }, ref);
    expect(message.thread?.texts).toEqual(['answer']);
    expect(discord.callsOf(create)).toHaveLength(2);
  });

  test('a lost answer to the making of it: nothing was sent, and it is made once', async () => {
    const { discord } = await open({ config: { sessions: 'thread' } });
    discord.fault('POST /channels/:id/messages/:id/threads', { kind: 'applied_then_reset' });
    const { message } = await begin();
    await stage.advance(5_000);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(message.thread?.texts.at(-1)).toBe('forty-two');
    expect(await stage.incidents()).toEqual([]);
  });

  test('an archived one is opened again, once; a locked one stays as it is', async () => {
    const { discord, ann, room } = await open();
    const thread = ann.openThread(room, { name: 'talk' });
    discord.fault(create, { kind: 'error', code: 50_083 });
    await shown({ text: 'here' }, stage.refOf(thread));
    expect(thread.texts).toEqual(['here']);
    expect(discord.callsOf('PATCH /channels/:id')).toHaveLength(1);
    discord.fault(create, { kind: 'error', code: 50_083 });
    discord.fault('PATCH /channels/:id', { kind: 'error', code: 50_013 });
    expect(await send({}, stage.refOf(thread))).toMatchObject({
      kind: 'rejected',
      reason: 'forbidden',
      code: '50083',
    });
  });
});

describe('limits', () => {
  test('of Discord hold the channel, and nothing is sent there before', async () => {
    const { discord } = await open();
    discord.fault(create, { kind: 'rate_limited', retryAfterS: 30 });
    expect(await send()).toMatchObject({
      kind: 'deferred',
      reason: 'rate_limited',
      scope: 'channel',
      retryAfterMs: 30_050,
    });
    const again = await send();
    expect(again).toMatchObject({ kind: 'deferred', reason: 'rate_limited' });
    expect(again.kind === 'deferred' && again.retryAfterMs).toBeGreaterThan(29_000);
    expect(discord.callsOf(create)).toHaveLength(1);
  });

  test('of the whole bot hold all channels, and what passes', async () => {
    const { discord } = await open();
    const other = stage.refOf(discord.channel());
    discord.fault(create, { kind: 'rate_limited', retryAfterS: 30, scope: 'global' });
    expect(await send()).toMatchObject({ kind: 'deferred', scope: 'account' });
    expect(await send({}, other)).toMatchObject({ kind: 'deferred', reason: 'rate_limited' });
    const about = { taskId: 'x' as never, liveId: 'x' as never, seq: 1 };
    stage.life.show({ kind: 'typing', channel: other, ...about });
    await stage.advance(0);
    expect(discord.calls.filter(({ route }) => route.includes('channels'))).toHaveLength(1);
    // Known here, not only to the client: so nothing is tried, and answers go first afterwards.
    expect(stage.logs.join()).not.toContain('what passes was not shown');
    const wish = { channelId: 'third', key: 'k', weight: 'answer' } as const;
    expect(stage.site.limiter.take(wish, stage.harness.runtime.monoMs())).toBeGreaterThan(29_000);
  });

  test('five in five seconds, and what only shows work leaves room for answers', async () => {
    const { discord } = await open();
    const kinds: Delivery['kind'][] = ['progress', 'progress', 'progress', 'progress', 'terminal'];
    const outcomes = [];
    for (const kind of kinds) outcomes.push(await send({ kind }));
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'surfaced',
      'surfaced',
      'surfaced',
      'deferred',
      'surfaced',
    ]);
    expect(outcomes[3]).toMatchObject({ scope: 'part' });
    expect(discord.callsOf(create)).toHaveLength(4);
  });
});

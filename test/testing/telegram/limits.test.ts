import { expect, test } from 'vitest';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { client, failure, refusal, server } from './ground.ts';

async function limited(limits: NonNullable<Parameters<typeof server>[0]>['limits'] = {}) {
  const runtime = createFakeRuntime();
  const telegram = await server({ runtime, limits });
  const ann = telegram.person({ name: 'Ann' });
  ann.say('hello');
  return { runtime, telegram, ann, api: client(telegram) };
}

test('one message a second in a chat, three at once after a pause', async () => {
  const { runtime, telegram, ann, api } = await limited();
  for (let n = 0; n < 3; n += 1) await api.sendMessage(ann.id, `m${n}`);
  expect(await failure(api.sendMessage(ann.id, 'too fast'))).toMatchObject({
    error_code: 429,
    description: 'Too Many Requests: retry after 1',
    parameters: { retry_after: 1 },
  });
  expect([ann.chat.texts.length, telegram.limitsHit]).toEqual([3, 1]);
  for (let n = 0; n < 30; n += 1) {
    await runtime.advance(1_000);
    await api.sendMessage(ann.id, `slow ${n}`);
  }
  expect([ann.chat.texts.length, telegram.limitsHit]).toEqual([33, 1]);
});

test('twenty a minute in a group, edits and all topics together', async () => {
  const { runtime, telegram, ann, api } = await limited();
  const forum = telegram.supergroup({ members: [ann], topics: true });
  const [one, two] = [forum.topic('one'), forum.topic('two')];
  const { message_id: id } = await api.sendMessage(forum.id, 'v0', {
    message_thread_id: one.topicId,
  });
  for (let n = 1; n < 20; n += 1) {
    await runtime.advance(1_000);
    if (n % 2 === 0) await api.editMessageText(forum.id, id, `v${n}`);
    else await api.sendMessage(forum.id, `m${n}`, { message_thread_id: two.topicId });
  }
  await runtime.advance(1_000);
  expect(await failure(api.editMessageText(forum.id, id, 'v20'))).toMatchObject({
    parameters: { retry_after: 40 },
  });
  expect(one.texts).toEqual(['v18']);
  await api.sendMessage(ann.id, 'private chats go on');
  await runtime.advance(40_000);
  await api.editMessageText(forum.id, id, 'v21');
  expect(telegram.limitsHit).toBe(1);
});

test('thirty a second in all chats; edits of a private chat count only there', async () => {
  const { runtime, telegram, ann, api } = await limited();
  const { message_id: id } = await api.sendMessage(ann.id, 'v0');
  for (let n = 1; n < 30; n += 1) await api.editMessageText(ann.id, id, `v${n}`);
  const bob = telegram.person();
  bob.say('hello');
  expect(await refusal(api.sendMessage(bob.id, 'x'))).toBe('429 Too Many Requests: retry after 1');
  await runtime.advance(1_000);
  await api.sendMessage(bob.id, 'x');
});

test('what is refused for another reason is not counted, nor typing and answers to presses', async () => {
  const { telegram, ann, api } = await limited();
  for (let n = 0; n < 40; n += 1) await api.sendChatAction(ann.id, 'typing');
  for (let n = 0; n < 10; n += 1)
    expect(await refusal(api.sendMessage(ann.id, '  '))).toContain('text must be non-empty');
  for (let n = 0; n < 3; n += 1) await api.sendMessage(ann.id, `m${n}`);
  expect(telegram.limitsHit).toBe(0);
});

test('with pausesBot one flood stops the bot in every chat', async () => {
  const { runtime, telegram, ann, api } = await limited({ pausesBot: true });
  const bob = telegram.person();
  bob.say('hello');
  for (let n = 0; n < 3; n += 1) await api.sendMessage(ann.id, `m${n}`);
  await failure(api.sendMessage(ann.id, 'too fast'));
  expect(await refusal(api.sendMessage(bob.id, 'x'))).toBe('429 Too Many Requests: retry after 1');
  expect(await refusal(api.sendChatAction(bob.id, 'typing'))).toContain('429');
  await api.getMe();
  await runtime.advance(1_000);
  await api.sendMessage(bob.id, 'x');
});

test('false switches all limits off', async () => {
  const { telegram, ann, api } = await limited(false);
  for (let n = 0; n < 50; n += 1) await api.sendMessage(ann.id, `m${n}`);
  expect([ann.chat.texts.length, telegram.limitsHit]).toEqual([50, 0]);
});

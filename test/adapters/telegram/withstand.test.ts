import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TelegramPerson } from '../../../src/testing/telegram/index.ts';
import { ours, repetition } from '../../support/telegram.ts';
import { Stage, type StageOptions } from './stage.ts';

/** Goal: what stops the whole bot for a time loses nothing, doubles nothing and changes no order. */

vi.setConfig({ testTimeout: 60_000 });
let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  // Started when it stands: its requests look at it.
  stage = await Stage.open({ ...options, start: false });
  await stage.harness.start();
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const minute = 60_000;
const hour = 60 * minute;
const finals = ({ chat }: TelegramPerson): readonly string[] =>
  ours(chat).flatMap(({ text }) => /answer \w+ \d$/.exec(text) ?? []);

/** Everybody asks `count` times; the first of each is at work and has its placeholder. */
async function openWithPeople(count: number, options: StageOptions = {}) {
  const { telegram, ann } = await open(options);
  const bob = telegram.person({ name: 'Bob' });
  const people = [ann, bob];
  for (let n = 1; n <= count; n += 1)
    for (const person of people) person.say(`answer ${person.name} ${n}`);
  await stage.advance(6_000);
  return { telegram, people };
}

/** Ends what is at work, and what follows it, with the text that was asked for. */
async function finishAll(everyMs: number): Promise<void> {
  for (let idle = 0; idle < 3; ) {
    const open = stage.calls.filter(({ settled }) => !settled);
    idle = open.length === 0 ? idle + 1 : 0;
    for (const call of open) call.finish(call.task.text);
    await stage.advance(everyMs);
  }
}

const wanted = ({ name }: TelegramPerson, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `answer ${name} ${n + 1}`);

/** Each of these asked `count` times; each of the `once`, once. */
async function judge(
  people: readonly TelegramPerson[],
  count: number,
  once: readonly TelegramPerson[] = [],
): Promise<void> {
  for (const person of people) expect(finals(person)).toEqual(wanted(person, count));
  for (const person of once) expect(finals(person)).toEqual(wanted(person, 1));
  for (const { chat } of [...people, ...once])
    for (const text of chat.texts) expect(text).not.toContain(repetition);
  const { rows } = await stage.harness.relay.tasks.list();
  expect(rows.map(({ contract }) => contract.state)).toEqual(
    Array(people.length * count + once.length).fill('terminal_acked'),
  );
  expect(await stage.incidents()).toEqual([]);
  expect(stage.telegram.limitsHit).toBe(0);
}

describe('the token is revoked in the middle', () => {
  test('all is held, one incident is told, and when it works again all goes out in order', async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      asked.push(new URL(String(input)).pathname.split('/').at(-1) ?? '');
      return await stage.telegram.fetch(input, init);
    };
    const { telegram, people } = await openWithPeople(3, { config: { fetch } });
    telegram.revokeToken();
    const before = people.map(({ chat }) => chat.texts);
    asked.length = 0;
    await finishAll(1_000);
    await stage.advance(10 * minute);
    // A send that met it speaks for all of them.
    const sends = asked.filter((method) => /^(send|edit)(Message|Document)/.test(method));
    expect(sends.length).toBeLessThanOrEqual(people.length);
    expect(people.map(({ chat }) => chat.texts)).toEqual(before);
    const { rows } = await stage.harness.relay.incidents.list({ open: true });
    expect(rows.map(({ kind }) => kind)).toEqual(['unauthorized']);
    expect(rows[0]?.reason).toContain('401');
    expect(rows[0]?.reason).toContain('@BotFather');
    asked.length = 0;
    await stage.advance(20 * minute);
    // Probing is slow, and no send takes part in it.
    expect(new Set(asked)).toEqual(new Set(['getUpdates']));
    expect(asked.length).toBeLessThanOrEqual(21);
    telegram.restoreToken();
    await stage.advance(3 * minute);
    await judge(people, 3);
    people[0]?.say('answer Ann 4');
    await stage.advance(3_000);
    await finishAll(1_000);
    expect(finals(people[0] as TelegramPerson)).toEqual(wanted(people[0] as TelegramPerson, 4));
  });
});

describe('the network is gone for an hour', () => {
  test('nothing is lost, nothing is called a repetition, the order stays', async () => {
    const { telegram, people } = await openWithPeople(1);
    const dan = telegram.person({ name: 'Dan' });
    dan.say('answer Dan 1');
    await stage.advance(500);
    await telegram.down();
    // Of Dan's nothing stands there yet: his answer is a message of its own.
    await finishAll(1_000);
    for (const person of people) person.say(`answer ${person.name} 2`);
    await stage.advance(hour);
    const { rows } = await stage.harness.relay.receipts.list({ state: 'dead' });
    expect(rows).toEqual([]);
    await telegram.up();
    await stage.advance(3 * minute);
    await finishAll(1_000);
    await stage.advance(minute);
    expect(dan.chat.texts).toEqual([expect.stringMatching(/answer Dan 1$/)]);
    await judge(people, 2, [dan]);
    expect(telegram.pendingUpdates).toBe(0);
  });
});

describe('the store refuses while messages come over the webhook', () => {
  const url = 'https://bot.example/telegram/webhook';

  test('Telegram is told, brings them again, and there is one task of each', async () => {
    const statuses: number[] = [];
    const webhookFetch = async (request: Request): Promise<Response> => {
      const { method, headers } = request;
      const body = await request.text();
      const inner = new Request('http://bot.example/webhook', { method, headers, body });
      const answer = await stage.adapter.fetch?.(inner);
      statuses.push(answer?.status ?? 0);
      // The first that was stored is told to Telegram in vain.
      const isLost = statuses.filter((status) => status === 200).length === 1;
      return isLost || answer === undefined ? new Response(null, { status: 502 }) : answer;
    };
    const { ann, telegram } = await open({
      config: { mode: { webhook: { url } } },
      fake: { webhookFetch },
    });
    const { database } = stage.harness.memory;
    await stage.advance(1_000);
    database.pragma('query_only = ON');
    ann.say('answer Ann 1');
    ann.say('answer Ann 2');
    await stage.advance(5 * minute);
    expect(stage.calls).toEqual([]);
    expect(statuses.length).toBeGreaterThan(1);
    expect(new Set(statuses)).toEqual(new Set([503]));
    expect(telegram.pendingUpdates).toBe(2);
    database.pragma('query_only = OFF');
    await stage.advance(5 * minute);
    await finishAll(1_000);
    expect(statuses.filter((status) => status !== 503)).toEqual([200, 200, 200]);
    expect(stage.calls.map(({ task }) => task.text)).toEqual(['answer Ann 1', 'answer Ann 2']);
    expect(finals(ann)).toEqual(wanted(ann, 2));
    expect(telegram.pendingUpdates).toBe(0);
  });
});

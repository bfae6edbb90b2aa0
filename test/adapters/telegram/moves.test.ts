import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TelegramChat, TelegramPerson } from '../../../src/testing/telegram/index.ts';
import { ours } from '../../support/telegram.ts';
import { Stage, type StageOptions } from './stage.ts';

/** Goal: who goes elsewhere, or goes away, in the middle of a task gets its end where that can be. */

vi.setConfig({ testTimeout: 60_000 });
let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const minute = 60_000;
const told = (chat: TelegramChat, text: string): number =>
  ours(chat).filter((message) => message.text.includes(text)).length;

/** Work for somebody in a place, up to its placeholder. */
async function beginFor(person: TelegramPerson, to: TelegramChat) {
  const before = stage.calls.length;
  const name = to.type === 'private' ? '' : `@${stage.telegram.username} `;
  person.say(`${name}go`, { to });
  await stage.advance(3_000);
  const call = stage.calls[before];
  if (call === undefined) throw new Error('no work began');
  return call;
}

/** No update comes through any more: the send is the first to know. */
async function deafen(): Promise<void> {
  stage.telegram.fault('getUpdates', { kind: 'html' }, { times: 1_000 });
  await stage.advance(30_000);
}

async function states(): Promise<readonly string[]> {
  const { rows } = await stage.harness.relay.tasks.list();
  return rows.map(({ contract }) => contract.state);
}

describe('a group becomes a supergroup', () => {
  type When = 'long before the answer' | 'just before the answer' | 'while the bot hears nothing';
  test.each<[When]>([
    ['long before the answer'],
    ['just before the answer'],
    ['while the bot hears nothing'],
  ])('%s: the answer stands in the supergroup, once', async (when) => {
    const { ann, telegram } = await open();
    const group = telegram.group({ members: [ann] });
    const call = await beginFor(ann, group);
    const before = ours(group).length;
    if (when === 'while the bot hears nothing') await deafen();
    const moved = group.migrate();
    if (when === 'long before the answer') await stage.advance(minute);
    call.finish('the answer');
    await stage.advance(5 * minute);
    telegram.clearFaults();
    await stage.advance(minute);
    expect([told(group, 'the answer'), told(moved, 'the answer')]).toEqual([0, 1]);
    expect(ours(group)).toHaveLength(before);
    expect(await stage.incidents()).toEqual([]);
    expect(await states()).toEqual(['terminal_acked']);
    const again = await beginFor(ann, moved);
    again.finish('and on');
    await stage.advance(5_000);
    expect(told(moved, 'and on')).toBe(1);
    expect(telegram.limitsHit).toBe(0);
  });

  test('what was to come there comes in its order', async () => {
    const { ann, telegram } = await open();
    const bob = telegram.person({ name: 'Bob' });
    const group = telegram.group({ members: [ann, bob] });
    for (const person of [ann, bob, ann]) person.say(`@${telegram.username} go`, { to: group });
    await stage.advance(5_000);
    await deafen();
    const moved = group.migrate();
    for (const text of ['one', 'two', 'three']) {
      stage.work.finish(text);
      await stage.advance(1_000);
    }
    await stage.advance(5 * minute);
    telegram.clearFaults();
    await stage.advance(minute);
    // In the order in which they came to be seen: a queued one has its placeholder before.
    const answers = telegram.calls
      .filter(({ payload, applied }) => applied && payload['chat_id'] === moved.id)
      .flatMap(({ payload }) => /one$|two$|three$/.exec(String(payload['text'])) ?? []);
    expect(answers).toEqual(['one', 'two', 'three']);
    const stands = ours(moved).flatMap(({ text }) => /one$|two$|three$/.exec(text) ?? []);
    expect(stands.sort()).toEqual(answers.sort());
    expect(await states()).toEqual(Array(3).fill('terminal_acked'));
  });
});

describe('a person blocks the bot in the middle', () => {
  /** How often Telegram refused it. */
  const refusals = (text: string): number =>
    stage.telegram.calls.filter(
      ({ payload, answer }) =>
        payload['text'] === text && answer?.ok === false && answer.error_code === 403,
    ).length;

  test('nothing is sent for an hour, the second refusal is believed and told, others do not notice', async () => {
    const { ann, telegram } = await open();
    const call = await stage.begin();
    const bob = telegram.person({ name: 'Bob' });
    const other = await beginFor(bob, bob.chat);
    ann.block();
    call.finish('for Ann');
    other.finish('for Bob');
    await stage.advance(10_000);
    expect(bob.chat.texts).toEqual(['for Bob']);
    expect(refusals('for Ann')).toBe(1);
    expect(await stage.incidents()).toEqual([]);
    await stage.advance(59 * minute);
    expect(refusals('for Ann')).toBe(1);
    expect(await states()).toContain('terminal_pending');
    await stage.advance(5 * minute);
    expect(refusals('for Ann')).toBe(2);
    expect(await states()).toContain('terminal_failed');
    const [incident, ...more] = await stage.incidents();
    expect(incident).toContain('403');
    expect(more).toEqual([]);
    await stage.advance(20 * minute);
    expect(refusals('for Ann')).toBe(2);
    expect(told(ann.chat, 'for Ann')).toBe(0);
    (await beginFor(bob, bob.chat)).finish('Bob again');
    await stage.advance(5_000);
    expect(told(bob.chat, 'Bob again')).toBe(1);
  });

  test.each([
    ['with a placeholder', true],
    ['without one', false],
  ])('let in again within the hour: the answer comes, once, %s', async (_, placeholder) => {
    const { ann } = await open();
    if (placeholder) await stage.begin();
    else await stage.say('go');
    ann.block();
    stage.work.finish('for Ann');
    await stage.advance(40 * minute);
    ann.unblock();
    expect(told(ann.chat, 'for Ann')).toBe(0);
    await stage.advance(25 * minute);
    expect(refusals('for Ann')).toBe(1);
    expect(told(ann.chat, 'for Ann')).toBe(1);
    expect(await states()).toEqual(['terminal_acked']);
    expect(await stage.incidents()).toEqual([]);
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import type { TelegramMessage } from '../../../src/testing/telegram/index.ts';
import { Stage, type StageOptions } from './stage.ts';

let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const ours = (messages: readonly TelegramMessage[]): TelegramMessage[] =>
  messages.filter(({ from }) => from.kind === 'bot');

describe('groups', () => {
  test('what is addressed to the bot is taken, in its topic', async () => {
    const { ann, telegram } = await open({ fake: { privacyMode: false } });
    const group = telegram.supergroup({ title: 'Team', members: [ann], topics: true });
    const topic = group.topic('Deploys');
    ann.say('just talk', { to: topic });
    ann.say('/deploy@other_bot', { to: topic });
    await stage.advance(1_000);
    expect(stage.calls).toEqual([]);
    ann.say(`@${telegram.username} deploy it`, { to: topic });
    await stage.advance(2_000);
    expect(stage.work.task.text).toBe('deploy it');
    stage.work.finish('deployed');
    await stage.advance(5_000);
    expect(topic.texts).toEqual(['deployed']);
    expect(topic.messages.at(-1)?.topicId).toBe(topic.topicId);
  });

  test('a reply to the bot goes on', async () => {
    const { ann, telegram } = await open();
    const group = telegram.group({ members: [ann] });
    ann.say(`@${telegram.username} one`, { to: group });
    await stage.advance(2_000);
    stage.work.finish('first');
    await stage.advance(3_000);
    const answer = ours(group.messages).at(-1) as TelegramMessage;
    ann.say('and two?', { to: group, replyTo: answer });
    await stage.advance(2_000);
    expect(stage.work.task.text).toBe('and two?');
  });

  test('a question that may be answered in words says how, where the bot hears replies alone', async () => {
    const { ann, telegram } = await open();
    const group = telegram.group({ members: [ann] });
    ann.say(`@${telegram.username} rename it`, { to: group });
    await stage.advance(2_000);
    const replied = stage.work.ask({ kind: 'question', text: 'To what?', options: [] });
    await stage.advance(2_000);
    const question = ours(group.messages).at(-1) as TelegramMessage;
    expect(question.text).toMatch(
      /^To what\?[\s\S]*\n\nTo answer in words, reply to this message\.$/,
    );
    ann.say('readback', { to: group, replyTo: question });
    await stage.advance(2_000);
    expect(await replied).toMatchObject({ text: 'readback' });
    const alone = stage.work.ask({ kind: 'question', text: 'Sure?', options: [] });
    await stage.advance(2_000);
    expect(ours(group.messages).at(-1)?.text).toContain('reply to this message');
    stage.work.finish('done');
    await stage.advance(5_000);
    expect(group.texts.join()).not.toContain('reply to this message');
    await alone;
  });

  test('only who asked may cancel', async () => {
    const { ann, telegram } = await open();
    const bob = telegram.person({ name: 'Bob' });
    const group = telegram.group({ members: [ann, bob] });
    ann.say(`@${telegram.username} go`, { to: group });
    await stage.advance(2_000);
    const placeholder = ours(group.messages).at(-1) as TelegramMessage;
    bob.press(placeholder, 'Cancel');
    await stage.advance(3_000);
    expect(stage.work.settled).toBe(false);
    expect(group.texts.at(-1)).toMatch(/Only the person who asked/);
  });

  test('a group that becomes a supergroup in the middle keeps its task', async () => {
    const { ann, telegram } = await open();
    const group = telegram.group({ members: [ann] });
    ann.say(`@${telegram.username} go`, { to: group });
    await stage.advance(2_000);
    const call = stage.work;
    const moved = group.migrate();
    await stage.advance(2_000);
    call.finish('the answer');
    await stage.advance(10_000);
    expect(moved.texts.filter((text) => text === 'the answer')).toHaveLength(1);
    expect(await stage.incidents()).toEqual([]);
  });

  test('also when the send is the first to know', async () => {
    const { ann, telegram } = await open();
    const group = telegram.group({ members: [ann] });
    ann.say(`@${telegram.username} go`, { to: group });
    await stage.advance(2_000);
    telegram.fault('getUpdates', { kind: 'server_error' }, { times: 3 });
    const moved = group.migrate();
    stage.work.finish('the answer');
    await stage.advance(60_000);
    expect(moved.texts.filter((text) => text === 'the answer')).toHaveLength(1);
  });

  test('a busy group keeps to 20 a minute, answers come through, and a private chat does not wait', async () => {
    const { ann, telegram } = await open();
    const group = telegram.supergroup({ members: [ann], topics: true });
    const topics = Array.from({ length: 6 }, (_, n) => group.topic(`t${n}`));
    for (const topic of topics) ann.say(`@${telegram.username} go`, { to: topic });
    await stage.advance(8_000);
    expect(stage.calls).toHaveLength(6);
    for (let round = 0; round < 12; round += 1) {
      for (const call of stage.calls) call.emit({ kind: 'progress', message: `step ${round}` });
      await stage.advance(3_000);
    }
    const before = stage.calls.length;
    await stage.say('and here?');
    await stage.advance(2_500);
    expect(stage.calls).toHaveLength(before + 1);
    expect(ann.chat.texts).toEqual(['On it…']);
    for (const call of stage.calls.slice(0, 6)) call.finish('the answer');
    await stage.advance(20_000);
    expect(topics.map((topic) => topic.texts[0])).toEqual(topics.map(() => 'the answer'));
    expect(telegram.limitsHit).toBe(0);
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import type { DiscordMessage } from '../../../src/testing/discord/index.ts';
import { close, crash, minute, openStage, ours, receiptsOf, tasks } from './fault-ground.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
afterEach(async () => {
  await close(stage);
});

/** Ann asks by the command, in a room of many; what she alone sees there. */
async function asked(): Promise<{ hidden: () => readonly DiscordMessage[] }> {
  stage = await openStage({ config: { ephemeral: true } });
  const { ann, room } = stage;
  ann.command('ask', { text: 'go' }, { in: room });
  await stage.brought();
  return { hidden: () => room.ephemeral(ann) };
}

const long = `${'long '.repeat(700)}forty-two`;
const isSeen = ({ buttons }: DiscordMessage): boolean =>
  buttons.some(({ label }) => label === 'Seen');

describe('an answer that one person alone sees', () => {
  test('of several messages is settled by the button of the last', async () => {
    const { hidden } = await asked();
    stage.work.finish(long);
    await stage.advance(10_000);
    expect(hidden().map(isSeen)).toEqual([false, true]);
    const [answer] = await receiptsOf(stage);
    expect(answer?.receipt.state).toBe('unknown');
    await stage.ann.press(hidden().at(-1) as DiscordMessage, 'Seen').answered;
    await stage.brought();
    expect((await receiptsOf(stage))[0]?.receipt.state).toBe('surfaced');
    await stage.advance(10 * minute);
    expect([ours(stage.room), stage.ann.dm.messages]).toEqual([[], []]);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_acked');
  });

  test('and did not say so comes whole as a direct message, once, and nobody else reads it', async () => {
    await asked();
    stage.work.finish(long);
    await stage.advance(5 * minute);
    const words = stage.ann.dm.texts.join(' ').match(/long|forty-two/g) ?? [];
    expect([words.length, words.at(-1)]).toEqual([701, 'forty-two']);
    expect(ours(stage.room)).toEqual([]);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_acked');
    await stage.advance(30 * minute);
    expect(stage.ann.dm.texts.join(' ').match(/forty-two/g)).toHaveLength(1);
  });

  test('holds up nobody: who asks there meanwhile is answered at once', async () => {
    await asked();
    stage.work.finish('forty-two');
    await stage.advance(3_000);
    const bob = stage.discord.person({ name: 'Bob' });
    bob.mention('and me?', { to: stage.room });
    await stage.brought();
    stage.work.finish('forty-three');
    await stage.advance(3_000);
    expect(stage.room.texts).toEqual(['forty-three']);
    await stage.advance(5 * minute);
    expect(stage.ann.dm.texts.filter((text) => text.includes('forty-two'))).toHaveLength(1);
  });

  test('and what is pressed below it is answered to them alone', async () => {
    const { hidden } = await asked();
    stage.work.fail(new Error('no'));
    await stage.advance(5_000);
    const failed = hidden().at(-1) as DiscordMessage;
    for (const label of ['Seen', 'Retry', 'Retry']) {
      stage.ann.press(failed, label);
      await stage.brought();
      await stage.advance(3_000);
    }
    stage.work.finish('forty-two');
    await stage.advance(5 * minute);
    expect(stage.room.texts).toEqual([]);
    expect(hidden().some(({ shown }) => shown.includes('run again already'))).toBe(true);
  });

  test('stays hidden when the token of the bot was reset meanwhile', async () => {
    await asked();
    await stage.advance(5_000);
    stage.discord.resetToken();
    await crash(stage, 1_000);
    await stage.advance(5 * minute);
    expect(stage.room.texts).toEqual([]);
    expect(stage.ann.dm.texts.join()).toContain('Interrupted');
  });
});

test('a command whose words answer a question promises nothing that does not come', async () => {
  stage = await openStage();
  const { ann, room } = stage;
  ann.command('ask', { text: 'go' }, { in: room });
  await stage.brought();
  const answer = stage.work.ask({ kind: 'question', text: 'which?', options: [], freeText: true });
  await stage.advance(5_000);
  ann.command('ask', { text: 'blue' }, { in: room });
  await stage.brought();
  await stage.advance(5_000);
  expect(await answer).toMatchObject({ text: 'blue' });
  expect(room.messages.filter(({ isLoading }) => isLoading)).toEqual([]);
  stage.work.finish('forty-two');
  await stage.advance(minute);
  expect(room.texts.at(-1)).toContain('forty-two');
});

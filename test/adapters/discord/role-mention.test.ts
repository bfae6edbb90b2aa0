import { afterEach, expect, test } from 'vitest';
import type { DiscordChannel, DiscordGuild } from '../../../src/testing/discord/index.ts';
import { crash, openStage } from './fault-ground.ts';
import { Stage, type StageOptions } from './stage.ts';

/** Discord makes the bot a role of its own name in each server. People pick it by mistake: it is the bot all the same. */

let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

/** Ann writes to the role of that server, in a channel there. */
async function sayToRole(guild: DiscordGuild, to: DiscordChannel, text: string): Promise<void> {
  stage.ann.say(`<@&${guild.botRole.id}> ${text}`, { to });
  await stage.brought();
}

const tasks = (): readonly string[] => stage.calls.map(({ task }) => task.text);

test('a mention of the role of the bot is answered, without it in the words', async () => {
  const { discord, room } = await open();
  await sayToRole(discord.guild, room, 'what is up');
  expect(tasks()).toEqual(['what is up']);
  stage.work.finish('all is well');
  await stage.advance(1_000);
  expect(room.texts).toEqual(['all is well']);
});

test('each server has its own, those that the bot joins later too', async () => {
  const { discord } = await open();
  const later = discord.addGuild({ name: 'Later' });
  stage.ann.join(later);
  const there = later.channel();
  await sayToRole(later, there, 'one');
  await sayToRole(discord.guild, there, 'not ours there');
  expect(tasks()).toEqual(['one']);
});

test('a role of others is not the bot', async () => {
  const { discord, room, ann } = await open();
  const crew = discord.guild.role({ name: 'Readback crew' });
  ann.say(`<@&${crew.id}> hello`, { to: room });
  await stage.brought();
  expect(tasks()).toEqual([]);
});

test('a process that takes the session up knows it too', async () => {
  stage = await openStage();
  // until it is stored how far the session was heard
  await stage.advance(5_000);
  await crash(stage, 1_000);
  // what a new session would be told of the servers does not come again
  expect(stage.discord.gateway.identifies).toBe(1);
  await sayToRole(stage.discord.guild, stage.room, 'still there');
  expect(tasks()).toEqual(['still there']);
});

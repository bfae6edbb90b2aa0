import { type REST, Routes } from 'discord.js';
import { expect } from 'vitest';
import type { DiscordInteraction } from '../../../src/testing/discord/index.ts';
import { connectedShard } from './gateway-ground.ts';
import { client, heldClient, type Json, server } from './ground.ts';

export const commands = [
  {
    name: 'ask',
    description: 'Asks',
    options: [
      { type: 3, name: 'question', description: 'What', required: true, max_length: 20 },
      { type: 4, name: 'times', description: 'How often', min_value: 1, max_value: 3 },
      { type: 5, name: 'loud', description: 'Loud?' },
      { type: 3, name: 'tone', description: 'How', choices: [{ name: 'Kind', value: 'kind' }] },
      { type: 6, name: 'who', description: 'Whom' },
      { type: 11, name: 'file', description: 'A file' },
    ],
  },
  {
    name: 'task',
    description: 'Tasks',
    options: [
      {
        type: 1,
        name: 'list',
        description: 'Lists',
        options: [{ type: 3, name: 'of', description: 'Whose' }],
      },
    ],
  },
  { name: 'Explain', type: 3 },
  { name: 'Greet', type: 2, integration_types: [0, 1] },
];

/** A bot with commands, and somebody to use them. */
export async function opened(options: Parameters<typeof server>[0] = {}) {
  const discord = await server(options);
  const ann = discord.person({ name: 'Ann' });
  const room = discord.channel({ name: 'room' });
  const rest = options.runtime === undefined ? client(discord) : heldClient(discord);
  await rest.put(Routes.applicationCommands(discord.appId), { body: commands });
  const bot = await connectedShard(discord);
  const told = async (): Promise<Json> => {
    await expect.poll(() => bot.types()).toContain('INTERACTION_CREATE');
    const all = bot.events.filter(({ t }) => t === 'INTERACTION_CREATE');
    return all.at(-1)?.d as Json;
  };
  const ask = () => ann.command('ask', { question: 'why?' }, { in: room });
  return { discord, ann, room, rest, bot, told, ask };
}

/** The first answer to an interaction. */
export const answer = (rest: REST, { id, token }: DiscordInteraction, body: Json, query = '') =>
  rest.post(Routes.interactionCallback(id, token), {
    body,
    auth: false,
    query: new URLSearchParams(query),
  });

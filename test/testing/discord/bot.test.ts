import { WebSocketShardEvents } from '@discordjs/ws';
import {
  ButtonStyle,
  ChannelType,
  Client,
  ComponentType,
  Events,
  GatewayIntentBits,
  type Interaction,
  type Message,
  MessageFlags,
  Partials,
} from 'discord.js';
import { expect, onTestFinished, test } from 'vitest';
import type { FakeDiscord } from '../../../src/testing/discord/index.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { connectedShard } from './gateway-ground.ts';
import { breakage, heldClient, restOptions, server } from './ground.ts';

/** discord.js itself, logged in. */
async function bot(
  discord: FakeDiscord,
  prepare: (client: Client<true>) => void,
): Promise<Client<true>> {
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.MessageContent,
      GatewayIntentBits.DirectMessages,
    ],
    partials: [Partials.Channel, Partials.Message, Partials.Reaction],
    rest: restOptions(discord),
    enforceNonce: true,
  }) as Client<true>;
  onTestFinished(async () => void (await client.destroy()));
  const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
  prepare(client);
  await client.login(discord.token);
  await ready;
  return client;
}

test('discord.js answers in channels, threads and direct messages, and downloads what came', async () => {
  const discord = await server();
  const [ann, room] = [discord.person({ name: 'Ann' }), discord.channel({ name: 'room' })];
  await bot(discord, (client) => {
    const answer = async (message: Message): Promise<void> => {
      if (message.author.bot || message.system) return;
      const file = message.attachments.first();
      const read = file === undefined ? '' : await (await fetch(file.url)).text();
      await message.reply(`${message.channel.type} ${message.cleanContent}${read}`);
    };
    client.on(Events.MessageCreate, (message) => void answer(message));
  });
  const asked = ann.mention('what', { to: room });
  const reply = await room.waitFor(({ replyTo }) => replyTo === asked);
  expect([reply.shown, reply.notified]).toEqual([
    `${ChannelType.GuildText} @Readback what`,
    [ann.id],
  ]);
  ann.say('read', { files: [{ name: 'a.txt', bytes: Buffer.from('this') }] });
  expect((await ann.dm.waitFor(() => true)).shown).toBe(`${ChannelType.DM} readthis`);
  const thread = ann.openThread(reply, { text: 'go on' });
  expect((await thread.waitFor(() => true)).shown).toBe(`${ChannelType.PublicThread} go on`);
  const forum = discord.channel({ kind: 'forum' });
  const post = ann.post(forum, { title: 'Help', text: 'me' });
  expect((await post.waitFor(({ replyTo }) => replyTo !== undefined)).shown).toBe(
    `${ChannelType.PublicThread} me`,
  );
});

test('discord.js hears edits, deletions and reactions', async () => {
  const discord = await server();
  const [ann, room] = [discord.person(), discord.channel()];
  const heard: unknown[] = [];
  const all = new Promise<void>((resolve) => {
    void bot(discord, (client) => {
      client.on(Events.MessageUpdate, (_, message) => heard.push(['edited', message.content]));
      client.on(Events.MessageReactionAdd, (reaction, user) =>
        heard.push([reaction.emoji.name, user.id]),
      );
      client.on(Events.MessageReactionRemove, (reaction) =>
        heard.push(['took', reaction.emoji.name]),
      );
      client.on(Events.MessageDelete, (message) => {
        heard.push(['deleted', message.id]);
        resolve();
      });
    });
  });
  await discord.gateway.connected();
  const message = ann.say('one', { to: room });
  ann.edit(message, 'two');
  ann.react(message, '🎉');
  ann.unreact(message, '🎉');
  ann.delete(message);
  await all;
  expect(heard).toEqual([
    ['edited', 'two'],
    ['🎉', ann.id],
    ['took', '🎉'],
    ['deleted', message.id],
  ]);
});

test('discord.js registers commands, defers, edits, follows up, shows buttons and modals', async () => {
  const discord = await server();
  const [ann, room] = [discord.person({ name: 'Ann' }), discord.channel()];
  const client = await bot(discord, (own) => {
    const answer = async (interaction: Interaction): Promise<void> => {
      if (interaction.isChatInputCommand()) {
        await interaction.deferReply();
        await interaction.editReply({
          content: `you asked ${interaction.options.getString('question')}`,
          components: [
            {
              type: ComponentType.ActionRow,
              components: [
                {
                  type: ComponentType.Button,
                  style: ButtonStyle.Primary,
                  label: 'Why',
                  customId: 'why',
                },
              ],
            },
          ],
        });
        await interaction.followUp({ content: 'psst', flags: MessageFlags.Ephemeral });
      }
      if (interaction.isButton())
        await interaction.showModal({
          customId: 'form',
          title: 'Form',
          components: [
            {
              type: ComponentType.ActionRow,
              components: [
                { type: ComponentType.TextInput, customId: 'name', label: 'Name', style: 1 },
              ],
            },
          ],
        });
      if (interaction.isModalSubmit() && interaction.isFromMessage())
        await interaction.update({
          content: `thanks ${interaction.fields.getTextInputValue('name')}`,
          components: [],
        });
    };
    own.on(Events.InteractionCreate, (interaction) => void answer(interaction));
  });
  await client.application.commands.set([
    {
      name: 'ask',
      description: 'Asks',
      options: [{ type: 3, name: 'question', description: 'What', required: true }],
    },
  ]);
  const used = ann.command('ask', { question: 'this' }, { in: room });
  expect((await used.answered).kind).toBe('deferred');
  const message = await room.waitFor(({ shown }) => shown === 'you asked this');
  await expect.poll(() => room.ephemeral(ann).map(({ shown }) => shown)).toEqual(['psst']);
  const pressed = ann.press(message, 'Why');
  expect((await pressed.answered).kind).toBe('modal');
  const sent = ann.submit(await ann.waitForModal(), { Name: 'Ann' });
  expect((await sent.answered).kind).toBe('update');
  expect([message.shown, message.buttons]).toEqual(['thanks Ann', []]);
});

test('discord.js survives a broken connection and a guild that comes', async () => {
  const discord = await server();
  const client = await bot(discord, () => undefined);
  const other = discord.addGuild({ name: 'Other' });
  await expect.poll(() => client.guilds.cache.get(other.id)?.name).toBe('Other');
  const resumed = new Promise((resolve) => client.once(Events.ShardResume, resolve));
  discord.gateway.drop();
  const late = other.channel({ name: 'late' });
  await resumed;
  await expect.poll(() => client.channels.cache.has(late.id)).toBe(true);
});

test('a request takes no virtual time; a server that is slow or hangs lets it go', async () => {
  const runtime = createFakeRuntime();
  const discord = await server({ runtime });
  const room = discord.channel();
  const rest = heldClient(discord);
  const atMs: number[] = [];
  const send = async (content: string): Promise<void> => {
    // long enough for the socket to need many turns of the event loop
    const files = [{ name: 'long.bin', data: Buffer.alloc(4_000_000) }];
    await rest.post(`/channels/${room.id}/messages`, { body: { content }, files });
    atMs.push(runtime.elapsedMs);
  };
  const sending = (async () => {
    for (let n = 0; n < 3; n += 1) {
      await send(`m${n}`);
      await runtime.sleep(100);
    }
  })();
  await runtime.advance(1_000);
  await sending;
  expect(atMs).toEqual([0, 100, 200]);
  discord.fault('POST /channels/:id/messages', { kind: 'refused' });
  expect(await breakage(send('refused'))).toBe('ECONNREFUSED');
  discord.fault('POST /channels/:id/messages', { kind: 'applied_then_hang' });
  const hanging = breakage(send('hangs'));
  await runtime.advance(60_000);
  expect(room.texts).toEqual(['m0', 'm1', 'm2', 'hangs']);
  await discord.stop();
  await runtime.advance(1);
  expect(await hanging).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/);
});

test('what a person does reaches the app within its instant', async () => {
  const runtime = createFakeRuntime();
  const discord = await server({ runtime });
  const shard = await connectedShard(discord);
  const handled: number[] = [];
  shard.manager.on(WebSocketShardEvents.Dispatch, () => void handled.push(runtime.elapsedMs));
  for (let n = 0; n < 3; n += 1) {
    // long enough for the socket to need many turns of the event loop
    discord.push('LONG', { pad: 'x'.repeat(4_000_000) });
    await runtime.advance(500);
  }
  expect(handled).toEqual([0, 500, 1_000]);
});

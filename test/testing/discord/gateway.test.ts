import { type SessionInfo, WebSocketShardEvents } from '@discordjs/ws';
import { GatewayIntentBits, Routes } from 'discord.js';
import { expect, test } from 'vitest';
import type { FakeDiscordGateway } from '../../../src/testing/discord/index.ts';
import { connectedShard, type Event, shard } from './gateway-ground.ts';
import { client, server } from './ground.ts';

test('READY names the guilds, GUILD_CREATE brings them, and what is said comes in order', async () => {
  const discord = await server();
  const ann = discord.person({ name: 'Ann' });
  const room = discord.channel({ name: 'room' });
  const bot = await connectedShard(discord);
  ann.say('one', { to: room });
  ann.say('two');
  await discord.settled();
  expect(bot.types()).toEqual(['READY', 'GUILD_CREATE', 'MESSAGE_CREATE', 'MESSAGE_CREATE']);
  expect(bot.events.map(({ s }) => s)).toEqual([1, 2, 3, 4]);
  const [ready, guild, inRoom, inDm] = bot.events as [Event, Event, Event, Event];
  expect(ready.d).toMatchObject({
    user: { id: discord.botId, bot: true },
    guilds: [{ id: discord.guild.id, unavailable: true }],
    application: { id: discord.appId },
    shard: [0, 1],
  });
  expect(guild.d).toMatchObject({
    id: discord.guild.id,
    channels: [{ id: room.id, name: 'room' }],
  });
  expect(inRoom.d).toMatchObject({
    content: 'one',
    guild_id: discord.guild.id,
    channel_type: 0,
    author: { id: ann.id, global_name: 'Ann' },
    member: { roles: [] },
  });
  expect(inDm.d).toMatchObject({ content: 'two', channel_type: 1 });
  expect(inDm.d).not.toHaveProperty('guild_id');
});

test('a new process resumes from the last number that the old one committed, and gets what was missed', async () => {
  const discord = await server();
  const ann = discord.person();
  const store: { session: SessionInfo | null } = { session: null };
  const dead = await connectedShard(discord, store);
  ann.say('seen');
  ann.say('received, not committed');
  await discord.settled();
  expect(dead.said()).toEqual(['seen', 'received, not committed']);
  const session = { ...(store.session as unknown as SessionInfo) };
  await dead.manager.destroy({ code: 4200 });
  ann.say('while it was down');
  const committed = { ...session, sequence: session.sequence - 1 };
  const after = await connectedShard(discord, { session: committed });
  expect(after.said()).toEqual(['received, not committed', 'while it was down']);
  expect(after.types().at(-1)).toBe('RESUMED');
  expect([discord.gateway.identifies, discord.gateway.resumes]).toEqual([1, 1]);
  expect(discord.gateway.sessions).toMatchObject([
    { resumes: 1, resumedFrom: session.sequence - 1 },
  ]);
});

test('a thousand events at once, and as many that are brought again, are read on one connection', async () => {
  const discord = await server();
  const ann = discord.person();
  const store: { session: SessionInfo | null } = { session: null };
  const bot = await connectedShard(discord, store);
  const begun = { ...(store.session as unknown as SessionInfo) };
  const words = Array.from({ length: 1_000 }, (_, n) => `message ${n}`);
  for (const text of words) ann.say(text);
  await discord.settled();
  expect([bot.said(), discord.gateway.made]).toEqual([words, 1]);
  await bot.manager.destroy({ code: 4200 });
  const after = await connectedShard(discord, { session: begun });
  expect([after.said(), discord.gateway.made]).toEqual([words, 2]);
  expect([discord.gateway.open, bot.errors, after.errors]).toEqual([1, [], []]);
});

type Disturb = (gateway: FakeDiscordGateway) => void | Promise<void>;

/** A bot whose connection is disturbed, and what it heard when it was back. */
async function disturbed(disturb: Disturb, back: 'ready' | 'resumed') {
  const discord = await server();
  const ann = discord.person();
  const bot = await connectedShard(discord);
  const isBack = new Promise((resolve) =>
    bot.manager.once(back as WebSocketShardEvents.Ready, resolve),
  );
  await disturb(discord.gateway);
  ann.say('meanwhile');
  await isBack;
  await discord.settled();
  const { identifies, resumes, open, sessions } = discord.gateway;
  return {
    said: bot.said(),
    identifies,
    resumes,
    open,
    over: sessions.map(({ isOver }) => isOver),
  };
}

test('after a break, op 7, 4009 and op 9 that allows it the client resumes and has missed nothing', async () => {
  const ways: Disturb[] = [
    (gateway) => gateway.drop(),
    (gateway) => gateway.op7(),
    (gateway) => gateway.close(4009),
    (gateway) => gateway.invalidate({ canResume: true }),
  ];
  const seen = await Promise.all(ways.map((way) => disturbed(way, 'resumed')));
  const resumed = { said: ['meanwhile'], identifies: 1, resumes: 1, open: 1, over: [false] };
  expect(seen).toEqual(ways.map(() => resumed));
});

test('after a session that is forgotten and op 9 the client begins anew: what was said is not brought', async () => {
  const ways: Disturb[] = [
    async (gateway) => {
      gateway.drop();
      await expect.poll(() => gateway.sessions[0]?.isConnected).toBe(false);
      gateway.forget();
    },
    (gateway) => gateway.invalidate(),
  ];
  const seen = await Promise.all(ways.map((way) => disturbed(way, 'ready')));
  const anew = { said: [], identifies: 2, resumes: 0, open: 1, over: [true, false] };
  expect(seen).toEqual(ways.map(() => anew));
});

test('a connection that acks no heartbeat is left by the client, which resumes', async () => {
  const discord = await server({ heartbeatMs: 60 });
  const bot = await connectedShard(discord);
  discord.gateway.mute();
  const resumed = new Promise((resolve) => bot.manager.once(WebSocketShardEvents.Resumed, resolve));
  discord.person().say('into the void');
  await expect.poll(() => discord.gateway.closes.at(-1)).toEqual({ by: 'client', code: 4200 });
  expect(bot.said()).toEqual([]);
  discord.gateway.mute(false);
  await resumed;
  await discord.settled();
  expect(bot.said()).toEqual(['into the void']);
});

test('what a muted connection held back comes when it goes on', async () => {
  const discord = await server();
  const bot = await connectedShard(discord);
  discord.gateway.mute();
  discord.person().say('late');
  discord.gateway.mute(false);
  await discord.settled();
  expect(bot.said()).toEqual(['late']);
});

test('a client that sends no heartbeats is closed with 4009', async () => {
  const discord = await server({ heartbeatMs: 40 });
  const bot = await connectedShard(discord);
  // it thinks that it beats
  bot.manager.send = async () => undefined;
  const shards = (bot.manager as unknown as { strategy: { shards: Map<number, object> } }).strategy;
  Object.assign(shards.shards.get(0) ?? {}, { heartbeat: async () => undefined });
  await expect.poll(() => discord.gateway.closes.at(0)).toEqual({ by: 'server', code: 4009 });
});

test.each(['reset', 'unavailable'] as const)(
  'a gateway that refuses (%s) lets nobody in',
  async (how) => {
    const discord = await server();
    const bot = await connectedShard(discord);
    discord.gateway.refuse(how);
    discord.gateway.drop();
    await expect.poll(() => discord.gateway.open).toBe(0);
    const { made } = discord.gateway;
    const failed = new Promise((resolve) => {
      bot.manager.on(WebSocketShardEvents.Error, resolve);
      bot.manager.on(WebSocketShardEvents.Debug, ({ message }) => {
        if (message.includes('network error')) resolve(undefined);
      });
    });
    await failed;
    expect(discord.gateway.made).toBe(made);
    discord.gateway.refuse(false);
    await discord.gateway.connected();
    // of a broken connection the library forgets its session, of a 503 it does not
    const { identifies, resumes } = discord.gateway;
    expect([identifies, resumes]).toEqual(how === 'reset' ? [2, 0] : [1, 1]);
  },
);

test('without the content intent words are empty, but in direct messages and mentions', async () => {
  const discord = await server();
  const ann = discord.person();
  const room = discord.channel();
  const intents =
    GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages | GatewayIntentBits.DirectMessages;
  const bot = await connectedShard(discord, { session: null }, { intents });
  ann.say('secret', { to: room });
  ann.mention('hello', { to: room });
  ann.say('private');
  await discord.settled();
  expect(bot.said()).toEqual(['', `<@${discord.botId}> hello`, 'private']);
});

test('an intent that is not asked for brings nothing; one that is switched off closes with 4014', async () => {
  const discord = await server();
  const room = discord.channel();
  const intents = GatewayIntentBits.Guilds | GatewayIntentBits.DirectMessages;
  const bot = await connectedShard(discord, { session: null }, { intents });
  discord.person().say('unheard', { to: room });
  await discord.settled();
  expect(bot.said()).toEqual([]);
  discord.gateway.disallow(['MessageContent']);
  const refused = await shard(discord);
  refused.manager.connect().catch(() => undefined);
  await expect.poll(() => refused.errors.length).toBe(1);
  expect(refused.errors[0]?.message).toBe('Used disallowed intents');
  expect(discord.gateway.closes.at(-1)).toEqual({ by: 'server', code: 4014 });
});

test('shards share the guilds; direct messages come to the first', async () => {
  const discord = await server({ shards: 2, maxConcurrency: 2 });
  const ann = discord.person({ name: 'Ann' });
  const guilds = [discord.guild, ...[1, 2, 3].map(() => discord.addGuild())];
  for (const guild of guilds) ann.join(guild);
  const seen = new Map<number, string[]>();
  const bot = await shard(discord);
  bot.manager.on(WebSocketShardEvents.Dispatch, ({ data, shardId }) => {
    if (data.t === 'MESSAGE_CREATE')
      seen.set(shardId, [...(seen.get(shardId) ?? []), data.d.content]);
  });
  await bot.manager.connect();
  await discord.gateway.connected(2);
  for (const [n, guild] of guilds.entries()) ann.say(`in ${n}`, { to: guild.channel() });
  ann.say('dm');
  await discord.settled();
  const shardOf = (n: number) => Number((BigInt(guilds[n]?.id ?? 0) >> 22n) % 2n);
  const expected = [0, 1, 2, 3].filter((n) => shardOf(n) === 0).map((n) => `in ${n}`);
  expect(seen.get(0)).toEqual([...expected, 'dm']);
  expect([...seen.values()].flat()).toHaveLength(5);
  expect(expected.length).toBeGreaterThan(0);
  expect(expected.length).toBeLessThan(4);
});

test('the bot comes into a guild, goes, and sees an outage', async () => {
  const discord = await server();
  const bot = await connectedShard(discord);
  const other = discord.addGuild({ bot: false });
  other.channel().delete();
  other.addBot();
  other.outage(true);
  other.outage(false);
  other.kickBot();
  other.channel().delete();
  await discord.settled();
  const rest = bot.events.slice(2).map(({ t, d }) => [t, d['id'], d['unavailable']]);
  expect(rest).toEqual([
    ['GUILD_CREATE', other.id, false],
    ['GUILD_DELETE', other.id, true],
    ['GUILD_CREATE', other.id, false],
    ['GUILD_DELETE', other.id, undefined],
  ]);
});

test('an event of any shape can be pushed; a heartbeat can be asked for', async () => {
  const discord = await server();
  const bot = await connectedShard(discord);
  expect(discord.push('SOMETHING_NEW', { n: 1 })).toBe(1);
  const beat = new Promise((resolve) =>
    bot.manager.once(WebSocketShardEvents.HeartbeatComplete, resolve),
  );
  discord.gateway.askHeartbeat();
  await beat;
  expect(bot.events.at(-1)).toMatchObject({ t: 'SOMETHING_NEW', d: { n: 1 } });
});

test('a thread and a preview change a message without an edit', async () => {
  const discord = await server();
  const [ann, room] = [discord.person(), discord.channel()];
  const bot = await connectedShard(discord);
  const said = ann.say('see https://example.com', { to: room });
  discord.unfurl(said, 'https://example.com');
  ann.openThread(said, { name: 'about it' });
  ann.edit(said, 'changed');
  await discord.settled();
  const updates = bot.events.filter(({ t }) => t === 'MESSAGE_UPDATE').map(({ d }) => d);
  expect(updates.map(({ edited_timestamp: at, flags }) => [at === null, flags])).toEqual([
    [true, 0],
    [true, 32],
    [false, 32],
  ]);
  expect(updates[0]).toMatchObject({ embeds: [{ type: 'link', url: 'https://example.com' }] });
  expect(bot.types()).toContain('THREAD_CREATE');
  expect(bot.types()).not.toContain('THREAD_MEMBER_UPDATE');
  await client(discord).post(Routes.threads(room.id), { body: { name: 'its own' } });
  await discord.settled();
  expect(bot.events.at(-1)).toMatchObject({
    t: 'THREAD_MEMBER_UPDATE',
    d: { user_id: discord.botId },
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import type { DiscordChannel, DiscordMessage } from '../../../src/testing/discord/index.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';

const create = 'POST /channels/:id/messages';
const typing = 'POST /channels/:id/typing';
const minute = 60_000;

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const ours = (channel: DiscordChannel = stage.room): readonly DiscordMessage[] =>
  channel.messages.filter(({ from }) => from.kind === 'bot');
const said = (text: string, channel?: DiscordChannel): number =>
  ours(channel).filter((one) => one.text === text).length;

/** Work is shown there. */
async function working(channel: DiscordChannel = stage.room): Promise<void> {
  await stage.begin({ in: channel });
  await stage.advance(3_000);
  expect(ours(channel)).toHaveLength(1);
}
/** Kinds of what must be seen and cannot be, of which somebody who can act is told. */
async function told(): Promise<readonly string[]> {
  const { rows } = await stage.harness.relay.receipts.list({ state: 'dead' });
  const { rows: incidents } = await stage.harness.relay.incidents.list({ open: true });
  expect(incidents.length).toBeGreaterThan(0);
  return rows.map(({ kind }) => kind).filter((kind) => kind === 'terminal');
}
async function goOn(): Promise<void> {
  stage.work.emit({ kind: 'progress', message: 'reading' });
  await stage.advance(40_000);
  stage.work.finish('forty-two');
  await stage.advance(3 * minute);
}

describe('in the middle of a task', () => {
  test('access is taken and given back: the answer comes', async () => {
    const { room, discord } = await open();
    await working();
    room.permit('bot', { deny: ['ViewChannel'] });
    stage.work.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(40_000);
    room.permit('bot', { allow: ['ViewChannel'] });
    stage.work.finish('forty-two');
    await stage.advance(5 * minute);
    expect(said('forty-two')).toBe(1);
    expect(discord.invalidRequests).toBeLessThan(5);
  });

  test('access is taken for good: it is told, once, with few requests', async () => {
    const { room, discord } = await open();
    await working();
    room.permit('bot', { deny: ['ViewChannel'] });
    await goOn();
    expect(await told()).toEqual(['terminal']);
    expect(discord.invalidRequests).toBeLessThan(6);
  });

  test('direct messages are closed: it is told', async () => {
    const { ann } = await open();
    await working(ann.dm);
    ann.closeDms();
    await goOn();
    expect(said('forty-two', ann.dm)).toBe(0);
    expect(await told()).toEqual(['terminal']);
  });

  test('the thread is archived: the answer opens it again', async () => {
    const { ann, room } = await open();
    const thread = ann.openThread(room, { name: 'talk' });
    await working(thread);
    thread.archive();
    await goOn();
    expect(said('forty-two', thread)).toBe(1);
    expect(thread.isArchived).toBe(false);
    expect(await stage.incidents()).toEqual([]);
  });

  test('the thread is archived and locked: it is told', async () => {
    const { ann, room, discord } = await open();
    discord.guild.setBotPermissions(['ViewChannel', 'SendMessages', 'ReadMessageHistory']);
    const thread = ann.openThread(room, { name: 'talk' });
    await working(thread);
    thread.lock();
    thread.archive();
    await goOn();
    expect(said('forty-two', thread)).toBe(0);
    expect(await told()).toEqual(['terminal']);
  });

  test('slow mode: all that is said comes, in its time', async () => {
    const { room } = await open();
    await working();
    room.slowMode(20, { bots: true });
    const lines = Array.from({ length: 600 }, (_, at) => `line${at}`);
    stage.work.finish(lines.join('\n'));
    await stage.advance(3 * minute);
    const parts = ours().slice(1);
    expect(parts.length).toBeGreaterThan(2);
    expect(
      parts
        .map(({ text }) => text)
        .join('\n')
        .match(/line\d+/g),
    ).toEqual(lines);
    expect(await stage.incidents()).toEqual([]);
  });

  test('moderation blocks the answer: it is told', async () => {
    const { discord } = await open();
    await working();
    discord.guild.setBotPermissions(['ViewChannel', 'SendMessages', 'ReadMessageHistory']);
    discord.guild.autoModerate(['forty']);
    await goOn();
    expect(said('forty-two')).toBe(0);
    expect(await told()).toEqual(['terminal']);
  });

  test('the channel is deleted: it is told, with few requests', async () => {
    const { room, discord } = await open();
    await working();
    room.delete();
    await goOn();
    expect(await told()).toEqual(['terminal']);
    expect(discord.callsOf(create).length).toBeLessThan(5);
  });

  test('the placeholder is deleted: progress is a new message, and the answer comes', async () => {
    const { room } = await open();
    await working();
    room.moderate(ours()[0] as DiscordMessage);
    stage.work.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(20_000);
    expect(ours().map(({ text }) => text)).toEqual(['reading']);
    stage.work.finish('forty-two');
    await stage.advance(10_000);
    expect(said('forty-two')).toBe(1);
    expect(ours()).toHaveLength(2);
    expect(ours().flatMap(({ buttons }) => buttons)).toEqual([]);
  });

  test('the message that is answered is deleted: the answer comes all the same', async () => {
    const { room } = await open();
    await working();
    room.moderate(room.messages[0] as DiscordMessage);
    await goOn();
    expect(said('forty-two')).toBe(1);
  });

  test('an hour passes: progress is a new message, the old one shows no work', async () => {
    const deadlines = { terminalMs: 180 * minute, progressMs: 30 * minute };
    const { discord } = await open({ relay: { deadlines } });
    discord.fault(typing, { kind: 'error', code: 50_013 }, { times: 99 });
    await working();
    for (let at = 0; at < 65; at += 1) await stage.advance(minute);
    expect(ours()).toHaveLength(2);
    expect(ours()[1]?.buttons.map(({ label }) => label)).toEqual(['Cancel']);
    stage.work.finish('forty-two');
    await stage.advance(10_000);
    expect(said('forty-two')).toBe(1);
    expect(ours()[1]?.buttons).toEqual([]);
  });
});

describe('50 channels at once', () => {
  /** Work is shown in all of them. */
  const all = async (): Promise<readonly DiscordChannel[]> => {
    const { discord, ann } = stage;
    const rooms = Array.from({ length: 50 }, (_, at) => discord.channel({ name: `room${at}` }));
    for (const room of rooms) {
      const message = ann.say('go', { to: room });
      await stage.take(message, stage.refOf(room));
    }
    await stage.advance(6_000);
    for (const room of rooms) expect(ours(room)).toHaveLength(1);
    return rooms;
  };

  test('after a pause of the whole bot the answers leave before what only shows work', async () => {
    const { discord } = await open();
    const rooms = await all();
    discord.fault(create, { kind: 'rate_limited', retryAfterS: 5, scope: 'global' });
    stage.calls[0]?.finish('forty-two');
    await stage.advance(100);
    const { length } = discord.calls;
    for (const [at, call] of stage.calls.entries())
      if (at >= 25) call.finish('forty-two');
      else if (at > 0) call.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(4_800);
    expect(discord.calls).toHaveLength(length);
    await stage.advance(20_000);
    for (const [at, room] of rooms.entries())
      if (at === 0 || at >= 25) expect(said('forty-two', room)).toBe(1);
    const after = discord.calls.slice(length);
    const answers = after.flatMap(({ route }, at) => (route === create ? at : []));
    const work = after.findIndex(({ args }) => String(args['content']).includes('reading'));
    expect(answers).toHaveLength(26);
    expect(work).toBeGreaterThan(Math.max(...answers));
  }, 60_000);

  test('nothing before its time after a limit, order kept', async () => {
    const { discord } = await open();
    const rooms = await all();
    const limited = rooms.slice(0, 10);
    for (const channel of limited)
      discord.fault(create, { kind: 'rate_limited', retryAfterS: 7 }, { channel });
    const lines = Array.from({ length: 500 }, (_, at) => `line${at}`);
    for (const [at, call] of stage.calls.entries())
      if (at % 2 === 0) call.finish(lines.join('\n'));
      else call.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(20_000);
    for (const [at, room] of rooms.entries()) {
      const texts = ours(room)
        .slice(1)
        .map(({ text }) => text);
      if (at % 2 === 0) expect(texts.join('\n').match(/line\d+/g)).toEqual(lines);
      else expect(ours(room)[0]?.text).toContain('reading');
    }
    // Also of limits of Discord's own, should one be met.
    const early = rooms.flatMap(({ id }) => {
      const calls = discord.callsOf(create).filter(({ channelId }) => channelId === id);
      return calls.filter(({ status, answer, atMs }, at) => {
        const { retry_after: seconds = 0 } = (answer ?? {}) as { retry_after?: number };
        return status === 429 && (calls[at + 1]?.atMs ?? 0) < atMs + seconds * 1_000;
      });
    });
    expect(early).toEqual([]);
    const planned = discord.callsOf(create).filter(({ fault }) => fault === 'rate_limited');
    expect(planned).toHaveLength(5);
  }, 60_000);
});

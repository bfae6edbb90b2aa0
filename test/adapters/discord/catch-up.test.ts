import { afterEach, describe, expect, test } from 'vitest';
import { InStage, type InStageOptions } from './in-stage.ts';

const minute = 60_000;

let stage: InStage;
afterEach(async () => {
  await stage.close();
});
async function open(options: InStageOptions = {}): Promise<InStage> {
  stage = await InStage.open(options);
  return stage;
}
const mention = (text: string): string => `<@${stage.discord.botId}> ${text}`;
const looks = () => stage.discord.callsOf('GET /channels/:id/messages');

/** Nobody hears for so long, and Discord forgets the session. */
async function away(ms: number, act: () => void): Promise<void> {
  await stage.hear(minute);
  await stage.kill();
  act();
  await stage.advance(ms);
  stage.discord.gateway.forget();
  await stage.begin();
  await stage.connect();
  await stage.advance(20_000);
}

describe('what was said while nobody heard', () => {
  test('is taken once and in order after ten minutes', async () => {
    const { ann, discord, host } = await open();
    const channel = discord.channel();
    const quiet = discord.channel();
    const thread = ann.openThread(channel, { name: 'talk' });
    ann.say('before');
    ann.say('long ago', { to: quiet });
    ann.say(mention('in a thread'), { to: thread });
    await stage.brought();
    await stage.advance(5 * minute);
    await away(10 * minute, () => {
      for (const n of [1, 2, 3]) ann.say(`direct ${n}`);
      ann.say(mention('in a channel'), { to: channel });
      ann.say('among ourselves', { to: channel });
      ann.say('in the thread, without a mention', { to: thread });
    });
    expect(host.taken.slice(0, 2)).toEqual(['before', 'in a thread']);
    expect(host.taken.slice(2).filter((text) => text.startsWith('direct'))).toEqual([
      'direct 1',
      'direct 2',
      'direct 3',
    ]);
    expect(host.taken.slice(2).sort()).toEqual([
      'direct 1',
      'direct 2',
      'direct 3',
      'in a channel',
      'in the thread, without a mention',
    ]);
    const asked = looks().map(({ channelId }) => channelId);
    expect(asked.sort()).toEqual([ann.dm.id, channel.id, thread.id].sort());
    expect(stage.catchUp.isBusy).toBe(false);
    expect(host.accepted.at(-1)?.person).toMatchObject({ id: ann.id, name: 'Ann' });
  });

  test('is looked for nowhere at a first start, nor when the session was resumed', async () => {
    const { ann, host } = await open();
    ann.say('one');
    await stage.brought();
    await stage.hear(minute);
    await stage.kill();
    ann.say('two');
    await stage.begin();
    const settled = stage.catchUp.settled();
    await stage.connect();
    await settled;
    await stage.advance(minute);
    expect(host.taken).toEqual(['one', 'two']);
    expect(looks()).toEqual([]);
  });

  test('is found also after a first life of seconds', async () => {
    const { ann, discord, host } = await open();
    ann.say('before');
    await stage.brought();
    await stage.kill();
    ann.say('missed');
    await stage.advance(10 * minute);
    discord.gateway.forget();
    await stage.begin();
    await stage.connect();
    await stage.advance(20_000);
    expect(host.taken).toEqual(['before', 'missed']);
  });

  test('is found also when the life that was to look for it died before', async () => {
    const { ann, discord, host } = await open();
    ann.say('before');
    await stage.brought();
    await stage.kill();
    ann.say('missed');
    await stage.advance(10 * minute);
    await stage.begin();
    await stage.crash(minute);
    discord.gateway.forget();
    await stage.connect();
    await stage.advance(20_000);
    expect(host.taken).toEqual(['before', 'missed']);
  });

  test('holds back what is said there now, and nothing else', async () => {
    const { ann, discord, host } = await open();
    const bob = discord.person({ name: 'Bob' });
    ann.say('before');
    bob.say('hello');
    await stage.brought();
    await stage.hear(minute);
    await stage.kill();
    ann.say('missed');
    await stage.advance(10 * minute);
    discord.gateway.forget();
    await stage.begin();
    const held = discord.fault('GET /channels/:id/messages', { kind: 'slow', ms: 5_000 });
    await stage.connect();
    ann.say('now');
    bob.say('from Bob');
    await stage.brought();
    expect(held.hits).toBe(1);
    await stage.advance(minute);
    const own = host.taken.filter((text) => text !== 'hello' && text !== 'from Bob');
    expect(own).toEqual(['before', 'missed', 'now']);
    expect(host.taken).toContain('from Bob');
    expect(stage.open).toEqual([]);
  });

  test('of many pages is read to the end, also when a page fails', async () => {
    const { ann, discord, host } = await open();
    ann.say('before');
    await stage.brought();
    discord.fault('GET /channels/:id/messages', { kind: 'server_error' });
    await away(10 * minute, () => {
      for (let n = 0; n < 250; n += 1) ann.say(`m${n}`);
    });
    expect(host.taken).toEqual(['before', ...Array.from({ length: 250 }, (_, n) => `m${n}`)]);
    expect(looks().map(({ status }) => status)).toEqual([500, 200, 200, 200]);
  });

  test('goes on where it was when the store fails in between', async () => {
    const { ann, host } = await open();
    ann.say('before');
    await stage.brought();
    await stage.hear(minute);
    await stage.kill();
    for (let n = 0; n < 3; n += 1) ann.say(`m${n}`);
    await stage.advance(10 * minute);
    stage.discord.gateway.forget();
    await stage.begin();
    host.cannotTake = ({ kind }) => {
      if (host.taken.at(-1) === 'm0') host.isDown = true;
      return kind === 'deleted';
    };
    await stage.connect();
    await stage.advance(30_000);
    expect(host.taken).toEqual(['before', 'm0']);
    expect(stage.catchUp.isBusy).toBe(true);
    host.cannotTake = () => false;
    host.isDown = false;
    await stage.advance(2 * minute);
    expect(host.taken).toEqual(['before', 'm0', 'm1', 'm2']);
    expect(stage.catchUp.isBusy).toBe(false);
  });

  test('in a thread that was put away meanwhile is found as well', async () => {
    const { ann, discord, host } = await open();
    const thread = ann.openThread(discord.channel(), { name: 'talk' });
    ann.say(mention('first'), { to: thread });
    await stage.brought();
    await away(10 * minute, () => {
      ann.say('second', { to: thread });
      thread.archive();
    });
    expect(host.taken).toEqual(['first', 'second']);
  });

  test('where the bot may not read is left out', async () => {
    const { ann, discord, host } = await open();
    ann.say('before');
    await stage.brought();
    discord.fault('GET /channels/:id/messages', { kind: 'error', code: 50_001 });
    await away(10 * minute, () => ann.say('lost'));
    await stage.advance(10 * minute);
    expect(host.taken).toEqual(['before']);
    expect(looks()).toHaveLength(1);
    expect(stage.catchUp.isBusy).toBe(false);
  });

  test('is found however long Discord is down, and given up where it alone is refused', async () => {
    const { ann, discord, host } = await open();
    const bob = discord.person({ name: 'Bob' });
    ann.say('before');
    bob.say('before');
    await stage.brought();
    const route = 'GET /channels/:id/messages';
    discord.fault(route, { kind: 'server_error' }, { times: 1_000, channel: ann.dm });
    discord.fault(route, { kind: 'error', code: 50_035 }, { times: 1_000, channel: bob.dm });
    await away(10 * minute, () => {
      ann.say('missed');
      bob.say('lost');
    });
    await stage.advance(60 * minute);
    expect(looks().filter(({ channelId }) => channelId === bob.dm.id)).toHaveLength(10);
    expect(host.logs.join()).toContain('what was missed in a place is lost');
    expect(stage.catchUp.isBusy).toBe(true);
    discord.clearFaults();
    await stage.advance(2 * minute);
    expect(host.taken).toEqual(['before', 'before', 'missed']);
    expect(stage.catchUp.isBusy).toBe(false);
  });

  test('in forty channels is read at a measured pace, where somebody speaks first', async () => {
    const { ann, discord, host } = await open();
    const channels = Array.from({ length: 40 }, () => discord.channel());
    await stage.brought();
    await stage.hear(minute);
    await stage.kill();
    for (const [n, to] of channels.entries()) ann.say(mention(`m${n}`), { to });
    await stage.advance(10 * minute);
    discord.gateway.forget();
    await stage.begin();
    await stage.connect();
    const last = channels.at(-1);
    if (last === undefined) throw new Error('no channel');
    ann.say(mention('now'), { to: last });
    await stage.brought();
    await stage.advance(1_500);
    expect(host.taken.slice(-2)).toEqual(['m39', 'now']);
    await stage.advance(7_000);
    expect(looks().length).toBeLessThanOrEqual(21);
    await stage.advance(minute);
    expect(looks()).toHaveLength(40);
    expect([...host.taken].sort()).toEqual([...channels.map((_, n) => `m${n}`), 'now'].sort());
  });

  test('where many speak at once is read no faster than Discord likes', async () => {
    const { ann, discord, host } = await open();
    const channels = Array.from({ length: 36 }, () => discord.channel());
    await stage.brought();
    await stage.hear(minute);
    await stage.kill();
    for (const to of channels) ann.say(mention('missed'), { to });
    await stage.advance(10 * minute);
    discord.gateway.forget();
    await stage.begin();
    await stage.connect();
    for (const to of channels) ann.say(mention('now'), { to });
    await stage.brought();
    await stage.advance(8_000);
    expect(looks()).toHaveLength(30);
    await stage.advance(minute);
    expect(looks()).toHaveLength(36);
    for (const { id } of channels) {
      const there = host.accepted.filter(({ channel }) => channel.conversation === id);
      expect(there).toMatchObject([{ text: 'missed' }, { text: 'now' }]);
    }
  });

  test('while the gateway was away in one life', async () => {
    const { ann, discord, host } = await open();
    ann.say('before');
    await stage.brought();
    await stage.leave();
    const sinceMs = stage.runtime.wallMs();
    ann.say('into the gap');
    await stage.advance(20 * minute);
    discord.gateway.forget();
    await stage.connect(sinceMs);
    await stage.advance(20_000);
    expect(host.taken).toEqual(['before', 'into the gap']);
  });

  test('a server that is out of reach is waited for ten seconds', async () => {
    const { ann, discord, host } = await open();
    const channel = discord.channel();
    ann.say(mention('before'), { to: channel });
    await stage.brought();
    await stage.hear(minute);
    await stage.kill();
    ann.say(mention('missed'), { to: channel });
    await stage.advance(10 * minute);
    discord.gateway.forget();
    discord.guild.outage(true);
    await stage.begin();
    const settled = stage.catchUp.settled();
    await stage.connect();
    await stage.advance(9_000);
    expect(stage.catchUp.isBusy).toBe(true);
    discord.guild.outage(false);
    await stage.brought();
    await stage.advance(2_000);
    expect(host.taken).toEqual(['before', 'missed']);
    await settled;
    expect(stage.catchUp.isBusy).toBe(false);
  });
});

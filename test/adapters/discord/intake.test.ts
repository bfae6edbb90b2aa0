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

describe('what people say', () => {
  test('in direct messages, by a mention and as a reply is taken, once stored it is committed', async () => {
    const { ann, discord, host } = await open();
    const channel = discord.channel();
    ann.say('hello');
    ann.say('among ourselves', { to: channel });
    ann.say(mention('look'), { to: channel });
    await stage.brought();
    expect(host.taken.sort()).toEqual(['hello', 'look']);
    expect(stage.open).toEqual([]);
    expect(stage.intake.isBehind).toBe(false);
  });

  test('in a thread that the bot takes part in needs no mention, also after a restart', async () => {
    const { ann, discord, host } = await open();
    const channel = discord.channel();
    const thread = ann.openThread(channel, { name: 'talk' });
    ann.say('not for the bot', { to: thread });
    ann.say(mention('first'), { to: thread });
    await stage.brought();
    ann.say('second', { to: thread });
    await stage.brought();
    expect(host.taken).toEqual(['first', 'second']);
    await stage.crash();
    await stage.connect();
    ann.say('third', { to: thread });
    await stage.brought();
    expect(host.taken).toEqual(['first', 'second', 'third']);
    const keys = new Set(host.accepted.map(({ channel: at }) => JSON.stringify(at)));
    expect(keys.size).toBe(1);
  });
});

describe('what cannot be stored yet', () => {
  test('is stored in the order in which it was said, and committed only then', async () => {
    const { ann, discord, host } = await open();
    const channel = discord.channel();
    host.isDown = true;
    ann.say('one');
    ann.say('two');
    ann.say(mention('elsewhere'), { to: channel });
    await stage.brought();
    await stage.advance(30_000);
    expect(host.taken).toEqual([]);
    expect(stage.open).toEqual(['MESSAGE_CREATE', 'MESSAGE_CREATE', 'MESSAGE_CREATE']);
    expect(stage.intake.isBehind).toBe(true);
    host.isDown = false;
    await stage.advance(10_000);
    expect(host.taken.filter((text) => text !== 'elsewhere')).toEqual(['one', 'two']);
    expect(host.taken).toContain('elsewhere');
    expect(stage.open).toEqual([]);
    expect(stage.intake.isBehind).toBe(false);
  });

  test('keeps what comes behind it waiting, also while the store takes long', async () => {
    const { ann, host } = await open();
    host.hold();
    ann.say('one');
    await stage.brought();
    ann.say('two');
    await stage.brought();
    expect(host.tries).toBe(1);
    host.release();
    await stage.advance(1_000);
    expect(host.taken).toEqual(['one', 'two']);
  });

  test('is taken with the words that it has by then, or not when it was deleted', async () => {
    const { ann, host } = await open();
    host.isDown = true;
    const edited = ann.say('old words');
    const deleted = ann.say('deleted');
    await stage.brought();
    ann.edit(edited, 'new words');
    ann.delete(deleted);
    await stage.brought();
    await stage.advance(5_000);
    host.isDown = false;
    await stage.advance(10_000);
    expect(host.taken).toEqual(['new words', 'edited new words']);
    expect(stage.open).toEqual([]);
  });

  test('comes again after a kill, once', async () => {
    const { ann, host } = await open();
    ann.say('before');
    await stage.brought();
    host.isDown = true;
    ann.say('one');
    ann.say('two');
    await stage.brought();
    expect(host.tries).toBeGreaterThan(0);
    await stage.kill();
    host.isDown = false;
    await stage.begin();
    await stage.connect();
    expect(stage.came.map(({ type }) => type)).toEqual([
      'MESSAGE_CREATE',
      'MESSAGE_CREATE',
      'RESUMED',
    ]);
    expect(host.taken).toEqual(['before', 'one', 'two']);
  });

  test('comes again while it still waits: it is the same, and committed both times', async () => {
    const { ann, host } = await open();
    host.isDown = true;
    ann.say('one');
    await stage.brought();
    await stage.leave();
    await stage.connect();
    expect(stage.open).toEqual(['MESSAGE_CREATE']);
    host.isDown = false;
    await stage.advance(10_000);
    expect(stage.open).toEqual([]);
    expect(host.taken).toEqual(['one']);
  });

  test('more than a thousand is not kept: it must come again', async () => {
    const { ann, host, intake } = await open();
    const done: number[] = [];
    const bring = (n: number): boolean =>
      intake.take(
        {
          t: 'MESSAGE_CREATE',
          d: {
            id: String(1_400_000_000_000_000_000n + BigInt(n)),
            channel_id: n % 2 === 0 ? ann.dm.id : '1300000000000000000',
            author: { id: ann.id, username: 'ann' },
            content: `m${n}`,
            type: 0,
          },
        },
        () => done.push(n),
      );
    host.isDown = true;
    const taken = Array.from({ length: 1_003 }, (_, n) => bring(n));
    expect(taken.filter((isTaken) => isTaken)).toHaveLength(1_000);
    expect(taken.slice(1_000)).toEqual([false, false, false]);
    await stage.advance(30_000);
    expect(done).toEqual([]);
    host.isDown = false;
    await stage.advance(20_000);
    expect(done).toHaveLength(1_000);
    expect(intake.isBehind).toBe(false);
    // As by RESUME: all of it once more.
    for (const part of [0, 502]) {
      for (let n = part; n < Math.min(part + 502, 1_003); n += 1) expect(bring(n)).toBe(true);
      await stage.advance(1_000);
    }
    expect(done).toHaveLength(2_003);
    const even = host.taken.filter((text) => Number(text.slice(1)) % 2 === 0);
    expect(even).toEqual(Array.from({ length: 502 }, (_, n) => `m${2 * n}`));
    expect(host.taken).toHaveLength(1_003);
  });

  test('alone can be stored by no means, and keeps nothing back for ever', async () => {
    const { ann, host } = await open();
    host.cannotTake = ({ kind }) => kind === 'message' && host.taken.length === 0;
    ann.say('broken');
    await stage.brought();
    expect(stage.open).toEqual([]);
    expect(host.logs.join()).toContain('left out: the relay cannot take it');
    expect(host.logs.join()).not.toContain('broken');
  });
});

describe('edits and deletions', () => {
  test('of what was taken are told, in order', async () => {
    const { ann, host } = await open();
    const edited = ann.say('first');
    const deleted = ann.say('second');
    await stage.brought();
    ann.edit(edited, 'changed');
    ann.delete(deleted);
    await stage.brought();
    expect(host.taken).toEqual(['first', 'second', 'edited changed', 'deleted']);
  });

  test('a preview of a link is no edit', async () => {
    const { ann, host, discord } = await open();
    const said = ann.say('see https://example.com');
    await stage.brought();
    discord.unfurl(said, 'https://example.com');
    await stage.brought();
    expect(host.taken).toEqual(['see https://example.com']);
    expect(stage.open).toEqual([]);
  });

  test('of what an earlier life took are told as well', async () => {
    const { ann, host, discord } = await open({ config: { sessions: 'thread' } });
    const channel = discord.channel();
    const place = { adapter: 'discord', account: stage.site.account, conversation: ann.dm.id };
    const person = { id: ann.id };
    for (let n = 0; n < 250; n += 1)
      await host.accept({
        kind: 'message',
        id: `1${n}`,
        channel: place,
        person,
        sentAtMs: 1,
        text: `m${n}`,
      });
    const asked = ann.say('first');
    const begun = ann.say(mention('second'), { to: channel });
    await stage.brought();
    await stage.crash();
    await stage.connect();
    ann.delete(asked);
    ann.delete(begun);
    await stage.brought();
    // Those of different channels come in no order.
    const deleted = host.accepted
      .filter(({ kind }) => kind === 'deleted')
      .sort((one, other) => (one.id < other.id ? -1 : 1));
    expect(deleted).toMatchObject([
      { messageId: asked.id, person: { id: ann.id }, channel: { conversation: ann.dm.id } },
      { messageId: begun.id, person: { id: ann.id }, channel: { thread: begun.id } },
    ]);
  });

  test('of what was never taken are nothing', async () => {
    const { ann, host, discord } = await open();
    const said = ann.say('among ourselves', { to: discord.channel() });
    await stage.brought();
    ann.edit(said, 'still');
    ann.delete(said);
    await stage.brought();
    expect(host.taken).toEqual([]);
    expect(stage.open).toEqual([]);
  });
});

describe('a channel of which Discord did not tell', () => {
  async function resumed(): Promise<InStage> {
    await open();
    const { discord, ann } = stage;
    const channel = discord.channel();
    const thread = ann.openThread(channel, { name: 'talk' });
    await stage.brought();
    await stage.crash();
    await stage.connect();
    ann.say(mention('one'), { to: thread });
    return stage;
  }

  test('is asked for once, and what is said there keeps its order', async () => {
    const { discord, ann, host } = await resumed();
    const [thread] = discord.guild.channels.flatMap(({ threads }) => threads);
    ann.say('two', { to: thread as never });
    await stage.brought();
    expect(host.taken).toEqual(['one', 'two']);
    expect(host.accepted[0]?.channel).toMatchObject({ thread: thread?.id });
    expect(discord.callsOf('GET /channels/:id')).toHaveLength(1);
  });

  test('is asked for again while Discord does not answer, and taken for a plain one in the end', async () => {
    const { discord, host } = await (async () => {
      await open();
      stage.discord.fault('GET /channels/:id', { kind: 'server_error' }, { times: 1_000 });
      return stage;
    })();
    const channel = discord.channel();
    const thread = stage.ann.openThread(channel, { name: 'talk' });
    await stage.brought();
    await stage.crash();
    await stage.connect();
    stage.ann.say(mention('one'), { to: thread });
    await stage.brought();
    await stage.advance(30_000);
    expect(host.taken).toEqual([]);
    discord.clearFaults();
    await stage.advance(10_000);
    expect(host.accepted).toMatchObject([{ channel: { thread: thread.id } }]);
    discord.fault('GET /channels/:id', { kind: 'server_error' }, { times: 1_000 });
    await stage.crash();
    await stage.connect();
    const other = stage.ann.openThread(channel, { name: 'more' });
    await stage.brought();
    await stage.crash();
    await stage.connect();
    stage.ann.say(mention('two'), { to: other });
    await stage.brought();
    await stage.advance(minute);
    expect(host.accepted.at(-1)).toMatchObject({
      text: 'two',
      channel: { conversation: other.id },
    });
    expect(stage.open).toEqual([]);
  });

  test('is not asked for when a message says what it is', async () => {
    const { ann, discord, host } = await open();
    const channel = discord.channel();
    await stage.brought();
    await stage.crash();
    await stage.connect();
    ann.say(mention('one'), { to: channel });
    await stage.brought();
    expect(host.accepted).toMatchObject([{ text: 'one', channel: { conversation: channel.id } }]);
    expect(discord.callsOf('GET /channels/:id')).toEqual([]);
  });

  test('that Discord does not show is left alone for a minute', async () => {
    const { discord, host } = await open();
    const message = {
      id: '1400000000000000000',
      channel_id: '1300000000000000000',
      channel_type: 11,
      guild_id: discord.guild.id,
      author: { id: stage.ann.id, username: 'ann' },
      content: mention('hello?'),
      type: 0,
    };
    for (let n = 0; n < 3; n += 1)
      discord.push('MESSAGE_CREATE', { ...message, id: `140000000000000000${n}` });
    await stage.brought();
    expect(host.taken).toEqual([]);
    expect(discord.callsOf('GET /channels/:id')).toHaveLength(1);
    expect(stage.open).toEqual([]);
    await stage.advance(61_000);
    discord.push('MESSAGE_CREATE', { ...message, id: '1400000000000000009' });
    await stage.brought();
    expect(discord.callsOf('GET /channels/:id')).toHaveLength(2);
  });
});

describe('what has not the shape of an event', () => {
  test('is nothing, and committed', async () => {
    const { discord, host } = await open();
    for (const [type, data] of [
      ['MESSAGE_CREATE', { id: '1', channel_id: '2', author: 7, mentions: 'x', content: {} }],
      ['MESSAGE_DELETE_BULK', { channel_id: '2', ids: 'x' }],
      ['MESSAGE_UPDATE', {}],
      ['CHANNEL_UPDATE', {}],
      ['GUILD_CREATE', { id: '5', channels: {}, threads: 7 }],
      ['INTERACTION_CREATE', { data: 5 }],
      ['SOMETHING_NEW', { id: '4' }],
    ] as const)
      discord.push(type, data);
    await stage.brought();
    await stage.advance(2 * minute);
    expect(stage.open).toEqual([]);
    expect(host.taken).toEqual([]);
    stage.ann.say('still there');
    await stage.brought();
    expect(host.taken).toEqual(['still there']);
  });
});

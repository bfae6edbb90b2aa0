import { afterEach, describe, expect, test, vi } from 'vitest';
import { createChance } from '../../../src/testing/chance.ts';
import type { DiscordChannel } from '../../../src/testing/discord/index.ts';
import {
  answerAtOnce,
  ask,
  begin,
  close,
  crash,
  create,
  hour,
  minute,
  openStage,
  ours,
  repeated,
  tasks,
  until,
} from './fault-ground.ts';
import type { Stage, StageOptions } from './stage.ts';

// Hours of virtual time, with a real request every few seconds of it.
vi.setConfig({ testTimeout: 60_000 });

let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await openStage(options);
  return stage;
}
afterEach(async () => {
  await close(stage);
});

describe('F07 Discord: sends while the gateway is away', () => {
  test('F07 Discord: for some seconds of a reconnect: the answer comes at once', async () => {
    await open();
    const asked = await begin(stage);
    stage.discord.gateway.refuse();
    stage.discord.gateway.drop();
    asked.call.finish('forty-two');
    await stage.advance(2_000);
    expect(asked.room.texts).toContain('forty-two');
    stage.discord.gateway.refuse(false);
    await stage.advance(minute);
    await stage.connected();
  });

  test('F07 Discord: for four seconds: what is said meanwhile comes once, by the same session', async () => {
    await open();
    const asked = await begin(stage);
    const { gateway } = stage.discord;
    gateway.refuse();
    gateway.drop();
    await stage.advance(2_000);
    stage.ann.mention('second', { to: asked.room });
    await stage.advance(2_000);
    gateway.refuse(false);
    asked.call.finish('forty-two');
    await stage.advance(minute);
    await stage.connected();
    await until(stage, () => stage.work.task.text === 'second');
    stage.work.finish('second answer');
    await stage.advance(minute);
    expect(await tasks(stage)).toHaveLength(2);
    expect([gateway.identifies, gateway.resumes]).toEqual([1, 1]);
  });

  test('F07 Discord: for an hour: what is at work answers, and what is said meanwhile comes afterwards, in order', async () => {
    await open();
    const asked = await begin(stage);
    stage.discord.gateway.refuse('unavailable');
    stage.discord.gateway.drop();
    await stage.advance(10 * minute);
    asked.call.finish('forty-two');
    await stage.advance(2_000);
    expect(asked.room.texts).toContain('forty-two');
    for (const text of ['second', 'third']) stage.ann.mention(text, { to: asked.room });
    await stage.advance(50 * minute);
    stage.discord.gateway.refuse(false);
    await stage.advance(minute);
    await stage.connected();
    for (const text of ['second', 'third']) {
      await until(stage, () => stage.work.task.text === text);
      stage.work.finish(`${text} answer`);
    }
    await stage.advance(minute);
    const answers = asked.room.texts.flatMap((text) => /\w+ answer$/.exec(text) ?? []);
    expect(answers).toEqual(['second answer', 'third answer']);
    expect(await tasks(stage)).toHaveLength(3);
  });
});

describe('F03 Discord: the gateway tells and nothing can be sent', () => {
  test('F03 Discord: what is asked is stored and done; what is shown afterwards says that it is late', async () => {
    await open();
    const down = stage.discord.fault('*', { kind: 'refused' }, { times: 100_000 });
    const asked = await ask(stage);
    asked.call.finish('forty-two');
    await stage.advance(20 * minute);
    expect(asked.room.texts).toEqual([]);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_pending');
    down.cancel();
    await stage.advance(5 * minute);
    expect(asked.room.texts).toEqual([expect.stringMatching(/^Late:.*forty-two$/s)]);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_acked');
  });
});

/** Everything that a message ever said, in the order in which it said it. */
const said = (room: DiscordChannel): string[] => ours(room).flatMap(({ history }) => [...history]);

describe('F32 Discord: the end comes last', () => {
  test.each([
    ['edit', 1],
    ['off', 3],
  ] as const)(
    'F32 Discord: however late each request comes and each answer, the end stands last in all channels (streams: %s, seed %i)',
    async (streams, seed) => {
      const chance = createChance(seed);
      const under = new Map<string, number>();
      let most = 0;
      const shows = /^\/channels\/\d+\/messages/;
      stage = await openStage(
        { config: { streams } },
        async (send, { method, path }, { harness }) => {
          if (method === 'GET' || !shows.test(path)) return await send();
          const place = path.split('/')[2] ?? '';
          under.set(place, (under.get(place) ?? 0) + 1);
          most = Math.max(most, under.get(place) ?? 0);
          await harness.runtime.sleep(chance.below(1_800));
          try {
            return await send();
          } finally {
            await harness.runtime.sleep(chance.below(1_800));
            under.set(place, (under.get(place) ?? 1) - 1);
          }
        },
      );
      const asked = [];
      for (let n = 0; n < 4; n += 1)
        asked.push(await ask(stage, 'go', { person: stage.discord.person({ name: `P${n}` }) }));
      await stage.advance(6_000);
      for (let step = 1; step <= 4; step += 1) {
        for (const { call } of asked) {
          call.emit({ kind: 'progress', message: `step ${step}` });
          call.text(`piece ${step} `);
        }
        await stage.advance(5_000 + chance.below(3_000));
      }
      for (const { call } of asked) call.finish(`the end ${'x'.repeat(3_000)} and its tail`);
      await stage.advance(2 * minute);
      for (const { room } of asked) {
        const steps = said(room).flatMap((text) => /step (\d)/.exec(text)?.[1] ?? []);
        expect(steps.length).toBeGreaterThan(1);
        expect(steps).toEqual(steps.toSorted());
        const pieces = said(room).filter((text) => text.startsWith('piece 1 piece'));
        if (streams === 'edit') expect(pieces.length).toBeGreaterThan(0);
        expect(room.texts.at(-1)).toContain('and its tail');
        expect(room.texts.join(' ').split('the end')).toHaveLength(2);
        expect(room.texts.join()).not.toMatch(/step|piece/);
      }
      expect(most).toBe(1);
    },
  );
});

describe('F33 Discord: nothing is lost around a start, and nothing is shown before it is stored', () => {
  test('F33 Discord: what could not be stored is not counted: no typing, no placeholder; then one task', async () => {
    await open();
    const { discord, ann, harness } = stage;
    const room = discord.channel();
    harness.memory.database.pragma('query_only = ON');
    ann.mention('go', { to: room });
    await stage.brought();
    await stage.advance(10_000);
    expect(discord.calls.filter(({ channelId }) => channelId === room.id)).toEqual([]);
    expect(room.typingUntilMs).toBeUndefined();
    harness.memory.database.pragma('query_only = OFF');
    await stage.advance(minute);
    expect(stage.calls).toHaveLength(1);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(room.texts.at(-1)).toBe('forty-two');
    expect(await tasks(stage)).toHaveLength(1);
  });

  test.each([
    ['a session that is taken up', minute],
    ['ten minutes, and no session is left', 10 * minute],
    ['a day, and no session is left', 24 * hour],
  ])(
    'F33 Discord: what is said while nobody is there, and while it starts, comes once and in order: %s',
    async (_, awayMs) => {
      await open();
      const { ann } = stage;
      const { room, call } = await ask(stage, 'first');
      call.finish('first answer');
      await stage.advance(2 * minute);
      const stopped = stage.harness.relay.stop({ now: true });
      await stage.advance(20_000);
      await stopped;
      for (const text of ['second', 'third']) ann.mention(text, { to: room });
      await stage.advance(awayMs);
      const started = stage.start();
      ann.mention('fourth', { to: room });
      await started;
      await stage.brought();
      for (const text of ['second', 'third', 'fourth']) {
        await until(stage, () => stage.work.task.text === text);
        stage.work.finish(`${text} answer`);
      }
      await stage.advance(minute);
      const answers = room.texts.flatMap((text) => /\w+ answer$/.exec(text) ?? []);
      expect(answers).toEqual(['first answer', 'second answer', 'third answer', 'fourth answer']);
      expect(await tasks(stage)).toHaveLength(4);
    },
  );

  test('F33 Discord: a server that is out when the session begins tells later, and what was said there comes then', async () => {
    await open();
    const { ann, discord } = stage;
    const { room, call } = await ask(stage, 'first');
    call.finish('first answer');
    await stage.advance(2 * minute);
    const stopped = stage.harness.relay.stop({ now: true });
    await stage.advance(20_000);
    await stopped;
    ann.mention('second', { to: room });
    await stage.advance(10 * minute);
    discord.guild.outage(true);
    await stage.start();
    await stage.advance(5 * minute);
    expect(stage.calls).toHaveLength(1);
    discord.guild.outage(false);
    await until(stage, () => stage.work.task.text === 'second');
    stage.work.finish('second answer');
    await stage.advance(minute);
    expect(room.texts.at(-1)).toContain('second answer');
    expect(await tasks(stage)).toHaveLength(2);
  });

  test('F33 Discord: received and not stored when it died: brought again, one task', async () => {
    await open();
    const { ann, harness, discord } = stage;
    const room = discord.channel();
    harness.memory.database.pragma('query_only = ON');
    ann.mention('go', { to: room });
    await stage.brought();
    harness.memory.database.pragma('query_only = OFF');
    await crash(stage, 5_000);
    await stage.advance(5_000);
    expect(stage.calls).toHaveLength(1);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(room.texts.at(-1)).toBe('forty-two');
    expect(discord.gateway.identifies).toBe(1);
  });
});

describe('H14 Discord: nothing of a contract lives in memory', () => {
  test('H14 Discord: after a restart the same message shows the work, and its clocks fire', async () => {
    await open({
      relay: { deadlines: { terminalMs: 30 * minute, progressMs: 5 * minute } },
    });
    const asked = await begin(stage);
    const [placeholder] = ours(asked.room);
    await crash(stage, 2 * minute);
    await stage.advance(hour);
    expect(ours(asked.room)[0]?.id).toBe(placeholder?.id);
    expect(placeholder?.buttons).toEqual([]);
    expect(placeholder?.shown).not.toContain('On it');
    expect(asked.room.texts.filter((text) => text.includes('Interrupted'))).toHaveLength(1);
    expect(asked.room.texts.filter((text) => repeated.test(text))).toEqual([]);
  });

  test('H14 Discord: a result that is there at once finds its contract', async () => {
    await open();
    const planned = stage.discord.fault(create, { kind: 'slow', ms: 5_000 });
    const { room } = await answerAtOnce(stage);
    await stage.advance(minute);
    expect(planned.hits).toBe(1);
    expect(room.texts).toEqual(['forty-two']);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_acked');
  });
});

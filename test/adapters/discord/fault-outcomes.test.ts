import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DiscordChannel, DiscordFault } from '../../../src/testing/discord/index.ts';
import {
  answerAtOnce,
  ask,
  close,
  crash,
  create,
  hour,
  minute,
  openStage,
  receiptsOf,
  sent,
  tasks,
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

const error = (code: number): DiscordFault => ({ kind: 'error', code });

describe('F18 Discord: what is refused for good', () => {
  /** All that Discord is asked for the answer, the state that it ends in, and what is told of it. */
  async function refused(room: DiscordChannel): Promise<void> {
    await stage.advance(5 * minute);
    const tries = sent(stage, 'forty-two').length;
    await crash(stage, minute);
    await stage.advance(10 * minute);
    expect(sent(stage, 'forty-two')).toHaveLength(tries);
    expect(room.texts).toEqual([]);
    const [terminal] = await receiptsOf(stage);
    expect(terminal?.receipt.state).toBe('dead');
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_failed');
    expect(await stage.incidents()).toHaveLength(1);
  }

  test.each([
    10003, 10004, 10013, 20009, 20031, 40007, 40058, 50001, 50006, 50007, 50008, 50009, 50013,
    50024, 50033, 50068, 50109, 50278, 160005, 200000, 200001, 999999,
  ])('F18 Discord: %i: one attempt, then it is told, and never tried again', async (code) => {
    await open();
    stage.discord.fault(create, error(code), { times: 1_000 });
    const { room } = await answerAtOnce(stage);
    await refused(room);
    expect(sent(stage)).toHaveLength(1);
    expect((await stage.incidents())[0]).toContain(String(code));
  });

  test.each([10008, 160002])('F18 Discord: %i: repaired once, then believed', async (code) => {
    await open();
    stage.discord.fault(create, error(code), { times: 1_000 });
    const { room } = await answerAtOnce(stage);
    await refused(room);
    expect(sent(stage)).toHaveLength(2);
  });

  test.each([40005, 50035])(
    'F18 Discord: %i: cut shorter, then plain, then believed',
    async (code) => {
      await open();
      stage.discord.fault(create, error(code), { times: 1_000 });
      const { room } = await answerAtOnce(stage);
      await refused(room);
      expect(sent(stage).length).toBeLessThanOrEqual(3);
      expect(sent(stage).length).toBeGreaterThan(1);
    },
  );

  test('F18 Discord: a channel that is deleted: other channels do not wait for it', async () => {
    await open();
    const gone = await ask(stage);
    gone.room.delete();
    gone.call.finish('forty-two');
    const here = await ask(stage, 'and here?');
    here.call.finish('here I am');
    await stage.advance(5_000);
    expect(here.room.texts).toEqual(['here I am']);
    await stage.advance(10 * minute);
    expect(await stage.incidents()).toHaveLength(1);
    expect(stage.discord.invalidRequests).toBeLessThan(5);
  });

  test('F18 Discord: a channel that refuses everything costs few requests, however much is to be said', async () => {
    await open();
    const { room, call } = await ask(stage);
    room.permit('bot', { deny: ['SendMessages'] });
    call.finish('forty-two');
    await stage.advance(minute);
    const { relay } = stage.harness;
    const channel = { adapter: 'discord', account: stage.discord.appId, conversation: room.id };
    for (let n = 0; n < 30; n += 1) {
      await stage.harness.settle(relay.notify({ channel, text: `note ${n}`, key: `n${n}` }));
      await stage.advance(2 * minute);
    }
    expect(stage.discord.invalidRequests).toBeLessThan(12);
    room.permit('bot', { allow: ['SendMessages'] });
    await stage.advance(2 * hour);
    expect(room.texts.filter((text) => text.includes('note 29'))).toHaveLength(1);
  });
});

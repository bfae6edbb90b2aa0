import { afterEach, describe, expect, test } from 'vitest';
import { Sent } from '../../../src/adapters/discord/sent.ts';
import { snowflakeAt } from '../../../src/adapters/discord/snowflake.ts';
import type { DiscordFault, DiscordMessage } from '../../../src/testing/discord/index.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';

const create = 'POST /channels/:id/messages';
const history = 'GET /channels/:id/messages';
const edit = 'PATCH /channels/:id/messages/:id';
const minute = 60_000;

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  return stage;
}
afterEach(async () => {
  await stage?.close();
});

const ours = (): readonly DiscordMessage[] =>
  stage.room.messages.filter(({ from }) => from.kind === 'bot');
const said = (text: string): number => ours().filter((one) => one.text.includes(text)).length;
const buttons = (): readonly string[] =>
  ours().flatMap((one) => one.buttons.map(({ label }) => label));
const placeholder = async (): Promise<void> => {
  await stage.begin();
  await stage.advance(3_000);
};

const faults: readonly DiscordFault[] = [
  { kind: 'reset' },
  { kind: 'applied_then_reset' },
  { kind: 'hang' },
  { kind: 'applied_then_hang' },
  { kind: 'server_error', status: 503 },
  { kind: 'applied_then_server_error' },
  { kind: 'html' },
  { kind: 'wrong_json' },
];

describe('F13 an answer that was lost', () => {
  test.each(faults)('$kind: the answer stands there once', async (fault) => {
    const { discord } = await open();
    await placeholder();
    discord.fault(create, fault);
    stage.work.finish('forty-two');
    await stage.advance(minute);
    expect(said('forty-two')).toBe(1);
    expect(ours()).toHaveLength(2);
    expect(await stage.incidents()).toEqual([]);
  });

  test.each(faults)('$kind: also the placeholder', async (fault) => {
    const { discord } = await open();
    discord.fault(create, fault);
    await stage.begin();
    await stage.advance(minute);
    stage.work.finish('forty-two');
    await stage.advance(minute);
    expect(ours()).toHaveLength(2);
    expect(buttons()).toEqual([]);
  });

  test.each(faults)('$kind: also a file', async (fault) => {
    const { discord } = await open();
    await placeholder();
    stage.work.finish(Array.from({ length: 9_000 }, (_, at) => `line${at}`).join('\n'));
    await stage.advance(0);
    discord.fault(create, fault);
    await stage.advance(2 * minute);
    expect(ours().filter(({ files }) => files.length > 0)).toHaveLength(1);
  });
});

describe('a kill after Discord accepted', () => {
  test.each([0, 5 * minute])('the placeholder, %i ms down: seen once', async (downMs) => {
    const { discord } = await open();
    discord.fault(create, { kind: 'applied_then_hang' });
    await stage.begin();
    await stage.advance(3_000);
    expect(ours()).toHaveLength(1);
    await stage.crash(downMs);
    await stage.advance(minute);
    expect(ours()).toHaveLength(2);
    expect(said('It was not run again')).toBe(1);
    expect(buttons()).toEqual(['Retry']);
  });

  test.each([0, 5 * minute])('progress, %i ms down: seen once', async (downMs) => {
    const { discord } = await open();
    await placeholder();
    discord.fault(edit, { kind: 'applied_then_hang' });
    stage.work.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(3_000);
    expect(said('reading')).toBe(1);
    await stage.crash(downMs);
    await stage.advance(minute);
    expect(ours()).toHaveLength(2);
    expect(said('reading')).toBe(0);
    expect(said('It was not run again')).toBe(1);
  });

  test.each([0, 5 * minute])('the answer, %i ms down: seen once', async (downMs) => {
    const { discord } = await open();
    await placeholder();
    discord.fault(create, { kind: 'applied_then_hang' });
    stage.work.finish('forty-two');
    await stage.advance(1_000);
    expect(said('forty-two')).toBe(1);
    await stage.crash(downMs);
    await stage.advance(2 * minute);
    expect(said('forty-two')).toBe(1);
    expect(buttons()).toEqual([]);
    expect(await stage.incidents()).toEqual([]);
  });
});

describe('when Discord knows the nonce no more', () => {
  /** Shown, and the answer is lost; then nobody can send or look. */
  const lose = (): void => {
    const { discord } = stage;
    discord.fault(create, { kind: 'applied_then_reset' });
    discord.fault(create, { kind: 'refused' }, { times: 1_000 });
    discord.fault(history, { kind: 'server_error' }, { times: 1_000 });
    stage.work.finish('forty-two');
  };

  test.each([true, false])('what is shown (%s) is found, or sent', async (isShown) => {
    const { discord } = await open();
    await placeholder();
    discord.fault(create, { kind: isShown ? 'applied_then_reset' : 'reset' });
    discord.fault(create, { kind: 'refused' }, { times: 1_000 });
    discord.fault(history, { kind: 'server_error' }, { times: 1_000 });
    stage.work.finish('forty-two');
    await stage.advance(10 * minute);
    expect(said('forty-two')).toBe(isShown ? 1 : 0);
    discord.clearFaults();
    await stage.advance(3 * minute);
    expect(said('forty-two')).toBe(1);
    expect(said('may')).toBe(0);
    expect(await stage.incidents()).toEqual([]);
  });

  test('and nobody may read the history: sent again, with a note', async () => {
    const { discord, room } = await open();
    await placeholder();
    lose();
    await stage.advance(5 * minute);
    room.permit('bot', { deny: ['ReadMessageHistory'] });
    discord.clearFaults();
    await stage.advance(3 * minute);
    expect(said('forty-two')).toBe(2);
    expect(ours().at(-1)?.text).not.toBe('forty-two');
  });

  test('or it is held, where that is wished: an incident says so', async () => {
    const { discord, room } = await open({ config: { unknownPolicy: 'hold' } });
    await placeholder();
    lose();
    await stage.advance(5 * minute);
    room.permit('bot', { deny: ['ReadMessageHistory'] });
    discord.clearFaults();
    await stage.advance(3 * minute);
    expect(said('forty-two')).toBe(1);
    expect(await stage.incidents()).toHaveLength(1);
  });

  test('where it is held, a nonce that holds is enough to send again', async () => {
    const { discord } = await open({ config: { unknownPolicy: 'hold' } });
    await placeholder();
    discord.fault(create, { kind: 'applied_then_reset' });
    discord.fault(history, { kind: 'server_error' }, { times: 9 });
    stage.work.finish('forty-two');
    await stage.advance(minute);
    expect(said('forty-two')).toBe(1);
    expect(await stage.incidents()).toEqual([]);
  });

  test('a history that fails is read again until it answers', async () => {
    const { discord } = await open();
    await placeholder();
    lose();
    await stage.advance(3 * minute);
    discord.clearFaults();
    discord.fault(history, { kind: 'server_error' }, { times: 3 });
    discord.fault(history, { kind: 'rate_limited', retryAfterS: 2 });
    await stage.advance(3 * minute);
    expect(said('forty-two')).toBe(1);
    expect(discord.limitsHit).toBe(0);
  });
});

describe("Discord's clock", () => {
  const sent = new Sent();
  test('is measured by our own messages, slow answers left out', () => {
    expect(sent.offsetMs).toBeUndefined();
    sent.measure(snowflakeAt(1_704_067_205_000), 1_704_067_200_000, 1_704_067_204_000);
    expect(sent.offsetMs).toBeUndefined();
    sent.measure(snowflakeAt(1_704_067_205_000), 1_704_067_200_000, 1_704_067_200_200);
    expect(sent.offsetMs).toBe(4_900);
    sent.measure(snowflakeAt(1_704_067_205_000), 1_704_067_200_800, 1_704_067_201_000);
    expect(sent.offsetMs).toBe(4_700);
  });
});

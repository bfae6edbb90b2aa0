import { afterEach, describe, expect, test } from 'vitest';
import type { DiscordMessage } from '../../../src/testing/discord/index.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';

const typing = 'POST /channels/:id/typing';
const edit = 'PATCH /channels/:id/messages/:id';
const create = 'POST /channels/:id/messages';

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const ours = (): readonly DiscordMessage[] =>
  stage.room.messages.filter(({ from }) => from.kind === 'bot');
const streamed = () =>
  stage.discord.callsOf(edit).filter(({ args }) => args['components'] === undefined);
async function pour(pieces: readonly string[], everyMs: number): Promise<void> {
  for (const piece of pieces) {
    stage.work.text(piece);
    await stage.advance(everyMs);
  }
}
const words = (count: number): string[] => Array.from({ length: count }, (_, at) => `word${at} `);
const placeholder = async (): Promise<void> => {
  await stage.begin();
  await stage.advance(3_000);
};

describe('typing', () => {
  test('is shown every eight seconds while the work is open, and not after its end', async () => {
    const { discord, room } = await open();
    await stage.begin();
    await stage.advance(33_000);
    const shown = discord.callsOf(typing).length;
    expect(shown).toBeGreaterThanOrEqual(4);
    expect(shown).toBeLessThanOrEqual(5);
    expect(room.typingUntilMs).toBeGreaterThan(stage.harness.runtime.wallMs());
    stage.work.finish('forty-two');
    await stage.advance(60_000);
    expect(discord.callsOf(typing)).toHaveLength(shown);
  });

  test('that is refused is left for ten minutes', async () => {
    const { discord } = await open();
    discord.fault(typing, { kind: 'error', code: 50_013 }, { times: 99 });
    await stage.begin();
    await stage.advance(5 * 60_000);
    expect(discord.callsOf(typing)).toHaveLength(1);
    await stage.advance(6 * 60_000);
    expect(discord.callsOf(typing)).toHaveLength(2);
  });

  test('is shown where others see nothing of an answer for one person alone: not', async () => {
    const { discord } = await open();
    await stage.register();
    await stage.ask('go', { ephemeral: true });
    await stage.advance(30_000);
    expect(discord.callsOf(typing)).toEqual([]);
  });
});

describe('streamed text', () => {
  test('stands in the message that shows the work, its buttons stay; one edit in 1.5 s', async () => {
    const { discord } = await open();
    await placeholder();
    await pour(words(100), 100);
    await stage.advance(2_000);
    expect(ours()).toHaveLength(1);
    expect(ours()[0]?.text).toBe(words(100).join('').trim());
    expect(ours()[0]?.buttons.map(({ label }) => label)).toEqual(['Cancel']);
    const times = streamed().map(({ atMs }) => atMs);
    expect(times.length).toBeGreaterThanOrEqual(5);
    for (let at = 1; at < times.length; at += 1)
      expect((times[at] ?? 0) - (times[at - 1] ?? 0)).toBeGreaterThanOrEqual(1_500);
    stage.work.finish('the end');
    await stage.advance(10_000);
    expect(ours()[1]?.text).toBe('the end');
    expect(ours()[0]?.text).not.toContain('word');
    expect(ours().flatMap(({ buttons }) => buttons)).toEqual([]);
    expect(discord.limitsHit).toBe(0);
  });

  test('waits for the message, and is shown as soon as that is there', async () => {
    await open();
    await stage.begin();
    stage.work.text('first words');
    await stage.advance(3_000);
    expect(ours().map(({ text }) => text)).toEqual(['first words']);
  });

  test('that is long is shown by its end, its fence kept', async () => {
    await open();
    await placeholder();
    const lines = Array.from({ length: 400 }, (_, at) => `line ${at}`);
    stage.work.text(`\`\`\`js\n${lines.join('\n')}`);
    await stage.advance(3_000);
    const text = ours()[0]?.text ?? '';
    expect(text.length).toBeLessThanOrEqual(2_000);
    expect(text).toContain('line 399');
    expect(text.match(/```/g)).toHaveLength(2);
  });

  test('restarts the clock of silence: no heartbeat overwrites it', async () => {
    await open();
    await placeholder();
    await pour(words(60), 2_000);
    expect(ours()[0]?.history.join(' ')).not.toContain('Still working');
    const missed = await stage.harness.events('deadline.missed');
    expect(missed).toEqual([]);
  });

  test('is not shown where it is switched off', async () => {
    await open({ config: { streams: 'off' } });
    await placeholder();
    await pour(words(20), 500);
    expect(streamed()).toEqual([]);
  });

  test('waits while a send of the same Task is under way, and comes behind it', async () => {
    const { discord } = await open();
    await placeholder();
    discord.fault(edit, { kind: 'slow', ms: 4_000 });
    stage.work.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(500);
    const before = streamed().length;
    await pour(words(10), 200);
    expect(streamed()).toHaveLength(before);
    await stage.advance(6_000);
    expect(ours()[0]?.text).toContain('word9');
  });

  test('an edit that is under way is over before the answer is sent, and none comes after it', async () => {
    const { discord } = await open();
    await placeholder();
    discord.fault(edit, { kind: 'slow', ms: 2_000 });
    stage.work.text('some words');
    await stage.advance(500);
    stage.work.text('more');
    stage.work.finish('forty-two');
    await stage.advance(20_000);
    const sent = discord.callsOf(create).at(-1)?.atMs ?? 0;
    expect(streamed()).toHaveLength(1);
    expect(sent - (streamed()[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(ours().at(-1)?.text).toBe('forty-two');
    expect(ours()[0]?.text).not.toContain('some words');
  });

  test('holds up no answer while it waits for its next edit', async () => {
    await open();
    await placeholder();
    stage.work.text('some words');
    await stage.advance(100);
    stage.work.text('some words more');
    stage.work.finish('forty-two');
    await stage.advance(500);
    expect(ours().at(-1)?.text).toBe('forty-two');
    expect(streamed()).toHaveLength(1);
  });

  test('that met a limit is shown after it, also when nothing follows', async () => {
    const { discord } = await open();
    await placeholder();
    discord.fault(edit, { kind: 'rate_limited', retryAfterS: 3 });
    stage.work.text('some words');
    await stage.advance(2_900);
    expect(streamed()).toHaveLength(1);
    await stage.advance(2_000);
    expect(ours()[0]?.text).toBe('some words');
  });

  test.each([
    ['shared', [true, false]],
    ['global', [true, true]],
  ] as const)(
    'that met a %s limit keeps from it what else would meet it',
    async (scope, isHeld) => {
      const { discord, site, room, harness } = await open();
      await placeholder();
      discord.fault(edit, { kind: 'rate_limited', retryAfterS: 30, scope });
      stage.work.text('some words');
      await stage.advance(1_000);
      const nowMs = harness.runtime.monoMs();
      const waits = [room.id, 'other'].map((channelId) =>
        site.limiter.take({ channelId, key: 'k', weight: 'answer' }, nowMs),
      );
      expect(waits.map((ms) => ms > 28_000)).toEqual(isHeld);
    },
  );

  test('whose message is gone is not tried again and again', async () => {
    const { discord } = await open();
    await placeholder();
    discord.fault(edit, { kind: 'error', code: 10_008 }, { times: 99 });
    await pour(words(20), 500);
    expect(streamed()).toHaveLength(1);
  });

  test('leaves the room of a channel to what is more urgent', async () => {
    const { site, room, harness } = await open();
    await placeholder();
    await stage.advance(6_000);
    for (const key of ['one', 'two', 'three'])
      site.limiter.take({ channelId: room.id, key, weight: 'answer' }, harness.runtime.monoMs());
    stage.work.text('some words');
    await stage.advance(5_000);
    expect(streamed()).toEqual([]);
    await stage.advance(200);
    expect(streamed()).toHaveLength(1);
  });

  test.each([
    { kind: 'reset' },
    { kind: 'server_error' },
    { kind: 'error', code: 10_008 },
    { kind: 'rate_limited', retryAfterS: 3 },
  ] as const)('$kind $code harms nothing', async (fault) => {
    const { discord } = await open();
    await placeholder();
    discord.fault(edit, fault);
    await pour(words(30), 300);
    stage.work.finish('forty-two');
    await stage.advance(30_000);
    expect(ours().map(({ text }) => text)).toContain('forty-two');
    expect(ours()).toHaveLength(2);
    expect(await stage.incidents()).toEqual([]);
    expect(ours().flatMap(({ buttons }) => buttons)).toEqual([]);
  });

  test('goes by the token where nothing else leads there', async () => {
    const { discord } = await open();
    await stage.register();
    await stage.ask('go', { ephemeral: true });
    await stage.advance(3_000);
    await pour(words(20), 300);
    await stage.advance(2_000);
    expect(streamed()).toEqual([]);
    expect(stage.room.ephemeral(stage.ann)[0]?.text).toContain('word19');
    expect(discord.callsOf('PATCH /webhooks/:id/:token/messages/@original').length).toBeGreaterThan(
      2,
    );
  });

  test('ends with the adapter', async () => {
    const { discord } = await open();
    await placeholder();
    stage.work.text('words');
    const stopped = stage.site.passing.stop();
    await stage.advance(5_000);
    await stopped;
    const { length } = discord.calls;
    stage.work.text('more');
    await stage.advance(10_000);
    expect(
      discord.calls.slice(length).filter(({ route }) => route === edit || route === typing),
    ).toEqual([]);
  });
});

test.each(['the budget of refused requests is used up', 'Discord refused the channel'])(
  'nothing passes while %s',
  async (why) => {
    const { discord, site, room, harness } = await open();
    await placeholder();
    const nowMs = harness.runtime.monoMs();
    if (why.startsWith('Discord')) site.budget.break(room.id, nowMs);
    else for (let at = 0; at < 1_000; at += 1) site.budget.note({ status: 403 }, nowMs);
    const { length } = discord.callsOf(typing);
    stage.work.text('some words');
    await stage.advance(30_000);
    expect([streamed(), discord.callsOf(typing).length]).toEqual([[], length]);
  },
);

test('a token of the bot that does not hold is told; that of an interaction says nothing of it', async () => {
  const { discord } = await open();
  await stage.register();
  await stage.ask('go', { ephemeral: true });
  await stage.advance(3_000);
  const refused = { kind: 'error', code: 0, status: 401 } as const;
  const byToken = 'PATCH /webhooks/:id/:token/messages/@original';
  const fault = discord.fault(byToken, refused);
  stage.work.text('some words');
  await stage.advance(2_000);
  expect([fault.hits, stage.refused]).toEqual([1, []]);
  const typed = discord.fault(typing, refused);
  await stage.begin({ in: discord.channel() });
  await stage.advance(1_000);
  expect([typed.hits, stage.refused.length]).toEqual([1, 1]);
});

import { afterEach, describe, expect, test } from 'vitest';
import { deliver } from '../../../src/adapters/discord/deliver.ts';
import { writeHandle } from '../../../src/adapters/discord/handle.ts';
import { deferCall } from '../../../src/adapters/discord/interaction-call.ts';
import { leavingOf } from '../../../src/adapters/discord/leaving.ts';
import { beginLife } from '../../../src/adapters/discord/life.ts';
import { reconcile } from '../../../src/adapters/discord/reconcile.ts';
import type { DiscordChannel, DiscordMessage } from '../../../src/testing/discord/index.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';
import { compose } from './send.ts';

const create = 'POST /channels/:id/messages';
const original = 'PATCH /webhooks/:id/:token/messages/@original';
const followup = 'POST /webhooks/:id/:token';
const minute = 60_000;

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  await stage.register();
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const ours = (channel: DiscordChannel = stage.room): readonly DiscordMessage[] =>
  channel.messages.filter(({ from }) => from.kind === 'bot');
const hidden = (channel: DiscordChannel = stage.room): readonly DiscordMessage[] =>
  channel.ephemeral(stage.ann);
const buttons = (messages: readonly DiscordMessage[]): readonly string[] =>
  messages.flatMap((one) => one.buttons.map(({ label }) => label));
const said = (text: string, messages: readonly DiscordMessage[]): number =>
  messages.filter((message) => message.text.includes(text)).length;

describe('a slash command', () => {
  test('that is answered at once has the promised message as its answer', async () => {
    await open();
    await stage.ask();
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(ours().map(({ text }) => text)).toEqual(['forty-two']);
    expect(ours()[0]?.isLoading).toBe(false);
  });

  test('of 20 minutes: moved at 13 minutes, nothing lost, nothing twice', async () => {
    const { discord } = await open();
    discord.fault('POST /channels/:id/typing', { kind: 'error', code: 50_013 }, { times: 99 });
    await stage.ask();
    await stage.advance(3_000);
    for (let at = 1; at <= 20; at += 1) {
      stage.work.emit({ kind: 'progress', message: `step ${at}` });
      await stage.advance(minute);
      expect(ours().at(-1)?.text).toContain(`step ${at}`);
    }
    // One message shows the work all the time: by the token at first, then by the bot itself.
    expect(ours()).toHaveLength(1);
    const tokens = discord.calls.filter(({ route }) => route.includes('webhooks'));
    expect(tokens.length).toBeGreaterThan(5);
    const first = discord.calls[0]?.atMs ?? 0;
    expect(Math.max(...tokens.map(({ atMs }) => atMs))).toBeLessThan(first + 13 * minute + 5_000);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(ours()).toHaveLength(2);
    expect(ours()[1]).toMatchObject({ text: 'forty-two', replyTo: ours()[0] });
    expect(buttons(ours())).toEqual([]);
    expect(await stage.incidents()).toEqual([]);
  });

  test('whose token Discord forgot goes on in the channel at once', async () => {
    const { discord } = await open();
    discord.fault(original, { kind: 'error', code: 50_027 }, { times: 9 });
    await stage.ask();
    await stage.advance(3_000);
    expect(discord.callsOf(original)).toHaveLength(1);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(said('forty-two', ours())).toBe(1);
    expect(await stage.incidents()).toEqual([]);
  });

  test('whose promised message was deleted goes on in the channel', async () => {
    const { room } = await open();
    await stage.ask();
    room.moderate(ours()[0] as DiscordMessage);
    await stage.advance(3_000);
    stage.work.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(60_000);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(said('forty-two', ours())).toBe(1);
    expect(ours()).toHaveLength(2);
    expect(await stage.incidents()).toEqual([]);
  });

  test.each(['reset', 'applied_then_reset', 'applied_then_server_error'] as const)(
    'whose first message met %s is looked for, and written once',
    async (kind) => {
      const { discord } = await open();
      discord.fault(original, { kind });
      await stage.ask();
      await stage.advance(10_000);
      expect(ours()).toHaveLength(1);
      expect(buttons(ours())).toEqual(['Cancel']);
      expect(ours()[0]?.text).not.toContain('again');
      expect(discord.callsOf('GET /webhooks/:id/:token/messages/@original')).toHaveLength(1);
      stage.work.finish('forty-two');
      await stage.advance(5_000);
      expect(ours().map(({ text }) => text)).toContain('forty-two');
      expect(ours()).toHaveLength(2);
    },
  );

  test('whose token is refused says nothing of the bot itself', async () => {
    const { discord } = await open();
    discord.fault(original, { kind: 'error', code: 0, status: 401 });
    await stage.ask();
    await stage.advance(10_000);
    expect(stage.refused).toEqual([]);
    expect(buttons(ours())).toEqual(['Cancel']);
  });

  test('that Discord refuses by the token says nothing of the channel', async () => {
    const { discord, harness, life, room } = await open();
    discord.fault(original, { kind: 'error', code: 50_013 });
    await stage.ask();
    await stage.advance(3_000);
    expect(discord.callsOf(original)).toHaveLength(1);
    const { delivery, attempt } = compose(stage.refOf(room), { text: 'news' });
    const outcome = await harness.settle(life.deliver(delivery, attempt));
    expect(outcome).toMatchObject({ kind: 'surfaced' });
  });

  test('whose messages are edited by its own token, whatever the edit answers', async () => {
    await open();
    const given = await stage.ask('go', { ephemeral: true });
    const [messageId, answers] = ['1190000000000000007', '1190000000000000009'];
    const { delivery, attempt } = compose(stage.refOf(stage.room), { answers });
    const live = writeHandle({ messageId, interactionId: given.id });
    const leaving = leavingOf(stage.site, { delivery, attempt: { ...attempt, live } });
    expect(leaving).toMatchObject({ way: { life: { id: given.id } } });
  });

  test('that is being answered is waited for', async () => {
    const { harness, site, ann, discord, room } = await open();
    const { id, token } = ann.command('ask', { text: 'go' }, { in: room });
    const interaction = {
      ...{ id, token, reachable: true, applicationId: discord.appId, channelId: room.id },
      ...{ kind: 'command' as const, personId: ann.id },
    };
    const nowMs = harness.runtime.wallMs();
    await harness.settle(site.lives.put(beginLife(interaction, { nowMs, ephemeral: true })));
    const { delivery, attempt } = compose(stage.refOf(room), {
      kind: 'ack',
      anchor: id,
      answers: id,
    });
    expect(await harness.settle(deliver(site, delivery, attempt))).toMatchObject({
      kind: 'deferred',
      retryAfterMs: 250,
    });
    await harness.settle(site.rest.call(deferCall(interaction, { ephemeral: true })));
    await harness.settle(site.lives.on(id, { kind: 'deferred' }));
    expect(await harness.settle(deliver(site, delivery, attempt))).toMatchObject({
      kind: 'surfaced',
      handle: expect.stringMatching(/^\d+@\d+$/),
    });
    expect(ours()).toEqual([]);
  });

  test('is written once over a kill at its first message', async () => {
    const { discord } = await open();
    discord.fault(original, { kind: 'applied_then_hang' });
    await stage.ask();
    await stage.advance(2_000);
    expect(discord.callsOf(original)).toHaveLength(1);
    await stage.crash(20_000);
    await stage.advance(30_000);
    expect(said('It was not run again', ours())).toBe(1);
    expect(ours()).toHaveLength(2);
    expect(buttons(ours())).toEqual(['Retry']);
  });
});

describe('an answer for one person alone', () => {
  test('is settled when they say that they saw it', async () => {
    const { harness } = await open();
    await stage.ask('go', { ephemeral: true });
    await stage.advance(3_000);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(ours()).toEqual([]);
    expect(hidden().map(({ text }) => text)).toContain('forty-two');
    expect(buttons(hidden())).toContain('Seen');
    const receipt = (await harness.receipts()).find(({ kind }) => kind === 'terminal');
    expect(receipt?.state).toBe('unknown');
    const receiptId = receipt?.id as never;
    await harness.settle(stage.life.host.evidence({ receiptId, evidence: 'answered' }));
    await stage.advance(5 * minute);
    expect((await harness.receipts()).find(({ kind }) => kind === 'terminal')?.state).toBe(
      'surfaced',
    );
    expect(ours(stage.ann.dm)).toEqual([]);
  });

  test.each([false, true])(
    'that nobody said was seen goes to the direct messages, whole (restart between: %s)',
    async (restarts) => {
      const { discord, harness } = await open();
      await stage.ask('go', { ephemeral: true });
      await stage.advance(3_000);
      const lines = Array.from({ length: 600 }, (_, at) => `line${at}`);
      stage.work.finish(lines.join('\n'));
      await stage.advance(30_000);
      if (restarts) {
        discord.fault('POST /users/@me/channels', { kind: 'server_error' }, { times: 50 });
        await stage.advance(60_000);
        expect(ours(stage.ann.dm)).toEqual([]);
        await stage.crash(1_000);
        discord.clearFaults();
      }
      await stage.advance(2 * minute);
      const parts = ours(stage.ann.dm).map(({ text }) => text);
      expect(parts.join('\n').match(/line\d+/g)).toEqual(lines);
      expect(ours()).toEqual([]);
      expect(hidden().filter(({ text }) => text.includes('line599'))).toHaveLength(1);
      // Only the last one proves that it was told.
      const proofs = discord
        .callsOf(create)
        .map(({ args }) => stage.site.sent.by(String(args['nonce']))?.part);
      expect(proofs).toEqual([...parts.slice(1).map(() => undefined), parts.length]);
      const terminal = (await harness.receipts()).find(({ kind }) => kind === 'terminal');
      expect(terminal?.state).toBe('surfaced');
      expect(await stage.incidents()).toEqual([]);
    },
  );

  test('of an interaction that is forgotten is not said again, before all', async () => {
    const { harness, site, room } = await open();
    const handle = '1199999999999999998@1199999999999999999';
    const answer = reconcile(site, {
      ...{ receiptId: 'x' as never, channel: stage.refOf(room), key: 'key', part: 1, handle },
      ...{ content: { text: 'hello' }, sentAtMs: 0, signal: new AbortController().signal },
    });
    expect(await harness.settle(answer)).toEqual({ kind: 'shown', handle, evidence: 'accepted' });
  });

  test('that nobody may send them stays as it is told', async () => {
    await open();
    stage.ann.closeDms();
    await stage.ask('go', { ephemeral: true });
    await stage.advance(3_000);
    stage.work.finish('forty-two');
    await stage.advance(3 * minute);
    expect(ours()).toEqual([]);
    expect(hidden().map(({ text }) => text)).toContain('forty-two');
    expect(await stage.incidents()).toHaveLength(1);
  });

  test('of 20 minutes goes on in the direct messages, and nobody else sees a word', async () => {
    await open();
    await stage.ask('go', { ephemeral: true });
    await stage.advance(3_000);
    for (let at = 1; at <= 20; at += 1) {
      stage.work.emit({ kind: 'progress', message: `step ${at}` });
      await stage.advance(minute);
    }
    expect(ours(stage.ann.dm)).toHaveLength(1);
    expect(ours(stage.ann.dm)[0]?.text).toContain('step 20');
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(ours(stage.ann.dm).map(({ text }) => text)).toContain('forty-two');
    expect(ours(stage.ann.dm)).toHaveLength(2);
    expect(ours()).toEqual([]);
    expect(buttons(ours(stage.ann.dm))).toEqual([]);
    expect(await stage.incidents()).toEqual([]);
  });
});

describe('an app that a person installed for themselves', () => {
  const away = async () => {
    const there = stage.discord.addGuild({ name: 'Elsewhere', bot: false });
    stage.ann.join(there);
    stage.ann.installApp();
    return there.channel({ name: 'far' });
  };

  test('answers by the token where its bot is not, and shows no typing', async () => {
    const { discord } = await open({ config: { commands: { userInstall: true } } });
    const far = await away();
    await stage.ask('go', { in: far, reachable: false });
    await stage.advance(20_000);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(said('forty-two', ours(far))).toBe(1);
    expect(buttons(ours(far))).toEqual([]);
    expect(discord.callsOf(followup)).toHaveLength(1);
    expect(discord.callsOf('POST /channels/:id/typing')).toEqual([]);
    expect(discord.invalidRequests).toBe(0);
  });

  test('goes on in the direct messages when the token is over', async () => {
    await open({ config: { commands: { userInstall: true } } });
    const far = await away();
    await stage.ask('go', { in: far, reachable: false });
    await stage.advance(16 * minute);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(said('forty-two', ours(far))).toBe(0);
    expect(said('forty-two', ours(stage.ann.dm))).toBe(1);
    expect(await stage.incidents()).toEqual([]);
  });

  test('has five messages by one token; the others go to the direct messages', async () => {
    const { discord } = await open({ config: { commands: { userInstall: true } } });
    const far = await away();
    await stage.ask('go', { in: far, reachable: false });
    await stage.advance(3_000);
    const lines = Array.from({ length: 1_600 }, (_, at) => `line${at}`);
    stage.work.finish(lines.join('\n'));
    await stage.advance(minute);
    const parts = [...ours(far).slice(1), ...ours(stage.ann.dm)].map(({ text }) => text);
    expect(parts.join('\n').match(/line\d+/g)).toEqual(lines);
    expect(discord.callsOf(followup)).toHaveLength(5);
    expect(await stage.incidents()).toEqual([]);
  });
});

test('a channel message of the bot has a nonce, one by the token has none', async () => {
  const { discord } = await open();
  await stage.ask();
  await stage.advance(3_000);
  stage.work.finish('forty-two');
  await stage.advance(5_000);
  for (const { args } of discord.callsOf(create)) expect(args['enforce_nonce']).toBe(true);
  for (const { args } of discord.callsOf(original)) expect(args['nonce']).toBeUndefined();
});

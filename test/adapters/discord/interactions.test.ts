import { afterEach, describe, expect, test } from 'vitest';
import { customId } from '../../../src/adapters/discord/custom-id.ts';
import { createNoncer } from '../../../src/adapters/discord/nonce.ts';
import { AskId, ReceiptId } from '../../../src/contracts/id.ts';
import type { DiscordChannel, DiscordMessage } from '../../../src/testing/discord/index.ts';
import { InStage, type InStageOptions } from './in-stage.ts';

const callback = 'POST /interactions/:id/:token/callback';
const askId = AskId.parse('0199a0f0-0000-7000-8000-000000000001');
const receiptId = ReceiptId.parse('0199a0f0-0000-7000-8000-000000000002');
const marker = createNoncer('t').nonce(
  { key: 'k', repairs: [] },
  { adapter: 'discord', account: '1', conversation: '2' },
);

let stage: InStage;
afterEach(async () => {
  await stage.close();
});
async function open(options: InStageOptions = {}): Promise<InStage> {
  stage = await InStage.open(options);
  return stage;
}

/** A message of the bot's with these buttons. */
async function shown(channel: DiscordChannel, ids: readonly string[]): Promise<DiscordMessage> {
  const components = ids.map((custom_id, at) => ({
    type: 2,
    style: 2,
    label: `B${at}`,
    custom_id,
  }));
  const body = { content: 'a question', components: [{ type: 1, components }] };
  const route = `/channels/${channel.id}/messages` as const;
  await stage.site.rest.call({ method: 'POST', route, body });
  await stage.brought();
  return channel.messages.at(-1) as DiscordMessage;
}

describe('a command', () => {
  test('is answered by a promise at once, and told to the relay', async () => {
    const { ann, discord, host, site } = await open();
    const channel = discord.channel();
    const asked = ann.command('ask', { text: 'what is up' }, { in: channel });
    await stage.brought();
    expect(await asked.answered).toMatchObject({ kind: 'deferred', isEphemeral: false });
    expect(host.taken).toEqual(['what is up']);
    expect(site.lives.get(asked.id)).toMatchObject({
      state: 'deferred',
      personId: ann.id,
      channelId: channel.id,
      reachable: true,
      token: asked.token,
    });
    expect(stage.open).toEqual([]);
  });

  test('is answered to one person alone where that is configured', async () => {
    const { ann, site } = await open({ config: { ephemeral: true } });
    const asked = ann.command('status');
    await stage.brought();
    expect(await asked.answered).toMatchObject({ kind: 'deferred', isEphemeral: true });
    expect(site.lives.get(asked.id)).toMatchObject({ ephemeral: true });
  });

  test.each([true, false])(
    'while the store is locked for 4 s (fails at once: %s)',
    async (fails) => {
      const { ann, host, runtime } = await open();
      if (fails) host.isDown = true;
      else host.hold();
      const askedMs = runtime.monoMs();
      const asked = ann.command('ask', { text: 'slow' });
      await stage.brought();
      const ack = await asked.answered;
      expect(ack.kind).toBe('deferred');
      expect(runtime.monoMs() - askedMs).toBeLessThan(2_000);
      await stage.advance(4_000);
      expect(host.taken).toEqual([]);
      expect(stage.open).toEqual(['INTERACTION_CREATE']);
      if (fails) host.isDown = false;
      else host.release();
      await stage.advance(3_000);
      expect(host.taken).toEqual(['slow']);
      expect(stage.open).toEqual([]);
      expect(stage.site.lives.get(asked.id)?.state).toBe('deferred');
      expect(ack.message?.isLoading).toBe(true);
    },
  );

  test('that cannot be stored at all: who asked is told so', async () => {
    const { ann, host } = await open();
    host.isDown = true;
    const asked = ann.command('ask', { text: 'lost' });
    await stage.brought();
    const { message } = await asked.answered;
    await stage.advance(9_000);
    expect(message?.isLoading).toBe(true);
    await stage.advance(3_000);
    expect(message).toMatchObject({
      isLoading: false,
      shown: 'This could not be taken. Please try again.',
    });
    expect(stage.open).toEqual([]);
  });

  test('that the relay cannot take: who asked is told so at once', async () => {
    const { ann, host } = await open();
    host.cannotTake = () => true;
    const asked = ann.command('ask', { text: 'broken' });
    await stage.brought();
    const { message } = await asked.answered;
    expect(message?.shown).toBe('This could not be taken. Please try again.');
  });

  test('that nothing answers is withdrawn, and over', async () => {
    const { ann, discord, host, site } = await open();
    const channel = discord.channel();
    const { accept } = host;
    const quietly = async (input: Parameters<typeof accept>[0]) => {
      return { ...(await accept(input)), quiet: true };
    };
    Object.assign(host, { accept: quietly });
    const asked = ann.command('ask', { text: 'blue' }, { in: channel });
    await stage.brought();
    expect((await asked.answered).kind).toBe('deferred');
    expect(channel.messages.filter(({ isLoading }) => isLoading)).toEqual([]);
    expect(site.lives.get(asked.id)?.state).toBe('over');
  });

  test('goes past messages that wait', async () => {
    const { ann, host } = await open();
    host.hold();
    ann.say('waits');
    await stage.brought();
    const asked = ann.command('status');
    await stage.brought();
    expect((await asked.answered).kind).toBe('deferred');
    host.release();
  });

  test('whose answer was lost on the way is answered again', async () => {
    const { ann, discord, host } = await open();
    discord.fault(callback, { kind: 'applied_then_reset' });
    const first = ann.command('status');
    await stage.brought();
    await stage.advance(500);
    expect((await first.answered).kind).toBe('deferred');
    discord.fault(callback, { kind: 'server_error' }, { times: 2 });
    const second = ann.command('status');
    await stage.advance(500);
    expect((await second.answered).kind).toBe('deferred');
    await stage.advance(500);
    expect(host.taken).toEqual(['/status', '/status']);
    expect(discord.callsOf(callback).map(({ status }) => status)).toEqual([
      undefined,
      400,
      500,
      500,
      204,
    ]);
  });

  test('that a dead process had answered goes on', async () => {
    const { ann, host } = await open();
    ann.say('before');
    await stage.brought();
    host.isDown = true;
    const asked = ann.command('ask', { text: 'into the crash' });
    await stage.brought();
    await stage.kill();
    host.isDown = false;
    await stage.begin();
    await stage.connect();
    expect(stage.came.map(({ type }) => type)).toContain('INTERACTION_CREATE');
    expect(host.taken).toEqual(['before', 'into the crash']);
    expect(stage.site.lives.get(asked.id)?.state).toBe('deferred');
    expect((await asked.answered).message?.isLoading).toBe(true);
  });

  test('that comes again changes nothing', async () => {
    const { ann, discord, host, site } = await open();
    const asked = ann.command('status');
    await stage.brought();
    await site.lives.on(asked.id, { kind: 'written', messageId: '77777' });
    await stage.leave();
    const [first] = stage.came.filter(({ type }) => type === 'INTERACTION_CREATE');
    expect(first?.isDone).toBe(true);
    stage.forgetCommits();
    await stage.connect();
    expect(stage.came.map(({ type }) => type)).toContain('INTERACTION_CREATE');
    expect(host.taken).toEqual(['/status']);
    expect(site.lives.get(asked.id)).toMatchObject({ state: 'written', messageId: '77777' });
    expect(discord.callsOf(callback)).toHaveLength(1);
  });

  test('that came too late is answered in the channel where the bot is, else not taken', async () => {
    const { ann, discord, host, site } = await open({
      config: { commands: { userInstall: true } },
    });
    await stage.leave();
    const asked = ann.command('ask', { text: 'late' });
    ann.installApp();
    const elsewhere = discord.addGuild({ bot: false });
    ann.join(elsewhere);
    const other = ann.command('ask', { text: 'late elsewhere' }, { in: elsewhere.channel() });
    await stage.advance(10_000);
    await stage.connect();
    expect(stage.came.filter(({ type }) => type === 'INTERACTION_CREATE')).toHaveLength(2);
    expect(host.taken).toEqual(['late']);
    expect(site.lives.get(asked.id)?.state).toBe('over');
    expect(site.lives.get(other.id)?.state).toBe('over');
    expect(stage.open).toEqual([]);
  });

  test('of who may not is refused in words', async () => {
    const { ann, host } = await open({ config: { allow: { users: [] } } });
    const asked = ann.command('status');
    await stage.brought();
    const { kind, isEphemeral, message } = await asked.answered;
    expect([kind, isEphemeral, message?.shown]).toEqual([
      'message',
      true,
      'You may not use this bot here.',
    ]);
    expect(host.taken).toEqual([]);
    expect(stage.open).toEqual([]);
  });

  test('is left to the next process when the relay stops', async () => {
    const { ann, host } = await open();
    host.isStopping = true;
    const asked = ann.command('status');
    await stage.brought();
    expect((await asked.answered).message?.isLoading).toBe(true);
    await stage.advance(60_000);
    expect(stage.open).toEqual(['INTERACTION_CREATE']);
    expect((await asked.answered).message?.isLoading).toBe(true);
  });
});

test.each(['command', 'press'])('a %s is answered before it is noted', async (kind) => {
  const { ann, discord, host } = await open();
  const button = customId({ kind: 'press', marker, button: 'x:1' });
  const message = await shown(discord.channel(), [button]);
  const { set } = host.state;
  let go: () => void = () => undefined;
  const noted = new Promise<void>((resolve) => {
    go = resolve;
  });
  Object.assign(host.state, { set: () => noted });
  const given = kind === 'press' ? ann.press(message, 'B0') : ann.command('status');
  await stage.brought();
  await stage.advance(1_000);
  expect((await given.answered).kind).toBe(kind === 'press' ? 'deferred_update' : 'deferred');
  expect(host.taken).toEqual([]);
  Object.assign(host.state, { set });
  go();
  await stage.advance(1_000);
  expect(host.taken).toHaveLength(1);
});

describe('a press', () => {
  const button = customId({ kind: 'press', marker, button: 'x:1' });

  test('leaves the message as it is, and is told', async () => {
    const { ann, discord, host, site } = await open();
    const message = await shown(discord.channel(), [button]);
    const pressed = ann.press(message, 'B0');
    await stage.brought();
    expect((await pressed.answered).kind).toBe('deferred_update');
    expect(host.taken).toEqual(['press x:1']);
    expect(site.lives.get(pressed.id)).toMatchObject({
      state: 'written',
      messageId: message.id,
      ephemeral: false,
    });
    expect(message.shown).toBe('a question');
  });

  test('that cannot be stored: who pressed is told so, and nobody else', async () => {
    const { ann, discord, host } = await open();
    const channel = discord.channel();
    const message = await shown(channel, [button]);
    host.isDown = true;
    const pressed = ann.press(message, 'B0');
    await stage.brought();
    expect((await pressed.answered).kind).toBe('deferred_update');
    await stage.advance(12_000);
    expect(message.shown).toBe('a question');
    expect(channel.ephemeral(ann).map(({ shown: text }) => text)).toEqual([
      'This could not be taken. Please try again.',
    ]);
    expect(stage.open).toEqual([]);
  });

  test('counts although its answer came too late', async () => {
    const { ann, discord, host } = await open();
    const message = await shown(discord.channel(), [button]);
    discord.fault(callback, { kind: 'hang' }, { times: 10 });
    const pressed = ann.press(message, 'B0');
    await stage.advance(5_000);
    expect((await pressed.answered).kind).toBe('failed');
    expect(host.taken).toEqual(['press x:1']);
    expect(stage.open).toEqual([]);
  });

  test('of Seen is evidence, also when the store was locked', async () => {
    const { ann, discord, host } = await open();
    const seen = customId({ kind: 'seen', marker, receiptId, part: 1 });
    const message = await shown(discord.channel(), [seen]);
    host.isDown = true;
    const pressed = ann.press(message, 'B0');
    await stage.brought();
    expect((await pressed.answered).kind).toBe('deferred_update');
    expect(stage.open).toEqual(['INTERACTION_CREATE']);
    host.isDown = false;
    await stage.advance(5_000);
    expect(host.evidences).toEqual([{ receiptId, part: 1, evidence: 'answered' }]);
    expect(host.taken).toEqual([]);
    expect(stage.open).toEqual([]);
  });

  test('that asks for words opens the dialog, whose words answer that question', async () => {
    const { ann, discord, host } = await open();
    const channel = discord.channel();
    const message = await shown(channel, [customId({ kind: 'answer', marker, askId })]);
    const pressed = ann.press(message, 'B0');
    await stage.brought();
    const { kind, modal } = await pressed.answered;
    expect([kind, modal?.title]).toEqual(['modal', 'Your answer']);
    expect(host.taken).toEqual([]);
    if (modal === undefined) throw new Error('no dialog');
    const submitted = ann.submit(modal, { Answer: 'the blue one' });
    await stage.brought();
    expect((await submitted.answered).kind).toBe('deferred_update');
    expect(host.accepted).toMatchObject([
      {
        kind: 'press',
        button: askId,
        text: 'the blue one',
        person: { id: ann.id },
        channel: { conversation: channel.id },
      },
    ]);
    expect(message.shown).toBe('a question');
  });

  test('of nothing of ours is refused', async () => {
    const { ann, discord, host } = await open();
    const message = await shown(discord.channel(), ['someone-elses']);
    const pressed = ann.press(message, 'B0');
    await stage.brought();
    expect((await pressed.answered).message?.shown).toBe('You may not use this bot here.');
    expect(host.taken).toEqual([]);
  });
});

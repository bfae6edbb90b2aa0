import { afterEach, describe, expect, test } from 'vitest';
import { loadApi } from '../../../src/adapters/telegram/api.ts';
import { createTelegram } from '../../../src/adapters/telegram/index.ts';
import { createFakeRuntime } from '../../../src/testing/fake-runtime.ts';
import { startFakeTelegram } from '../../../src/testing/telegram/index.ts';
import { FakeHost } from '../webchat/fake-host.ts';
import { Stage, type StageOptions } from './stage.ts';

let stage: Stage | undefined;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  return stage;
}
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

const connections = async ({ harness }: Stage): Promise<string[]> =>
  (await harness.journal()).map(({ name }) => name).filter((name) => name.startsWith('adapter.'));

/** The adapter alone, with a relay that stores or does not. */
async function alone() {
  const runtime = createFakeRuntime();
  const telegram = await startFakeTelegram({ runtime });
  const host = new FakeHost(runtime);
  const { token, apiRoot, fetch } = telegram;
  const adapter = createTelegram({ token, apiRoot, fetch });
  const started = adapter.start(host);
  await runtime.settle();
  await started;
  const end = async (): Promise<void> => {
    await adapter.stop();
    await telegram.stop();
  };
  return { runtime, telegram, host, adapter, ann: telegram.person({ name: 'Ann' }), end };
}

describe('starting', () => {
  test('needs no network: it connects when there is one', async () => {
    const { telegram, ann, harness } = await open({ start: false });
    ann.say('said before');
    await telegram.down();
    await harness.start();
    await (stage as Stage).advance(5 * 60_000);
    expect((stage as Stage).calls).toEqual([]);
    await telegram.up();
    await (stage as Stage).advance(31_000);
    expect((stage as Stage).calls.map(({ task }) => task.text)).toEqual(['said before']);
    expect(await connections(stage as Stage)).toEqual([
      'adapter.disconnected',
      'adapter.connected',
    ]);
  });

  test('takes a webhook away, and keeps what waits', async () => {
    const { telegram, ann, harness } = await open({ start: false });
    const set = `${telegram.apiRoot}/bot${telegram.token}/setWebhook?url=http://127.0.0.1:1/x`;
    expect((await fetch(set)).status).toBe(200);
    ann.say('said before');
    await harness.start();
    await (stage as Stage).advance(1_000);
    expect(telegram.webhook).toBeUndefined();
    expect((stage as Stage).calls).toHaveLength(1);
  });

  test('without grammY says what to install', async () => {
    const options = {
      token: '1:x',
      apiRoot: 'http://127.0.0.1:1',
      fetch: globalThis.fetch,
      runtime: createFakeRuntime(),
      load: () => Promise.reject(new Error('Cannot find package')),
    };
    await expect(loadApi(options)).rejects.toMatchObject({
      code: 'grammy_missing',
      message: expect.stringContaining('npm install grammy@1'),
    });
  });

  test('is done once', async () => {
    const { adapter, host, end } = await alone();
    await expect(adapter.start(host)).rejects.toMatchObject({ code: 'started_twice' });
    await end();
  });
});

describe('updates', () => {
  test('F09 are confirmed after they are stored, and come again when they were not', async () => {
    const { runtime, telegram, host, ann, end } = await alone();
    host.failAccept = new Error('the store cannot write');
    ann.say('one');
    ann.say('two');
    await runtime.advance(20_000);
    expect(host.inbounds).toEqual([]);
    expect(telegram.pendingUpdates).toBe(2);
    host.failAccept = undefined;
    await runtime.advance(31_000);
    expect(host.inbounds.map((inbound) => 'text' in inbound && inbound.text)).toEqual([
      'one',
      'two',
    ]);
    expect(telegram.pendingUpdates).toBe(0);
    await end();
  });

  test('and a relay that takes nothing is not asked without end', async () => {
    const { runtime, telegram, host, ann, end } = await alone();
    host.failAccept = new Error('the store cannot write');
    ann.say('one');
    await runtime.advance(10 * 60_000);
    expect(telegram.callsOf('getUpdates').length).toBeLessThan(40);
    await end();
  });

  test('what nobody can read does not stop the others', async () => {
    const { runtime, telegram, host, ann, end } = await alone();
    telegram.push({ message: { message_id: 'x', chat: null, text: 5, from: {} } });
    telegram.push({ message: null });
    telegram.push({ callback_query: { id: '1', from: { id: 1 }, data: 'x', message: {} } });
    telegram.push({ message: { message_id: 1, media_group_id: 'g' } });
    telegram.push({ something_new: [] });
    ann.say('still there');
    await runtime.advance(2_000);
    expect(host.inbounds).toHaveLength(1);
    expect(telegram.pendingUpdates).toBe(0);
    await end();
  });

  test('what the relay calls invalid is left out, with a warning', async () => {
    stage = await open();
    const { telegram, ann } = stage;
    const from = { id: 5, is_bot: false, first_name: 'X' };
    const chat = { id: 5, type: 'private', first_name: 'X' };
    telegram.push({ message: { message_id: 1, date: 'x', from, chat, text: 'broken' } });
    ann.say('whole');
    await stage.advance(1_000);
    expect(stage.calls.map(({ task }) => task.text)).toEqual(['whole']);
    expect(stage.logs.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringContaining('an update was left out'),
    ]);
    expect(stage.logs.join('\n')).not.toContain('broken');
  });

  test('F09 a crash before the confirmation changes nothing twice', async () => {
    stage = await open();
    const { harness, telegram, ann } = stage;
    telegram.fault('getUpdates', { kind: 'hang' }, { times: 1 });
    ann.say('first');
    await stage.advance(1_000);
    const [one] = stage.calls;
    expect(one?.task.text).toBe('first');
    expect(telegram.pendingUpdates).toBe(1);
    await harness.crash();
    await stage.advance(30_000);
    expect(telegram.pendingUpdates).toBe(0);
    expect(stage.calls).toHaveLength(1);
    expect(ann.chat.texts.filter((text) => text.includes('Interrupted'))).toHaveLength(1);
  });

  test('one that was confirmed and comes again starts nothing', async () => {
    stage = await open();
    const { telegram, ann } = stage;
    ann.say('first');
    await stage.advance(1_000);
    const update = telegram
      .callsOf('getUpdates')
      .flatMap(({ answer }) => (answer?.ok ? (answer.result as { update_id: number }[]) : []))
      .at(-1);
    expect(telegram.redeliver(update?.update_id ?? 0)).toBe(true);
    await stage.advance(30_000);
    expect(telegram.pendingUpdates).toBe(0);
    expect(stage.calls).toHaveLength(1);
  });

  test('an album that is not whole at the end of an answer is waited for, once', async () => {
    const { runtime, telegram, host, end } = await alone();
    const from = { id: 5, is_bot: false, first_name: 'X' };
    const chat = { id: 5, type: 'private', first_name: 'X' };
    const photo = [{ file_id: 'p', file_unique_id: 'p', width: 1, height: 1 }];
    const member = (message_id: number, media_group_id: string) =>
      telegram.push({ message: { message_id, date: 1, from, chat, photo, media_group_id } });
    member(1, 'a');
    await runtime.advance(400);
    member(2, 'a');
    await runtime.advance(200);
    expect(host.inbounds).toMatchObject([{ id: '1', files: [{}, {}] }]);
    member(3, 'b');
    await runtime.advance(2_000);
    expect(host.inbounds.at(-1)).toMatchObject({ id: '3', files: [{}] });
    expect(telegram.pendingUpdates).toBe(0);
    await end();
  });
});

describe('trouble', () => {
  test('a second poller is an incident with a remedy, and over when it is gone', async () => {
    stage = await open();
    const { telegram, ann } = stage;
    const description =
      'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running';
    telegram.fault('getUpdates', { kind: 'status', code: 409, description }, { times: 4 });
    await stage.advance(60_000);
    expect(await stage.incidents()).toEqual([expect.stringMatching(/another program asks for/)]);
    ann.say('hello');
    await stage.advance(3 * 60_000);
    expect(stage.calls).toHaveLength(1);
    expect(await stage.incidents()).toEqual([]);
  });

  test('F18 a token that is revoked is an incident; what waits is sent when it holds again', async () => {
    stage = await open();
    const { telegram, ann } = stage;
    const call = await stage.begin();
    telegram.revokeToken();
    call.finish('the answer');
    await stage.advance(10 * 60_000);
    expect(await stage.incidents()).toEqual([expect.stringMatching(/check the token/)]);
    expect(ann.chat.texts).not.toContain('the answer');
    const tries = telegram.callsOf('editMessageText').length;
    expect(tries).toBeLessThan(4);
    telegram.restoreToken();
    await stage.advance(2 * 60_000);
    expect(ann.chat.texts[0]).toBe('the answer');
    expect(await stage.incidents()).toEqual([]);
  });

  test('a single refused send does not hold the bot for ever', async () => {
    stage = await open();
    const { telegram, ann } = stage;
    const refused = { kind: 'status', code: 401, description: 'Unauthorized' } as const;
    telegram.fault('sendMessage', refused);
    await stage.begin();
    await stage.advance(60_000);
    expect(ann.chat.texts.length).toBeGreaterThan(0);
    expect(await stage.incidents()).toEqual([]);
  });

  test('F05 the network is gone for an hour', async () => {
    stage = await open();
    const { telegram, ann } = stage;
    const call = await stage.begin();
    await telegram.down();
    call.finish('the answer');
    await stage.advance(60 * 60_000);
    await telegram.up();
    ann.say('and you?');
    await stage.advance(90_000);
    expect(ann.chat.texts[0]).toContain('the answer');
    expect(stage.calls).toHaveLength(2);
    const asked = (await connections(stage)).filter((name) => name === 'adapter.disconnected');
    expect(asked).toHaveLength(1);
  });

  test.each(['html', 'wrong_json', 'server_error', 'reset'] as const)(
    'an answer to a poll that is none (%s) is waited out',
    async (kind) => {
      stage = await open();
      const { telegram, ann } = stage;
      telegram.fault('getUpdates', { kind }, { times: 5 });
      await stage.advance(26_000);
      ann.say('hello');
      await stage.advance(90_000);
      expect(stage.calls).toHaveLength(1);
    },
  );

  test('a limit on polls is waited out', async () => {
    stage = await open();
    const { telegram, ann } = stage;
    telegram.fault('getUpdates', { kind: 'rate_limited', retryAfterS: 40 });
    await stage.advance(25_000);
    ann.say('hello');
    const before = telegram.callsOf('getUpdates').length;
    await stage.advance(39_000);
    expect(telegram.callsOf('getUpdates').length - before).toBeLessThanOrEqual(1);
    await stage.advance(30_000);
    expect(stage.calls).toHaveLength(1);
    expect(await stage.incidents()).toEqual([]);
  });

  test('a poll that hangs is given up', async () => {
    stage = await open();
    const { telegram, ann } = stage;
    telegram.fault('getUpdates', { kind: 'hang' });
    await stage.advance(25_000);
    ann.say('hello');
    await stage.advance(45_000);
    expect(stage.calls).toHaveLength(1);
  });

  test('F18 who blocks the bot in the middle is believed after an hour', async () => {
    stage = await open();
    const { ann, harness } = stage;
    const call = await stage.begin();
    ann.block();
    call.finish('the answer');
    await stage.advance(50 * 60_000);
    expect(await stage.incidents()).toEqual([]);
    await stage.advance(20 * 60_000);
    const { rows } = await harness.relay.receipts.list({ state: 'dead' });
    expect(rows).toMatchObject([{ kind: 'terminal' }]);
    expect(stage.logs.some((line) => line.includes('a person blocked the bot'))).toBe(true);
  });

  test('who unblocks it within the hour gets the answer', async () => {
    stage = await open();
    const { ann } = stage;
    const call = await stage.begin();
    ann.block();
    call.finish('the answer');
    await stage.advance(30 * 60_000);
    ann.unblock();
    await stage.advance(31 * 60_000);
    expect(ann.chat.texts[0]).toBe('the answer');
  });

  test('no log and no row has the token', async () => {
    stage = await open();
    const { telegram, harness } = stage;
    await stage.begin();
    for (const kind of ['html', 'reset', 'refused', 'server_error'] as const) {
      telegram.fault('*', { kind }, { times: 3 });
      telegram.fault('getUpdates', { kind });
      await stage.advance(40_000);
    }
    const told = JSON.stringify([stage.logs, await harness.journal(), await harness.receipts()]);
    const secret = telegram.token.split(':')[1] ?? '';
    expect(told).not.toContain(secret);
    expect(told).toContain('receipt.');
  });
});

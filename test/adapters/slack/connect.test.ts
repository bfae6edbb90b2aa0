import { afterEach, describe, expect, test } from 'vitest';
import { loadBolt } from '../../../src/adapters/slack/api.ts';
import { fromEnv } from '../../../src/adapters/slack/env.ts';
import { createSlack } from '../../../src/adapters/slack/index.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { startFakeSlack } from '../../../src/testing/slack/index.ts';
import { FakeHost } from '../webchat/fake-host.ts';
import { Stage, type StageOptions } from './stage.ts';

describe('a start', () => {
  let stage: Stage;
  afterEach(async () => {
    await stage.close();
  });
  async function open(options: StageOptions = {}): Promise<Stage> {
    stage = await Stage.open(options);
    return stage;
  }

  test('needs no Slack: it asks on, and takes what comes later', async () => {
    await open({ start: false });
    const fault = stage.slack.fault('auth.test', { kind: 'refused' }, { times: 5 });
    await stage.start();
    await stage.advance(60_000);
    expect(fault.hits).toBe(5);
    await stage.say('hello');
    expect(stage.calls).toHaveLength(1);
    expect(await stage.incidents()).toEqual([]);
  });

  test('a token that Slack does not know is an incident with what to do, until it knows it', async () => {
    await open({ start: false });
    stage.slack.revokeToken();
    await stage.start();
    expect(await stage.incidents()).toEqual([expect.stringMatching(/invalid_auth|token_revoked/)]);
    expect((await stage.incidents())[0]).toContain('"OAuth & Permissions"');
    stage.slack.restoreToken();
    await stage.advance(61_000);
    expect(await stage.incidents()).toEqual([]);
  });

  test('a token that is revoked meanwhile is probed, and ends by itself', async () => {
    await open();
    stage.slack.push({ type: 'tokens_revoked', tokens: { bot: [stage.slack.botUserId] } });
    stage.slack.revokeToken();
    await stage.brought();
    await stage.advance(1_000);
    expect(await stage.incidents()).toHaveLength(1);
    const asked = stage.slack.callsOf('auth.test').length;
    await stage.advance(121_000);
    expect(stage.slack.callsOf('auth.test').length - asked).toBe(2);
    stage.slack.restoreToken();
    await stage.advance(61_000);
    expect(await stage.incidents()).toEqual([]);
  });

  test('what sends are refused for, and auth.test is not, is told, and is not asked for every second', async () => {
    await open();
    const error = 'org_login_required';
    stage.slack.fault('chat.postMessage', { kind: 'error', error }, { times: 1_000 });
    await stage.begin();
    await stage.advance(10 * 60_000);
    expect(stage.slack.callsOf('chat.postMessage').length).toBeLessThan(8);
    expect(stage.slack.callsOf('auth.test').length).toBeLessThan(20);
    expect(await stage.incidents()).toEqual([expect.stringContaining(error)]);
  });

  test('app_rate_limited is an incident for ten minutes', async () => {
    await open();
    stage.slack.rateLimitEvents();
    await stage.brought();
    expect(await stage.incidents()).toEqual([expect.stringContaining('app_rate_limited')]);
    await stage.advance(10 * 60_000 + 1_000);
    expect(await stage.incidents()).toEqual([]);
  });

  test('when Slack sends no events any more, it is an incident until one comes', async () => {
    await open();
    await stage.say('one');
    stage.work.finish('done');
    await stage.advance(5_000);
    stage.slack.useSocketMode();
    const { id: conversation } = stage.ann.dm;
    for (let n = 0; n < 6; n += 1) {
      const [account = ''] = stage.adapter.accounts;
      const channel = { adapter: 'slack', account, conversation };
      await stage.harness.settle(
        stage.harness.relay.notify({ channel, text: `note ${n}`, key: `note ${n}` }),
      );
      await stage.advance(3 * 60_000);
    }
    expect(await stage.incidents()).toEqual([expect.stringContaining('"Event Subscriptions"')]);
  });

  test('no token and no secret is in a log line, whatever fails', async () => {
    await open();
    const { botToken, appToken, signingSecret } = stage.slack;
    for (const kind of ['reset', 'html', 'wrong_json', 'server_error', 'hang'] as const)
      stage.slack.fault('*', { kind });
    await stage.begin('one');
    stage.slack.fault('auth.test', { kind: 'error', error: 'invalid_auth' });
    stage.slack.push({ type: 'tokens_revoked', tokens: { bot: [stage.slack.botUserId] } });
    await stage.advance(120_000);
    const logs = [...stage.logs, ...(await stage.incidents())].join('\n');
    expect(logs).toMatch(/./);
    for (const secret of [botToken, appToken, signingSecret]) expect(logs).not.toContain(secret);
    expect(logs).not.toContain('Bearer');
  });
});

describe('over a socket', () => {
  test('no token is in a log line or a cause, whatever fails', async () => {
    const runtime = createFakeRuntime();
    const slack = await startFakeSlack({ runtime });
    const { botToken: token, appToken, apiUrl, fetch } = slack;
    slack.fault('apps.connections.open', { kind: 'reset' });
    slack.fault('apps.connections.open', { kind: 'error', error: 'invalid_auth' });
    const adapter = createSlack({ token, appToken, apiUrl, fetch });
    const causes: string[] = [];
    class Told extends FakeHost {
      override connection(_: string, state: string, cause?: string): void {
        causes.push(`${state} ${cause}`);
      }
    }
    const host = new Told(runtime);
    const starting = adapter.start(host);
    await runtime.advance(10_000);
    await starting;
    await adapter.stop();
    await slack.stop();
    expect(causes.join('\n')).toContain('invalid_auth');
    const told = JSON.stringify([host.logs, causes]);
    for (const secret of [token, appToken]) expect(told).not.toContain(secret);
  });
});

describe('without Bolt', () => {
  test('a start says what to install', async () => {
    const failing = loadBolt(() => Promise.reject(new Error('Cannot find package')));
    await expect(failing).rejects.toMatchObject({
      code: 'bolt_missing',
      message: expect.stringContaining('npm install @slack/bolt@5'),
    });
  });

  test('started twice is a mistake; stopped before it started does nothing', async () => {
    const slack = await startFakeSlack();
    const { botToken: token, signingSecret, apiUrl } = slack;
    const adapter = createSlack({ token, signingSecret, apiUrl });
    const host = new FakeHost(createFakeRuntime());
    await adapter.stop();
    await adapter.start(host);
    expect(slack.calls).toEqual([]);
    await expect(adapter.start(host)).rejects.toMatchObject({ code: 'started_twice' });
    await slack.stop();
  });
});

describe('from the environment', () => {
  const token = ['xoxb', '100200300400', '500600700800', 'fake'].join('-');
  const appToken = 'xapp-1-A012AB3CD-1-fake';
  const signingSecret = '0123456789abcdef0123456789abcdef';

  test('a bot token turns it on, with the way that events come in', () => {
    expect(fromEnv({})).toBeUndefined();
    const socket = fromEnv({ SLACK_BOT_TOKEN: token, SLACK_APP_TOKEN: appToken });
    expect([socket?.accounts, socket?.fetch]).toEqual([['100200300400'], undefined]);
    const http = fromEnv({ SLACK_BOT_TOKEN: token, SLACK_SIGNING_SECRET: signingSecret });
    expect(http?.fetch).toBeTypeOf('function');
    expect(() => fromEnv({ SLACK_BOT_TOKEN: token })).toThrow(
      /SLACK_APP_TOKEN.*SLACK_SIGNING_SECRET/,
    );
  });
});

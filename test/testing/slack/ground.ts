import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { App, HTTPReceiver, LogLevel, SocketModeReceiver, webApi } from '@slack/bolt';
import { onTestFinished } from 'vitest';
import {
  type FakeSlack,
  type FakeSlackOptions,
  startFakeSlack,
} from '../../../src/testing/slack/index.ts';

/** A server that ends with the test. Limits are off where a test is not about them. */
export async function server(options: FakeSlackOptions = {}): Promise<FakeSlack> {
  const slack = await startFakeSlack({ limits: false, ...options });
  onTestFinished(() => slack.stop());
  return slack;
}

const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

export function clientOptions(slack: FakeSlack): webApi.WebClientOptions {
  return {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 5_000,
    logger: quiet,
  };
}

/** The real client, as a bot that owns its retries sets it up. */
export function client(slack: FakeSlack, token = slack.botToken): webApi.WebClient {
  return new webApi.WebClient(token, clientOptions(slack));
}

/** Bolt over Socket Mode, with quick reconnects. */
export async function socketApp(
  slack: FakeSlack,
  prepare: (app: App) => void = () => undefined,
): Promise<App> {
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger: quiet,
    clientPingTimeout: 200,
    installerOptions: {
      clientOptions: {
        slackApiUrl: slack.apiUrl,
        retryConfig: { retries: 20, minTimeout: 20, maxTimeout: 100 },
      },
    },
  });
  const app = new App({
    token: slack.botToken,
    receiver,
    clientOptions: clientOptions(slack),
    logger: quiet,
  });
  prepare(app);
  await app.start();
  onTestFinished(async () => {
    // a client that is between two connections never says that it stopped
    await Promise.race([app.stop(), slack.stop()]);
  });
  await slack.sockets.connected();
  return app;
}

/** Bolt behind its own HTTP server; the fake posts there. */
export async function httpApp(
  slack: FakeSlack,
  prepare: (app: App) => void = () => undefined,
): Promise<App> {
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, logger: quiet });
  const app = new App({
    token: slack.botToken,
    receiver,
    clientOptions: clientOptions(slack),
    logger: quiet,
  });
  prepare(app);
  const web = await app.start({ port: 0, host: '127.0.0.1' });
  onTestFinished(async () => {
    await app.stop();
  });
  await slack.setRequestUrl(`http://127.0.0.1:${portOf(web)}/slack/events`);
  return app;
}

/** An HTTP server that ends with the test; returns its address. */
export async function webServer(listener: RequestListener): Promise<string> {
  const web = createServer(listener);
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  onTestFinished(() => {
    web.closeAllConnections();
    web.close();
  });
  return `http://127.0.0.1:${portOf(web)}/`;
}

function portOf(web: unknown): number {
  return ((web as { address(): AddressInfo }).address() as AddressInfo).port;
}

export async function failure(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('the call did not fail');
}

/** What Slack said no with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await failure(call);
  if (error['code'] !== 'slack_webapi_platform_error') throw error;
  return (error['data'] as { error: string }).error;
}

/** The code of the socket, or the name of the error, for a request that got no answer. */
export async function breakage(call: Promise<unknown>): Promise<string> {
  const error = await failure(call);
  if (error['code'] !== 'slack_webapi_request_error') throw error;
  const original = error['original'] as Error & { cause?: { code?: string } };
  return original.cause?.code ?? original.name;
}

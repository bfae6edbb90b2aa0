import { REST, type RESTOptions } from 'discord.js';
import { onTestFinished } from 'vitest';
import {
  type FakeDiscord,
  type FakeDiscordOptions,
  startFakeDiscord,
} from '../../../src/testing/discord/index.ts';

export type Json = Record<string, unknown>;

/** A server that ends with the test. Limits are off where a test is not about them. */
export async function server(options: FakeDiscordOptions = {}): Promise<FakeDiscord> {
  const discord = await startFakeDiscord({ limits: false, ...options });
  onTestFinished(() => discord.stop());
  return discord;
}

/**
 * As a bot sets its client up that owns its retries. It asks through Node's `fetch`: discord.js asks through undici 6 and
 * the dispatcher of the process, and that is undici 7's once a test in the same process loaded Bolt 5; it does not know
 * undici 6's forms ("action is not a function").
 */
export function restOptions(discord: FakeDiscord): Partial<RESTOptions> {
  return {
    api: discord.apiUrl,
    cdn: discord.cdnUrl,
    version: '10',
    retries: 0,
    timeout: 5_000,
    rejectOnRateLimit: () => true,
    hashSweepInterval: 0,
    handlerSweepInterval: 0,
    makeRequest: fetch as unknown as RESTOptions['makeRequest'],
  };
}

/** The real client. */
export function client(discord: FakeDiscord, options: Partial<RESTOptions> = {}): REST {
  return new REST({ ...restOptions(discord), ...options }).setToken(discord.token);
}

/** The real client over `discord.fetch`, for virtual time. */
export function heldClient(discord: FakeDiscord): REST {
  const makeRequest = discord.fetch as unknown as RESTOptions['makeRequest'];
  return client(discord, { makeRequest, timeout: 2_147_483_647 });
}

export async function failure(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new Error('the call did not fail');
}

/** The status and the code that Discord refused with. */
export async function refusal(call: Promise<unknown>): Promise<[status: unknown, code: unknown]> {
  const error = await failure(call);
  if (!error.name.startsWith('DiscordAPIError')) throw error;
  return [error['status'], error['code']];
}

/** The code of the socket for a request that got no answer. */
export async function breakage(call: Promise<unknown>): Promise<unknown> {
  const error = await failure(call);
  return (error.cause as { code?: string } | undefined)?.code ?? error['code'];
}

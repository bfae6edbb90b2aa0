import { Api, GrammyError, HttpError } from 'grammy';
import type { Update } from 'grammy/types';
import { onTestFinished } from 'vitest';
import {
  type FakeTelegram,
  type FakeTelegramOptions,
  startFakeTelegram,
} from '../../../src/testing/telegram/index.ts';

/** A server that ends with the test. Limits are off where a test is not about them. */
export async function server(options: FakeTelegramOptions = {}): Promise<FakeTelegram> {
  const telegram = await startFakeTelegram({ limits: false, ...options });
  onTestFinished(() => telegram.stop());
  return telegram;
}

/** The real client, over its own HTTP library. */
export function client(telegram: FakeTelegram, token = telegram.token): Api {
  return new Api(token, { apiRoot: telegram.apiRoot, timeoutSeconds: 5 });
}

/** What Telegram said no with: code and description. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await failure(call);
  if (!(error instanceof GrammyError)) throw error;
  return `${error.error_code} ${error.description}`;
}

/** The code of the socket or of the library, for a request that got no answer. */
export async function breakage(call: Promise<unknown>): Promise<string> {
  const error = await failure(call);
  if (!(error instanceof HttpError)) throw error;
  const inner = error.error as { code?: string; type?: string; message: string };
  return inner.code ?? inner.type ?? inner.message;
}

export async function failure(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('the call did not fail');
}

/** Fetches and confirms all that is queued. */
export async function updates(api: Api): Promise<Update[]> {
  const found = await api.getUpdates();
  const last = found.at(-1);
  if (last !== undefined) await api.getUpdates({ offset: last.update_id + 1, timeout: 0 });
  return found;
}

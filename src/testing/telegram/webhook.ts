import type { Holds } from '../hold.ts';
import { seconds } from './api-json.ts';
import { list, words } from './parameters.ts';
import { badRequest } from './refusal.ts';
import type { Payload } from './request-body.ts';
import type { World } from './state.ts';
import type { QueuedUpdate } from './update-queue.ts';

/** Telegram waits longer and longer between two tries; it does not say how long. These are ours. */
const retryBaseMs = 1_000;
const retryMaxMs = 60_000;
const answerMs = 60_000;
/** A handler that has not answered after that long on the real clock waits for virtual time: it is let go. */
const holdMs = 2_000;
const localHosts = new Set(['127.0.0.1', 'localhost', '[::1]']);

interface Target {
  readonly url: string;
  readonly secret: string;
  readonly over: AbortController;
  lastError?: { readonly atMs: number; readonly message: string };
}

export interface WebhookOptions {
  readonly world: World;
  readonly holds: Holds;
  readonly send: ((request: Request) => Promise<Response>) | undefined;
  /** Does what the answer of a webhook asks for. */
  readonly call: (method: string, payload: Payload) => Promise<unknown>;
}

/** Brings the updates to the bot's address, one after the other, each until it is answered 2xx. */
export class Webhook {
  readonly #options: WebhookOptions;
  #target: Target | undefined;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  get isSet(): boolean {
    return this.#target !== undefined;
  }

  get shown(): { readonly url: string; readonly lastError?: string } | undefined {
    if (this.#target === undefined) return undefined;
    const { url, lastError } = this.#target;
    return lastError === undefined ? { url } : { url, lastError: lastError.message };
  }

  set(payload: Payload): true {
    const { world } = this.#options;
    const url = words(payload, 'url');
    if (url === '') return this.remove(payload);
    checkUrl(url);
    const secret = words(payload, 'secret_token');
    if (!/^[A-Za-z0-9_-]{0,256}$/.test(secret))
      throw badRequest('secret token contains unallowed characters');
    this.remove(payload);
    world.updates.allow(list(payload, 'allowed_updates')?.map(String));
    const target: Target = { url, secret, over: new AbortController() };
    this.#target = target;
    void this.#run(target);
    return true;
  }

  remove(payload: Payload): true {
    this.#target?.over.abort();
    this.#target = undefined;
    if (payload['drop_pending_updates'] === true) this.#options.world.updates.dropAll();
    return true;
  }

  info(): Payload {
    const { updates } = this.#options.world;
    const target = this.#target;
    const error = target?.lastError;
    return {
      url: target?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: updates.length,
      ...(target === undefined ? {} : { max_connections: 40, ip_address: '127.0.0.1' }),
      ...(error && { last_error_date: seconds(error.atMs), last_error_message: error.message }),
      ...(updates.allowed === undefined ? {} : { allowed_updates: updates.allowed }),
    };
  }

  async #run(target: Target): Promise<void> {
    const { world } = this.#options;
    const signal = AbortSignal.any([target.over.signal, world.over.signal]);
    let tries = 0;
    while (!signal.aborted) {
      const update = world.updates.first();
      if (update === undefined) {
        await world.updates.wait(signal);
        continue;
      }
      const wrong = await this.#deliver(target, update, signal);
      if (signal.aborted) return;
      if (wrong === undefined) {
        tries = 0;
        world.updates.confirm(update);
        continue;
      }
      target.lastError = { atMs: world.nowMs(), message: wrong };
      await world.runtime.sleep(Math.min(retryBaseMs * 2 ** tries, retryMaxMs), signal);
      tries = Math.min(tries + 1, 10);
    }
  }

  /** What was wrong with the answer, if anything. */
  async #deliver(
    target: Target,
    update: QueuedUpdate,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { holds, world } = this.#options;
    const over = new AbortController();
    const late = world.runtime
      .sleep(answerMs, AbortSignal.any([over.signal, signal]))
      .then(() => undefined);
    try {
      const response = await holds.briefly(
        holdMs,
        Promise.race([this.#post(target, update), late]),
      );
      if (response === undefined) return 'Read timeout expired';
      if (!response.ok)
        return `Wrong response from the webhook: ${response.status} ${response.statusText}`.trim();
      await this.#obey(response);
      return undefined;
    } catch (error) {
      return error instanceof Error && error.message !== '' ? error.message : 'Connection failed';
    } finally {
      over.abort();
    }
  }

  async #post(target: Target, update: QueuedUpdate): Promise<Response> {
    const { send } = this.#options;
    const { url, secret, over } = target;
    if (send === undefined && !localHosts.has(new URL(url).hostname))
      throw new Error('Connection refused: without webhookFetch only this machine is reached');
    const request = new Request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret === '' ? {} : { 'x-telegram-bot-api-secret-token': secret }),
      },
      body: JSON.stringify(update.body),
      signal: AbortSignal.any([over.signal, this.#options.world.over.signal]),
    });
    return await (send ?? fetch)(request);
  }

  /** A webhook may answer with a method to be called; nobody is told what came of it. */
  async #obey(response: Response): Promise<void> {
    const text = await response.text();
    if (!text.startsWith('{')) return;
    try {
      const { method, ...payload } = JSON.parse(text) as Record<string, unknown>;
      if (typeof method === 'string') await this.#options.call(method, payload);
    } catch {
      // as on Telegram: what a webhook answers is read if it can be, and its outcome is not told
    }
  }
}

function checkUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) throw badRequest('bad webhook: Invalid URL host');
  if (parsed.protocol === 'https:') return;
  if (parsed.protocol !== 'http:' || !localHosts.has(parsed.hostname))
    throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
}

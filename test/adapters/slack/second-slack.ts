import { createHmac } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createEmulator, type Emulator } from 'emulate';
import { exampleManifest } from './manifest-schema.ts';

/** A message as `conversations.replies` lists it. */
export interface Listed {
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly thread_ts?: string;
  readonly edited?: unknown;
  readonly blocks?: readonly { readonly type: string; readonly elements?: readonly Element[] }[];
  readonly metadata?: { readonly event_type: string };
  readonly files?: readonly { readonly id: string; readonly name: string }[];
}
interface Element {
  readonly action_id?: string;
  readonly value?: string;
  readonly text?: { readonly text: string };
}

type Json = Record<string, unknown>;

const botUserId = 'U0RELEASE';
const botToken = ['xoxb', '100200300400', '500600700800', 'SecondAuthor'].join('-');
const annToken = 'xoxp-ann';
export const signingSecret = '0123456789abcdef0123456789abcdef';

/**
 * The Slack of `emulate`, with one channel, one person and an app that has the rights of the example's manifest. What
 * it does not do is done here, by Slack's documentation: it tells no app of events and interactions, so those are
 * signed and brought by `bring`.
 */
export class SecondSlack {
  readonly token = botToken;
  readonly apiUrl: string;
  readonly channel: string;
  readonly annId: string;
  readonly #emulator: Emulator;
  readonly #teamId: string;
  readonly #ended = new EventEmitter();
  readonly #lost = new Set<string>();
  #made = 0;
  /** What the app called and was answered, in order. */
  readonly calls: { readonly method: string; readonly answer: Json }[] = [];

  private constructor(parts: {
    emulator: Emulator;
    channel: string;
    annId: string;
    teamId: string;
  }) {
    this.#emulator = parts.emulator;
    this.apiUrl = `${parts.emulator.url}/api/`;
    this.channel = parts.channel;
    this.annId = parts.annId;
    this.#teamId = parts.teamId;
  }

  static async open(): Promise<SecondSlack> {
    const { bot: scopes } = exampleManifest().oauth_config.scopes;
    const app = { app_id: 'A0RELEASE', bot_id: 'B0RELEASE', bot_user_id: botUserId };
    const oauthApp = {
      ...app,
      client_id: '1.2',
      client_secret: 'not used',
      name: 'Release Desk',
      bot_name: 'release-desk',
      redirect_uris: [],
      scopes,
    };
    const emulator = await createEmulator({
      service: 'slack',
      port: 0,
      seed: {
        slack: {
          strict_scopes: true,
          users: [{ name: 'ann', real_name: 'Ann' }],
          channels: [{ name: 'releases' }],
          oauth_apps: [oauthApp],
          tokens: [
            { ...app, token: botToken, type: 'bot', user_id: botUserId, scopes },
            { token: annToken, type: 'user', user: 'ann' },
          ],
        },
      },
    });
    const api = `${emulator.url}/api/`;
    const { user_id: annId, team_id: teamId } = await post(`${api}auth.test`, annToken, {});
    const { channels } = await post(`${api}conversations.list`, annToken, {});
    const named = (channels as Json[]).find(({ name }) => name === 'releases');
    return new SecondSlack({
      emulator,
      channel: String(named?.['id']),
      annId: String(annId),
      teamId: String(teamId),
    });
  }

  /** What the adapter calls with; loses the answers that `lose` names after the server gave them. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const method = /\/api\/([\w.]+)/.exec(url)?.[1] ?? 'upload';
    const response = await fetch(input, init);
    this.calls.push({ method, answer: await answerOf(response.clone()) });
    setImmediate(() => this.#ended.emit('call'));
    if (!this.#lost.delete(method)) return response;
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    throw new TypeError('fetch failed', { cause });
  };

  /** The answer of the next call of that method is lost. */
  lose(method: string): void {
    this.#lost.add(method);
  }

  /** Ann writes in the channel, or in a thread of it, and says who is meant. */
  async say(
    text: string,
    { thread, ...more }: { thread?: string; files?: Json[] } = {},
  ): Promise<{
    readonly ts: string;
    readonly event: Json;
  }> {
    const words = `<@${botUserId}> ${text}`;
    const place = thread === undefined ? {} : { thread_ts: thread };
    const said = { channel: this.channel, text: words, ...place };
    const { ts } = await this.#ask('chat.postMessage', said);
    const event = { type: 'app_mention', user: this.annId, ...said, ts, event_ts: ts, ...more };
    return { ts: String(ts), event };
  }

  /** An event as a signed request. */
  eventRequest(event: Json): Request {
    this.#made += 1;
    const body = {
      type: 'event_callback',
      team_id: this.#teamId,
      api_app_id: 'A0RELEASE',
      event_id: `Ev${this.#made}`,
      event_time: Math.floor(Date.now() / 1_000),
      event,
    };
    return signed(JSON.stringify(body), 'application/json');
  }

  /** A press of the button with that label. */
  async pressRequest(message: Listed, label: string): Promise<Request> {
    const blocks = message.blocks as (Json & { elements?: Element[] })[] | undefined;
    const block = blocks?.find(({ elements }) =>
      elements?.some(({ text }) => text?.text === label),
    );
    const element = block?.elements?.find(({ text }) => text?.text === label);
    if (element === undefined) throw new Error(`no button "${label}"`);
    const { trigger_id } = await this.#ask('views.generateTriggerId', {});
    this.#made += 1;
    return this.#interaction({
      type: 'block_actions',
      user: { id: this.annId, username: 'ann' },
      trigger_id,
      container: { type: 'message', message_ts: message.ts, channel_id: this.channel },
      channel: { id: this.channel },
      message,
      actions: [
        { ...element, type: 'button', block_id: block?.['block_id'], action_ts: `${this.#made}.0` },
      ],
    });
  }

  #interaction(payload: Json): Request {
    const body = new URLSearchParams({
      payload: JSON.stringify({ team: { id: this.#teamId }, api_app_id: 'A0RELEASE', ...payload }),
    });
    return signed(body.toString(), 'application/x-www-form-urlencoded');
  }

  /** What stands in a thread, its first message included. */
  async thread(ts: string): Promise<readonly Listed[]> {
    const { messages } = await this.#ask('conversations.replies', { channel: this.channel, ts });
    return messages as Listed[];
  }

  /** The app's messages there. */
  async replies(ts: string): Promise<readonly Listed[]> {
    return (await this.thread(ts)).filter(({ user }) => user === botUserId);
  }

  /** The first of them for which `fits` holds, now or after the app's next calls. */
  async reply(ts: string, fits: (message: Listed) => boolean): Promise<Listed> {
    for (;;) {
      const next = once(this.#ended, 'call');
      const found = (await this.replies(ts)).find(fits);
      if (found !== undefined) return found;
      await next;
    }
  }

  /** What a call of that method was answered, now or when it comes. */
  async called(method: string): Promise<Json> {
    for (;;) {
      const next = once(this.#ended, 'call');
      const found = this.calls.find((call) => call.method === method);
      if (found !== undefined) return found.answer;
      await next;
    }
  }

  /** Ann uploads a file into the channel; it is answered as an event names it. */
  async upload(name: string, text: string): Promise<Json> {
    const length = Buffer.byteLength(text);
    const { upload_url: url, file_id: id } = await this.#ask('files.getUploadURLExternal', {
      filename: name,
      length,
    });
    await fetch(String(url), { method: 'POST', body: text });
    const { files } = await this.#ask('files.completeUploadExternal', {
      files: [{ id }],
      channel_id: this.channel,
    });
    return (files as Json[])[0] ?? {};
  }

  /** The text of a file, as Ann sees it. */
  async download(id: string): Promise<string> {
    const { file } = await this.#ask('files.info', { file: id });
    const url = String((file as Json)['url_private']);
    const response = await fetch(url, { headers: { authorization: `Bearer ${annToken}` } });
    return await response.text();
  }

  #ask(method: string, body: Json): Promise<Json> {
    return post(`${this.apiUrl}${method}`, annToken, body);
  }

  async stop(): Promise<void> {
    await this.#emulator.close();
  }
}

/** JSON, or nothing: files have none. */
async function answerOf(response: Response): Promise<Json> {
  const text = await response.text();
  return text.startsWith('{') ? (JSON.parse(text) as Json) : {};
}

async function post(url: string, token: string, body: Json): Promise<Json> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = (await response.json()) as Json;
  if (answer['ok'] !== true) throw new Error(`${url}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Signed as https://docs.slack.dev/authentication/verifying-requests-from-slack says, by the real clock. */
function signed(body: string, type: string): Request {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const hmac = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`);
  return new Request('http://bot.example/events', {
    method: 'POST',
    headers: {
      'content-type': type,
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${hmac.digest('hex')}`,
    },
    body,
  });
}

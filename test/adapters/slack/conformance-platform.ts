// Before it is needed: the adapter loads it when it starts, and virtual time does not wait for files.
import '@slack/bolt';
import { createSlack } from '../../../src/adapters/slack/index.ts';
import type { Adapter } from '../../../src/contracts/adapter.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import type {
  FaultKind,
  PlatformUnderTest,
  Said,
  SeenMessage,
} from '../../../src/testing/adapter-conformance.ts';
import type { FakeRuntime } from '../../../src/testing/index.ts';
import {
  type FakeSlack,
  type SlackCall,
  type SlackFault,
  type SlackMessage,
  type SlackPerson,
  type SlackThread,
  startFakeSlack,
} from '../../../src/testing/slack/index.ts';
import { Doorstep, type Mode } from './conformance-door.ts';

export interface SlackSubject {
  readonly mode: Mode;
  /** Where people talk with the bot: in the assistant's threads of their direct messages, or in threads of channels. */
  readonly place: 'assistant' | 'channel';
}

const retryAfterMs = 3_000;
const shows = ['chat.postMessage', 'chat.update', 'files.completeUploadExternal'];

const error = (name: string): SlackFault => ({ kind: 'error', error: name });

const faults: Readonly<Record<FaultKind, SlackFault>> = {
  refused: { kind: 'refused' },
  reset_before: { kind: 'reset' },
  applied_then_reset: { kind: 'applied_then_reset' },
  hang: { kind: 'hang' },
  server_error: { kind: 'server_error', code: 502 },
  rate_limited: { kind: 'rate_limited', retryAfterS: retryAfterMs / 1_000 },
  unauthorized: error('token_revoked'),
  blocked: error('messages_tab_disabled'),
  gone: error('channel_not_found'),
  invalid: error('invalid_blocks'),
};

interface Place {
  readonly person: SlackPerson;
  readonly thread: SlackThread;
}

/** Slack with its threads, as the kit drives it: the real Bolt over real sockets, with Slack's limits. */
export class SlackPlatform implements PlatformUnderTest {
  readonly secrets: readonly string[];
  readonly #slack: FakeSlack;
  readonly #door: Doorstep;
  readonly #subject: SlackSubject;
  readonly #places = new Map<string, Place>();
  /** By the number of what was said, done or pressed: its events. */
  readonly #said = new Map<string, readonly string[]>();
  #life = new AbortController();
  #adapter: Adapter | undefined;

  private constructor(slack: FakeSlack, door: Doorstep, subject: SlackSubject) {
    this.#slack = slack;
    this.#door = door;
    this.#subject = subject;
    this.secrets = [slack.botToken, slack.appToken, slack.signingSecret];
  }

  static async open(runtime: FakeRuntime, subject: SlackSubject): Promise<SlackPlatform> {
    const door = new Doorstep(runtime, subject.mode);
    const http =
      subject.mode === 'http'
        ? {
            requestUrl: 'https://bot.example/slack/events',
            requestFetch: (request: Request) => door.reach(request),
          }
        : {};
    const slack = await startFakeSlack({ runtime, ...http });
    door.open(slack);
    return new SlackPlatform(slack, door, subject);
  }

  get sends(): number {
    return this.#slack.calls.filter(({ method }) => shows.includes(method)).length;
  }

  adapter(): Adapter {
    this.#bury();
    this.#life = new AbortController();
    const { botToken: token, appToken, signingSecret, apiUrl, fetch } = this.#slack;
    const { signal } = this.#life;
    const own: typeof fetch = (input, init) => {
      const ends = [signal, ...(init?.signal ? [init.signal] : [])];
      return fetch(input, { ...init, signal: AbortSignal.any(ends) });
    };
    const { mode } = this.#subject;
    const way = mode === 'socket' ? { appToken } : { signingSecret };
    const adapter = createSlack({ token, ...way, apiUrl, fetch: own });
    this.#adapter = this.#door.serve(adapter);
    return this.#adapter;
  }

  async enter(name: string): Promise<ChannelRef> {
    await this.#door.connected();
    const { thread } = this.#places.get(name) ?? (await this.#welcome(name));
    const [account = ''] = this.#adapter?.accounts ?? [];
    return { adapter: 'slack', account, conversation: thread.channel.id, thread: thread.ts };
  }

  shown(channel: ChannelRef): readonly SeenMessage[] {
    return this.#ours(channel).map(({ ts, shown, buttons, files }) => ({
      handle: ts,
      text: shown,
      buttons: buttons.flatMap(({ value }) => value ?? []),
      files: files.map(({ name }) => name),
    }));
  }

  async say(channel: ChannelRef, text: string): Promise<Said> {
    const { person, thread } = this.#place(channel);
    const box: { ts?: string } = {};
    const brought = await this.#door.bring(() => {
      const inChannel = this.#subject.place === 'channel';
      const message = inChannel
        ? person.mention(text, { to: thread })
        : person.say(text, { to: thread });
      box.ts = message.ts;
    });
    return this.#note(box.ts ?? '', brought);
  }

  async press(channel: ChannelRef, button: string): Promise<Said> {
    const has = ({ buttons }: SlackMessage): boolean =>
      buttons.some(({ value }) => value === button);
    const message = this.#ours(channel).findLast(has);
    if (message === undefined) throw new Error(`no button ${button} is shown`);
    const { person } = this.#place(channel);
    const brought = await this.#door.bring(() => void person.press(message, button));
    return this.#note(`press of ${button}`, brought);
  }

  async edit(channel: ChannelRef, id: string, text: string): Promise<Said> {
    const { person } = this.#place(channel);
    const message = this.#theirs(channel, id);
    const brought = await this.#door.bring(() => person.edit(message, text));
    return this.#note(`edit of ${id}`, brought);
  }

  async remove(channel: ChannelRef, id: string): Promise<Said> {
    const { person } = this.#place(channel);
    const message = this.#theirs(channel, id);
    const brought = await this.#door.bring(() => person.delete(message));
    return this.#note(`removal of ${id}`, brought);
  }

  async redeliver(_: ChannelRef, id: string): Promise<Said> {
    const events = this.#said.get(id) ?? [];
    if (events.length === 0) throw new Error(`${id} was never brought`);
    const { taken } = await this.#door.bring(() => {
      for (const event of events) this.#slack.redeliver(event);
    });
    return { id, taken };
  }

  /** An admin of the workspace takes it away. */
  async deleteOurs({ conversation }: ChannelRef, handle: string): Promise<void> {
    const { apiUrl, botToken, fetch } = this.#slack;
    const answer = await fetch(`${apiUrl}chat.delete`, {
      method: 'POST',
      headers: { authorization: `Bearer ${botToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: conversation, ts: handle }),
    });
    const { ok } = (await answer.json()) as { ok: boolean };
    if (!ok) throw new Error(`${handle} could not be deleted`);
  }

  /** Whatever shows something next meets it, not what passes. */
  fault(kind: FaultKind, { conversation }: ChannelRef): { retryAfterMs?: number } {
    const channel = this.#place({ conversation }).thread.channel;
    const plans = shows.map((method) => this.#slack.fault(method, faults[kind], { channel }));
    for (const { spent } of plans)
      void spent.then(() => {
        for (const plan of plans) plan.cancel();
      });
    return kind === 'rate_limited' ? { retryAfterMs } : {};
  }

  slow(ms: readonly number[]): void {
    for (const one of ms) this.#slack.fault('chat.postMessage', { kind: 'slow', ms: one });
  }

  passed({ conversation }: ChannelRef): readonly { kind: 'typing' | 'text'; text?: string }[] {
    const streams = new Map<unknown, string>();
    return this.#slack.calls
      .filter(({ args, applied }) => {
        return applied && (args['channel'] ?? args['channel_id']) === conversation;
      })
      .flatMap((call) => passing(call, streams));
  }

  async end(): Promise<void> {
    this.#bury();
    await this.#slack.stop();
  }

  /** Whatever a dead process had open is closed, and what still runs of it reaches nobody. */
  #bury(): void {
    this.#life.abort();
    this.#adapter?.stop().catch(() => undefined);
    this.#slack.sockets.drop();
  }

  async #welcome(name: string): Promise<Place> {
    const person = this.#slack.person({ name });
    const box: { thread?: SlackThread } = {};
    await this.#door.bring(() => {
      if (this.#subject.place === 'assistant') {
        box.thread = person.openAssistant();
        return;
      }
      const channel = this.#slack.channel({ name: `of-${name}`, members: [person] });
      box.thread = channel.thread(person.say('what was decided today', { to: channel }));
    });
    if (box.thread === undefined) throw new Error('no thread was begun');
    const place = { person, thread: box.thread };
    this.#places.set(name, place);
    return place;
  }

  #note(id: string, { events, taken }: { events: readonly string[]; taken: boolean }): Said {
    this.#said.set(id, events);
    return { id, taken };
  }

  /** A stream that is on passes: the answer takes its place. What an assistant's thread begins with is Slack's own. */
  #ours(channel: ChannelRef): readonly SlackMessage[] {
    const { thread } = this.#place(channel);
    return thread.messages.filter(
      ({ from, ts, stream }) => from.kind === 'bot' && ts !== thread.ts && stream !== 'on',
    );
  }

  #theirs(channel: ChannelRef, ts: string): SlackMessage {
    const message = this.#place(channel).thread.messages.find((one) => one.ts === ts);
    if (message === undefined) throw new Error(`nothing was said as ${ts}`);
    return message;
  }

  #place({ conversation }: Pick<ChannelRef, 'conversation'>): Place {
    for (const place of this.#places.values())
      if (place.thread.channel.id === conversation) return place;
    throw new Error(`nobody is in ${conversation}`);
  }
}

/** A status says that the bot is at work; a stream grows by what is appended. */
function passing(
  { method, args, answer }: SlackCall,
  streams: Map<unknown, string>,
): { kind: 'typing' | 'text'; text?: string }[] {
  if (method === 'assistant.threads.setStatus')
    return args['status'] === '' ? [] : [{ kind: 'typing' }];
  if (method !== 'chat.startStream' && method !== 'chat.appendStream') return [];
  const ts = answer?.['ts'];
  const text = `${streams.get(ts) ?? ''}${String(args['markdown_text'] ?? '')}`;
  streams.set(ts, text);
  return [{ kind: 'text', text }];
}

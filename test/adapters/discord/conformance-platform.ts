// Before it is needed: the adapter loads it when it starts, and virtual time does not wait for files.
import 'discord.js';
import '@discordjs/ws';
import { setImmediate as turn } from 'node:timers/promises';
import { readCustomId } from '../../../src/adapters/discord/custom-id.ts';
import { createDiscord } from '../../../src/adapters/discord/index.ts';
import type { Adapter } from '../../../src/contracts/adapter.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import {
  type FaultKind,
  holdTime,
  type PlatformUnderTest,
  type Said,
  type SeenMessage,
} from '../../../src/testing/adapter-conformance.ts';
import {
  type DiscordChannel,
  type DiscordFault,
  type DiscordMessage,
  type DiscordPerson,
  type FakeDiscord,
  startFakeDiscord,
} from '../../../src/testing/discord/index.ts';
import type { FakeRuntime } from '../../../src/testing/index.ts';
import { heldAdapter } from './held.ts';

/** Where people talk with the bot. */
export type Where = 'dm' | 'thread' | 'channel';

const retryAfterMs = 3_000;
const create = 'POST /channels/:id/messages';
const change = 'PATCH /channels/:id/messages/:id';
const shows = [create, change] as const;
/** On the real clock, for sockets; far more than it takes. */
const patienceMs = 3_000;

const error = (code: number): DiscordFault => ({ kind: 'error', code });

const faults: Readonly<Record<FaultKind, DiscordFault>> = {
  refused: { kind: 'refused' },
  reset_before: { kind: 'reset' },
  applied_then_reset: { kind: 'applied_then_reset' },
  hang: { kind: 'hang' },
  server_error: { kind: 'server_error', status: 502 },
  rate_limited: { kind: 'rate_limited', retryAfterS: retryAfterMs / 1_000 },
  unauthorized: { kind: 'error', code: 0, status: 401 },
  blocked: error(50007),
  gone: error(10003),
  invalid: error(50035),
};

interface Spot {
  readonly person: DiscordPerson;
  readonly channel: DiscordChannel;
}

/** Discord with its people, as the kit drives it: the real libraries over real sockets. */
export class DiscordPlatform implements PlatformUnderTest {
  readonly secrets: readonly string[];
  readonly #runtime: FakeRuntime;
  readonly #discord: FakeDiscord;
  readonly #where: Where;
  readonly #spots = new Map<string, Spot>();
  /** The kind of event by the id of what was said or done. */
  readonly #said = new Map<string, readonly [type: string, id: string]>();
  #life = new AbortController();
  #adapter: Adapter | undefined;
  /** What the relay stored, and what it could not. */
  #stored = 0;
  #refused = 0;

  private constructor(runtime: FakeRuntime, discord: FakeDiscord, where: Where) {
    this.#runtime = runtime;
    this.#discord = discord;
    this.#where = where;
    this.secrets = [discord.token];
  }

  static async open(runtime: FakeRuntime, where: Where): Promise<DiscordPlatform> {
    // The real client counts its limits by the real clock.
    const discord = await startFakeDiscord({ runtime, limits: false });
    return new DiscordPlatform(runtime, discord, where);
  }

  get sends(): number {
    return shows.reduce((sum, route) => sum + this.#discord.callsOf(route).length, 0);
  }

  adapter(): Adapter {
    this.#bury();
    this.#life = new AbortController();
    const { token, apiUrl, fetch } = this.#discord;
    const { signal } = this.#life;
    const own: typeof fetch = (input, init) => {
      const ends = [signal, ...(init?.signal ? [init.signal] : [])];
      return fetch(input, { ...init, signal: AbortSignal.any(ends) });
    };
    const adapter = this.#counted(createDiscord({ token, apiUrl, fetch: own }));
    this.#adapter = heldAdapter(adapter, this.#discord, this.#runtime);
    return this.#adapter;
  }

  async enter(name: string): Promise<ChannelRef> {
    await holdTime(this.#runtime, this.#discord.gateway.connected());
    const known = this.#spots.get(name);
    const { channel } = known ?? (await this.#welcome(name));
    const [account = ''] = this.#adapter?.accounts ?? [];
    const base = { adapter: 'discord', account };
    return channel.parent === undefined
      ? { ...base, conversation: channel.id }
      : { ...base, conversation: channel.parent.id, thread: channel.id };
  }

  shown(channel: ChannelRef): readonly SeenMessage[] {
    return this.#ours(channel).map(({ id, shown, buttons, files }) => ({
      handle: id,
      text: shown,
      buttons: buttons.flatMap(({ customId }) => {
        const read = readCustomId(customId);
        return read?.kind === 'press' ? [read.button] : [];
      }),
      files: files.map(({ name }) => name),
    }));
  }

  async say(channel: ChannelRef, text: string): Promise<Said> {
    const { person, channel: to } = this.#spot(channel);
    return await this.#bring('MESSAGE_CREATE', () =>
      this.#where === 'dm' ? person.say(text, { to }).id : person.mention(text, { to }).id,
    );
  }

  async press(channel: ChannelRef, button: string): Promise<Said> {
    const { person } = this.#spot(channel);
    const id = (customId: string | undefined): string | undefined => {
      const read = readCustomId(customId);
      return read?.kind === 'press' ? read.button : undefined;
    };
    const [message, customId] = this.#ours(channel)
      .flatMap((one) => one.buttons.map(({ customId: own }) => [one, own] as const))
      .findLast(([, own]) => id(own) === button) ?? [undefined, undefined];
    if (message === undefined || customId === undefined)
      throw new Error(`no button ${button} is shown`);
    return await this.#bring('INTERACTION_CREATE', () => person.press(message, customId).id);
  }

  async edit(channel: ChannelRef, id: string, text: string): Promise<Said> {
    const { person } = this.#spot(channel);
    const message = this.#theirs(channel, id);
    return await this.#bring('MESSAGE_UPDATE', () => {
      person.edit(message, text);
      return id;
    });
  }

  async remove(channel: ChannelRef, id: string): Promise<Said> {
    const { person } = this.#spot(channel);
    const message = this.#theirs(channel, id);
    return await this.#bring('MESSAGE_DELETE', () => {
      person.delete(message);
      return id;
    });
  }

  async redeliver(_: ChannelRef, id: string): Promise<Said> {
    const [type, about] = this.#said.get(id) ?? [];
    if (type === undefined || about === undefined) throw new Error(`${id} was never brought`);
    return await this.#bring(type, () => {
      if (this.#discord.gateway.repeat(type, about) === 0) throw new Error(`${id} is not kept`);
      return about;
    });
  }

  async deleteOurs(channel: ChannelRef, handle: string): Promise<void> {
    const message = this.#ours(channel).find(({ id }) => id === handle);
    if (message === undefined) throw new Error(`${handle} is not shown`);
    if (this.#where === 'dm') await this.#deleteByBot(message);
    else message.channel.moderate(message);
  }

  /** Whatever shows something next meets it, not what passes. */
  fault(kind: FaultKind, ref: ChannelRef): { retryAfterMs?: number } {
    const { channel } = this.#spot(ref);
    const plans = shows.map((route) => this.#discord.fault(route, faults[kind], { channel }));
    for (const { spent } of plans)
      void spent.then(() => {
        for (const plan of plans) plan.cancel();
      });
    return kind === 'rate_limited' ? { retryAfterMs } : {};
  }

  slow(ms: readonly number[]): void {
    for (const one of ms) this.#discord.fault(create, { kind: 'slow', ms: one });
  }

  passed(ref: ChannelRef): readonly { kind: 'typing' | 'text'; text?: string }[] {
    const { channel } = this.#spot(ref);
    return this.#discord.calls
      .filter(({ channelId, applied }) => applied && channelId === channel.id)
      .flatMap(({ route, args }): { kind: 'typing' | 'text'; text?: string }[] => {
        if (route === 'POST /channels/:id/typing') return [{ kind: 'typing' }];
        if (route !== change) return [];
        return [{ kind: 'text', text: String(args['content'] ?? '') }];
      });
  }

  async end(): Promise<void> {
    this.#bury();
    await this.#discord.stop();
  }

  /** Whatever a dead process had open is closed, and what still runs of it reaches nobody. */
  #bury(): void {
    this.#life.abort();
    this.#adapter?.stop().catch(() => undefined);
    this.#discord.gateway.drop();
  }

  /** Tells what the relay took. */
  #counted(adapter: Adapter): Adapter {
    const start = adapter.start.bind(adapter);
    adapter.start = (host) => {
      const accept: typeof host.accept = async (inbound) => {
        try {
          const accepted = await host.accept(inbound);
          this.#stored += 1;
          return accepted;
        } catch (cause) {
          this.#refused += 1;
          throw cause;
        }
      };
      return start({ ...host, accept });
    };
    return adapter;
  }

  async #welcome(name: string): Promise<Spot> {
    const person = this.#discord.person({ name });
    const spot = { person, channel: this.#channelFor(name, person) };
    this.#spots.set(name, spot);
    // What the gateway tells of it was read.
    await holdTime(this.#runtime, this.#discord.settled());
    return spot;
  }

  #channelFor(name: string, person: DiscordPerson): DiscordChannel {
    if (this.#where === 'dm') return person.dm;
    const channel = this.#discord.channel({ name: `of-${name}` });
    if (this.#where === 'channel') return channel;
    return person.openThread(person.say('what was decided today', { to: channel }));
  }

  /** Lets a person act, and what comes of it be handed over; the time stands still meanwhile. */
  async #bring(type: string, act: () => string): Promise<Said> {
    const [stored, refused] = [this.#stored, this.#refused];
    const about = act();
    const id =
      type.startsWith('MESSAGE_') && type !== 'MESSAGE_CREATE' ? `${type} ${about}` : about;
    this.#said.set(id, [type, about]);
    const { gateway } = this.#discord;
    const isOver = (): boolean =>
      this.#stored > stored || this.#refused > refused || gateway.open === 0;
    await holdTime(this.#runtime, soon(isOver));
    return { id, taken: this.#stored > stored };
  }

  async #deleteByBot({ id, channel }: DiscordMessage): Promise<void> {
    const { apiUrl, token, fetch } = this.#discord;
    const answer = await fetch(`${apiUrl}/v10/channels/${channel.id}/messages/${id}`, {
      method: 'DELETE',
      headers: { authorization: `Bot ${token}` },
    });
    if (!answer.ok) throw new Error(`${id} could not be deleted: ${answer.status}`);
  }

  #ours(channel: ChannelRef): readonly DiscordMessage[] {
    return this.#spot(channel).channel.messages.filter(({ from }) => from.kind === 'bot');
  }

  #theirs(channel: ChannelRef, id: string): DiscordMessage {
    const message = this.#spot(channel).channel.messages.find((one) => one.id === id);
    if (message === undefined) throw new Error(`nothing was said as ${id}`);
    return message;
  }

  #spot({ conversation, thread }: ChannelRef): Spot {
    for (const spot of this.#spots.values())
      if (spot.channel.id === (thread ?? conversation)) return spot;
    throw new Error(`nobody is in ${conversation}`);
  }
}

/** Resolves when it is so, or when it will not be without time. */
async function soon(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!isSo() && performance.now() < endMs) await turn();
}

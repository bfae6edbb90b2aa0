import type { AdapterHost } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import type { InboundInput, Person } from '../../contracts/inbound.ts';
import { BoundedMap, BoundedSet } from '../shared/bounded.ts';
import { Elsewhere } from './elsewhere.ts';
import { channelsOf } from './inbound-shape.ts';
import { channelIdOf, type Place, placeFrom } from './place.ts';
import { Noted, type NotedPlace } from './places-note.ts';

const aliveKey = 'alive';
const probeKey = 'probe';
const channelsMax = 50_000;
const strangersMax = 5_000;
const takenMax = 5_000;
const beginningsMax = 1_000;
const missingMax = 1_000;
const aliveEveryMs = 60_000;
/** A channel that Discord does not show is not asked for again for so long. */
const missingMs = 60_000;

type Host = Pick<AdapterHost, 'state' | 'history' | 'log' | 'runtime'>;
type Taken = { readonly channel: ChannelRef; readonly person: Pick<Person, 'id' | 'name'> };

/**
 * What is known of Discord's channels: what they are, where the bot takes part, and when it was last there. Where it
 * takes part is noted durably; the rest Discord tells again.
 */
export class Places {
  readonly #host: Host;
  readonly #account: string;
  readonly #noted: Noted;
  readonly #elsewhere: Elsewhere;
  readonly #places = new BoundedMap<string, Place>(channelsMax);
  /** Threads of others. */
  readonly #strangers = new BoundedSet<string>(strangersMax);
  readonly #taken = new BoundedMap<string, Taken>(takenMax);
  readonly #beginnings = new BoundedMap<string, string>(beginningsMax);
  readonly #missing = new BoundedMap<string, number>(missingMax);
  #aliveMs = Number.NEGATIVE_INFINITY;

  constructor(host: Host, account: string) {
    this.#host = host;
    this.#account = account;
    this.#noted = new Noted(host, account);
    this.#elsewhere = new Elsewhere(host, account);
  }

  /** Reads what was noted, once. Rejects while it cannot be read. */
  async load(): Promise<void> {
    await Promise.all([this.#noted.load(), this.#elsewhere.load()]);
  }

  placeOf(channelId: string): Place | undefined {
    return this.#places.get(channelId) ?? this.#noted.placeOf(channelId);
  }

  learn(channelId: string, place: Place): void {
    this.#places.set(channelId, place);
    this.#missing.delete(channelId);
    if (place.kind === 'thread') this.made(channelId);
  }

  /** The channel is gone. */
  forget(channelId: string): void {
    this.#places.delete(channelId);
    this.#noted.delete([channelId]);
  }

  /** The bot was taken out of that server. */
  leave(guildId: string): void {
    const gone = [...this.#places].filter(([, place]) => place.guildId === guildId);
    for (const [id] of gone) this.#places.delete(id);
    this.#noted.delete(
      this.#noted.list().flatMap((one) => (one.guildId === guildId ? one.id : [])),
    );
  }

  /** A server tells of its channels and threads. */
  sees(guild: unknown, userId: string): void {
    const { id: guildId } = (guild ?? {}) as { readonly id?: string };
    for (const { id, ...channel } of channelsOf(guild))
      this.learn(
        id,
        placeFrom(
          { ...(guildId === undefined ? {} : { guild_id: guildId }), ...channel },
          { userId },
        ),
      );
  }

  /** Discord does not show that channel. */
  miss(channelId: string): void {
    this.#missing.set(channelId, this.#host.runtime.monoMs() + missingMs);
  }

  isMissing(channelId: string): boolean {
    return (this.#missing.get(channelId) ?? 0) > this.#host.runtime.monoMs();
  }

  /** Whether the bot said or was told something in that thread, as far as is known: see `find`. */
  takesPart(threadId: string): boolean {
    return this.#noted.has(threadId);
  }

  /** Looks once whether the bot takes part in that thread. Rejects while the store cannot be read. */
  async find(threadId: string): Promise<void> {
    await this.load();
    const place = this.placeOf(threadId);
    if (place?.kind !== 'thread' || place.parentId === undefined || place.ours === true) return;
    if (this.#noted.has(threadId) || this.#strangers.has(threadId)) return;
    const { parentId: conversation } = place;
    const channel = { adapter: 'discord', account: this.#account, conversation, thread: threadId };
    const { items } = await this.#host.history(channel, 0, 1);
    if (items.length === 0) this.#strangers.add(threadId);
    else this.#noted.add(this.#toNote(channel, false));
  }

  /** Where that message was taken, and from whom; of the newest ones of this life, and those recalled. */
  taken(messageId: string): Taken | undefined {
    return this.#taken.get(messageId);
  }

  recall(messageId: string, taken: Taken): void {
    this.#taken.set(messageId, taken);
  }

  /** That is about to be taken: what comes of it, typing first of all, waits for its thread. */
  expects(inbound: InboundInput): void {
    if (inbound.kind !== 'message') return;
    const { channel, id, text } = inbound;
    const begins = channel.thread === id && this.#places.get(id)?.kind !== 'thread';
    if (begins) this.#beginnings.set(id, text);
  }

  /** That was taken. Never rejects. */
  async saw(inbound: InboundInput): Promise<void> {
    if (inbound.kind !== 'message' && inbound.kind !== 'press') return;
    const { channel, person, id } = inbound;
    if (inbound.kind === 'message') this.#taken.set(id, { channel, person });
    const note = this.#toNote(channel, inbound.kind === 'message' && inbound.private === true);
    this.#strangers.delete(note.id);
    const isNew = this.#noted.add(note);
    await this.load().catch(() => undefined);
    if (isNew) await this.#noted.save();
  }

  /** The words of a message of which a thread is still to be made. */
  beginning(threadId: string): string | undefined {
    return this.#beginnings.get(threadId);
  }

  /** That thread is there. */
  made(threadId: string): void {
    this.#beginnings.delete(threadId);
  }

  /** The conversation that a message of ours belongs to, where it does not stand in it. */
  standsFor(messageId: string): ChannelRef | undefined {
    return this.#elsewhere.of(messageId);
  }

  /** A message of ours does not stand in its conversation; noted durably. Never rejects. */
  async stands(messageId: string, conversation: ChannelRef): Promise<void> {
    await this.#elsewhere.add(messageId, conversation);
  }

  /** Where the bot takes part, the newest first. */
  noted(): readonly NotedPlace[] {
    return this.#noted.list().reverse();
  }

  /** When the bot was last known to hear, by the wall clock; undefined when it never was. */
  async aliveAtMs(): Promise<number | undefined> {
    const ms = Number((await this.#host.state.get(this.#account, aliveKey)) ?? Number.NaN);
    return Number.isFinite(ms) ? ms : undefined;
  }

  /** It hears now; noted once a minute at most. Never rejects. */
  async alive(): Promise<void> {
    const { runtime, state, log } = this.#host;
    const nowMs = runtime.monoMs();
    if (nowMs - this.#aliveMs < aliveEveryMs) return;
    this.#aliveMs = nowMs;
    try {
      await state.set(this.#account, aliveKey, String(runtime.wallMs()));
    } catch (error) {
      const name = error instanceof Error ? error.name : 'error';
      log('warn', 'the time was not noted', { error: name });
    }
  }

  /** Whether the store writes. Never rejects. */
  async canWrite(): Promise<boolean> {
    const { runtime, state } = this.#host;
    return await state.set(this.#account, probeKey, String(runtime.wallMs())).then(
      () => true,
      () => false,
    );
  }

  #toNote(channel: ChannelRef, isDirect: boolean): NotedPlace {
    const id = channelIdOf(channel);
    const { conversation, thread } = channel;
    const place = this.#places.get(id) ?? this.#places.get(conversation);
    const known = this.#noted.get(id);
    const guildId = place?.guildId ?? known?.guildId;
    const direct = isDirect || known?.isDirect === true ? { isDirect: true } : {};
    return {
      id,
      ...(guildId === undefined ? {} : { guildId }),
      ...(thread === undefined ? {} : { parentId: conversation }),
      ...direct,
    };
  }
}

import { BoundedMap } from '../shared/bounded.ts';
import type { InSite } from './dispatch.ts';
import { channelsOf, type ServerChannel } from './inbound-shape.ts';
import { snowflakeMs } from './snowflake.ts';

const channelsMax = 50_000;
const visitsMax = 2_000;
/** After READY the servers tell of themselves, one by one; who does not do so for so long is away. */
const serversMs = 10_000;
/** Of these nothing can be read: categories, directories, forums (their posts are threads). */
const unread: readonly (number | undefined)[] = [4, 14, 15, 16];

interface Look {
  readonly channelId: string;
  readonly fromMs: number;
}

/**
 * Which channels are to be looked at: those whose newest message is newer, as the servers tell one by one after READY;
 * direct messages, of which no server tells; threads that were put away meanwhile.
 */
export class MissedPlan {
  readonly #site: Pick<InSite, 'places' | 'config' | 'host'>;
  /** The time of the newest message, by channel, as it was told since READY. */
  readonly #newestMs = new BoundedMap<string, number>(channelsMax);
  /** Servers that are still to tell; undefined before READY named them. */
  #expected: Set<string> | undefined;
  /** So long they are waited for (monotonic). */
  #untilMs = 0;
  /** Servers that told since READY. */
  readonly #told = new Set<string>();
  readonly #planned = new Map<string, number>();
  /** Channels that were told of since the last plan; undefined: all count anew. */
  #news: Set<string> | undefined;
  #fromMs: number | undefined;

  constructor(site: Pick<InSite, 'places' | 'config' | 'host'>) {
    this.#site = site;
  }

  /** To look from then on, by the wall clock. */
  since(fromMs: number): void {
    // The servers of the session before told all they had; those of the new one are not named yet.
    if (this.#fromMs === undefined) this.#expected = undefined;
    this.#fromMs = Math.min(this.#fromMs ?? fromMs, fromMs);
    this.#news = undefined;
    this.#wait();
  }

  /** READY: a session began anew, with these servers. */
  begin(guildIds: readonly string[]): void {
    this.#expected ??= new Set();
    for (const id of guildIds) {
      this.#expected.add(id);
      this.#told.delete(id);
    }
    this.#newestMs.clear();
    this.#planned.clear();
    this.#wait();
  }

  /** A server tells of itself. */
  sees(guild: unknown): void {
    const { id, unavailable } = (guild ?? {}) as {
      readonly id?: string;
      readonly unavailable?: boolean;
    };
    if (id === undefined || unavailable === true) return;
    // What was said before the bot was invited was not missed.
    const isNew = this.#expected !== undefined && !this.#expected.delete(id) && !this.#told.has(id);
    this.#told.add(id);
    if (isNew) return;
    for (const one of channelsOf(guild)) this.#note(one);
    this.#wait();
  }

  /** Whether servers are still to tell. */
  isWaiting(): boolean {
    const isOpen = this.#expected === undefined || this.#expected.size > 0;
    return this.#fromMs !== undefined && isOpen && this.#nowMs < this.#untilMs;
  }

  /** All was looked at: what servers tell from now on was not missed, but for those that are late (an outage of Discord's). */
  end(): void {
    this.#planned.clear();
    if (this.#expected !== undefined && this.#expected.size > 0) return;
    this.#fromMs = undefined;
    this.#expected = undefined;
  }

  /** What is to be looked at and was not answered before. */
  take(): readonly Look[] {
    const fromMs = this.#fromMs;
    if (fromMs === undefined) return [];
    const { places, config, host } = this.#site;
    const noted = places.noted();
    const direct = noted.filter(({ isDirect }) => isDirect === true).map(({ id }) => id);
    // A thread that its server does not tell of was put away.
    const away = noted
      .filter(
        ({ id, guildId = '', parentId }) =>
          parentId !== undefined && !this.#newestMs.has(id) && this.#told.has(guildId),
      )
      .map(({ id }) => id);
    const news = [...(this.#news ?? this.#newestMs.keys())];
    this.#news = new Set();
    const newer = news.filter((id) => (this.#newestMs.get(id) ?? 0) >= fromMs);
    const isInServers = config.channels !== 'off';
    const wanted = [...direct, ...(isInServers ? [...this.#first(newer), ...away] : [])];
    const fresh = wanted.filter(
      (id) => (this.#planned.get(id) ?? Number.POSITIVE_INFINITY) > fromMs,
    );
    if (this.#planned.size + fresh.length > visitsMax)
      host.log('warn', 'more was said meanwhile than is looked at');
    const taken = fresh.slice(0, Math.max(0, visitsMax - this.#planned.size));
    for (const id of taken) this.#planned.set(id, fromMs);
    return taken.map((channelId) => ({ channelId, fromMs }));
  }

  /** Where the bot takes part first. */
  #first(ids: readonly string[]): readonly string[] {
    const { places } = this.#site;
    const own = ids.filter((id) => places.takesPart(id));
    return [...own, ...ids.filter((id) => !places.takesPart(id))];
  }

  get #nowMs(): number {
    return this.#site.host.runtime.monoMs();
  }

  #wait(): void {
    this.#untilMs = this.#nowMs + serversMs;
  }

  #note({ id, type, last_message_id: last }: ServerChannel): void {
    if (unread.includes(type)) return;
    this.#news?.add(id);
    this.#newestMs.set(id, typeof last === 'string' ? snowflakeMs(last) : 0);
  }
}

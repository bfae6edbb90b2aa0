import { slowMs } from '../shared/backoff.ts';
import { readFailure } from './failure.ts';
import { type ConnectionEnd, connect, isGatewayUrl } from './gateway.ts';
import { gatewayEnd } from './gateway-rule.ts';
import type { IdentifyGuard } from './identify.ts';
import type { DiscordDispatch } from './inbound-shape.ts';
import { retryAfterOf } from './outcome.ts';
import type { DiscordWs } from './rest.ts';
import { Session } from './session.ts';
import type { Site } from './site.ts';

/** A connection that was over sooner than this (monotonic) is not made again at once. */
const shortMs = 5_000;
/** What a person must change is looked at again so often. */
export const repairMs = 10 * 60_000;
/** So many tries in a row that did not reach the address of the session: the general one is tried. */
const unreachedMax = 3;
/** So many tries to resume that Discord ended, for whatever reason: the session is given up. */
const resumesMax = 5;
/** Closed with these, a session that was to be resumed is none any more: invalid, wrong sequence, timed out. */
const refusals: ReadonlySet<number | undefined> = new Set([1_000, 4_007, 4_009]);

/** Takes events. */
export interface Taking {
  /**
   * Every event, in order. `done`: it may count as committed (stored, or nothing for us). False: too much waits, and it
   * must come again. Never throws.
   */
  take(dispatch: DiscordDispatch, done: () => void): boolean;
  readonly isBehind: boolean;
}

/** Looks for what was said while nobody heard. */
export interface LookingBack {
  readonly isBusy: boolean;
  /** Since an earlier life. */
  runPending(): Promise<void>;
  run(sinceMs: number): Promise<void>;
  /** How a session begins: READY, RESUMED. */
  heard(dispatch: DiscordDispatch): void;
  /** Of a GUILD_CREATE: its channels. */
  sees(guild: unknown): void;
}

export interface ShardParts {
  readonly site: Pick<Site, 'host' | 'account' | 'config' | 'link'>;
  readonly discord: DiscordWs;
  readonly intake: Taking;
  readonly catchUp: LookingBack;
  readonly guard: IdentifyGuard;
  readonly shard: number;
  readonly shardCount: number;
  readonly intents: number;
  /** Whether words of messages are asked for. */
  readonly asksContent: boolean;
  /** Until when (wall) nothing is missing; undefined: nothing was heard in this life. */
  readonly heardMs: number | undefined;
  /** A GUILD_CREATE came. */
  guild(guild: unknown): void;
}

/** Why no shard can go on as it was asked for: other intents, or another number of shards. */
export type Verdict = 'stopped' | 'content' | 'shards';

/** One shard: one connection after the other, and what is to be done when one ends. */
export class Shard {
  readonly #parts: ShardParts;
  readonly #session: Session;
  #heardMs: number | undefined;
  /** Connections in a row that came to nothing; those that did not reach their address; refused tries to resume. */
  #failures = 0;
  #unreached = 0;
  #resumes = 0;
  #openedMs: number | undefined;

  constructor(parts: ShardParts) {
    const { site, shard, shardCount, intents } = parts;
    this.#parts = parts;
    this.#heardMs = parts.heardMs;
    this.#session = new Session({
      host: site.host,
      account: site.account,
      shard,
      shardCount,
      intents,
    });
  }

  get heardMs(): number | undefined {
    return this.#heardMs;
  }

  /** Until the signal aborts, or all shards must begin anew. The session is stored then. */
  async run(signal: AbortSignal): Promise<Verdict> {
    const { link } = this.#parts.site;
    await this.#session.load();
    try {
      while (!signal.aborted) {
        // The token is probed by REST alone: each session that begins counts.
        if (link.isRefused) await link.rest(slowMs, signal);
        else {
          const verdict = await this.#connect(signal);
          if (verdict !== undefined) return verdict;
        }
      }
      return 'stopped';
    } finally {
      await this.#session.close();
    }
  }

  async #connect(signal: AbortSignal): Promise<Verdict | undefined> {
    const url = await this.#url(signal);
    if (url === undefined || signal.aborted) return undefined;
    const { site, discord, guard, intents, shard, shardCount } = this.#parts;
    const isResume = this.#session.current !== undefined;
    this.#openedMs = undefined;
    const parts = { discord, token: site.config.token, intents, shard, shardCount, url };
    const end = await connect(
      {
        ...parts,
        throttler: guard,
        session: () => this.#session.current,
        began: (session) => this.#began(session),
        opened: () => this.#opened(),
        take: (dispatch, sequence) => this.#take(dispatch, sequence),
        heard: () => this.#heard(),
      },
      signal,
    );
    if (signal.aborted) return undefined;
    return await this.#judge(end, isResume, signal);
  }

  /** Where to connect, when it may be done; undefined after a failure was told and waited out. */
  async #url(signal: AbortSignal): Promise<string | undefined> {
    const { guard, site } = this.#parts;
    const resumeURL = this.#session.current?.resumeURL;
    try {
      if (resumeURL === undefined) return (await guard.turn(signal)).url;
      const isTried = this.#unreached < unreachedMax && isGatewayUrl(resumeURL);
      return isTried ? resumeURL : (await guard.info(signal)).url;
    } catch (error) {
      if (signal.aborted) return undefined;
      const { status, limit, words } = readFailure(error);
      this.#failures += 1;
      if (status === 401) site.link.refused(words);
      else await this.#closed(`where the gateway is was not told (${words})`, signal, limit);
      return undefined;
    }
  }

  #began(session: Parameters<Session['begin']>[0]): void {
    const { catchUp, site } = this.#parts;
    this.#session.begin(session);
    // Before any event of the new session is taken: the intake waits for it.
    const looking = this.#heardMs === undefined ? catchUp.runPending() : catchUp.run(this.#heardMs);
    looking.catch(() => site.host.log('warn', 'what was missed could not be looked for'));
  }

  #opened(): void {
    const { site, shard } = this.#parts;
    this.#openedMs = site.host.runtime.monoMs();
    this.#unreached = 0;
    this.#resumes = 0;
    site.link.opened(shard);
  }

  #take(dispatch: DiscordDispatch, sequence: number): boolean {
    const { catchUp, intake, guild } = this.#parts;
    // The session is known with READY counted as heard: it does not come to the intake.
    if (dispatch.t === 'READY' || dispatch.t === 'RESUMED') catchUp.heard(dispatch);
    if (dispatch.t === 'GUILD_CREATE') {
      guild(dispatch.d);
      catchUp.sees(dispatch.d);
    }
    return this.#session.hear(sequence, (done) => intake.take(dispatch, done));
  }

  #heard(): void {
    this.#heardMs = this.#parts.site.host.runtime.wallMs();
  }

  async #judge(
    end: ConnectionEnd,
    isResume: boolean,
    signal: AbortSignal,
  ): Promise<Verdict | undefined> {
    const { code, stage, isBehind, cause } = end;
    this.#unreached = stage === 'none' ? this.#unreached + 1 : 0;
    if (code !== undefined && gatewayEnd(code) !== undefined)
      return await this.#final(code, signal);
    if (isBehind) {
      await this.#untilRoom(cause, signal);
      return undefined;
    }
    if (stage === 'hello' && isResume) {
      this.#resumes += 1;
      if (refusals.has(code) || this.#resumes >= resumesMax) {
        this.#resumes = 0;
        this.#session.forget();
        return undefined;
      }
    }
    await this.#again(`the connection to Discord ended: ${cause}`, stage === 'open', signal);
    return undefined;
  }

  /** The first time at once: Discord ends connections every few hours. */
  async #again(cause: string, wasOpen: boolean, signal: AbortSignal): Promise<void> {
    const { site } = this.#parts;
    const livedMs = site.host.runtime.monoMs() - (this.#openedMs ?? 0);
    this.#failures = wasOpen && livedMs >= shortMs ? 0 : this.#failures + 1;
    if (wasOpen && this.#failures <= 1) site.link.closed(this.#parts.shard, cause);
    else await this.#closed(cause, signal);
  }

  async #closed(
    cause: string,
    signal: AbortSignal,
    limit?: { readonly retryAfterMs: number },
  ): Promise<void> {
    const { link } = this.#parts.site;
    link.closed(this.#parts.shard, cause);
    const waitMs =
      limit === undefined ? link.backoffMs(this.#failures) : retryAfterOf(limit.retryAfterMs);
    await link.rest(waitMs, signal);
  }

  /** Discord closed it for a reason that another try does not change. */
  async #final(code: number, signal: AbortSignal): Promise<Verdict | undefined> {
    const { site, asksContent } = this.#parts;
    const { state, cause } = gatewayEnd(code) ?? { state: 'misconfigured', cause: `(${code})` };
    if (state === 'unauthorized') {
      site.link.refused(cause);
      return undefined;
    }
    if (code === 4_014 && asksContent) {
      site.link.broken(cause, 'content');
      return 'content';
    }
    site.link.broken(cause);
    if (code === 4_011 && site.config.shards === 'auto') return 'shards';
    await site.link.rest(repairMs, signal);
    return undefined;
  }

  async #untilRoom(cause: string, signal: AbortSignal): Promise<void> {
    const { site, intake, shard } = this.#parts;
    site.link.closed(shard, cause);
    let tries = 1;
    do {
      await site.link.rest(site.link.backoffMs(tries), signal);
      tries += 1;
    } while (intake.isBehind && !signal.aborted);
  }
}

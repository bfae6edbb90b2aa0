import type { AdapterHost, ConnectionState } from '../../contracts/adapter.ts';
import { backoffMs } from '../shared/backoff.ts';
import { BoundedSet } from '../shared/bounded.ts';
import { Rests } from '../shared/rests.ts';
import { TokenStanding } from '../shared/token-standing.ts';

/** So many messages of ours, of which none came back as an event for so long: Slack sends no events any more. */
const echoesMissing = 5;
const echoMs = 10 * 60_000;
const echoingMax = 1_000;
/** So long must all be well after Slack dropped events. */
const quietMs = 10 * 60_000;

const remedy =
  'install the app again and take the bot token from "OAuth & Permissions" of its settings';
const deaf =
  'Slack sends no events any more: turn them on under "Event Subscriptions" of the settings of the app';

type Host = Pick<AdapterHost, 'connection' | 'runtime'>;

/** The way on which events come in. `broken`: only a person can repair it. */
type Door =
  | { readonly kind: 'unknown' | 'open' }
  | { readonly kind: 'closed' | 'broken'; readonly cause: string };

interface Standing {
  readonly state: ConnectionState;
  readonly cause?: string;
}

/**
 * How the bot stands with Slack, told to the relay when it changes: whether Slack knows the token, and whether events
 * come in. What needs a person is told with what to do against it; probing goes on, and ends it by itself.
 */
export class Link {
  readonly #host: Host;
  readonly #account: string;
  readonly #over = new AbortController();
  readonly #rests: Rests;
  readonly #token: TokenStanding;
  #door: Door = { kind: 'unknown' };
  /** Slack said that events are lost, and until when that counts. */
  #lossy: { readonly cause: string; readonly untilMs: number } | undefined;
  /** Conversations in which messages of ours came back as events. */
  readonly #echoing = new BoundedSet<string>(echoingMax);
  /** Messages shown there since the last event. */
  readonly #unheard = { count: 0, sinceMs: 0 };
  #isDeaf = false;
  #told: Standing | undefined;

  constructor(host: Host, account: string) {
    this.#host = host;
    this.#rests = new Rests(host.runtime);
    this.#token = new TokenStanding(host.runtime);
    this.#account = account;
  }

  get state(): ConnectionState | 'starting' {
    return this.#told?.state ?? 'starting';
  }

  get isRefused(): boolean {
    return this.#token.refusal !== undefined;
  }

  /** A call with the token that began at `startedMs` (monotonic) got through. */
  authorized(startedMs: number): void {
    if (this.#token.authorized(startedMs)) this.#tell();
  }

  /** Slack does not know the token any more. The first time it wakes who rests, so that it is probed. */
  refused(cause: string): void {
    const isNew = !this.isRefused;
    this.#token.refused(`${cause}: ${remedy}`);
    this.#tell();
    if (isNew) this.#rests.wake();
  }

  opened(): void {
    this.#door = { kind: 'open' };
    this.#tell();
  }

  closed(cause: string): void {
    // What needs a person is not covered up by a network that fails as well.
    if (this.#door.kind !== 'broken') this.#door = { kind: 'closed', cause };
    this.#tell();
  }

  /** No events come in until somebody changes something; `cause` says what. */
  broken(cause: string): void {
    this.#door = { kind: 'broken', cause };
    this.#tell();
  }

  /** Slack drops events: so it is until ten minutes passed without a word of it. */
  lossy(cause: string): void {
    const untilMs = this.#host.runtime.monoMs() + quietMs;
    const isNew = this.#lossy === undefined;
    this.#lossy = { cause, untilMs };
    this.#tell();
    if (isNew) void this.#quieten();
  }

  /** An event came in; `echoIn`: the conversation, of a message of ours. */
  heard(echoIn: string | undefined): void {
    if (echoIn !== undefined) this.#echoing.add(echoIn);
    this.#unheard.count = 0;
    if (!this.#isDeaf) return;
    this.#isDeaf = false;
    this.#tell();
  }

  /**
   * A message was shown. Where messages of ours came back as events before, and now of several none does, Slack has
   * turned the subscription off: it tells nobody.
   */
  showed(conversation: string): void {
    if (!this.#echoing.has(conversation)) return;
    const unheard = this.#unheard;
    const nowMs = this.#host.runtime.monoMs();
    if (unheard.count === 0) unheard.sinceMs = nowMs;
    unheard.count += 1;
    if (unheard.count < echoesMissing || nowMs - unheard.sinceMs < echoMs) return;
    this.#isDeaf = true;
    this.#tell();
  }

  /** Resolves after `ms`, at once when the signal aborts, or when a send is refused meanwhile. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    await this.#rests.rest(ms, signal);
  }

  /** How long to wait after so many failures in a row. */
  backoffMs(failures: number): number {
    return backoffMs(this.#host.runtime, failures);
  }

  stopped(): void {
    this.#over.abort();
    if (this.#told === undefined) return;
    this.#token.forget();
    this.#lossy = undefined;
    this.#isDeaf = false;
    this.#door = { kind: 'closed', cause: 'stopped' };
    this.#tell();
  }

  async #quieten(): Promise<void> {
    const { runtime } = this.#host;
    while (this.#lossy !== undefined && !this.#over.signal.aborted) {
      const leftMs = this.#lossy.untilMs - runtime.monoMs();
      if (leftMs <= 0) this.#lossy = undefined;
      else await runtime.sleep(leftMs, this.#over.signal);
    }
    if (!this.#over.signal.aborted) this.#tell();
  }

  #tell(): void {
    const standing = this.#standing();
    if (standing === undefined) return;
    const isSame = standing.state === this.#told?.state;
    if (isSame && (standing.state !== 'misconfigured' || standing.cause === this.#told?.cause))
      return;
    this.#told = standing;
    this.#host.connection(this.#account, standing.state, standing.cause);
  }

  #standing(): Standing | undefined {
    const { refusal } = this.#token;
    if (refusal !== undefined) return { state: 'unauthorized', cause: refusal };
    if (this.#door.kind === 'broken') return { state: 'misconfigured', cause: this.#door.cause };
    if (this.#lossy !== undefined) return { state: 'misconfigured', cause: this.#lossy.cause };
    if (this.#isDeaf) return { state: 'misconfigured', cause: deaf };
    if (this.#door.kind === 'open') return { state: 'connected' };
    return this.#door.kind === 'closed'
      ? { state: 'disconnected', cause: this.#door.cause }
      : undefined;
  }
}

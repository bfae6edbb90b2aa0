import type { AdapterHost, ConnectionState } from '../../contracts/adapter.ts';
import type { Runtime } from '../../contracts/runtime.ts';

const firstMs = 1_000;
const lastMs = 30_000;
/** The slow probing of what only a person can repair. */
export const slowMs = 60_000;
/** So long at most a token is not believed that Discord says it knows, and refuses. */
const heldMaxMs = 30 * 60_000;

const remedy = 'take a new one from "Bot" of the app (Reset Token) and start again with it';

type Host = Pick<AdapterHost, 'connection' | 'runtime'>;

/** What needs a person: the words of messages, how the gateway is asked for, how often a session begins. */
type Trouble = 'content' | 'gateway' | 'budget';

interface Standing {
  readonly state: ConnectionState;
  readonly cause?: string;
}

/**
 * How the bot stands with Discord, told to the relay when it changes: whether Discord knows the token, and whether
 * events come in on all shards. What needs a person is told with what to do against it; probing goes on, and ends it by
 * itself.
 */
export class Link {
  readonly #host: Host;
  readonly #account: string;
  readonly #wakers = new Set<() => void>();
  /** Of each shard: why it hears nothing, or that it does; absent: not known yet. */
  readonly #shards = new Map<number, { readonly closed?: string }>();
  #shardCount = 1;
  readonly #troubles = new Map<Trouble, string>();
  /** Why the token is refused, since when (monotonic), and until when nothing proves the contrary. */
  #refused:
    | { readonly cause: string; readonly sinceMs: number; readonly untilMs: number }
    | undefined;
  /** When Discord said last that it knows the token, and how long it was not believed after that. */
  #provenMs = Number.NEGATIVE_INFINITY;
  #heldMs = 0;
  #told: Standing | undefined;

  constructor(host: Host, account: string) {
    this.#host = host;
    this.#account = account;
  }

  get state(): ConnectionState | 'starting' {
    return this.#told?.state ?? 'starting';
  }

  get isRefused(): boolean {
    return this.#refused !== undefined;
  }

  /** Events of all shards come in, whatever else is told. */
  get isHearing(): boolean {
    const open = [...this.#shards.values()].filter(({ closed }) => closed === undefined);
    return open.length >= this.#shardCount;
  }

  /** A call with the token that began at `startedMs` (monotonic) got through. */
  authorized(startedMs: number): void {
    const { sinceMs, untilMs } = this.#refused ?? { sinceMs: 0, untilMs: 0 };
    const wasRefused = this.#refused !== undefined;
    if (wasRefused && startedMs < Math.max(sinceMs, untilMs)) return;
    this.#refused = undefined;
    this.#provenMs = this.#host.runtime.monoMs();
    this.#tell();
    if (wasRefused) this.#wake();
  }

  /**
   * Discord does not know the token any more. The first time it wakes who rests, so that it is probed. When Discord said a moment ago that
   * it knows the token, asking again proves nothing: it counts as refused for a minute, the next time twice as long.
   */
  refused(cause: string): void {
    const sinceMs = this.#host.runtime.monoMs();
    const isNew = this.#refused === undefined;
    if (isNew) {
      const isSoon = sinceMs - this.#provenMs < slowMs;
      this.#heldMs = isSoon ? Math.min(Math.max(this.#heldMs * 2, slowMs), heldMaxMs) : 0;
    }
    const untilMs = this.#refused?.untilMs ?? sinceMs + this.#heldMs;
    this.#refused = { cause: `${cause}: ${remedy}`, sinceMs, untilMs };
    this.#tell();
    if (isNew) this.#wake();
  }

  /** So many shards there are from now on; nothing is known of them. What was told last holds until it is. */
  sharded(count: number): void {
    this.#shardCount = count;
    this.#shards.clear();
  }

  opened(shard: number): void {
    this.#shards.set(shard, {});
    this.mended('gateway');
  }

  closed(shard: number, cause: string): void {
    this.#shards.set(shard, { closed: cause });
    this.#tell();
  }

  /** It stays so until somebody changes something; `cause` says what. */
  broken(cause: string, what: Trouble = 'gateway'): void {
    this.#troubles.set(what, cause);
    this.#tell();
  }

  mended(what: Trouble = 'gateway'): void {
    this.#troubles.delete(what);
    this.#tell();
  }

  isBroken(what: Trouble): boolean {
    return this.#troubles.has(what);
  }

  /** Resolves after `ms`, at once when the signal aborts, or when the token is refused or known again meanwhile. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort('over');
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    this.#wakers.add(end);
    await this.#host.runtime.sleep(ms, over.signal);
    this.#wakers.delete(end);
    signal.removeEventListener('abort', end);
  }

  /** How long to wait after so many failures in a row. */
  backoffMs(failures: number): number {
    const most = Math.min(firstMs * 2 ** Math.min(failures - 1, 10), lastMs);
    return most * (0.5 + 0.5 * chance(this.#host.runtime));
  }

  stopped(): void {
    if (this.#told === undefined) return;
    this.#refused = undefined;
    this.#troubles.clear();
    this.closed(0, 'stopped');
  }

  #wake(): void {
    for (const wake of [...this.#wakers]) wake();
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

  /** The worst counts. */
  #standing(): Standing | undefined {
    if (this.#refused !== undefined) return { state: 'unauthorized', cause: this.#refused.cause };
    const [trouble] = this.#troubles.values();
    if (trouble !== undefined) return { state: 'misconfigured', cause: trouble };
    for (const { closed } of this.#shards.values())
      if (closed !== undefined) return { state: 'disconnected', cause: closed };
    return this.isHearing ? { state: 'connected' } : undefined;
  }
}

/** In [0, 1). */
const chance = (runtime: Runtime): number => (runtime.random(1)[0] ?? 0) / 256;

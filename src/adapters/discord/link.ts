import type { AdapterHost, ConnectionState } from '../../contracts/adapter.ts';
import { backoffMs } from '../shared/backoff.ts';
import { Rests } from '../shared/rests.ts';
import { TokenStanding } from '../shared/token-standing.ts';

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
  readonly #rests: Rests;
  readonly #token: TokenStanding;
  /** Of each shard: why it hears nothing, or that it does; absent: not known yet. */
  readonly #shards = new Map<number, { readonly closed?: string }>();
  #shardCount = 1;
  readonly #troubles = new Map<Trouble, string>();
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

  /** Events of all shards come in, whatever else is told. */
  get isHearing(): boolean {
    const open = [...this.#shards.values()].filter(({ closed }) => closed === undefined);
    return open.length >= this.#shardCount;
  }

  /** A call with the token that began at `startedMs` (monotonic) got through. */
  authorized(startedMs: number): void {
    const wasRefused = this.isRefused;
    if (!this.#token.authorized(startedMs)) return;
    this.#tell();
    if (wasRefused) this.#rests.wake();
  }

  /** Discord does not know the token any more. The first time it wakes who rests, so that it is probed. */
  refused(cause: string): void {
    const isNew = !this.isRefused;
    this.#token.refused(`${cause}: ${remedy}`);
    this.#tell();
    if (isNew) this.#rests.wake();
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
    await this.#rests.rest(ms, signal);
  }

  /** How long to wait after so many failures in a row. */
  backoffMs(failures: number): number {
    return backoffMs(this.#host.runtime, failures);
  }

  stopped(): void {
    if (this.#told === undefined) return;
    this.#token.forget();
    this.#troubles.clear();
    this.closed(0, 'stopped');
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
    const { refusal } = this.#token;
    if (refusal !== undefined) return { state: 'unauthorized', cause: refusal };
    const [trouble] = this.#troubles.values();
    if (trouble !== undefined) return { state: 'misconfigured', cause: trouble };
    for (const { closed } of this.#shards.values())
      if (closed !== undefined) return { state: 'disconnected', cause: closed };
    return this.isHearing ? { state: 'connected' } : undefined;
  }
}

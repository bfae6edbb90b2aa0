import type { ReconcileAnswer } from '../contracts/adapter.ts';
import type { Channel } from '../contracts/channel.ts';
import { DeliveryOutcome, type DeliveryOutcomeInput, type Part } from '../contracts/delivery.ts';
import { accountKey, type ChannelKey } from '../contracts/id.ts';
import type { Script } from '../contracts/store.ts';
import { type Claim, claimNext } from './claim.ts';
import { type Core, capabilitiesOf, type Taken, type Work } from './core.ts';
import { limit } from './limit.ts';
import { priorityMax } from './line.ts';
import { callPort, errorText } from './port.ts';
import { type Answer, checkedAnswer, settleClaim } from './settle-claim.ts';

/**
 * What leaves, Channel by Channel: one part in flight per Channel, in order; among the Channels of one Account
 * that are due the most urgent first. It decides nothing about states: `claim`, `settle` and `apply` do.
 */
export class ChannelLoop {
  readonly #core: Core;
  readonly #accounts = new Map<string, Lane>();
  readonly #busy = new Set<ChannelKey>();
  /** Busy, and their answer is being stored: the next claim may stand in the same transaction. */
  readonly #settling = new Set<ChannelKey>();
  /** Claimed while their Channel was busy: served next. */
  readonly #next = new Map<ChannelKey, Claim>();
  /** Rows committed while their Channel was served: the newest is the truth. */
  readonly #meanwhile = new Map<ChannelKey, Row>();
  readonly #priorities = new Map<ChannelKey, number>();
  /** Until when a platform wants nothing in a Channel; a restart may forget it. */
  readonly #limited = new Map<ChannelKey, number>();
  #inflight = 0;
  #stopped = false;
  #idle: (() => void)[] = [];

  constructor(core: Core) {
    this.#core = core;
  }

  get busy(): number {
    return this.#inflight;
  }

  /** A Channel's row was committed: served at once when it is due, else when its time comes. */
  put(row: Row): void {
    const { key, dueAtMs, priority } = row;
    if (this.#busy.has(key)) {
      this.#meanwhile.set(key, row);
      return;
    }
    if (dueAtMs === undefined) {
      this.#priorities.delete(key);
      this.#core.due.set(`channel:${key}`, undefined);
      return;
    }
    this.#priorities.set(key, priority);
    if (dueAtMs <= this.#core.clock.now()) this.wake(key);
    else this.#core.due.set(`channel:${key}`, dueAtMs);
  }

  /** The Channel is due: it is served as soon as its Account may. */
  wake(key: ChannelKey): void {
    if (this.#stopped || this.#busy.has(key)) return;
    this.#core.due.set(`channel:${key}`, undefined);
    const account = accountOf(key);
    const lane = this.#lane(account);
    lane.ready.set(key, this.#priorities.get(key) ?? 0);
    this.#pump(account, lane);
  }

  /** Claims nothing any more. */
  stop(): void {
    this.#stopped = true;
    for (const lane of this.#accounts.values()) lane.ready.clear();
  }

  /** Resolves when nothing is in flight. */
  idle(): Promise<void> {
    if (this.#inflight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** The Account's pause as it is known here; the claim asks the store. */
  pause(account: string, untilMs: number | undefined, authorized: boolean): void {
    this.#lane(account).pausedUntilMs = authorized ? (untilMs ?? 0) : Number.POSITIVE_INFINITY;
    this.resume(account);
  }

  /** An Account's pause or gap may be over. */
  resume(account: string): void {
    this.#pump(account, this.#lane(account));
  }

  /** The clock jumped. */
  shift(deltaMs: number): void {
    for (const lane of this.#accounts.values()) {
      lane.pausedUntilMs += deltaMs;
      lane.lastSentAtMs += deltaMs;
    }
    for (const [key, untilMs] of this.#limited) this.#limited.set(key, untilMs + deltaMs);
  }

  /** Claims what leaves a Channel next in the transaction that made it due, when nobody else waits for its Account. */
  *claimAtOnce(work: Work, key: ChannelKey): Script<Taken | undefined> {
    const lane = this.#lane(accountOf(key));
    const follows = this.#settling.has(key);
    const isFree = follows || (!this.#busy.has(key) && lane.inflight < limit.sendsPerAccount);
    const waits = lane.ready.size > 0 || lane.gapMs > 0 || lane.pausedUntilMs > work.now;
    if (this.#stopped || !isFree || waits) return undefined;
    if (!follows) this.#hold(key, lane);
    let paced: Paced | undefined;
    try {
      paced = yield* this.#claim(work, key);
    } finally {
      if (paced?.kind !== 'claimed' && !follows) this.#release(key, lane);
    }
    if (paced.kind !== 'claimed') return undefined;
    const { claim } = paced;
    if (!follows)
      return {
        begin: () => this.#serve(key, lane, claim),
        giveBack: () => this.#release(key, lane),
      };
    return { begin: () => this.#follow(key, lane, claim), giveBack: () => undefined };
  }

  #lane(account: string): Lane {
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const lane: Lane = {
      gapMs: this.#gapOf(account),
      ready: new Map(),
      inflight: 0,
      pausedUntilMs: 0,
      lastSentAtMs: Number.NEGATIVE_INFINITY,
    };
    this.#accounts.set(account, lane);
    return lane;
  }

  #pump(account: string, lane: Lane): void {
    while (!this.#stopped && lane.ready.size > 0 && lane.inflight < limit.sendsPerAccount) {
      const now = this.#core.clock.now();
      const { gapMs } = lane;
      const freeAtMs = Math.max(lane.pausedUntilMs, lane.lastSentAtMs + gapMs);
      if (freeAtMs > now) {
        if (freeAtMs < Number.POSITIVE_INFINITY) this.#core.due.set(`account:${account}`, freeAtMs);
        return;
      }
      const key = mostUrgent(lane.ready);
      lane.ready.delete(key);
      if (gapMs > 0) lane.lastSentAtMs = now;
      this.#hold(key, lane);
      this.#serve(key, lane);
    }
  }

  #gapOf(account: string): number {
    for (const adapter of this.#core.adapters.values()) {
      for (const name of adapter.accounts) {
        if (accountKey({ adapter: adapter.name, account: name }) === account)
          return adapter.capabilities.gapMs?.account ?? 0;
      }
    }
    return 0;
  }

  #hold(key: ChannelKey, lane: Lane): void {
    this.#busy.add(key);
    lane.inflight += 1;
    this.#inflight += 1;
  }

  /** Nothing of the Channel is in flight any more. `row`: when to look again, unless a committed one says it. */
  #release(key: ChannelKey, lane: Lane, row?: Row): void {
    const newest = this.#meanwhile.get(key) ?? row;
    this.#meanwhile.delete(key);
    this.#busy.delete(key);
    lane.inflight -= 1;
    this.#inflight -= 1;
    if (newest !== undefined) this.put(newest);
    this.#pump(accountOf(key), lane);
    if (this.#inflight === 0) for (const tell of this.#idle.splice(0)) tell();
  }

  /** Claimed in the transaction that settled the one before, or in one beside it. */
  #follow(key: ChannelKey, lane: Lane, claim: Claim): void {
    if (this.#busy.has(key)) {
      this.#next.set(key, claim);
      return;
    }
    this.#hold(key, lane);
    this.#serve(key, lane, claim);
  }

  /** A Channel that is held; released when it was served. */
  #serve(key: ChannelKey, lane: Lane, claim?: Claim): void {
    const served = (row?: Row): void => {
      const next = this.#next.get(key);
      this.#next.delete(key);
      if (next === undefined) this.#release(key, lane, row);
      else this.#serve(key, lane, next);
    };
    this.#round(key, claim).then(served, (error: unknown) => {
      this.#core.log('error', 'serving a channel failed', {
        channel: key,
        error: errorText(error),
      });
      served({ key, dueAtMs: this.#core.clock.now() + limit.rewriteCapMs, priority: 0 });
    });
  }

  /** One claim, if there is none yet, and its settling. Answers when to look again, where the committed row does not say it. */
  async #round(key: ChannelKey, claimed?: Claim): Promise<Row | undefined> {
    if (claimed !== undefined) return await this.#handle(key, claimed);
    for (;;) {
      const paced = await this.#core.persist('claim', (work) => this.#claim(work, key));
      if (paced.kind === 'again' && !this.#stopped) continue;
      if (paced.kind === 'claimed') return await this.#handle(key, paced.claim);
      return paced.kind === 'later' ? paced.channel : undefined;
    }
  }

  async #handle(key: ChannelKey, claim: Claim): Promise<undefined> {
    const core = this.#core;
    core.runtime.crashPoint?.('receipt.claimed');
    const answer =
      claim.attempt.act === 'reconcile' ? await this.#look(claim) : await this.#send(claim);
    core.runtime.crashPoint?.('receipt.answered');
    this.#noteLimit(key, answer);
    this.#settling.add(key);
    await core
      .persist('settle', (work) => settleClaim(work, core, claim, answer))
      .finally(() => this.#settling.delete(key));
    core.runtime.crashPoint?.('receipt.settled');
  }

  *#claim(work: Work, key: ChannelKey): Script<Paced> {
    const core = this.#core;
    const channel = yield* work.channel(key);
    if (channel === undefined) return { kind: 'idle' };
    const account = yield* work.account(channel.account);
    if (account !== undefined && (!account.authorized || (account.pausedUntilMs ?? 0) > work.now)) {
      this.pause(channel.account, account.pausedUntilMs, account.authorized);
      if (!account.authorized) return { kind: 'idle' };
      return { kind: 'later', channel: { ...channel, dueAtMs: account.pausedUntilMs } };
    }
    const gapMs = capabilitiesOf(core, channel).gapMs?.channel ?? 0;
    // A send that lies ahead was written by a clock that was set back since.
    const { lastSentAtMs = Number.POSITIVE_INFINITY } = channel;
    const gapEndMs = lastSentAtMs > work.now ? work.now : lastSentAtMs + gapMs;
    const freeAtMs = Math.max(gapEndMs, this.#limited.get(key) ?? 0);
    if (freeAtMs > work.now) return { kind: 'later', channel: { ...channel, dueAtMs: freeAtMs } };
    this.#limited.delete(key);
    const claimed = yield* claimNext(work, core, key);
    if (claimed.kind !== 'idle') return claimed;
    const after = yield* work.channel(key);
    return after === undefined ? claimed : { kind: 'later', channel: after };
  }

  async #send(claim: Claim): Promise<Answer> {
    const { adapter, receipt, attempt, delivery } = claim;
    const answer = await this.#call(`${adapter.name}.deliver`, (signal) =>
      adapter.deliver(delivery, {
        n: attempt.n,
        part: attempt.part,
        parts: receipt.parts.length,
        content: contentOf(claim),
        key: `${receipt.id}.${receipt.route}.${attempt.part}`,
        ...(claim.live === undefined ? {} : { live: claim.live }),
        repairs: receipt.repairs,
        seq: receipt.seq,
        signal,
      }),
    );
    return { kind: 'outcome', outcome: this.#outcome(answer, claim) };
  }

  /** An adapter's answer is checked: success without a handle, or an unknown shape, is a broken contract and proves nothing. */
  #outcome(answer: PortAnswer<DeliveryOutcomeInput>, claim: Claim): DeliveryOutcome {
    const atMs = this.#core.clock.now();
    if (answer.kind === 'failed')
      return { kind: 'unknown', atMs, phase: 'written', cause: answer.cause };
    const parsed = DeliveryOutcome.safeParse(answer.value);
    if (parsed.success) return parsed.data;
    const cause = `${claim.adapter.name}.deliver broke its contract: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`;
    this.#core.log('error', cause, { receipt: claim.receipt.id });
    return { kind: 'unknown', atMs, phase: 'answered', cause: cause.slice(0, limit.errorChars) };
  }

  /** The platform's limit holds for whatever is next in the Channel, also when this Receipt is not it. */
  #noteLimit(key: ChannelKey, answer: Answer): void {
    if (answer.kind !== 'outcome' || answer.outcome.kind !== 'deferred') return;
    const { reason, scope, retryAfterMs } = answer.outcome;
    if (reason !== 'rate_limited' || scope !== 'channel' || retryAfterMs === undefined) return;
    this.#limited.set(key, this.#core.clock.now() + retryAfterMs);
  }

  async #look(claim: Claim): Promise<Answer> {
    const { adapter, receipt, attempt, channel } = claim;
    const { handle } = receipt.parts[attempt.part - 1] ?? {};
    const answer = await this.#call(
      `${adapter.name}.reconcile`,
      (signal): Promise<ReconcileAnswer> => {
        if (adapter.reconcile === undefined)
          return Promise.resolve({ kind: 'cannot_tell', cause: 'no reconcile' });
        return adapter.reconcile({
          receiptId: receipt.id,
          channel: channel.address,
          key: `${receipt.id}.${receipt.route}.${attempt.part}`,
          part: attempt.part,
          content: contentOf(claim),
          sentAtMs: claim.sentAtMs ?? attempt.startedAtMs,
          ...(handle === undefined ? {} : { handle }),
          signal,
        });
      },
    );
    return {
      kind: 'look',
      answer:
        answer.kind === 'failed'
          ? { kind: 'cannot_tell', cause: answer.cause }
          : checkedAnswer(answer.value),
    };
  }

  #call<T>(name: string, call: (signal: AbortSignal) => Promise<T>): Promise<PortAnswer<T>> {
    return callPort(this.#core, { name, limitMs: this.#core.clocks.sendMs }, call);
  }
}

/** The part as it is sent. */
function contentOf({ receipt, attempt }: Claim): Part {
  const { text, files } = receipt.parts[attempt.part - 1] ?? { text: '' };
  return files === undefined ? { text } : { text, files };
}

type PortAnswer<T> = Awaited<ReturnType<typeof callPort<T>>>;

/** What the loop knows of a Channel. */
type Row = Pick<Channel, 'key' | 'dueAtMs' | 'priority'>;

/** A Channel's key begins with its Account's. */
function accountOf(key: ChannelKey): string {
  return key.split('/', 2).join('/');
}

interface Lane {
  /** Between two sends of the Account. */
  readonly gapMs: number;
  readonly ready: Map<ChannelKey, number>;
  inflight: number;
  pausedUntilMs: number;
  lastSentAtMs: number;
}

type Paced =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'again' | 'idle' }
  | { readonly kind: 'later'; readonly channel: Channel };

function mostUrgent(ready: ReadonlyMap<ChannelKey, number>): ChannelKey {
  let best: ChannelKey | undefined;
  let highest = -1;
  for (const [key, priority] of ready) {
    if (priority <= highest) continue;
    best = key;
    highest = priority;
    if (priority === priorityMax) break;
  }
  return best as ChannelKey;
}

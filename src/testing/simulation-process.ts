import type { Adapter, AdapterHost } from '../contracts/adapter.ts';
import { StoreError } from '../contracts/error.ts';
import type { Relay } from '../contracts/relay.ts';
import type { Runtime } from '../contracts/runtime.ts';
import type { Store } from '../contracts/store.ts';
import type { Worker } from '../contracts/worker.ts';
import { createRelay, newOwner, type RelayOptions } from '../relay.ts';
import { openSqlite, SqliteMemory } from '../stores/sqlite/index.ts';
import { Life } from './life.ts';
import type { Ground } from './simulation-ground.ts';
import type { Judge } from './simulation-judge.ts';

/** One process of a run. */
export interface Process {
  readonly life: Life;
  readonly relay: Relay;
  readonly owner: string;
  /** Set when its adapter was started: the platform can talk to it. */
  host: AdapterHost | undefined;
  /** Passings of ports until it dies. */
  fuse: number | undefined;
}

export interface ProcessParts {
  readonly ground: Ground;
  readonly judge: Judge;
  /** Its workers, made anew. */
  workers(runtime: Runtime): readonly Worker[];
  /** Names the worker for a message; absent: there is one. */
  readonly pick: RelayOptions['pick'];
  /** What was refused, or sent while nobody was there, is delivered again. */
  catchUp(process: Process): Promise<void>;
}

const minute = 60_000;
const deadlines = { terminalMs: 8 * minute, answerMs: 3 * minute, queueMs: 6 * minute };

/** The processes of a run: they begin over the same disk with nothing in their memory, and die at any call. */
export class Processes {
  readonly #parts: ProcessParts;
  readonly #ground: Ground;
  readonly #living: Process[] = [];
  readonly #gone = new Set<string>();
  #turn = 0;
  /** When the last one began. */
  upAtMs = 0;
  crashes = 0;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.#ground = parts.ground;
  }

  get all(): readonly Process[] {
    return this.#living;
  }

  /** One that the platform can talk to: each in turn. */
  get any(): Process | undefined {
    const there = this.#living.filter(({ life, host }) => life.alive && host !== undefined);
    this.#turn += 1;
    return there[this.#turn % Math.max(1, there.length)];
  }

  get someDied(): boolean {
    return this.#living.some(({ life }) => !life.alive);
  }

  kill(process: Process, place: string): void {
    if (!process.life.alive) return;
    this.#ground.tell(`killed at ${place}`);
    this.#ground.count('crash');
    this.crashes += 1;
    process.life.kill();
    this.#parts.judge.died();
    // Half of the dead are known to be; the leases of the others have to run out.
    if (this.crashes % 2 === 0) this.#gone.add(process.owner);
  }

  /** It has stopped by itself, and is known to be gone. */
  async stop(process: Process, now: boolean): Promise<void> {
    let stopped = false;
    const stopping = process.relay.stop({ now });
    stopping.then(
      () => {
        stopped = true;
      },
      (error: unknown) => this.#ground.complain(`the stop failed: ${String(error)}`),
    );
    for (let seconds = 0; !stopped && process.life.alive; seconds += 1) {
      if (seconds > 120) this.#ground.complain('a stop took more than two minutes');
      if (seconds > 120) break;
      await this.#ground.runtime.advance(1_000);
    }
    this.#gone.add(process.owner);
    process.life.kill();
    this.#parts.judge.died();
  }

  /** Whoever is missing comes after `downMs`. */
  async revive(downMs: number): Promise<void> {
    for (let at = this.#living.length - 1; at >= 0; at -= 1)
      if (this.#living[at]?.life.alive === false) this.#living.splice(at, 1);
    const missing = this.#ground.plan.settings.owners - this.#living.length;
    if (missing === 0) return;
    await this.#ground.runtime.advance(downMs);
    for (let n = 0; n < missing; n += 1) await this.#launch();
  }

  end(): void {
    for (const { life } of this.#living.splice(0)) life.kill();
  }

  async #launch(): Promise<void> {
    const ground = this.#ground;
    let process: Process | undefined;
    const life = new Life((place) => this.#passed(process, place));
    const runtime = life.runtime(ground.runtime);
    const owner = newOwner(runtime);
    const disk = new SqliteMemory(ground.disk.database);
    life.onDeath(() => disk.crash());
    const store = await openSqlite({ file: ':memory:', runtime, owner, memory: disk });
    const relay = createRelay({
      ...this.#settings(),
      store: life.store(this.#failing(store)),
      adapters: [life.adapter(this.#adapter(() => process as Process))],
      workers: this.#parts.workers(runtime).map((worker) => life.worker(worker)),
      runtime,
      owner,
      log: (level, message, data) => {
        ground.tell(`log ${level} ${message} ${JSON.stringify(data ?? {})}`);
        if (level === 'error' && life.alive && !isExpected(message, data))
          ground.complain(`an error was logged: ${message} ${JSON.stringify(data)}`);
      },
    });
    const launched: Process = { life, relay, owner, host: undefined, fuse: undefined };
    process = launched;
    this.#living.push(launched);
    this.upAtMs = ground.runtime.monoMs();
    ground.tell(`launch ${this.#living.length}`);
    relay.start().catch((error: unknown) => {
      if (life.alive) ground.complain(`the start failed: ${String(error)}`);
    });
    await ground.runtime.settle();
  }

  #settings(): Partial<RelayOptions> {
    const { overlap, sessionPer, routes, owners, operator } = this.#ground.plan.settings;
    const { platform } = this.#ground;
    const { pick } = this.#parts;
    return {
      deadlines,
      overlap,
      sessionPer,
      queueMax: 6,
      ...(pick === undefined ? {} : { pick }),
      ...(owners > 1 ? { clocks: { taskLeaseMs: 6_000 } } : {}),
      ...(operator ? { operator: { channel: platform.channel('ops') } } : {}),
      ...(routes
        ? {
            routes: ({ personId }) => [
              { channel: platform.channel(`dm-${personId}`), private: true },
            ],
          }
        : {}),
    };
  }

  #adapter(process: () => Process): Adapter {
    const { platform, present } = this.#ground;
    const adapter = platform.adapter();
    return {
      ...adapter,
      start: async (host) => {
        process().host = host;
        await adapter.start(host);
        if (this.#ground.authorized) host.connection('bot', 'connected');
        for (const conversation of present)
          void host.audience(platform.channel(conversation), true);
      },
      catchUp: async () => await this.#parts.catchUp(process()),
      deliver: async (delivery, attempt) => {
        const { conversation } = delivery.channel;
        this.#ground.tell(
          `deliver ${delivery.kind} ${attempt.key} ${attempt.n} to ${conversation}`,
        );
        const landed = this.#parts.judge.departed(conversation, attempt.signal);
        try {
          return await adapter.deliver(delivery, attempt);
        } finally {
          landed();
        }
      },
    };
  }

  /** While the disk is full nothing is written. Who is gone is known for sure only by one process alone. */
  #failing(store: Store): Store {
    const ground = this.#ground;
    const alone = ground.plan.settings.owners === 1;
    return {
      ...store,
      write: (name, script) => {
        ground.tell(`write ${name}`);
        if (ground.runtime.monoMs() >= ground.diskFullUntilMs) return store.write(name, script);
        ground.count('disk full');
        return Promise.reject(new StoreError('unwritable', 'the disk is full'));
      },
      ownerGone: (owner) => (alone ? store.ownerGone(owner) : this.#gone.has(owner)),
    };
  }

  /** A port was passed: the fuse burns. */
  #passed(process: Process | undefined, place: string): void {
    if (process?.fuse === undefined) return;
    process.fuse -= 1;
    if (process.fuse <= 0) this.kill(process, place);
  }
}

/** What is logged as an error and is none of ours: the disk is full, a process stops, an adapter broke. */
function isExpected(message: string, data: unknown): boolean {
  const text = `${message} ${JSON.stringify(data ?? {})}`;
  const known = [
    'the disk is full',
    'the store cannot write',
    'broke its contract',
    'while it stops',
    'store is closed',
  ];
  return known.some((words) => text.includes(words));
}

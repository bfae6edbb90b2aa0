import type { Adapter } from '../../src/contracts/adapter.ts';
import type { JournalRow } from '../../src/contracts/event.ts';
import type { TaskId } from '../../src/contracts/id.ts';
import type { Receipt } from '../../src/contracts/receipt.ts';
import type { Relay } from '../../src/contracts/relay.ts';
import type { Runtime } from '../../src/contracts/runtime.ts';
import type { Script, Store, StoreReads } from '../../src/contracts/store.ts';
import type { Task } from '../../src/contracts/task.ts';
import type { Worker } from '../../src/contracts/worker.ts';
import { createRelay, newOwner, type RelayOptions } from '../../src/relay.ts';
import { openSqlite, SqliteMemory } from '../../src/stores/sqlite/index.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { createFakeRuntime, type FakeRuntime } from '../../src/testing/fake-runtime.ts';
import { createFakeWorker, type FakeWorker } from '../../src/testing/fake-worker.ts';

export interface HarnessOptions
  extends Partial<Omit<RelayOptions, 'store' | 'adapters' | 'workers' | 'runtime' | 'owner'>> {
  readonly platform?: FakePlatform;
  readonly adapters?: () => readonly Adapter[];
  readonly workers?: readonly Worker[];
}

/** The time of one incarnation: after its death nothing of it goes on. */
function mortal(runtime: FakeRuntime): { runtime: Runtime; kill: () => void } {
  let alive = true;
  const never = new Promise<void>(() => undefined);
  return {
    kill: () => {
      alive = false;
    },
    runtime: {
      wallMs: () => runtime.wallMs(),
      monoMs: () => runtime.monoMs(),
      random: (bytes) => runtime.random(bytes),
      soon: (fn) => runtime.soon(() => (alive ? fn() : undefined)),
      sleep: async (ms, signal) => {
        if (!alive) return await never;
        await runtime.sleep(ms, signal);
        return alive ? undefined : await never;
      },
    },
  };
}

const stepMs = 100;

/** A whole relay on virtual time: fake platform, fake worker, the real core and the real SQL in memory. */
export class Harness {
  readonly runtime: FakeRuntime = createFakeRuntime();
  readonly platform: FakePlatform;
  readonly worker: FakeWorker = createFakeWorker();
  readonly memory = new SqliteMemory();
  readonly errors: string[] = [];
  relay!: Relay;
  store!: Store;
  readonly #options: HarnessOptions;
  #kill: () => void = () => undefined;

  constructor(options: HarnessOptions = {}) {
    this.#options = options;
    this.platform = options.platform ?? new FakePlatform();
  }

  /**
   * Begins, or begins again as a new process over the same disk: what ran before is dead and never answers. A start may
   * take `withinMs` of the virtual time.
   */
  async start(withinMs = 0): Promise<this> {
    const { platform: _, adapters, workers, ...options } = this.#options;
    const owner = newOwner(this.runtime);
    const { runtime, kill } = mortal(this.runtime);
    this.#kill = kill;
    this.store = await openSqlite({ file: ':memory:', runtime, owner, memory: this.memory });
    this.relay = createRelay({
      log: (level, message, data) => {
        if (level === 'error') this.errors.push(`${message} ${JSON.stringify(data)}`);
      },
      ...options,
      store: this.store,
      adapters: adapters?.() ?? [this.platform.adapter()],
      workers: workers ?? [this.worker],
      runtime,
      owner,
    });
    let isOver = false;
    const started = this.relay.start().finally(() => {
      isOver = true;
    });
    started.catch(() => undefined);
    await this.runtime.settle();
    for (let ms = 0; !isOver && ms < withinMs; ms += stepMs) await this.runtime.advance(stepMs);
    await started;
    await this.runtime.settle();
    return this;
  }

  /** The process dies as by a kill, and another takes over. */
  async crash(downMs = 0, withinMs = 0): Promise<void> {
    this.#kill();
    this.memory.crash();
    await this.runtime.advance(downMs);
    await this.start(withinMs);
  }

  async say(...args: Parameters<FakePlatform['say']>): Promise<TaskId> {
    const accepted = await this.settle(this.platform.say(...args));
    return accepted.taskId as TaskId;
  }

  async press(label: string, options: Parameters<FakePlatform['press']>[1] = {}): Promise<void> {
    await this.settle(this.platform.press(this.platform.button(label), options));
  }

  /** Lets a call run to its end without time passing. */
  async settle<T>(call: Promise<T>): Promise<T> {
    call.catch(() => undefined);
    await this.runtime.settle();
    return await call;
  }

  async advance(ms: number): Promise<void> {
    await this.runtime.advance(ms);
  }

  read<T>(script: (reads: StoreReads) => Script<T>): Promise<T> {
    return this.store.read(script);
  }

  async task(id: TaskId): Promise<Task> {
    const task = await this.read((reads) => reads.task(id));
    if (task === undefined) throw new Error(`no task ${id}`);
    return task;
  }

  async receipts(task?: TaskId): Promise<readonly Receipt[]> {
    const page = await this.relay.receipts.list({}, { limit: 500 });
    return page.rows.filter((receipt) => task === undefined || receipt.task === task);
  }

  async journal(): Promise<readonly JournalRow[]> {
    return (await this.read((reads) => reads.journalPage({}, { after: 0, limit: 500 }))).rows;
  }

  async events(name: JournalRow['name']): Promise<readonly JournalRow['data'][]> {
    return (await this.journal()).filter((row) => row.name === name).map((row) => row.data);
  }
}

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  return await new Harness(options).start();
}

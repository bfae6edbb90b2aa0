import type { CrashPoint } from '../../src/contracts/crash-point.ts';
import type { Worker } from '../../src/contracts/worker.ts';
import { createRelay, newOwner } from '../../src/relay.ts';
import { openSqlite, SqliteMemory } from '../../src/stores/sqlite/index.ts';
import { FakePlatform, type Scripted, type Sent } from '../../src/testing/fake-platform.ts';
import { createFakeRuntime, type FakeRuntime } from '../../src/testing/fake-runtime.ts';
import { createFakeWorker, type FakeCall, type FakeWorker } from '../../src/testing/fake-worker.ts';
import { Life } from '../../src/testing/life.ts';

/** What stands open, without what must differ: who holds it, how often it was taken, names of rows. */
export interface OpenSet {
  readonly tasks: readonly unknown[];
  readonly receipts: readonly unknown[];
  readonly asks: readonly unknown[];
  readonly channels: readonly unknown[];
  readonly sessions: readonly unknown[];
}

/** One start: what it passed until its adapter was started, and what was open then; dead starts know nothing of that. */
export interface Start {
  readonly places: readonly string[];
  readonly open: OpenSet | undefined;
}

/** What came of it for people, and how often each work was begun. */
export interface Told {
  readonly screen: readonly string[];
  readonly events: readonly string[];
  readonly work: readonly string[];
}

const queries: Readonly<Record<keyof OpenSet, string>> = {
  tasks: `SELECT id, state, contract_state, contract, cause, due_at_ms, ask, apart, attempt, revision,
    live, result, error FROM tasks ORDER BY id`,
  receipts: `SELECT subject_kind, subject_id, kind, revision, state, channel, seq, place, due_at_ms,
    opened_at_ms, expires_at_ms, evidence_due_at_ms, head_since_ms, route, attempts, tries, deaths,
    marks, reason, content ->> 'text' AS text, content -> 'buttons' AS buttons, parts
    FROM receipts ORDER BY channel, seq`,
  asks: 'SELECT id, state, until_ms, remind_at_ms, closed_at_ms, reason FROM asks ORDER BY id',
  channels:
    'SELECT key, seq, due_at_ms, head_due_at_ms, owner, lease_until_ms FROM channels ORDER BY key',
  sessions: 'SELECT id, busy, queued, ready_at_ms, version FROM sessions ORDER BY id',
};

const question = {
  kind: 'question',
  text: 'Deploy?',
  options: [
    { id: 'y', label: 'Yes' },
    { id: 'n', label: 'No', refuses: true },
  ],
} as const;

/** A disk, a platform and two workers, and the processes that die over them: all in virtual time, so a scene repeats exactly. */
export class Scene {
  readonly runtime: FakeRuntime = createFakeRuntime();
  readonly memory = new SqliteMemory();
  readonly platform = new FakePlatform({ reconcile: true });
  readonly errors: string[] = [];
  /** Lost with its process; outlives it. */
  readonly plain: FakeWorker = createFakeWorker({ name: 'plain' });
  readonly remote: FakeWorker = createFakeWorker({
    name: 'remote',
    capabilities: { reattach: true, session: 'durable', resume: 'native' },
  });
  #life = new Life();

  /** A new process, up to its rest. `die` is asked at every place that it passes until its adapter is started, the n-th from 0. */
  async start(die: (place: string, n: number) => boolean = () => false): Promise<Start> {
    const places: string[] = [];
    let open: OpenSet | undefined;
    const life = new Life((place) => {
      if (life.alive && open === undefined) {
        places.push(place);
        if (die(place, places.length - 1)) life.kill();
      }
      // What was not committed is gone with its process.
      if (place === ('store.committing' satisfies CrashPoint) && !life.alive)
        throw new Error('the process is dead');
    });
    this.#life = life;
    const runtime = life.runtime(this.runtime);
    const owner = newOwner(runtime);
    const disk = new SqliteMemory(this.memory.database);
    life.onDeath(() => disk.crash());
    const store = await openSqlite({ file: ':memory:', runtime, owner, memory: disk });
    const adapter = this.platform.adapter();
    const relay = createRelay({
      store: life.store(store),
      owner,
      runtime,
      adapters: [
        life.adapter({
          ...adapter,
          start: async (host) => {
            open = this.open();
            await adapter.start(host);
          },
        }),
      ],
      workers: [life.worker(this.plain), life.worker(slow(this.remote, this.runtime))],
      pick: ({ text }) => (text.startsWith('remote') ? 'remote' : 'plain'),
      log: (level, message, data) => {
        if (level === 'error' && life.alive) this.errors.push(`${message} ${JSON.stringify(data)}`);
      },
    });
    relay.start().catch((error: unknown) => {
      if (life.alive) this.errors.push(String(error));
    });
    await this.runtime.settle();
    return { places, open };
  }

  kill(): void {
    this.#life.kill();
  }

  open(): OpenSet {
    const rows = Object.entries(queries).map(([name, sql]) => [name, this.rows(sql)]);
    return Object.fromEntries(rows) as OpenSet;
  }

  rows<Row>(sql: string): readonly Row[] {
    return this.memory.database.prepare(sql).all() as Row[];
  }

  /** Leaves open work of every kind on the disk, and is away for a minute. */
  async leaveWork(): Promise<void> {
    await this.start();
    this.platform.decide = trouble;
    this.platform.decideLook = () => 'hang';
    const said = ['lost', 'asks', 'deaf', 'unsure', 'busy', 'remote', 'remote asks'];
    for (const text of said) await this.#say(text);
    await this.#say('waits for its turn', 'lost');
    await this.runtime.advance(10_000);
    await this.#say('in flight');
    for (const text of ['asks', 'remote asks']) void this.#call(text).ask(question);
    await this.runtime.advance(3_000);
    this.#call('deaf').ignoreAbort();
    await this.#say('/cancel', 'deaf');
    await this.runtime.advance(1_000);
    this.kill();
    this.platform.decide = undefined;
    this.platform.decideLook = undefined;
    await this.runtime.advance(60_000);
  }

  /** What a person was told and what the Journal says of it, in an order of its own. */
  told(): Told {
    const events = this.rows<{ line: string }>(
      `SELECT name || ' ' || coalesce(task_id, '') || ' ' || data AS line FROM journal
       WHERE name LIKE 'deadline.%' OR name = 'task.ended' OR name LIKE 'incident.%'`,
    );
    return {
      screen: this.platform.shown
        .map(({ conversation, history }) => `${conversation}: ${history.join(' -> ')}`)
        .sort(),
      events: events.map(({ line }) => line).sort(),
      work: this.#calls()
        .filter(({ kind }) => kind === 'prompt')
        .map(({ task }) => task.text)
        .sort(),
    };
  }

  /** Everything that still works comes to its end and is told. */
  async live(): Promise<void> {
    await this.runtime.advance(5_000);
    for (let round = 0; round < 3; round += 1) {
      for (const call of this.#calls()) if (!call.settled) call.finish(`${call.task.text}: done`);
      await this.runtime.advance(30_000);
    }
  }

  #calls(): readonly FakeCall[] {
    return [...this.plain.calls, ...this.remote.calls];
  }

  #call(text: string): FakeCall {
    const call = this.#calls().find(({ task }) => task.text === text);
    if (call === undefined) throw new Error(`no work on ${text}`);
    return call;
  }

  async #say(text: string, conversation = text): Promise<void> {
    const said = this.platform.say(text, { conversation });
    said.catch(() => undefined);
    await this.runtime.settle();
    await said;
  }
}

/** Takes a moment to open a session: what is watched again is not stored in one commit with what is lost. */
function slow(worker: FakeWorker, runtime: FakeRuntime): Worker {
  return {
    ...worker,
    ensureSession: async (spec, options) => {
      for (let turns = 0; turns < 3; turns += 1)
        await new Promise<void>((resolve) => runtime.soon(resolve));
      return await worker.ensureSession(spec, options);
    },
  };
}

function trouble({ delivery, atMs }: Sent): Scripted | undefined {
  switch (delivery.channel.conversation) {
    case 'in flight':
      return { kind: 'apply_and_hang' };
    case 'unsure':
      return {
        kind: 'apply',
        answer: { kind: 'unknown', atMs, phase: 'written', cause: 'reset' },
      };
    case 'busy':
      return { kind: 'deferred', atMs, reason: 'unavailable', cause: 'busy' };
    default:
      return undefined;
  }
}

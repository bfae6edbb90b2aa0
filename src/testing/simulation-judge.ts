import type { Sent } from './fake-platform.ts';
import { type Rows, rowsOf } from './invariant-rows.ts';
import {
  brokenAtRest,
  brokenClocks,
  brokenInvariants,
  type Facts,
  factsOf,
  type Scene,
} from './invariants.ts';
import type { Ground } from './simulation-ground.ts';

/** A poll of the store is the last that finds a clock: nothing fires later while a process runs. */
const lateMs = 15_000;

/** The platform wants nothing before; known to one life only. */
interface Limit {
  readonly sinceMono: number;
  readonly untilMs: number;
  readonly life: number;
}

/** What must hold in a run: after every step, at every send, and at the end. It tells the ground what does not. */
export class Judge {
  readonly #ground: Ground;
  readonly #rules: (scene: Scene) => readonly string[];
  readonly #flying = new Map<string, Set<AbortSignal>>();
  readonly #begun = new Map<string, number>();
  readonly #limits = new Map<string, Limit>();
  readonly #jumps: boolean;
  #life = 0;
  #changes = '';
  /** What was judged last, and what was found. */
  #seen = '';
  #facts: Facts | undefined;
  #found: readonly string[] = [];
  /** The latest that a clock was found while a process ran. */
  latestMs = 0;

  constructor(ground: Ground, rules: (scene: Scene) => readonly string[] = () => []) {
    this.#ground = ground;
    this.#rules = rules;
    this.#jumps = ground.plan.steps.some(({ kind }) => kind === 'jump');
  }

  /** After a step: all invariants, when anything changed. `upForMs`: how long the processes have run undisturbed. */
  step(upForMs: number): void {
    const changes = this.#countChanges();
    if (changes === this.#changes) return;
    this.#changes = changes;
    const undisturbed = !this.#jumps && upForMs > lateMs;
    const rows = this.#ground.watched.look();
    const scene = this.#scene();
    const complaints = this.#judgeAtRest(rows, scene);
    const options = { lateMs: undisturbed ? lateMs : Number.POSITIVE_INFINITY };
    this.#ground.complain(
      ...complaints,
      ...brokenClocks(this.#facts as Facts, scene.nowMs, options),
      ...this.#rules(scene),
    );
    if (undisturbed) this.#measureLateness(rows);
    this.#judgeTaken(rows);
  }

  /** A write that changed nothing of what is judged here leaves what was found. */
  #judgeAtRest(rows: Rows, scene: Scene): readonly string[] {
    const { watched, platform } = this.#ground;
    const seen = `${watched.changes} ${platform.shows} ${platform.sent.length}`;
    if (seen === this.#seen) return this.#found;
    this.#seen = seen;
    this.#facts = factsOf(rows);
    this.#found = brokenAtRest(this.#facts, scene, { quiet: false, editMs: this.#editMs });
    return this.#found;
  }

  /** At the end: nothing is open, and what was judged on the way is what is there. */
  end(): void {
    const editMs = this.#editMs;
    this.#ground.complain(
      ...brokenInvariants(this.#scene(), { lateMs, editMs }),
      ...this.#ground.watched.missed().map((table) => `the judge did not see all of ${table}`),
    );
  }

  /** Nothing waits to be done. */
  get atRest(): boolean {
    const [open] = this.#ground.rows<{ n: number }>(
      `SELECT (SELECT count(*) FROM tasks WHERE open = 1) + (SELECT count(*) FROM receipts WHERE open = 1) AS n`,
    );
    return open?.n === 0;
  }

  /** All that is stored about work and what was said, to be compared. */
  dump(): ReadonlyMap<string, string> {
    const tables = ['tasks', 'receipts', 'attempts', 'asks', 'sessions', 'inbounds', 'transcripts'];
    const read = (table: string): [string, string] => [
      table,
      JSON.stringify(this.#ground.rows(`SELECT * FROM ${table}`)),
    ];
    return new Map(tables.map(read));
  }

  /** At the moment at which a text leaves: its row is there and claimed, nothing else leaves there, and the platform wants it. */
  send({ delivery, attempt }: Sent): void {
    const { conversation } = delivery.channel;
    const [row] = rowsOf<{ state: string }>(
      this.#ground.disk.database,
      'SELECT state FROM receipts WHERE id = ?',
      delivery.receiptId,
    );
    if (row?.state !== 'claimed' && row?.state !== 'surfaced')
      this.#ground.complain(
        `I3 ${delivery.kind} ${attempt.key} left while ${row?.state ?? 'not stored'}`,
      );
    // Two processes: the lease of a dead one may run out while what it sent is still on its way.
    if (this.#ground.plan.settings.owners > 1) return;
    if ((this.#flying.get(conversation)?.size ?? 0) > 1)
      this.#ground.complain(`I6 two sends at once in ${conversation}`);
    if (this.#jumps) return;
    for (const scope of [conversation, 'account']) {
      const limit = this.#limits.get(scope);
      // What left in the instant of the answer could not know of it.
      if (limit?.life !== this.#life || limit.sinceMono === this.#ground.runtime.monoMs()) continue;
      if (this.#ground.runtime.wallMs() < limit.untilMs)
        this.#ground.complain(`a send came before the limit of ${scope} was over`);
    }
  }

  /** A send is in flight until it is answered or aborted. */
  departed(conversation: string, signal: AbortSignal): () => void {
    const flying = this.#flying.get(conversation) ?? new Set();
    this.#flying.set(conversation, flying.add(signal));
    const landed = (): void => void flying.delete(signal);
    signal.addEventListener('abort', landed);
    return landed;
  }

  /** The platform said that it wants nothing before; what the answer said is known to the process that heard it. */
  limited(scope: string, untilMs: number): void {
    const { runtime } = this.#ground;
    this.#limits.set(scope, { sinceMono: runtime.monoMs(), untilMs, life: this.#life });
  }

  /** A process died: nobody waits for its sends, and nobody knows what it heard. */
  died(): void {
    this.#life += 1;
    this.#flying.clear();
  }

  /** Work may have effects: it is begun once. */
  begun(task: string): void {
    const times = (this.#begun.get(task) ?? 0) + 1;
    this.#begun.set(task, times);
    if (times > 1) this.#ground.complain(`the work of task ${task} was begun ${times} times`);
  }

  /** After a jump nobody knows how old a message is: what may be too old is not judged. */
  get #editMs(): number {
    const { editMs } = this.#ground.plan.settings.platform;
    return this.#jumps && editMs < Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : editMs;
  }

  #scene(): Scene {
    const { shown, sent } = this.#ground.platform;
    return {
      database: this.#ground.disk.database,
      nowMs: this.#ground.runtime.wallMs(),
      shown,
      sent,
    };
  }

  #measureLateness({ tasks }: Rows): void {
    const nowMs = this.#ground.runtime.wallMs();
    for (const { dueAtMs } of tasks.values())
      if (dueAtMs !== null) this.latestMs = Math.max(this.latestMs, nowMs - dueAtMs);
  }

  #countChanges(): string {
    const { platform } = this.#ground;
    const [row] = this.#ground.rows<{ n: number }>('SELECT total_changes() AS n');
    return `${row?.n ?? 0} ${platform.sent.length} ${platform.shows}`;
  }

  /** What the platform was told was taken on is there. */
  #judgeTaken({ inbounds }: Rows): void {
    const ids = new Set<string>();
    for (const { platformId } of inbounds.values()) ids.add(platformId);
    for (const id of this.#ground.taken)
      if (!ids.has(id)) this.#ground.complain(`I1 ${id} was taken on and is not there`);
  }
}

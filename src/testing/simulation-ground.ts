import Database from 'better-sqlite3';
import { SqliteMemory } from '../stores/sqlite/index.ts';
import { applyMigrations, readMigrations } from '../stores/sqlite/migrate.ts';
import { FakePlatform } from './fake-platform.ts';
import { createFakeRuntime, type FakeRuntime } from './fake-runtime.ts';
import { rowsOf, WatchedRows } from './invariant-rows.ts';
import type { Plan, Weather } from './simulation-plan.ts';

/** Brought to the schema, so that its tables can be watched from the first row on. */
function emptyDatabase(): Database.Database {
  const database = new Database(':memory:');
  applyMigrations(database, ':memory:', readMigrations());
  return database;
}

/** What outlives the processes of one run: the time, the disk, the platform, what it was told, and what was found. */
export class Ground {
  readonly plan: Plan;
  readonly runtime: FakeRuntime;
  readonly disk = new SqliteMemory(emptyDatabase());
  /** What the judge looks at after every step. */
  readonly watched = new WatchedRows(this.disk.database);
  readonly platform: FakePlatform;
  readonly log: string[] = [];
  readonly broken: string[] = [];
  readonly faults = new Map<string, number>();
  /** Inbounds that the platform was told were taken on. */
  readonly taken = new Set<string>();
  /** Conversations that somebody looks at, and those that moved: where to. */
  readonly present = new Set<string>();
  readonly moved = new Map<string, string>();
  weather: Weather | 'healed' = 'calm';
  diskFullUntilMs = 0;
  authorized = true;

  constructor(plan: Plan) {
    this.plan = plan;
    this.runtime = createFakeRuntime({ seed: plan.seed });
    const { gapMs, keyed, reconcile, ...platform } = plan.settings.platform;
    this.platform = new FakePlatform({
      reconcile,
      keyed,
      evidence: platform.evidence,
      capabilities: {
        ...platform,
        lengthMax: 500,
        ...(gapMs === 0 ? {} : { gapMs: { channel: gapMs } }),
      },
    });
  }

  get healed(): boolean {
    return this.weather === 'healed';
  }

  tell(line: string): void {
    this.log.push(`${this.runtime.elapsedMs} ${line}`);
  }

  count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  complain(...complaints: readonly string[]): void {
    for (const complaint of complaints) {
      this.broken.push(`at ${this.runtime.elapsedMs} ${complaint}`);
      this.tell(`BROKEN ${complaint}`);
    }
  }

  rows<Row>(query: string): Row[] {
    return rowsOf<Row>(this.disk.database, query);
  }
}

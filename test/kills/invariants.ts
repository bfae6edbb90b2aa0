import Database from 'better-sqlite3';
import type { JournalRow } from '../../src/contracts/event.ts';
import type { Incident } from '../../src/contracts/incident.ts';
import type { Receipt } from '../../src/contracts/receipt.ts';
import type { Page } from '../../src/contracts/store.ts';
import type { Task } from '../../src/contracts/task.ts';
import { words } from '../../src/core/words.ts';
import { readSqlite, type SqliteReader } from '../../src/stores/sqlite/index.ts';
import type { FakePlatform, Shown } from '../../src/testing/fake-platform.ts';
import type { Harness } from '../support/harness.ts';
import { brokenInvariants } from '../support/invariants.ts';

/** A whole file, read. */
export interface Records {
  readonly tasks: readonly Task[];
  readonly receipts: readonly Receipt[];
  readonly events: readonly JournalRow[];
  readonly incidents: readonly Incident[];
}

export interface Evidence {
  readonly file: string;
  readonly platform: FakePlatform;
  /** What the platform was told was taken on. */
  readonly accepted: readonly { readonly conversation: string; readonly id: string }[];
  /** The platform can be asked: nothing may be shown twice. */
  readonly askable: boolean;
  /** How often the work of each Task was begun. */
  readonly effects: ReadonlyMap<string, number>;
}

type Known = Evidence & { readonly records: Records };

/** What a file and what was shown, together, break of the promise; the bot has settled and ended. */
export async function judge(
  evidence: Evidence,
): Promise<{ readonly records: Records; readonly broken: readonly string[] }> {
  const { file, platform } = evidence;
  const reader = await readSqlite({ file });
  const database = new Database(file, { readonly: true });
  try {
    const records = await readRecords(reader);
    const list = async (rows: readonly unknown[]) => ({ rows, more: false, lastSeq: 0 });
    // The checks of the simulation read a Harness; here its memory is a file, and its relay is gone.
    const harness = {
      memory: { database },
      platform,
      runtime: { wallMs: () => Date.now() },
      relay: {
        tasks: { list: () => list(records.tasks) },
        receipts: { list: () => list(records.receipts) },
        incidents: { list: () => list(records.incidents) },
      },
    } as unknown as Harness;
    const known = { ...evidence, records };
    const broken = [
      ...(await brokenInvariants(harness)),
      ...lost(known, database),
      ...worked(known),
      ...falselyShown(known),
      ...repeated(known),
      ...stillWorking(known),
      ...disordered(known),
      ...damaged(database),
    ];
    return { records, broken };
  } finally {
    database.close();
    reader.close();
  }
}

type Reads = Parameters<Parameters<SqliteReader['read']>[0]>[0];

/** All that a file holds; throws for a row that cannot be read. */
async function readRecords(reader: SqliteReader): Promise<Records> {
  const limit = 500;
  const all = async <Row>(
    page: (reads: Reads, after: number) => Generator<PromiseLike<unknown>, Page<Row>>,
  ): Promise<Row[]> => {
    const rows: Row[] = [];
    for (let after = 0; ; ) {
      const found = await reader.read((reads) => page(reads, after));
      if (found.invalid.length > 0) throw new Error(`invalid: ${JSON.stringify(found.invalid)}`);
      rows.push(...found.rows);
      if (!found.more) return rows;
      after = found.lastSeq;
    }
  };
  return {
    tasks: await all((reads, after) => reads.tasksPage({}, { after, limit })),
    receipts: await all((reads, after) => reads.receiptsPage({}, { after, limit })),
    events: await all((reads, after) => reads.journalPage({}, { after, limit })),
    incidents: await all((reads, after) => reads.incidentsPage({}, { after, limit })),
  };
}

/** I1: what the platform was told was taken on is there, once. */
function* lost({ accepted }: Known, database: Database.Database): Generator<string> {
  const rows = database.prepare('SELECT inbound FROM inbounds').all() as { inbound: string }[];
  const ids = rows.map((row) => (JSON.parse(row.inbound) as { id: string }).id);
  for (const { id } of accepted) {
    const times = ids.filter((one) => one === id).length;
    if (times !== 1) yield `inbound ${id} was taken on and stands ${times} times`;
  }
}

/** F10: the work of a Task is never begun twice, nor without its row. */
function* worked({ records, effects }: Known): Generator<string> {
  for (const [task, times] of effects) {
    if (times > 1) yield `the work of task ${task} was begun ${times} times`;
    if (!records.tasks.some((one) => one.id === task)) yield `unknown work was begun: ${task}`;
  }
}

/** What is stored as shown is shown, and a terminal is not overwritten. */
function* falselyShown({ records, platform }: Known): Generator<string> {
  for (const { id, kind, state, parts } of records.receipts) {
    if (state !== 'surfaced') continue;
    for (const { handle, text } of parts) {
      const message = platform.shown.find((one) => one.handle === handle);
      if (message === undefined) yield `${kind} ${id} counts as shown and nobody saw it`;
      else if (!message.history.includes(text)) yield `${kind} ${id} never said ${text}`;
      else if (kind === 'terminal' && message.text !== text)
        yield `the terminal ${id} was overwritten by ${message.text}`;
    }
  }
}

/** I7: shown once; again only out of `unknown` where nobody can be asked, counted and marked. */
function* repeated({ records, platform, askable }: Known): Generator<string> {
  const seen = new Map<string, Shown[]>();
  for (const message of platform.shown)
    seen.set(message.key, [...(seen.get(message.key) ?? []), message]);
  for (const [key, [first, ...more]] of seen) {
    if (first === undefined || more.length === 0) continue;
    const what = `${first.kind} ${key} is shown ${more.length + 1} times`;
    if (askable) yield what;
    const counted = records.events.filter(
      ({ name, data }) => name === 'receipt.repeated' && data['receiptId'] === first.receiptId,
    );
    if (counted.length < more.length) yield `${what}, counted ${counted.length}`;
    // An ack is repeated without a mark.
    const marked =
      first.kind === 'ack' ||
      more.every(({ history }) => history[0]?.includes(words.marks.may_repeat));
    if (!marked) yield `${what}, unmarked`;
  }
}

const works = [words.ack(), words.started(), 'Still working', 'Queued: '];

/** Nothing that is shown says that an ended Task works on. */
function* stillWorking({ records, platform, askable }: Known): Generator<string> {
  const known = new Set(records.receipts.flatMap(({ parts }) => parts.map(({ handle }) => handle)));
  const dead = new Set(
    records.receipts.filter(({ state }) => state === 'dead').map(({ id }) => id),
  );
  for (const { handle, text, receiptId } of platform.shown) {
    // What was shown without our ever learning its name cannot be finished: nobody can be asked, or it was given up.
    if (!known.has(handle) && (!askable || dead.has(receiptId as Receipt['id']))) continue;
    if (works.some((word) => text.includes(word))) yield `${handle} still says ${text}`;
  }
}

/** I6: in one Channel the first sightings are in order, part by part. */
function* disordered({ records, platform }: Known): Generator<string> {
  const receipts = new Map<string, Receipt>(records.receipts.map((one) => [one.id, one]));
  const last = new Map<string, { seq: number; part: number }>();
  const seen = new Set<string>();
  for (const { key, receiptId, conversation } of platform.shown) {
    const receipt = receipts.get(receiptId);
    // What was parked or redriven is late, and says so.
    if (receipt === undefined || receipt.marks.length > 0 || seen.has(key)) continue;
    seen.add(key);
    const now = { seq: receipt.seq, part: Number(key.split('.').at(-1)) };
    const before = last.get(conversation) ?? { seq: 0, part: 0 };
    if (now.seq < before.seq || (now.seq === before.seq && now.part <= before.part))
      yield `${conversation}: ${JSON.stringify(now)} was shown after ${JSON.stringify(before)}`;
    last.set(conversation, now);
  }
}

/** What SQLite itself finds wrong with the file. */
function* damaged(database: Database.Database): Generator<string> {
  const integrity = database.pragma('integrity_check', { simple: true });
  if (integrity !== 'ok') yield `integrity_check: ${integrity}`;
  for (const row of database.pragma('foreign_key_check') as unknown[])
    yield `foreign_key_check: ${JSON.stringify(row)}`;
}

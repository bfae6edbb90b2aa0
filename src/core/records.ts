import { ContractError } from '../contracts/error.ts';
import type { JournalRow } from '../contracts/event.ts';
import { TaskId } from '../contracts/id.ts';
import type { Records, TaskStory } from '../contracts/relay.ts';
import type { PageRequest, Script, StoreReads } from '../contracts/store.ts';
import { shortIdOf, tailOf } from './short-id.ts';

/** What can read scripts: a Store, or a reader of one that another process writes. */
export interface Readable {
  read<T>(script: (reads: StoreReads) => Script<T>): Promise<T>;
}

const pageOf = (page: Partial<PageRequest> | undefined): PageRequest => {
  const { after = 0, limit = 200 } = page ?? {};
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    throw new ContractError(
      'invalid_page',
      `limit must be a whole number from 1 to 500, got ${limit}`,
    );
  if (!Number.isInteger(after) || after < 0)
    throw new ContractError('invalid_page', `after must be a whole number from 0, got ${after}`);
  return { after, limit };
};

/** The reading side of a relay: lists and stories, from the store alone. */
export function createRecords(store: Readable): Records {
  return {
    tasks: {
      list: async (filter = {}, page) =>
        await store.read((reads) => reads.tasksPage(filter, pageOf(page))),
      inspect: async (id) => await store.read((reads) => inspect(reads, id)),
      find: async (idOrTail) => await store.read((reads) => findTask(reads, idOrTail)),
      shortId: async (id) => await store.read((reads) => shortIdOf(reads, id)),
    },
    receipts: {
      list: async (filter = {}, page) =>
        await store.read((reads) => reads.receiptsPage(filter, pageOf(page))),
    },
    incidents: {
      list: async (filter = {}, page) =>
        await store.read((reads) => reads.incidentsPage(filter, pageOf(page))),
    },
    figures: async () => await store.read((reads) => reads.figures()),
  };
}

function* findTask(reads: StoreReads, idOrTail: string): Script<TaskId> {
  const tail = tailOf(idOrTail);
  if (tail === undefined) {
    throw new ContractError(
      'no_such_task',
      `a task is named by its id or by four or more hex digits of its end, got ${JSON.stringify(idOrTail.slice(0, 80))}`,
    );
  }
  const [task, other] = yield* reads.tasksByTail(tail, undefined, 2);
  if (task === undefined) throw new ContractError('no_such_task', `no task's id ends in ${tail}`);
  if (other !== undefined)
    throw new ContractError(
      'ambiguous',
      `more than one task's id ends in ${tail}: type more of it`,
    );
  return task.id;
}

function* inspect(reads: StoreReads, id: TaskId): Script<TaskStory | undefined> {
  const task = yield* reads.task(TaskId.parse(id));
  if (task === undefined) return undefined;
  const receipts: TaskStory['receipts'][number][] = [];
  const listed = yield* reads.receiptsPage({ task: id }, { after: 0, limit: 500 });
  for (const { listSeq: _, ...receipt } of listed.rows) {
    receipts.push({ receipt, attempts: yield* reads.attempts(receipt.id) });
  }
  return {
    task,
    shortId: yield* shortIdOf(reads, id),
    inbound: yield* reads.inbound(task.inbound),
    asks: yield* reads.asksOf(id),
    receipts,
    invalid: listed.invalid,
    journal: yield* journalOf(reads, id),
  };
}

function* journalOf(reads: StoreReads, task: TaskId): Script<readonly JournalRow[]> {
  const rows: JournalRow[] = [];
  for (let after = 0; ; ) {
    const page = yield* reads.journalPage({ task }, { after, limit: 500 });
    rows.push(...page.rows);
    if (!page.more || rows.length >= 10_000) return rows;
    after = page.lastSeq;
  }
}

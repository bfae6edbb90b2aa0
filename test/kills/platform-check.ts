import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { Receipt } from '../../src/contracts/receipt.ts';
import type { Task } from '../../src/contracts/task.ts';
import { readSqlite } from '../../src/stores/sqlite/index.ts';
import { brokenInvariants } from '../../src/testing/invariants.ts';
import type { PlatformBot } from './platform-bot.ts';

/** What stands in the file of a bot that has come to rest. */
export interface Records {
  readonly tasks: readonly Task[];
  readonly receipts: readonly Receipt[];
  /** The receipts that went out once more, by whether they said so. */
  readonly repeated: readonly unknown[];
}

/** A message of the bot as people saw it over time. */
export interface Seen {
  readonly handle: string;
  /** All that it said, that of now last. */
  readonly history: readonly string[];
}

const limit = 500;

/** Lets the bot settle, ends it, and holds its file, and what people saw, against the promise. */
export async function settleAndCheck(
  bot: PlatformBot,
  seen: () => readonly Seen[],
): Promise<Records> {
  await bot.settle();
  const errors = bot.lines.filter((line) => line.kind === 'log' && line.level === 'error');
  expect(errors).toEqual([]);
  const database = new Database(bot.file, { readonly: true });
  const scene = { database, nowMs: Date.now(), shown: [], sent: [] };
  const broken = brokenInvariants(scene);
  const integrity = database.pragma('integrity_check', { simple: true });
  database.close();
  expect([...broken, integrity]).toEqual(['ok']);
  const records = await recordsOf(bot);
  expect(falselyShown(seen(), records)).toEqual([]);
  expect(Math.max(0, ...bot.effects())).toBeLessThanOrEqual(1);
  return records;
}

async function recordsOf({ file }: PlatformBot): Promise<Records> {
  const reader = await readSqlite({ file });
  try {
    const page = { after: 0, limit };
    const tasks = await reader.read((reads) => reads.tasksPage({}, page));
    const receipts = await reader.read((reads) => reads.receiptsPage({}, page));
    const journal = await reader.read((reads) => reads.journalPage({}, page));
    const repeated = journal.rows
      .filter(({ name }) => name === 'receipt.repeated')
      .map(({ data }) => data['marked']);
    return { tasks: tasks.rows, receipts: receipts.rows, repeated };
  } finally {
    reader.close();
  }
}

/** What is stored as shown and nobody saw, and a final text that was overwritten. */
function falselyShown(messages: readonly Seen[], { receipts }: Records): readonly string[] {
  return receipts.flatMap(({ kind, state, parts }) => {
    if (state !== 'surfaced') return [];
    return parts.flatMap(({ handle, text }) => {
      const message = messages.find((one) => one.handle === handle);
      const saw = message?.history.some((words) => alike(words, text)) === true;
      if (!saw) return [`${kind} ${handle} counts as shown and nobody saw it`];
      const isLast = kind !== 'terminal' || alike(message?.history.at(-1) ?? '', text);
      return isLast ? [] : [`the terminal ${handle} was overwritten`];
    });
  });
}

/** A platform may show CommonMark without its marks: the letters and figures are the same. */
function alike(shown: string, source: string): boolean {
  const letters = (words: string): string =>
    words.replace(/```\w*/g, '').replace(/[^\p{L}\p{N}]/gu, '');
  return letters(shown) === letters(source);
}

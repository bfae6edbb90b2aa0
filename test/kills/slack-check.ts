import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { Receipt } from '../../src/contracts/receipt.ts';
import type { Task } from '../../src/contracts/task.ts';
import { readSqlite } from '../../src/stores/sqlite/index.ts';
import { brokenInvariants } from '../../src/testing/invariants.ts';
import { repetition } from '../support/telegram.ts';
import type { SlackBot } from './slack-bot.ts';

/** What stands in the file of a bot that has come to rest. */
export interface SlackRecords {
  readonly tasks: readonly Task[];
  readonly receipts: readonly Receipt[];
}

const limit = 500;

/** Lets the bot settle, ends it, and holds its file, and what people saw, against the promise. */
export async function settleAndCheck(bot: SlackBot): Promise<SlackRecords> {
  await bot.settle();
  const errors = bot.lines.filter((line) => line.kind === 'log' && line.level === 'error');
  expect(errors).toEqual([]);
  const database = new Database(bot.file, { readonly: true });
  const scene = { database, nowMs: Date.now(), shown: [], sent: [] };
  const broken = brokenInvariants(scene);
  const integrity = database.pragma('integrity_check', { simple: true });
  database.close();
  expect([...broken, integrity]).toEqual(['ok']);
  const { repeated, ...records } = await recordsOf(bot);
  expect(falselyShown(bot, records)).toEqual([]);
  expect(bot.slack.limitsHit).toBe(0);
  expect(Math.max(0, ...bot.effects())).toBeLessThanOrEqual(1);
  // What is doubtful is found in the history: nothing is said again in doubt.
  expect(repeated).toEqual([]);
  expect(bot.texts.filter((text) => text.includes(repetition))).toEqual([]);
  expect(bot.answers.filter(({ stream }) => stream === 'on')).toEqual([]);
  return records;
}

async function recordsOf({
  file,
}: SlackBot): Promise<SlackRecords & { readonly repeated: readonly unknown[] }> {
  const reader = await readSqlite({ file });
  try {
    const page = { after: 0, limit };
    const tasks = await reader.read((reads) => reads.tasksPage({}, page));
    const receipts = await reader.read((reads) => reads.receiptsPage({}, page));
    const journal = await reader.read((reads) => reads.journalPage({}, page));
    const repeated = journal.rows.filter(({ name }) => name === 'receipt.repeated');
    return { tasks: tasks.rows, receipts: receipts.rows, repeated };
  } finally {
    reader.close();
  }
}

/** What is stored as shown and nobody saw, and a final text that was overwritten. */
function falselyShown(bot: SlackBot, { receipts }: SlackRecords): readonly string[] {
  return receipts.flatMap(({ kind, state, parts }) => {
    if (state !== 'surfaced') return [];
    return parts.flatMap(({ handle, text }) => {
      const message = bot.answers.find(({ ts }) => ts === handle);
      const saw = message?.history.some((words) => alike(words, text)) === true;
      if (!saw) return [`${kind} ${handle} counts as shown and nobody saw it`];
      const isLast = kind !== 'terminal' || alike(message?.shown ?? '', text);
      return isLast ? [] : [`the terminal ${handle} was overwritten`];
    });
  });
}

/** Slack shows CommonMark without its marks: the letters and figures are the same. */
function alike(shown: string, source: string): boolean {
  const letters = (words: string): string =>
    words.replace(/```\w*/g, '').replace(/[^\p{L}\p{N}]/gu, '');
  return letters(shown) === letters(source);
}

import type { Source } from './source.ts';
import type { StatementName } from './statements.ts';

/**
 * Deletes what is over since before `beforeMs`: at most `limit` rows, so that no call is long. A Task goes last, after
 * all that hangs on it; what is open, and what an open thing names, stays.
 */
export function prune(source: Source, beforeMs: number, limit: number): number {
  const budget = { left: Math.max(0, Math.trunc(limit)) };
  const bounds = () => ({ before: beforeMs, limit: budget.left });
  const spend = (count: number): void => {
    budget.left -= count;
  };
  for (const { id } of source.statements.all('pruneTasks', bounds()))
    pruneWhole(source, taskParts, String(id), budget);
  for (const { id } of source.statements.all('pruneReceipts', bounds()))
    pruneWhole(source, receiptParts, String(id), budget);
  for (const name of loose) if (budget.left > 0) spend(source.statements.run(name, bounds()));
  source.forget();
  return Math.max(0, Math.trunc(limit)) - budget.left;
}

interface Whole {
  readonly parts: readonly StatementName[];
  readonly last: StatementName;
}
const taskParts: Whole = {
  parts: ['pruneJournalOf', 'pruneAttemptsOf', 'pruneReceiptsOf', 'pruneAsksOf'],
  last: 'taskDelete',
};
const receiptParts: Whole = { parts: ['attemptsDelete'], last: 'receiptDelete' };
const loose = [
  'pruneInbounds',
  'pruneJournal',
  'pruneTranscripts',
  'pruneIncidents',
  'pruneQuarantined',
] as const;

/** Part by part; when the budget ends half-way, the row itself is still there and the next call goes on. */
function pruneWhole(source: Source, whole: Whole, id: string, budget: { left: number }): void {
  for (const name of whole.parts) {
    if (budget.left <= 0) return;
    budget.left -= source.statements.run(name, id, budget.left);
  }
  if (budget.left > 0) budget.left -= source.statements.run(whole.last, id);
}

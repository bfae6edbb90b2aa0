import { expect } from 'vitest';
import type { DeliveryOutcome } from '../../src/contracts/delivery.ts';
import type { Receipt } from '../../src/contracts/receipt.ts';
import type { Task } from '../../src/contracts/task.ts';
import { brokenInvariants } from '../../src/testing/invariants.ts';
import type { Harness } from './harness.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** How a new message says that it may stand there already. */
export const repeated = /^This may be a repetition:/;

/** A relay with one adapter, on virtual time. */
interface Staged {
  readonly harness: Harness;
}

/** The last of a test: what is stored keeps to the promise, whatever happened. */
export async function close(stage: Staged & { close(): Promise<void> }): Promise<void> {
  const { memory, runtime } = stage.harness;
  const rows = { database: memory.database, nowMs: runtime.wallMs(), shown: [], sent: [] };
  const broken = brokenInvariants(rows);
  await stage.close();
  expect(broken).toEqual([]);
}

export async function tasks({ harness }: Staged): Promise<readonly Task[]> {
  return (await harness.relay.tasks.list()).rows;
}

/** The receipts of one kind of the only Task, and what came of each attempt, in order. */
export async function receiptsOf(
  stage: Staged,
  kind: Receipt['kind'] = 'terminal',
): Promise<
  readonly {
    readonly receipt: Receipt;
    readonly outcomes: readonly (DeliveryOutcome | undefined)[];
  }[]
> {
  const [task] = await tasks(stage);
  const story = task && (await stage.harness.relay.tasks.inspect(task.id));
  return (story?.receipts ?? [])
    .filter(({ receipt }) => receipt.kind === kind)
    .map(({ receipt, attempts }) => ({
      receipt,
      outcomes: attempts.map(({ outcome }) => outcome),
    }));
}

/** What was said again in doubt. */
export const repetitions = async ({ harness }: Staged): Promise<readonly unknown[]> =>
  await harness.events('receipt.repeated');

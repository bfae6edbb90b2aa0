import type { Adapter } from '../contracts/adapter.ts';
import {
  Deadlines,
  type DeadlinesPatch,
  deadlineDefaults,
  SendClocks,
  type SendClocksPatch,
  sendClockDefaults,
} from '../contracts/task.ts';
import type { Worker } from '../contracts/worker.ts';
import { type ConfigProblem, findProblems } from './config-problem.ts';
import { adapterLike, ConfigSchema, workerLike } from './config-schema.ts';

/** The rules between clocks, over the defaults and for each Worker's own; only where the parts themselves are right. */
export function clockProblems(raw: unknown): ConfigProblem[] {
  if (typeof raw !== 'object' || raw === null) return [];
  const {
    deadlines = {},
    clocks = {},
    workers = [],
    adapters = [],
  } = raw as Record<string, unknown>;
  const found: ConfigProblem[] = [];
  const relay = parsed<DeadlinesPatch>(
    findProblems(ConfigSchema.shape.deadlines, deadlines),
    deadlines,
  );
  if (relay !== undefined)
    found.push(...findProblems(Deadlines, { ...deadlineDefaults, ...relay }, ['deadlines']));
  if (findProblems(ConfigSchema.shape.clocks, clocks).length === 0) {
    found.push(
      ...findProblems(SendClocks, { ...sendClockDefaults, ...(clocks as SendClocksPatch) }, [
        'clocks',
      ]),
    );
  }
  for (const [name, list, shape] of [
    ['workers', workers, workerLike],
    ['adapters', adapters, adapterLike],
  ] as const) {
    if (!Array.isArray(list) || relay === undefined || found.length > 0) continue;
    list.forEach((item: unknown, i) => {
      if (!shape.safeParse(item).success) return;
      const own = (item as Worker | Adapter).deadlines ?? {};
      found.push(
        ...findProblems(Deadlines, { ...deadlineDefaults, ...relay, ...own }, [
          name,
          i,
          'deadlines',
        ]),
      );
    });
  }
  return found;
}

function parsed<T>(problems: readonly ConfigProblem[], value: unknown): T | undefined {
  return problems.length === 0 ? (value as T) : undefined;
}

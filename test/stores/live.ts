import type { CrashAt, Step } from './histories.ts';
import type { ModelStore } from './model.ts';
import type { Table } from './model-rows.ts';
import { idOfRow, type Op, perform, performReads } from './ops.ts';
import { type ReadName, type ReadOp, readers } from './reads.ts';
import type { Damage, Site } from './sites.ts';

/* What each step of a history comes to, on a store and on the model: the same data if both are right. */

export type Outcome = { readonly answers: readonly unknown[] } | { readonly refused: string };

function refusal(error: unknown): Outcome {
  return { refused: (error as { readonly code?: string }).code ?? String(error) };
}

async function told(work: Promise<readonly unknown[]>): Promise<Outcome> {
  try {
    return { answers: await work };
  } catch (error) {
    return refusal(error);
  }
}

function toldNow(work: () => readonly unknown[]): Outcome {
  try {
    return { answers: work() };
  } catch (error) {
    return refusal(error);
  }
}

const broken: Readonly<
  Record<Table, { readonly column: string; readonly value: string | number }>
> = {
  channels: { column: 'address', value: '{' },
  accounts: { column: 'authorized', value: 9 },
  inbounds: { column: 'inbound', value: '{' },
  sessions: { column: 'resume', value: '{' },
  tasks: { column: 'contract', value: '{' },
  asks: { column: 'options', value: '{' },
  receipts: { column: 'content', value: '{' },
  attempts: { column: 'outcome', value: '{' },
  incidents: { column: 'kind', value: '{' },
};

function damageOf(table: Table, n: number): Damage {
  const id = idOfRow(table, n);
  const key: Damage['key'] =
    table === 'attempts'
      ? { receipt: id.slice(0, -2), n: 1 }
      : table === 'channels' || table === 'accounts'
        ? { key: id }
        : { id };
  return { table, key, ...broken[table] };
}

/** Found unreadable by its id, where the port reads it so; then taken away. */
function afterDamage(table: Table, n: number): readonly (readonly Op[])[] {
  const name = table.slice(0, -1);
  const look: readonly Op[] =
    name in readers ? [{ op: 'read', name: name as ReadName, a: n - 1, b: 0 }] : [];
  return [...(look.length > 0 ? [look] : []), [{ op: 'quarantine', table, n }]];
}

export interface Mode {
  /** Each script is awaited before the next, so that it is committed by itself. */
  readonly alone?: boolean;
}

/** Longest wait for what a step comes to: a store that forgets to answer is told from a slow one. */
const answerMs = 20_000;

/** Throws when it is not answered. */
export async function liveStep(
  site: Site,
  model: Pick<ModelStore, 'has'>,
  asked: { readonly step: Step; readonly mode?: Mode },
): Promise<readonly Outcome[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silent = new Promise<never>((_, reject) => {
    const words = `no answer for ${answerMs} ms: ${JSON.stringify(asked.step)}`;
    timer = setTimeout(() => reject(new Error(words)), answerMs);
  });
  try {
    return await Promise.race([outcomesOf(site, model, asked), silent]);
  } finally {
    clearTimeout(timer);
  }
}

async function outcomesOf(
  site: Site,
  model: Pick<ModelStore, 'has'>,
  { step, mode = {} }: { readonly step: Step; readonly mode?: Mode },
): Promise<readonly Outcome[]> {
  const write = (ops: readonly Op[], by: 'one' | 'other' = 'one') =>
    told(site[by].write('history', (tx) => perform(tx, ops)));
  const all = async (scripts: readonly (readonly Op[])[], by: 'one' | 'other' = 'one') => {
    if (mode.alone !== true) return Promise.all(scripts.map((ops) => write(ops, by)));
    const outcomes: Outcome[] = [];
    for (const ops of scripts) outcomes.push(await write(ops, by));
    return outcomes;
  };
  switch (step.step) {
    case 'write':
      return all(step.scripts, step.by);
    case 'read':
      return [await told(site[step.by].read((reads) => performReads(reads, step.reads)))];
    case 'reopen': {
      const onTheirWay = all(step.scripts);
      if (mode.alone === true) await onTheirWay;
      await site.reopen();
      return onTheirWay;
    }
    case 'crash': {
      const start = (): void => {
        for (const ops of step.scripts) void write(ops);
      };
      await site.crash(step.at, start);
      return [];
    }
    case 'damage':
      if (!model.has(step.table, idOfRow(step.table, step.n))) return [];
      site.damage(damageOf(step.table, step.n));
      return all(afterDamage(step.table, step.n));
  }
}

export function modelStep(model: ModelStore, step: Step): readonly Outcome[] {
  const write = (ops: readonly Op[]) => toldNow(() => model.write((tx) => perform(tx, ops)));
  switch (step.step) {
    case 'write':
    case 'reopen':
      return step.scripts.map(write);
    case 'read':
      return [toldNow(() => model.read((reads) => performReads(reads, step.reads)))];
    case 'crash':
      crashed(model, step.at, step.scripts);
      return [];
    case 'damage': {
      const id = idOfRow(step.table, step.n);
      if (!model.has(step.table, id)) return [];
      model.damage(step.table, id);
      return afterDamage(step.table, step.n).map(write);
    }
  }
}

/**
 * The kill comes at the first commit. Scripts that can all be done are one commit; when one of them cannot, each
 * is committed by itself and the first that can is there.
 */
function crashed(model: ModelStore, at: CrashAt, scripts: readonly (readonly Op[])[]): void {
  if (at !== 'committed') return;
  const fork = model.fork();
  const good = scripts.filter(
    (ops) => 'answers' in toldNow(() => fork.write((tx) => perform(tx, ops))),
  );
  const there = good.length === scripts.length ? scripts : good.slice(0, 1);
  for (const ops of there) model.write((tx) => perform(tx, ops));
}

export async function liveReads(site: Site, ops: readonly ReadOp[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const op of ops)
    outcomes.push(await told(site.one.read((reads) => performReads(reads, [op]))));
  return outcomes;
}

export function modelReadsOf(model: ModelStore, ops: readonly ReadOp[]): readonly Outcome[] {
  return ops.map((op) => toldNow(() => model.read((reads) => performReads(reads, [op]))));
}

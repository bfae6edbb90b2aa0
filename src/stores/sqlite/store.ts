import type Database from 'better-sqlite3';
import { ContractError, StoreError } from '../../contracts/error.ts';
import type { OwnerId } from '../../contracts/id.ts';
import type { Runtime } from '../../contracts/runtime.ts';
import type { Store, StoreReads, Tx } from '../../contracts/store.ts';
import { ChangeMark } from './change-mark.ts';
import { CommitQueue } from './commit-queue.ts';
import { failureOf } from './failure.ts';
import { forgetHandles, mergeChannel, shiftTimes } from './merge.ts';
import { prune } from './prune.ts';
import { putsOf } from './puts.ts';
import { quarantine } from './quarantine.ts';
import { readsOf } from './reads.ts';
import { RowCache } from './row-cache.ts';
import { asScripts, type Now, runScript } from './scripts.ts';
import { Source } from './source.ts';
import { Statements } from './statements.ts';

export interface StoreParts {
  readonly database: Database.Database;
  readonly runtime: Runtime;
  readonly owner: OwnerId;
  readonly epoch: string;
  walBytes(): number | undefined;
  /** Closes the database and gives the lock back. */
  end(): void;
}

/** The port over one open database, and how a test crashes it. */
export function createStore(parts: StoreParts): { readonly port: Store; drop(): void } {
  const { database, runtime, owner, epoch, walBytes } = parts;
  const statements = new Statements(database);
  const rows = new RowCache(statements);
  const source = new Source(statements, rows, walBytes);
  const mark = new ChangeMark(database);
  const queue = new CommitQueue(database, runtime, {
    began: () => {
      if (mark.isOld()) source.forget();
    },
    committed: () => mark.set(),
    rolledBack: () => source.forget(),
  });
  const tx = txOf(source);
  const reads = asScripts<StoreReads>(readsOf(source));
  let closed = false;
  const port: Store = {
    name: 'sqlite',
    epoch,
    write: (name, script) =>
      queue.add(name, () => {
        rows.begin();
        source.writing = true;
        try {
          const result = runScript(name, script(tx));
          rows.flushAll();
          return result;
        } finally {
          source.writing = false;
        }
      }),
    // Every statement runs to its end in this turn and nobody else writes: a script sees one state.
    read: async (script) => {
      if (closed) throw new StoreError('closed', 'the store is closed', { ids: { owner } });
      try {
        if (mark.isOld()) source.forget();
        rows.begin();
        return runScript('read', script(reads));
      } catch (error) {
        throw failureOf(error);
      }
    },
    // The lock is ours: whoever held it before is dead.
    ownerGone: (other) => other !== owner,
    close: async () => {
      if (closed) return;
      closed = true;
      queue.close();
      parts.end();
    },
  };
  const drop = (): void => {
    closed = true;
    queue.drop();
  };
  return { port, drop };
}

type Scripted = 'journal' | 'nextSeq' | 'shiftTimes' | 'mergeChannel' | 'prune' | 'quarantine';

/** Reads and what answers something are scripts; puts happen at once. */
function txOf(source: Source): Tx {
  const { journal, nextSeq, ...puts } = putsOf(source);
  const scripted: Now<Pick<Tx, Scripted>> = {
    journal,
    nextSeq,
    shiftTimes: (deltaMs) => shiftTimes(source, deltaMs),
    mergeChannel: (from, to) => mergeChannel(source, from, to),
    prune: (beforeMs, limit) => prune(source, beforeMs, limit),
    quarantine: (invalid, atMs) => quarantine(source, invalid, atMs),
  };
  return {
    ...asScripts<StoreReads>(readsOf(source)),
    ...asScripts<Pick<Tx, Scripted>>(scripted),
    ...whileWriting<Pick<Tx, Exclude<keyof Tx, keyof StoreReads | Scripted>>>(source, {
      ...puts,
      forgetHandles: (channel) => forgetHandles(source, channel),
    }),
  };
}

/** A put after its script is over would be written in no transaction, or in another's. */
function whileWriting<Port extends object>(source: Source, port: Port): Port {
  const guarded: Record<string, unknown> = {};
  for (const [name, put] of Object.entries(
    port as Record<string, (...args: unknown[]) => unknown>,
  )) {
    guarded[name] = (...args: unknown[]) => {
      if (!source.writing)
        throw new ContractError('script_over', `${name} was called after its script had ended`);
      return put(...args);
    };
  }
  return guarded as Port;
}

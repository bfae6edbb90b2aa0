import type { Script, StoreReads, Tx } from '../../src/contracts/store.ts';
import { asScripts, runScript } from '../../src/stores/sqlite/scripts.ts';
import { modelReads } from './model-reads.ts';
import { Rows, type Seen, type Table } from './model-rows.ts';
import { modelWrites } from './model-writes.ts';

/**
 * The Store as it should be, plainly: a script works on a copy of all rows, which is taken over when the script ends
 * well. No SQL, no cache, no batches, no disk.
 */
export class ModelStore {
  #rows = new Rows();
  /** Made once for many reads. */
  #reads: StoreReads | undefined;

  /** What of the port was called. */
  readonly called = new Set<string>();

  write<T>(script: (tx: Tx) => Script<T>): T {
    const rows = new Rows(this.#rows);
    const seen: Seen = new Set();
    const result = runScript('model', script(this.#counted(modelTx(rows, seen))));
    this.#take(rows);
    return result;
  }

  read<T>(script: (reads: StoreReads) => Script<T>): T {
    this.#reads ??= this.#counted(asScripts<StoreReads>(modelReads(this.#rows, new Set())));
    return runScript('model', script(this.#reads));
  }

  /** As it is now, to try something on. */
  fork(): ModelStore {
    const fork = new ModelStore();
    fork.#rows = this.#rows;
    return fork;
  }

  has(table: Table, id: string): boolean {
    const entry = this.#rows.tables[table].get(id);
    return entry !== undefined && !entry.broken;
  }

  /** The row cannot be read from now on. */
  damage(table: Table, id: string): void {
    const rows = new Rows(this.#rows);
    const damage = <Name extends Table>(name: Name): void => {
      const entry = rows.tables[name].get(id);
      if (entry !== undefined) rows.tables[name].set(id, { ...entry, broken: true });
    };
    damage(table);
    this.#take(rows);
  }

  #counted<Port extends object>(port: Port): Port {
    const get = (target: Port, name: string | symbol): unknown => {
      this.called.add(String(name));
      return Reflect.get(target, name);
    };
    return new Proxy(port, { get });
  }

  #take(rows: Rows): void {
    this.#rows = rows;
    this.#reads = undefined;
  }
}

/** What answers something is a script, what only puts happens at once. */
function modelTx(rows: Rows, seen: Seen): Tx {
  const { journal, nextSeq, shiftTimes, mergeChannel, prune, quarantine, ...puts } = modelWrites(
    rows,
    seen,
  );
  const answering = { journal, nextSeq, shiftTimes, mergeChannel, prune, quarantine };
  return {
    ...asScripts<StoreReads>(modelReads(rows, seen)),
    ...asScripts<Pick<Tx, keyof typeof answering>>(answering),
    ...puts,
  };
}

/** All that the port can do. */
export const portNames: readonly string[] = Object.keys(modelTx(new Rows(), new Set()));

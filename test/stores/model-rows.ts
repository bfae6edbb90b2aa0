import type { Ask } from '../../src/contracts/ask.ts';
import type { Account, Channel } from '../../src/contracts/channel.ts';
import { ContractError, StoreError } from '../../src/contracts/error.ts';
import type { JournalRow } from '../../src/contracts/event.ts';
import type { Incident } from '../../src/contracts/incident.ts';
import type { Attempt, Receipt } from '../../src/contracts/receipt.ts';
import type { Session, TranscriptItem } from '../../src/contracts/session.ts';
import type { StoredInbound } from '../../src/contracts/store.ts';
import type { Task } from '../../src/contracts/task.ts';

export interface Tables {
  readonly channels: Channel;
  readonly accounts: Account;
  readonly inbounds: StoredInbound;
  readonly sessions: Session;
  readonly tasks: Task;
  readonly asks: Ask;
  readonly receipts: Receipt;
  readonly attempts: Attempt;
  readonly incidents: Incident;
}
export type Table = keyof Tables;

/** One row of the model. Rows and entries are replaced, never changed. */
export interface Entry<Row> {
  readonly row: Row;
  /** Its place among the rows of its table by the time they were made. */
  readonly made: number;
  /** A Receipt that is part of a transcript. */
  readonly listed: boolean;
  /** Somebody has damaged it: it cannot be read. */
  readonly broken: boolean;
}

export interface Remembered {
  readonly session: string;
  readonly item: TranscriptItem;
}

/** All that a store holds, as maps and lists. */
export class Rows {
  readonly tables: { readonly [Name in Table]: Map<string, Entry<Tables[Name]>> };
  readonly aliases: Map<string, string>;
  readonly states: Map<string, string>;
  readonly counters: Map<string, number>;
  /** In order; those of one Session stand among those of others. */
  transcripts: readonly Remembered[] = [];
  journal: readonly JournalRow[] = [];
  /** When each copy of a quarantined row was made. */
  copies: readonly number[] = [];
  made = 0;
  noted = 0;
  /** Rows that are pruned and were not counted in an answer yet. */
  untold = 0;

  constructor(from?: Rows) {
    const copy = <Name extends Table>(name: Name) => new Map(from?.tables[name]);
    this.tables = {
      channels: copy('channels'),
      accounts: copy('accounts'),
      inbounds: copy('inbounds'),
      sessions: copy('sessions'),
      tasks: copy('tasks'),
      asks: copy('asks'),
      receipts: copy('receipts'),
      attempts: copy('attempts'),
      incidents: copy('incidents'),
    };
    this.aliases = new Map(from?.aliases);
    this.states = new Map(from?.states);
    this.counters = new Map(from?.counters);
    if (from === undefined) return;
    this.transcripts = from.transcripts;
    this.journal = from.journal;
    this.copies = from.copies;
    this.made = from.made;
    this.noted = from.noted;
  }

  /** In the order in which they were made: a map keeps it. */
  all<Name extends Table>(table: Name): Entry<Tables[Name]>[] {
    return [...this.tables[table].values()];
  }

  /** Replaces the rows for which `change` answers another one. */
  each<Name extends Table>(
    table: Name,
    change: (row: Tables[Name], entry: Entry<Tables[Name]>) => Tables[Name] | undefined,
  ): void {
    for (const [id, entry] of this.tables[table]) {
      const row = change(entry.row, entry);
      if (row !== undefined) this.tables[table].set(id, { ...entry, row: plain(row) });
    }
  }
}

/** The row as a store gives it back: no property that is undefined. */
export function plain<Row>(row: Row): Row {
  return JSON.parse(JSON.stringify(row)) as Row;
}

export function idOf<Name extends Table>(table: Name, row: Tables[Name]): string {
  if (table === 'attempts') {
    const { receipt, n } = row as Attempt;
    return `${receipt}:${n}`;
  }
  if (table === 'channels' || table === 'accounts') return (row as Channel | Account).key;
  return (row as { readonly id: string }).id;
}

/** What one script has read or put: only that it may replace. */
export type Seen = Set<string>;

/** The row of an entry, read. */
export function take<Name extends Table>(
  table: Name,
  entry: Entry<Tables[Name]>,
  seen: Seen,
): Tables[Name] {
  const id = idOf(table, entry.row);
  if (entry.broken)
    throw new StoreError('row_invalid', `row ${id} of ${table}`, { ids: { table, id } });
  seen.add(`${table} ${id}`);
  return entry.row;
}

export function refused(code: string, what: string): ContractError {
  return new ContractError(code, what);
}

export const isOpen = (receipt: Receipt): boolean =>
  ['pending', 'claimed', 'unknown'].includes(receipt.state);

/** Whether a Receipt, put so, is part of the transcript of its Channel. */
export function isListed(receipt: Receipt): boolean {
  const shown = receipt.parts.some(
    (part) => part.handle !== undefined || part.shownAtMs !== undefined,
  );
  if (shown) return true;
  if (receipt.state === 'superseded') return false;
  const moved = receipt.channel !== receipt.originChannel;
  return moved || receipt.attempts > 0 || receipt.state === 'dead' || receipt.state === 'surfaced';
}

import { z } from 'zod';
import type { Ask } from './ask.ts';
import type { Account, Channel } from './channel.ts';
import type { DeliveryKind } from './delivery.ts';
import type { JournalEntry, JournalRow } from './event.ts';
import {
  type AskId,
  ChannelKey,
  InboundId,
  type OwnerId,
  type ReceiptId,
  type SessionId,
  TaskId,
} from './id.ts';
import { Inbound } from './inbound.ts';
import type { Incident } from './incident.ts';
import type { Attempt, Receipt, ReceiptState, Subject } from './receipt.ts';
import type { Session, TranscriptItem } from './session.ts';
import type { Task, TaskState } from './task.ts';

/** An Inbound as it is stored, with what became of it. */
export const StoredInbound = z.strictObject({
  id: InboundId,
  /** The platform's redelivery finds it by this. */
  key: z.string(),
  channel: ChannelKey,
  seq: z.int().nonnegative(),
  inbound: Inbound,
  /** `open`: a command whose outcome is not known yet. `notice`: said by code through `notify`; no part of the transcript itself. */
  became: z.enum(['task', 'answer', 'command', 'open', 'refusal', 'note', 'notice']),
  task: TaskId.optional(),
  source: z.enum(['platform', 'code']),
  receivedAtMs: z.int().nonnegative(),
});
export type StoredInbound = z.infer<typeof StoredInbound>;

/**
 * A transaction script: a generator, so that one text runs at once on a synchronous driver and with
 * waits on an asynchronous one. It yields only what the store's own reads yield (`yield*` them, never a
 * promise of your own). It may run more than once: nothing outside `tx` may change by it.
 */
// biome-ignore lint/suspicious/noExplicitAny: what a driver sends back into a read is typed by that read
export type Script<T> = Generator<PromiseLike<unknown>, T, any>;

/** A row that is there and cannot be read. */
export interface InvalidRow {
  readonly table: string;
  readonly id: string;
  readonly cause: string;
}

/** A part of a list, ordered by seq. The rows that cannot be read are named, the good ones returned. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly invalid: readonly InvalidRow[];
  /** More stands after the last row: ask again `after` its seq. */
  readonly more: boolean;
  readonly lastSeq: number;
}
export interface PageRequest {
  readonly after: number;
  readonly limit: number;
}

/** What may leave a Channel next, each by its order. */
export interface ChannelLine {
  /** Lowest seq with place `line`. */
  readonly head?: Receipt | undefined;
  /** Place `parked` and `unripe`: the one that is due first; without a due time none. */
  readonly parked?: Receipt | undefined;
  readonly unripe?: Receipt | undefined;
}

/** Counts for health and `status`; no scan of settled rows. */
export interface StoreFigures {
  readonly tasksOpen: number;
  /** Without those that wait for an audience. */
  readonly receiptsOpen: number;
  /** Open Receipts that wait for an audience: not backlog. */
  readonly receiptsUnseen: number;
  readonly receiptsDead: number;
  readonly incidentsOpen: number;
  /** Opening time of the oldest open Receipt that has an audience. */
  readonly oldestOpenAtMs?: number;
  readonly walBytes?: number;
}

/**
 * Reads. A row that cannot be read throws `StoreError` `row_invalid` with table and id, except in pages.
 * Single rows are locked by a write script that reads them.
 * A row is the reader's own; the lists and objects in it may be frozen: they are replaced, never changed.
 */
export interface StoreReads {
  channel(key: ChannelKey): Script<Channel | undefined>;
  /** By `channelKey` of a current or former address. */
  channelAt(address: ChannelKey): Script<Channel | undefined>;
  account(key: string): Script<Account | undefined>;
  inbound(id: InboundId): Script<StoredInbound | undefined>;
  inboundByKey(key: string): Script<StoredInbound | undefined>;
  session(id: SessionId): Script<Session | undefined>;
  sessionFor(
    worker: string,
    channel: ChannelKey,
    personId: string | undefined,
  ): Script<Session | undefined>;
  /** In order, the last `limit`. */
  transcript(session: SessionId, limit: number): Script<readonly TranscriptItem[]>;
  task(id: TaskId): Script<Task | undefined>;
  /** The one terminal, notice … of a subject. */
  receiptByKey(subject: Subject, kind: DeliveryKind, revision: number): Script<Receipt | undefined>;
  receipt(id: ReceiptId): Script<Receipt | undefined>;
  ask(id: AskId): Script<Ask | undefined>;
  incidentOpen(key: string): Script<Incident | undefined>;
  adapterState(account: string, key: string): Script<string | undefined>;

  line(channel: ChannelKey): Script<ChannelLine>;
  /** Unsettled (`pending`, `claimed`, `unknown`) Receipts of a Task, by opening. */
  receiptsOpenOf(task: TaskId): Script<readonly Receipt[]>;
  /** Surfaced Receipts of a Task of these kinds, newest last. */
  receiptsShownOf(task: TaskId, kinds: readonly DeliveryKind[]): Script<readonly Receipt[]>;
  /** Unsettled Receipts that stand in a Channel, by seq, unripe ones last. */
  receiptsOpenIn(channel: ChannelKey, limit: number): Script<readonly Receipt[]>;
  attempts(receipt: ReceiptId): Script<readonly Attempt[]>;
  /** Not ended, by acceptance. */
  tasksOpenIn(channel: ChannelKey): Script<readonly Task[]>;
  /** Queued in a Session, by acceptance. */
  tasksQueuedIn(session: SessionId, limit: number): Script<readonly Task[]>;
  /** The newest ended of a Channel (of one Person in it). */
  taskEndedLast(channel: ChannelKey, personId: string | undefined): Script<Task | undefined>;
  /** Whose id ends so (hex digits, no dashes); at most `limit`. Everywhere when no Channel is named. */
  tasksByTail(
    tail: string,
    channel: ChannelKey | undefined,
    limit: number,
  ): Script<readonly Task[]>;
  /** The same of all, ids only. */
  taskIdsByTail(tail: string, limit: number): Script<readonly TaskId[]>;
  asksOpenIn(channel: ChannelKey): Script<readonly Ask[]>;
  /** All of a Task, by opening. */
  asksOf(task: TaskId): Script<readonly Ask[]>;
  /** Inbounds of a Task that wait for their answer (`became: open`). */
  inboundsOpenOf(task: TaskId): Script<readonly StoredInbound[]>;

  /** Sessions that are free and waited for, longest first. */
  sessionsReady(limit: number): Script<readonly Session[]>;
  /** Tasks whose `dueAtMs` is at or before, earliest first. */
  tasksDue(
    nowMs: number,
    limit: number,
  ): Script<readonly { readonly id: TaskId; readonly dueAtMs: number }[]>;
  channelsDue(
    nowMs: number,
    limit: number,
  ): Script<
    readonly {
      readonly key: ChannelKey;
      readonly dueAtMs: number;
      readonly priority: number;
      readonly account: string;
    }[]
  >;
  /** The nearest due instants of all, for the one timer. */
  nextDue(): Script<{ readonly tasksMs?: number; readonly channelsMs?: number }>;
  /** By the clock of then: when the newest row of the Journal was written. */
  newestAtMs(): Script<number | undefined>;
  /** Tasks in `running`, `waiting`, `aborting` that another owner holds, or nobody. */
  tasksHeldByOthers(owner: OwnerId, limit: number): Script<readonly Task[]>;
  /** Channels leased by, or with an audience connected to, another owner. */
  channelsHeldByOthers(owner: OwnerId, limit: number): Script<readonly Channel[]>;
  channelsOfAccount(account: string, limit: number): Script<readonly Channel[]>;

  /** The transcript of a Channel: its Inbounds and what was sent of its Receipts, by seq. */
  history(channel: ChannelKey, page: PageRequest): Script<Page<HistoryRow>>;
  tasksPage(
    filter: { readonly state?: TaskState; readonly channel?: ChannelKey; readonly open?: boolean },
    page: PageRequest,
  ): Script<Page<Task>>;
  receiptsPage(
    filter: { readonly state?: ReceiptState; readonly task?: TaskId; readonly open?: boolean },
    page: PageRequest,
  ): Script<Page<ListedReceipt>>;
  journalPage(
    filter: { readonly task?: TaskId; readonly channel?: ChannelKey },
    page: PageRequest,
  ): Script<Page<JournalRow>>;
  incidentsPage(filter: { readonly open?: boolean }, page: PageRequest): Script<Page<Incident>>;
  figures(): Script<StoreFigures>;
}

/** A Receipt with its place in the list of all (not the Channel's number). */
export type ListedReceipt = Receipt & { readonly listSeq: number };

export type HistoryRow =
  | { readonly kind: 'inbound'; readonly seq: number; readonly row: StoredInbound }
  | { readonly kind: 'receipt'; readonly seq: number; readonly row: Receipt };

/**
 * One transaction. `put…` inserts a row that was not read in this script and replaces one that was; states move
 * along their tables or it throws `ContractError`. Writes are seen by later reads of the same script.
 */
export interface Tx extends StoreReads {
  putChannel(row: Channel): void;
  /** Makes `address` lead to the Channel. */
  putAlias(address: ChannelKey, channel: ChannelKey): void;
  putAccount(row: Account): void;
  putInbound(row: StoredInbound): void;
  putSession(row: Session): void;
  addTranscript(session: SessionId, item: TranscriptItem): void;
  putTask(row: Task): void;
  putAsk(row: Ask): void;
  putReceipt(row: Receipt): void;
  putAttempt(row: Attempt): void;
  putIncident(row: Incident): void;
  setAdapterState(account: string, key: string, value: string): void;
  /** Appends to the Journal; validated, at most 4 KiB. */
  journal(entry: JournalEntry, atMs: number): Script<number>;
  /** The next number of a store-wide list. */
  nextSeq(list: 'task' | 'incident'): Script<number>;
  /** Renews the leases of all Tasks that `owner` holds. */
  renewTasks(owner: OwnerId, leaseUntilMs: number): void;
  /** Moves every open due time, deadline and lease by `deltaMs` (the clock jumped). */
  shiftTimes(deltaMs: number): Script<void>;
  /**
   * Moves all of `from` (Inbounds, Tasks, Asks, Sessions, Receipts) behind what stands in `to`: all numbers by one offset, so
   * that order and gaps stay. `from` is gone and an alias of `to`. What was read of either before must be read again.
   */
  mergeChannel(from: ChannelKey, to: ChannelKey): Script<void>;
  /** Forgets the handles of all Receipts and live messages of a Channel, and the targets of its open amends. */
  forgetHandles(channel: ChannelKey): void;
  /** Deletes up to `limit` settled rows from before `beforeMs`; how many went. */
  prune(beforeMs: number, limit: number): Script<number>;
  /**
   * Takes a row that cannot be read out of the way, keeping a copy of it: a receipt becomes `dead` and stays listed as
   * unreadable, a task `ended` (readable again if its keys are). Answers what of its keys can be read; a Channel only
   * if it can be read itself.
   */
  quarantine(
    invalid: InvalidRow,
    atMs: number,
  ): Script<{
    readonly channel?: ChannelKey;
    readonly task?: TaskId;
    readonly session?: SessionId;
  }>;
}

/** Where all of it is durable. One call of `write` is one transaction. */
export interface Store {
  readonly name: string;
  /** Names this database; positions in transcripts are valid only inside it. */
  readonly epoch: string;
  /** Runs a script and resolves after the commit. `name` names it in errors, metrics and crash points. */
  write<T>(name: string, script: (tx: Tx) => Script<T>): Promise<T>;
  read<T>(script: (reads: StoreReads) => Script<T>): Promise<T>;
  /** True when that process cannot be alive. */
  ownerGone(owner: OwnerId): boolean;
  /** Bounded; may be called twice. Waits for what was taken on. */
  close(): Promise<void>;
}

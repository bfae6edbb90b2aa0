import type { Ask } from './ask.ts';
import type { EventContext, JournalRow, RelayEventName, RelayEvents } from './event.ts';
import type { ChannelRef, ReceiptId, TaskId } from './id.ts';
import type { Incident } from './incident.ts';
import type { Attempt, Receipt, ReceiptState } from './receipt.ts';
import type {
  InvalidRow,
  ListedReceipt,
  Page,
  PageRequest,
  StoredInbound,
  StoreFigures,
} from './store.ts';
import type { EndCause, Task, TaskState } from './task.ts';

/** The running whole. What chat and command line can do, code can. */
export interface Relay extends Records {
  /** Recovers, then lets the adapters take messages. Once. */
  start(): Promise<void>;
  /** Drains for at most `drainMs`; a second call (or `now`) ends at once. What could not be told is told after the next start. */
  stop(options?: { now?: boolean }): Promise<void>;
  /** Changes clocks and limits for new Tasks; running ones keep theirs. */
  reconfigure(patch: RelaySettings): void;
  /** Starts a Task without a platform message, under the same contract. Idempotent by `key` (per Channel). */
  submit(request: SubmitRequest): Promise<{ readonly taskId: TaskId; readonly duplicate: boolean }>;
  /** Says something, retried like everything else. Idempotent by `key` (per Channel). */
  notify(
    request: NotifyRequest,
  ): Promise<{ readonly receiptId: ReceiptId; readonly duplicate: boolean }>;
  readonly tasks: Records['tasks'] & {
    /** Resolves when the outcome is known: cancelled, already ended, or did not stop and was detached. */
    cancel(
      id: TaskId,
      options?: { readonly reason?: string; readonly by?: string },
    ): Promise<CancelAnswer>;
    /** A new Task with the same input. Two calls make one. */
    retry(
      id: TaskId,
      options?: { readonly by?: string },
    ): Promise<{ readonly taskId: TaskId; readonly duplicate: boolean }>;
  };
  readonly receipts: Records['receipts'] & {
    /** Tries a dead Receipt again: its life, backoff and routes start anew, shown parts stay shown. */
    redrive(id: ReceiptId, options?: { readonly by?: string }): Promise<Receipt>;
  };
  /** Hears an event after its row is committed. Returns how to stop hearing. A listener that throws is logged and changes nothing. */
  on<Name extends RelayEventName>(
    name: Name,
    listener: (event: RelayEvents[Name], context: EventContext) => void,
  ): () => void;
  /** Resolves when nothing can happen without time passing, an event from outside or a worker's word. For tests. */
  settled(): Promise<void>;
  health(): Promise<Health>;
}

/** The reading side; works on a store that another process writes. */
export interface Records {
  readonly tasks: {
    list(
      filter?: { readonly state?: TaskState; readonly open?: boolean },
      page?: Partial<PageRequest>,
    ): Promise<Page<Task>>;
    /** The whole story of one Task. */
    inspect(id: TaskId): Promise<TaskStory | undefined>;
    /** By id or by a tail of at least four hex digits of it; throws `ContractError` `ambiguous` or `no_such_task`. */
    find(idOrTail: string): Promise<TaskId>;
    /** The shortest tail, at least four, that names it among all. */
    shortId(id: TaskId): Promise<string>;
  };
  readonly receipts: {
    list(
      filter?: { readonly state?: ReceiptState; readonly open?: boolean },
      page?: Partial<PageRequest>,
    ): Promise<Page<ListedReceipt>>;
  };
  readonly incidents: {
    list(
      filter?: { readonly open?: boolean },
      page?: Partial<PageRequest>,
    ): Promise<Page<Incident>>;
  };
  figures(): Promise<StoreFigures>;
}

export interface TaskStory {
  readonly task: Task;
  readonly shortId: string;
  readonly inbound: StoredInbound | undefined;
  readonly asks: readonly Ask[];
  readonly receipts: readonly {
    readonly receipt: Receipt;
    readonly attempts: readonly Attempt[];
  }[];
  /** Rows of it that are there and cannot be read. */
  readonly invalid: readonly InvalidRow[];
  readonly journal: readonly JournalRow[];
}

export interface SubmitRequest {
  readonly channel: ChannelRef;
  readonly text: string;
  /** At most 200 characters; the same key in the same Channel is the same Task. */
  readonly key: string;
  /** Whose Task it is; default `system`. */
  readonly person?: { readonly id: string; readonly name?: string };
  /** Default what `pick` says. */
  readonly worker?: string;
}
export interface NotifyRequest {
  readonly channel: ChannelRef;
  readonly text: string;
  readonly key: string;
}

export type CancelAnswer =
  | { readonly kind: 'cancelled'; readonly cause: EndCause }
  | { readonly kind: 'already_ended'; readonly cause: EndCause }
  /** The worker did not stop in its grace and was left behind; the Task ended as asked. */
  | { readonly kind: 'detached'; readonly cause: EndCause }
  /** No process runs: it is stored, and carried out at the next start. */
  | { readonly kind: 'stored'; readonly cause: EndCause };

/** What may change while it runs. */
export interface RelaySettings {
  readonly deadlines?: import('./task.ts').DeadlinesPatch;
  readonly overlap?: Overlap;
  /** Tasks at work at once, over all Sessions; 1 to 10,000, default 64. */
  readonly concurrency?: number;
  /** Tasks that may wait for one Session; 0 to 1,000, default 20. */
  readonly queueMax?: number;
}
/** What happens to a message for a Session that is busy. */
export type Overlap = 'queue' | 'interrupt' | 'reject';

export interface Health {
  /** True when the store can write, every loop runs and nothing has waited too long. */
  readonly ok: boolean;
  /** The adapters take messages. */
  readonly ready: boolean;
  /** Why not ok. */
  readonly reasons: readonly string[];
  readonly figures: StoreFigures;
  readonly tasksRunning: number;
  readonly tasksDetached: number;
  readonly staleWrites: number;
}

import type { Delivery, DeliveryOutcomeInput, Evidence, Handle, Part, Repair } from './delivery.ts';
import type { ChannelRef, ReceiptId, TaskId } from './id.ts';
import type { InboundInput } from './inbound.ts';
import type { Runtime } from './runtime.ts';
import type { DeadlinesPatch } from './task.ts';

/** The port of one platform. An adapter never throws for what a platform answered: it answers an outcome. */
export interface Adapter {
  /** The platform's name, the first part of every ChannelRef of it. */
  readonly name: string;
  /** The bot identities it speaks for. */
  readonly accounts: readonly string[];
  readonly capabilities: AdapterCapabilities;
  /** Its own clocks over the relay's. */
  readonly deadlines?: DeadlinesPatch;
  /** Begins to take messages. Called once, after recovery. */
  start(host: AdapterHost): Promise<void>;
  /** Pure: the messages of the platform that a Delivery becomes, at least one. Nothing of its text is lost. */
  cut(delivery: Delivery, repairs: readonly Repair[]): readonly Part[];
  /** Sends or edits one part. Settles before `attempt.signal` aborts or soon after. */
  deliver(delivery: Delivery, attempt: DeliveryAttempt): Promise<DeliveryOutcomeInput>;
  /** Shows something that passes. Best effort: no outcome, no wait. */
  show?(transient: Transient): void;
  /** After an unknown outcome: is that part there? Claimed like a send. */
  reconcile?(question: ReconcileQuestion): Promise<ReconcileAnswer>;
  /** What came in since the last commit, once, before new work is taken; goes in through `host.accept`. */
  catchUp?(options: { signal: AbortSignal }): Promise<void>;
  /** Mounted by `serve` under `/<name>`; the request's path is what follows. */
  fetch?(request: Request): Response | Promise<Response>;
  /** Stops taking and sending. Bounded; may be called twice. */
  stop(): Promise<void>;
}

export interface AdapterCapabilities {
  readonly lengthMax: number;
  readonly lengthUnit: 'utf16' | 'codepoint' | 'byte';
  /** For how long a message of ours can be edited; 0 never, Infinity always. */
  readonly editMs: number;
  readonly buttons: boolean;
  readonly files: boolean;
  /** A typing sign: how long it lasts and when it is shown again; absent: none. */
  readonly presence?: { readonly ttlMs: number; readonly refreshMs: number };
  /** Shows streamed text (`show` of kind `text`). */
  readonly streams: boolean;
  /** The terminal edits the live message, or is a message of its own. */
  readonly terminalAs: 'edit' | 'new';
  readonly unknownPolicy: 'repeat' | 'mark' | 'hold';
  /** `reported`: through `host.audience`; nobody is there until it is said. */
  readonly audience: 'always' | 'reported';
  /** The least evidence that counts as surfaced. */
  readonly evidence: Evidence;
  /** How long weaker evidence may take to grow; default the relay's. */
  readonly evidenceMs?: number;
  /** Shortest distance of two sends. */
  readonly gapMs?: { readonly channel?: number; readonly account?: number };
}

export interface DeliveryAttempt {
  /** From 1, over the Receipt's life. */
  readonly n: number;
  /** Which part, from 1, and of how many. */
  readonly part: number;
  readonly parts: number;
  /** What to send: the part's text, marks included. */
  readonly content: Part;
  /** The same for every attempt of this part on this route: the platform's idempotency key derives from it. */
  readonly key: string;
  /** Edit this message; absent: make a new one. */
  readonly live?: Handle;
  /** What the adapter suggested against earlier rejections: `split` reached `cut`, `drop_anchor` and `repost` are done, `plain` is to do. */
  readonly repairs: readonly Repair[];
  /** Its number in the Channel: webchat's resume position. */
  readonly seq: number;
  readonly signal: AbortSignal;
}

export interface Transient {
  readonly kind: 'typing' | 'status' | 'text';
  readonly channel: ChannelRef;
  readonly taskId: TaskId;
  /** The id under which the live message is or will be shown. */
  readonly liveId: ReceiptId;
  /** Grows by one with every show of this Task. */
  readonly seq: number;
  /** `text`: all of it so far. `status`: one line. */
  readonly text?: string;
}

export interface ReconcileQuestion {
  readonly receiptId: ReceiptId;
  readonly channel: ChannelRef;
  readonly key: string;
  readonly part: number;
  readonly content: Part;
  /** When the send began. */
  readonly sentAtMs: number;
  readonly live?: Handle;
  /** The handle of an outcome whose evidence was too weak. */
  readonly handle?: Handle;
  readonly signal: AbortSignal;
}
export type ReconcileAnswer =
  | { readonly kind: 'shown'; readonly handle: Handle; readonly evidence: Evidence }
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'cannot_tell';
      readonly cause: string;
      /** Until when the platform knows the key of the send again, also where no outcome could say so: it died over it. */
      readonly keyValidUntilMs?: number;
    };

/** What an adapter may ask of the relay. */
export interface AdapterHost {
  /** Resolves when it is stored: only then tell the platform. Rejects while the store cannot write: refuse, so that it is redelivered. */
  accept(inbound: InboundInput): Promise<Accepted>;
  /** Something shown was seen after its outcome; names one part by its number (from 1) or its handle. */
  evidence(seen: {
    receiptId: ReceiptId;
    part?: number;
    handle?: Handle;
    evidence: Evidence;
  }): Promise<EvidenceAnswer>;
  /** Streamed text of this Task was seen: restarts its progress clock, settles nothing. */
  shown(taskId: TaskId): void;
  /** Somebody came, or the last one left (`capabilities.audience: reported`). */
  audience(channel: ChannelRef, present: boolean): Promise<void>;
  /** What stands in a Channel after a number, oldest first: the transcript. */
  history(channel: ChannelRef, afterSeq: number, limit: number): Promise<History>;
  /** The adapter's own durable notes, at most 64 KiB a value. */
  readonly state: AdapterState;
  /** How the Account stands with the platform. Say it when it changes; what was said last holds. */
  connection(account: string, state: ConnectionState, cause?: string): void;
  readonly runtime: Runtime;
  /** Structured log; never text of messages. */
  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    data?: Readonly<Record<string, unknown>>,
  ): void;
}

/**
 * `disconnected`: for now; the adapter goes on trying, nothing is held and nobody is told.
 * `unauthorized`: the platform does not know the Account any more: its sends are held, an incident says so.
 * `misconfigured`: nothing comes in until somebody changes something (two pollers, a missing right): an incident says the `cause`, which names the remedy; sends go on.
 * `connected` ends all three and closes their incidents.
 */
export type ConnectionState = 'connected' | 'disconnected' | 'unauthorized' | 'misconfigured';

export type Accepted =
  /** Stored before; nothing changed. */
  | { readonly kind: 'duplicate'; readonly seq: number }
  | {
      readonly kind: 'accepted';
      readonly seq: number;
      readonly taskId?: TaskId;
      /** Nothing is said in answer: it answered a question, or changed what waits. */
      readonly quiet?: boolean;
    };

/** `unknown_receipt`: there is none of that id in that state of being shown. */
export type EvidenceAnswer = 'taken' | 'known' | 'unknown_receipt';

export interface AdapterState {
  get(account: string, key: string): Promise<string | undefined>;
  set(account: string, key: string, value: string): Promise<void>;
}

export interface History {
  readonly items: readonly HistoryItem[];
  /** Names this transcript: a position is valid only inside it. */
  readonly epoch: string;
  /** More stands after the last item. */
  readonly more: boolean;
}
export type HistoryItem =
  | {
      readonly kind: 'inbound';
      readonly seq: number;
      readonly id: string;
      readonly text: string;
      readonly personId: string;
      readonly personName?: string;
      readonly sentAtMs: number;
    }
  | {
      readonly kind: 'delivery';
      readonly seq: number;
      readonly delivery: Delivery;
      readonly parts: readonly HistoryPart[];
      readonly seen: boolean;
      readonly openedAtMs: number /** Edits this message instead of making its own. */;
      readonly live?: Handle;
    };
export interface HistoryPart {
  readonly part: number;
  readonly text: string;
  readonly handle?: Handle;
}

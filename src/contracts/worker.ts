import type { TaskId } from './id.ts';
import type { InboundFile } from './inbound.ts';
import type { ResumeToken, TranscriptItem } from './session.ts';
import type { DeadlinesPatch, TaskEnd } from './task.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The port of what does Tasks: a function, a command, an HTTP job, an agent. */
export interface Worker {
  /** Unique in a relay; stored with every Task, so a rename orphans what is open. */
  readonly name: string;
  readonly capabilities: WorkerCapabilities;
  /** Its own clocks over the relay's. */
  readonly deadlines?: DeadlinesPatch;
  /** Makes a session or brings `spec.resume` back. Throws `WorkerError`; `session_lost` means: open a new one with the transcript. */
  ensureSession(spec: SessionSpec, options: { signal: AbortSignal }): Promise<WorkerSession>;
  health?(): Promise<{ ok: boolean; detail?: string }>;
  /** Ends what it started. Bounded, may be called twice. */
  dispose(): Promise<void>;
}

export interface WorkerCapabilities {
  /** What survives: nothing, a process of ours, or more than both sides' restarts. */
  readonly session: 'none' | 'process' | 'durable';
  /** How a session comes back: by its own id, or by our transcript replayed into it. */
  readonly resume: 'none' | 'transcript' | 'native';
  /** A Task that ran when we died can be watched again (`WorkerSession.attach`). */
  readonly reattach: boolean;
  /** A message while a Task runs can be folded into it. */
  readonly steer: boolean;
  readonly abort: 'none' | 'cooperative' | 'kill';
  /** The same Task id twice never runs twice on the worker's side. */
  readonly idempotentPrompt: boolean;
  readonly asks: readonly ('permission' | 'question')[];
  /** At most one running Task per real path of `SessionSpec.cwd`. */
  readonly exclusiveDirectory: boolean;
}

export interface SessionSpec {
  /** Our key of the Session. */
  readonly sessionId: string;
  readonly channel: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly resume?: ResumeToken;
  readonly transcript: readonly TranscriptItem[];
}

export interface TaskInput {
  /** The idempotency key from end to end. */
  readonly id: TaskId;
  readonly text: string;
  readonly files: readonly InboundFile[];
  /** 1, or more for a retry. */
  readonly attempt: number;
  readonly person: { readonly id: string; readonly name?: string };
}

export interface WorkerSession {
  /** Stored in the transaction that ends the Task. */
  readonly resumeToken: ResumeToken | null;
  /** Settles once. What the work itself did wrong resolves as `failed`; a rejection ends the Task `failed` as well. */
  prompt(task: TaskInput, io: TaskIO): Promise<TaskResult>;
  /** After a restart: watches a Task that still runs, or tells how it ended. */
  attach?(task: TaskInput, io: TaskIO): Promise<TaskResult>;
  steer?(input: TaskInput): Promise<void>;
  history?(): AsyncIterable<TranscriptItem>;
  /** May be called twice; `forget` also deletes the worker's own session. */
  close(options?: { forget?: boolean }): Promise<void>;
}

/** All that a Worker may do to the outside during one Task. Nothing here throws. */
export interface TaskIO {
  /** Aborted by a person, a clock or a stop; `signal.reason` is an `EndCause`. */
  readonly signal: AbortSignal;
  /** Synchronous, in order; dropped after the end. */
  emit(event: WorkerEvent): void;
  /** Resolves with the answer, or `cancelled` when the Task ends, the time is over or nobody could be asked. */
  ask(request: AskRequest): Promise<AskReply>;
  /** A sign of life without words. */
  touch(): void;
}

/** A question to a person. `options` empty: free text. */
export interface AskRequest {
  readonly kind: 'permission' | 'question';
  readonly text: string;
  readonly options: readonly AskOption[];
  readonly freeText?: boolean;
}
export interface AskOption {
  readonly id: string;
  readonly label: string;
  /** The option taken when nobody answers. Without one the reply is `cancelled`. */
  readonly refuses?: boolean;
}
export type AskReply =
  | { readonly outcome: 'selected'; readonly optionId: string }
  | { readonly outcome: 'answered'; readonly text: string }
  | {
      readonly outcome: 'cancelled';
      readonly reason: 'aborted' | 'timed_out' | 'superseded' | 'undeliverable';
    };

export interface TaskResult {
  /** `interrupted`: the worker was lost; a retry may be offered. */
  readonly status: TaskEnd;
  /** The whole final text; takes the place of whatever was streamed. */
  readonly text: string;
  readonly reason?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean };
  readonly usage?: {
    readonly inputTokens?: number;
    readonly outputTokens?: number;
    readonly costUsd?: number;
  };
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly title?: string;
  readonly status: 'pending' | 'in_progress' | 'completed' | 'failed' | 'cancelled';
  readonly input?: Json;
  readonly output?: string;
  readonly error?: string;
}

export type WorkerEvent =
  | { readonly kind: 'started'; readonly nativeId?: string }
  | { readonly kind: 'text'; readonly partId: string; readonly delta: string }
  | { readonly kind: 'reasoning'; readonly partId: string; readonly delta: string }
  /** Takes the part's place: a retry, a gap, a late edit. */
  | { readonly kind: 'text_snapshot'; readonly partId: string; readonly text: string }
  | { readonly kind: 'text_discarded'; readonly partIds: readonly string[] }
  | { readonly kind: 'tool_call'; readonly call: ToolCall }
  | { readonly kind: 'tool_update'; readonly call: Partial<ToolCall> & { readonly id: string } }
  | {
      readonly kind: 'plan';
      readonly items: readonly {
        readonly text: string;
        readonly status: 'pending' | 'in_progress' | 'completed';
      }[];
    }
  | { readonly kind: 'progress'; readonly message: string; readonly fraction?: number }
  | {
      readonly kind: 'output';
      readonly stream: 'stdout' | 'stderr' | 'pty';
      readonly chunk: string;
    }
  | {
      readonly kind: 'artifact';
      readonly name: string;
      readonly mimeType: string;
      readonly url?: string;
      readonly text?: string;
    }
  | {
      readonly kind: 'usage';
      readonly inputTokens?: number;
      readonly outputTokens?: number;
      readonly costUsd?: number;
    }
  | {
      readonly kind: 'session_info';
      readonly title?: string;
      readonly mode?: string;
      readonly model?: string;
    }
  | { readonly kind: 'warning'; readonly code: string; readonly message: string };

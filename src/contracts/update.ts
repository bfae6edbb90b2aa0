import type { Ask } from './ask.ts';
import type { EndCause, Task, TaskEnd } from './task.ts';

/** What the core learned, to be said to a person. `core/compose` makes a Delivery of each. */
export type Update =
  | { readonly kind: 'accepted'; readonly task: Task; readonly position?: number }
  /** Its place in the queue changed, or it has waited for long. */
  | {
      readonly kind: 'queued';
      readonly task: Task;
      readonly position: number;
      readonly elapsedMs?: number;
    }
  /** Its turn has come after it was shown as queued. */
  | { readonly kind: 'started'; readonly task: Task }
  | {
      readonly kind: 'progress';
      readonly task: Task;
      readonly word?: string | undefined;
      readonly fraction?: number | undefined;
      readonly elapsedMs: number;
    }
  | {
      readonly kind: 'question';
      readonly task: Task;
      readonly ask: Omit<Ask, 'receipt'>;
      /** Time for an answer, if it is shown now. */
      readonly leftMs: number;
    }
  | { readonly kind: 'reminder'; readonly task: Task; readonly ask: Ask; readonly leftMs: number }
  | {
      readonly kind: 'ended';
      readonly task: Task;
      readonly cause: EndCause;
      readonly text?: string | undefined;
      /** Its worker ignored the abort and was left behind. */
      readonly detached?: boolean | undefined;
      readonly away?: { readonly fromMs: number; readonly toMs: number } | undefined;
    }
  /** A message that still shows work is finished. */
  | {
      readonly kind: 'finished';
      readonly task: Task;
      readonly what: 'live' | 'question';
      readonly ask?: Ask;
      /** Where the answer stands that this message was to become; default below it. */
      readonly answer?: 'below' | 'elsewhere' | 'nowhere';
    }
  /** A result after the end. */
  | { readonly kind: 'late'; readonly task: Task; readonly status: TaskEnd; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: Refusal }
  /** The answer to a command or a press. */
  | { readonly kind: 'answered'; readonly text: string; readonly task?: Task }
  | { readonly kind: 'notified'; readonly text: string }
  | { readonly kind: 'incident'; readonly reason: string }
  /** The Task's own record cannot be read. */
  | { readonly kind: 'unreadable'; readonly taskId: string };
export type UpdateKind = Update['kind'];

/** Why something was not taken on. */
export type Refusal =
  | 'busy'
  | 'queue_full'
  | 'not_yours'
  | 'no_such_task'
  | 'ambiguous'
  | 'stopping'
  | 'too_late'
  | 'already_answered'
  | 'nothing_to_retry'
  | 'not_ended'
  | 'empty';

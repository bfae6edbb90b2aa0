import type { EndCause, TaskEnd, TaskState } from '../contracts/task.ts';
import type { Refusal } from '../contracts/update.ts';
import { neutral } from './neutral.ts';

/** A duration as people say it: `45 s`, `3 min`, `2 h 5 min`. */
function spoken(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return s % 60 === 0 || min >= 10 ? `${min} min` : `${min} min ${s % 60} s`;
  const h = Math.floor(min / 60);
  return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
}

const clockFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});
const clockTime = (atMs: number): string => `${clockFormat.format(atMs)} UTC`;

const reasons: Readonly<Record<string, string>> = {
  never_started: 'it never got its turn',
  terminal: 'it took longer than it may',
  idle: 'the worker gave no sign of life',
  no_result: 'the worker returned nothing',
  replaced: 'a newer message took its place',
  restarted: 'the bot was restarted while it ran',
  stopped: 'the bot was stopped while it ran',
  worker_lost: 'the worker was lost',
  worker_missing: 'its worker is not there any more',
  worker_failed: 'the worker failed',
  message_deleted: 'its message was deleted',
};
const because = (reason: string): string =>
  (Object.hasOwn(reasons, reason) ? reasons[reason] : undefined) ?? neutral(reason);
/** Words that a person gave are shown as they are, also where they happen to be a code. */
const becauseCancelled = ({ reason, by }: EndCause): string =>
  by === undefined || reason === 'message_deleted' ? because(reason) : neutral(reason);

function ended(cause: EndCause): string {
  const by = cause.by === undefined ? '' : ` by ${neutral(cause.by)}`;
  switch (cause.end) {
    case 'completed':
      return 'Done.';
    case 'failed':
      return `Failed: ${because(cause.reason)}.`;
    case 'cancelled':
      return `Cancelled${by}: ${becauseCancelled(cause)}.`;
    case 'timed_out':
      return `Timed out: ${because(cause.reason)}.`;
    case 'interrupted':
      return `Interrupted: ${because(cause.reason)}. It was not run again, since it may have had effects.`;
  }
}

const refusals: Readonly<Record<Refusal, string>> = {
  busy: 'I am still busy with your last message. Please send this again when it is done.',
  queue_full: 'Too much is waiting here already. Please send this again later.',
  not_yours: 'Only the person who asked can do that.',
  no_such_task: 'I know no task of that id here.',
  ambiguous: 'More than one task ends like that. Please type more of its id.',
  stopping: 'I am about to stop. Please send this again in a moment.',
  too_late: 'Too late: the time for an answer is over.',
  already_answered: 'That was answered already.',
  nothing_to_retry: 'There is nothing here to run again.',
  not_ended: 'It has not ended yet.',
  empty: 'I found nothing to do in that message.',
};

/** Every word that people see. Replace any of them: `createRelay({ words: { … } })`. Texts are CommonMark; title and names come neutralised. */
const whereAnswer = {
  below: ': see the answer below.',
  elsewhere: ': the answer could not be shown here and went another way.',
  nowhere: ', but the answer could not be shown.',
} as const;

export const words = {
  ack: (): string => 'On it…',
  queued: (position: number): string =>
    position === 1 ? 'Queued: you are next.' : `Queued: position ${position}.`,
  working: (elapsedMs: number, word: string | undefined): string =>
    word === undefined
      ? `Still working (${spoken(elapsedMs)})…`
      : `${word}\n\nStill working (${spoken(elapsedMs)})…`,
  progress: (word: string, fraction: number | undefined): string =>
    fraction === undefined ? word : `${word} (${Math.round(fraction * 100)} %)`,
  waiting: (position: number, elapsedMs: number): string =>
    `Queued: position ${position}, waiting for ${spoken(elapsedMs)}.`,
  started: (): string => 'Your turn: working on it now…',
  until: (leftMs: number, untilMs: number): string =>
    `Please answer within ${spoken(leftMs)} (by ${clockTime(untilMs)}).`,
  reminder: (text: string, leftMs: number, untilMs: number): string =>
    `Still waiting for your answer, for ${spoken(leftMs)} more (until ${clockTime(untilMs)}):\n\n${text}`,
  answered: (text: string, answer: string): string => `${text}\n\nAnswered: ${answer}`,
  closed: (text: string): string => `${text}\n\nClosed without an answer.`,
  noAnswer: (text: string, taken: string): string =>
    `${text}\n\nNo answer in time: taken as “${taken}”.`,
  /** Takes the place of a second message that shows the same work. */
  continued: 'This goes on below.',
  finished: (end: TaskEnd, answer: 'below' | 'elsewhere' | 'nowhere'): string =>
    `Finished (${end.replace('_', ' ')})${whereAnswer[answer]}`,
  ended,
  away: (fromMs: number, toMs: number): string =>
    `I was away for ${spoken(toMs - fromMs)}, until ${clockTime(toMs)}.`,
  late: (end: TaskEnd): string => `A result came after the end (${end.replace('_', ' ')}):`,
  label: (title: string, shortId: string): string => `**“${title}”** · \`${shortId}\``,
  marks: {
    late: 'Late:',
    may_repeat: 'This may be a repetition:',
    rerouted: 'Sent here because it could not be shown where you asked:',
  },
  refusals,
  stateOf: (state: TaskState, cause: EndCause | undefined, elapsedMs: number): string => {
    if (state === 'ended')
      return cause === undefined
        ? 'ended'
        : `${cause.end.replace('_', ' ')} (${because(cause.reason)})`;
    return `${state === 'waiting' ? 'waiting for your answer' : state} for ${spoken(elapsedMs)}`;
  },
  /** It has ended, and its answer was not shown yet, or could not be. */
  untold: (state: string): string => `${state}; its answer could not be shown yet`,
  statusNone: (): string => 'Nothing is open here.',
  cancelled: (cause: EndCause): string => ended(cause),
  alreadyEnded: (cause: EndCause): string => `It had already ended. ${ended(cause)}`,
  detached: (cause: EndCause): string =>
    `It did not stop when asked and was left behind. ${ended(cause)}`,
  retriedBefore: (state: string): string => `It was run again already: ${state}.`,
  cancelDefault: 'cancelled by request',
  /** Who acted, where a platform gives people no name. */
  asker: 'the person who asked',
  help: (): string =>
    [
      '`/status` tells what is open here.',
      '`/cancel [id] [reason]` stops a task, without an id your newest one.',
      '`/retry [id]` runs an ended task again.',
      '`/help` shows this.',
    ].join('\n'),
  unreadable: (shortId: string): string =>
    `Task \`${shortId}\` was interrupted: its record cannot be read any more.`,
  incident: (reason: string): string => `Incident: ${reason}`,
  buttons: { cancel: 'Cancel', retry: 'Retry' },
} as const;

type Widen<T> = T extends (...args: infer Args) => string
  ? (...args: Args) => string
  : T extends string
    ? string
    : { readonly [Key in keyof T]: Widen<T[Key]> };
export type Words = Widen<typeof words>;

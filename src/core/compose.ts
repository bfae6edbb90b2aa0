import type { Button, DeliveryKind } from '../contracts/delivery.ts';
import { AskId, type TaskId } from '../contracts/id.ts';
import type { ReceiptContent } from '../contracts/receipt.ts';
import type { Task } from '../contracts/task.ts';
import type { Update } from '../contracts/update.ts';
import { clip } from './clip.ts';
import { limit } from './limit.ts';
import { neutral } from './neutral.ts';
import type { Words } from './words.ts';

/** What a press means. Ids are opaque to adapters and at most 64 bytes. */
export type ButtonAct =
  | { readonly kind: 'cancel' | 'retry'; readonly task: string }
  /** Without an option: in the words that come with the press. */
  | { readonly kind: 'answer'; readonly ask: string; readonly option?: number };

export function parseButton(id: string): ButtonAct | undefined {
  const [act, subject, option] = id.split(':');
  if (subject === undefined)
    return AskId.safeParse(id).success ? { kind: 'answer', ask: id } : undefined;
  if ((act === 'cancel' || act === 'retry') && option === undefined)
    return { kind: act, task: subject };
  if (act === 'answer' && option !== undefined && /^\d{1,3}$/.test(option)) {
    return { kind: 'answer', ask: subject, option: Number(option) };
  }
  return undefined;
}

export interface Draft {
  readonly kind: DeliveryKind;
  readonly content: ReceiptContent;
}

/** Where a text stands: what names its Task when it does not stand directly under its question. */
export interface Standing {
  readonly words: Words;
  /** Title and short id. */
  readonly label?: string | undefined;
  readonly labelled?: boolean | undefined;
}

const empty: ReceiptContent = { text: '', buttons: [], files: [], labelled: false, notify: false };
const cancelButton = (task: TaskId, words: Words): Button => ({
  id: `cancel:${task}`,
  label: words.buttons.cancel,
  style: 'plain',
});
const retryButton = (task: TaskId, words: Words): Button => ({
  id: `retry:${task}`,
  label: words.buttons.retry,
  style: 'primary',
});

/** Pure: what is said when something was learned. All words come from the table. */
export function compose(update: Update, standing: Standing): Draft {
  const { words } = standing;
  switch (update.kind) {
    case 'accepted':
      return working('ack', standing, { task: update.task, ...ackOf(update.position, words) });
    case 'queued':
      return working('progress', standing, { task: update.task, ...queuedOf(update, words) });
    case 'started':
      return working('progress', standing, { task: update.task, text: words.started() });
    case 'progress':
      return working('progress', standing, {
        task: update.task,
        text: progressText(update, words),
        heartbeat: update.elapsedMs > 0,
      });
    case 'question': {
      const content = { ...about(update.task, standing), ...questionOf(update, words) };
      return { kind: 'question', content: { ...content, notify: true } };
    }
    case 'reminder':
      return notice(
        { ...about(update.task, standing), askId: update.ask.id },
        words.reminder(update.ask.text, update.leftMs, update.ask.untilMs),
      );
    case 'ended':
      return ended(update, about(update.task, standing), words);
    case 'finished': {
      const content = { ...about(update.task, standing), text: finishedText(update, words) };
      return { kind: 'amend', content };
    }
    case 'late': {
      const head = words.late(update.task.cause?.end ?? update.status);
      const content = { ...about(update.task, standing), labelled: true };
      return notice(content, `${head}\n\n${update.text}`);
    }
    case 'refused':
      return notice({ ...empty }, words.refusals[update.reason], false);
    case 'answered': {
      const { label, labelled = false } = standing;
      return notice({ ...empty, label, labelled }, update.text, false);
    }
    case 'notified':
      return notice({ ...empty }, update.text);
    case 'incident':
      return notice({ ...empty }, words.incident(update.reason));
    case 'unreadable': {
      const text = words.unreadable(update.taskId.slice(-limit.shortIdMin));
      return { kind: 'terminal', content: { ...empty, text, notify: true, end: 'interrupted' } };
    }
  }
}

function about(task: Task, standing: Standing): ReceiptContent {
  const { label, labelled = false } = standing;
  return { ...empty, label, labelled, anchor: task.anchor };
}

function notice(content: ReceiptContent, text: string, notify = true): Draft {
  return { kind: 'notice', content: { ...content, text, notify } };
}

/** What is shown while it is open has a Cancel button. */
function working(
  kind: 'ack' | 'progress',
  standing: Standing,
  said: Pick<ReceiptContent, 'text' | 'position' | 'heartbeat'> & { readonly task: Task },
): Draft {
  const { task, ...content } = said;
  const buttons = [cancelButton(task.id, standing.words)];
  return { kind, content: { ...about(task, standing), ...content, buttons } };
}

function ackOf(
  position: number | undefined,
  words: Words,
): Pick<ReceiptContent, 'text' | 'position'> {
  return position === undefined
    ? { text: words.ack() }
    : { text: words.queued(position), position };
}

function queuedOf(
  update: Extract<Update, { kind: 'queued' }>,
  words: Words,
): Pick<ReceiptContent, 'text' | 'position'> {
  const { position, elapsedMs } = update;
  const text =
    elapsedMs === undefined ? words.queued(position) : words.waiting(position, elapsedMs);
  return { text, position };
}

function progressText(update: Extract<Update, { kind: 'progress' }>, words: Words): string {
  const word =
    update.word === undefined
      ? undefined
      : words.progress(clip(update.word, limit.progressGraphemes), update.fraction);
  return update.elapsedMs === 0 && word !== undefined
    ? word
    : words.working(update.elapsedMs, word);
}

function questionOf(
  update: Extract<Update, { kind: 'question' }>,
  words: Words,
): Pick<ReceiptContent, 'text' | 'buttons' | 'askId' | 'freeText' | 'untilMs'> {
  const { ask, leftMs } = update;
  return {
    text: `${ask.text}\n\n${words.until(leftMs, ask.untilMs)}`,
    buttons: ask.options.map((option, index) => ({
      id: `answer:${ask.id}:${index}`,
      label: clip(option.label, 80),
      style: 'plain' as const,
    })),
    askId: ask.id,
    freeText: ask.freeText,
    untilMs: ask.untilMs,
  };
}

function ended(
  update: Extract<Update, { kind: 'ended' }>,
  base: ReceiptContent,
  words: Words,
): Draft {
  const { task, cause, text, away } = update;
  const lines: string[] = [];
  if (away !== undefined) lines.push(words.away(away.fromMs, away.toMs));
  if (update.detached === true) lines.push(words.detached(cause));
  else if (cause.end !== 'completed') lines.push(words.ended(cause));
  if (text !== undefined && text !== '') lines.push(text);
  if (lines.length === 0) lines.push(words.ended(cause));
  const again = cause.end === 'interrupted' || cause.end === 'failed' || cause.end === 'timed_out';
  const buttons = again ? [retryButton(task.id, words)] : [];
  return {
    kind: 'terminal',
    content: { ...base, text: lines.join('\n\n'), buttons, notify: true, end: cause.end },
  };
}

function finishedText(update: Extract<Update, { kind: 'finished' }>, words: Words): string {
  const { ask, task } = update;
  if (update.what === 'live' || ask === undefined)
    return task.cause === undefined
      ? words.continued
      : words.finished(task.cause.end, update.answer ?? 'below');
  if (ask.answer?.kind === 'option')
    return words.answered(ask.text, neutral(ask.options[ask.answer.index]?.label ?? ''));
  if (ask.answer?.kind === 'text') return words.answered(ask.text, neutral(ask.answer.text));
  const taken = ask.options.find((option) => option.refuses === true);
  return taken !== undefined && ask.reason === 'timed_out'
    ? words.noAnswer(ask.text, neutral(taken.label))
    : words.closed(ask.text);
}

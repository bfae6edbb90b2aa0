import type { Ask } from '../contracts/ask.ts';
import type { Attempt, Receipt } from '../contracts/receipt.ts';
import type { TaskStory } from '../contracts/relay.ts';
import type { Contract, ContractState, Task } from '../contracts/task.ts';
import { agoText, durationText, instantText, sinceText } from './instant.ts';
import { evidenceOf } from './item.ts';
import { printable, printableLines } from './printable.ts';
import { attemptLines } from './story-attempt.ts';
import { tableLines } from './table.ts';

export interface StoryOptions {
  readonly nowMs: number;
  /** Texts in full; else their first lines. */
  readonly texts: boolean;
}

/** The whole story of one Task for people: what was asked, how it went, what was shown where and how that is known. */
export function storyLines(story: TaskStory, options: StoryOptions): readonly string[] {
  const sections = [
    headLines(story, options),
    sectionLines('Message', textLines(story.task.text, options)),
    sectionLines(
      'Result',
      story.task.result === undefined ? [] : textLines(story.task.result, options),
    ),
    sectionLines(
      'Questions',
      story.asks.flatMap((ask) => askLines(ask, story.task)),
    ),
    sectionLines(
      'Shown',
      story.receipts.flatMap((one) => receiptLines(one, story.task, options)),
    ),
    sectionLines(
      'Cannot be read',
      story.invalid.map(({ table, id, cause }) => `${table} ${printable(id)}: ${printable(cause)}`),
    ),
    sectionLines('Timeline', timelineLines(story)),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

function sectionLines(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

const promiseWords: Readonly<Record<ContractState, string>> = {
  created: 'nothing of it was seen yet',
  acked: 'it was seen that the work was taken on',
  progressing: 'the work was seen going on',
  sla_missed: 'nothing was seen for longer than promised',
  terminal_pending: 'the end was not seen yet',
  terminal_acked: 'the end was seen',
  terminal_failed: 'the end could not be shown',
};

function headLines(
  { task, shortId, inbound }: TaskStory,
  { nowMs }: StoryOptions,
): readonly string[] {
  const state = task.state === 'ended' ? (task.cause?.end ?? 'ended') : task.state;
  const who =
    task.personName === undefined ? task.personId : `${task.personName} (${task.personId})`;
  const source = inbound?.source === 'code' ? ', by code' : '';
  const rows: (readonly [string, string | undefined])[] = [
    [
      'Asked',
      `${instantText(task.acceptedAtMs, true)}, ${agoText(task.acceptedAtMs, nowMs)}${source}`,
    ],
    ['By', printable(who)],
    ['In', printable(task.channel)],
    [
      'Worker',
      `${printable(task.worker)}, attempt ${task.attempt}${task.retryOf === undefined ? '' : `, runs ${task.retryOf} again`}`,
    ],
    ['Work', workText(task, nowMs)],
    ['End', endText(task, nowMs)],
    ['Error', task.error === undefined ? undefined : printable(task.error)],
    ['Promise', `${task.contract.state}: ${promiseWords[task.contract.state]}`],
    ['Next', nextText(task.contract, nowMs)],
    ['Id', task.id],
  ];
  const known = rows.filter((row): row is readonly [string, string] => row[1] !== undefined);
  return [
    `Task ${shortId} · ${state} · ${printable(task.title)}`,
    '',
    ...known.map(([name, text]) => `${name.padEnd(8)} ${text}`),
  ];
}

function workText(task: Task, nowMs: number): string {
  const { acceptedAtMs, startedAtMs, endedAtMs } = task;
  if (startedAtMs === undefined) {
    return endedAtMs === undefined
      ? `waits for its turn since ${durationText(nowMs - acceptedAtMs)}`
      : 'never began';
  }
  const began = `began ${sinceText(startedAtMs, acceptedAtMs)}`;
  if (endedAtMs === undefined) return `${began}, going on for ${durationText(nowMs - startedAtMs)}`;
  return `${began}, took ${durationText(endedAtMs - startedAtMs)}`;
}

function endText(task: Task, nowMs: number): string | undefined {
  const { cause, endedAtMs } = task;
  if (cause === undefined) return undefined;
  const by = cause.by === undefined ? '' : `, by ${printable(cause.by)}`;
  const what = `${cause.end} (${printable(cause.reason)}${by})`;
  if (endedAtMs === undefined) return `will be ${what}`;
  return `${what} ${sinceText(endedAtMs, task.acceptedAtMs)}, at ${instantText(endedAtMs)}, ${agoText(endedAtMs, nowMs)}`;
}

/** The clocks that run, nearest first. */
function nextText(contract: Contract, nowMs: number): string | undefined {
  const clocks: (readonly [string, number | undefined])[] = [
    ['ack', contract.ackDueAtMs],
    ['heartbeat', contract.heartbeatDueAtMs],
    ['progress', contract.progressDueAtMs],
    ['queue', contract.queueDueAtMs],
    ['terminal', contract.terminalDueAtMs],
    ['grace', contract.graceDueAtMs],
  ];
  const running = clocks.filter(
    (clock): clock is readonly [string, number] => clock[1] !== undefined,
  );
  if (running.length === 0) return undefined;
  return running
    .sort((a, b) => a[1] - b[1])
    .map(([name, atMs]) => `${name} ${agoText(atMs, nowMs)}`)
    .join(', ');
}

/** All lines, or the first one that shows anything and how many follow. */
function textLines(text: string, { texts }: Pick<StoryOptions, 'texts'>): readonly string[] {
  const lines = printableLines(text);
  if (texts) return lines;
  const at = lines.findIndex((line) => line.trim() !== '');
  if (at < 0) return [];
  const rest = lines.length - at - 1;
  return [
    `${lines[at]}${rest === 0 ? '' : ` … (and ${rest} more ${rest === 1 ? 'line' : 'lines'}: --text)`}`,
  ];
}

function askLines(ask: Ask, { acceptedAtMs }: Task): readonly string[] {
  const options = ask.options.map((option) => `[${printable(option.label)}]`).join(' ');
  const shown =
    ask.surfacedAtMs === undefined
      ? 'not seen'
      : `seen ${sinceText(ask.surfacedAtMs, acceptedAtMs)}`;
  const head = [
    `${sinceText(ask.openedAtMs, acceptedAtMs)} ${printable(ask.text)}`,
    options,
    ask.freeText ? '[free text]' : '',
  ];
  return [
    head.filter((part) => part !== '').join(' '),
    `  ${shown}; ${answerText(ask, acceptedAtMs)}`,
  ];
}

function answerText(ask: Ask, fromMs: number): string {
  const when = ask.closedAtMs === undefined ? '' : ` ${sinceText(ask.closedAtMs, fromMs)}`;
  switch (ask.state) {
    case 'open':
      return `open until ${sinceText(ask.untilMs, fromMs)}`;
    case 'answered': {
      const words =
        ask.answer?.kind === 'option'
          ? (ask.options[ask.answer.index]?.label ?? '?')
          : (ask.answer?.text ?? '?');
      return `answered “${printable(words)}”${ask.answeredBy === undefined ? '' : ` by ${printable(ask.answeredBy)}`}${when}`;
    }
    case 'closed':
      return `closed without an answer: ${ask.reason ?? 'no reason kept'}${when}`;
  }
}

function receiptLines(
  { receipt, attempts }: { receipt: Receipt; attempts: readonly Attempt[] },
  task: Task,
  options: StoryOptions,
): readonly string[] {
  const fromMs = task.acceptedAtMs;
  const { evidence } = evidenceOf(receipt.parts);
  const settled =
    receipt.settledAtMs === undefined ? '' : ` ${sinceText(receipt.settledAtMs, fromMs)}`;
  const state = `${receipt.state}${evidence === undefined ? '' : ` (${evidence})`}${settled}`;
  const unseen =
    receipt.unseen && receipt.settledAtMs === undefined ? ', waits until somebody looks' : '';
  const marks = receipt.marks.length === 0 ? '' : ` [${receipt.marks.join(', ')}]`;
  const why = receipt.state === 'superseded' ? ' by ' : ': ';
  const reason = receipt.reason === undefined ? '' : `${why}${printable(receipt.reason)}`;
  const where =
    receipt.seq === 0
      ? printable(receipt.channel)
      : `${printable(receipt.channel)} #${receipt.seq}`;
  return [
    `${sinceText(receipt.openedAtMs, fromMs)} ${receipt.kind}: ${state}${unseen}${marks}${reason}`,
    `  in ${where}, receipt ${receipt.id}`,
    ...attemptLines(receipt, attempts, fromMs).map((line) => `  ${line}`),
    ...textLines(receipt.content.text, options).map((line) => `  | ${line}`),
  ];
}

function timelineLines({ task, journal }: TaskStory): readonly string[] {
  if (journal.length === 0) return [];
  return tableLines(
    [
      { title: 'AT', cell: (row) => instantText(row.atMs) },
      { title: 'SINCE', cell: (row) => sinceText(row.atMs, task.acceptedAtMs), align: 'end' },
      { title: 'WHAT', cell: (row) => row.name },
      { title: 'DATA', cell: (row) => dataText(row.data) },
    ],
    journal,
  );
}

const wholeId = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}([0-9a-f]{8})$/;

/** Ids by their tails: they stand in full under “Shown”, and people compare the ends. */
function dataText(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return `${name}=${text.replace(wholeId, '…$1')}`;
    })
    .join(' ');
}

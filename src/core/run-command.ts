import { TaskId } from '../contracts/id.ts';
import type { Script } from '../contracts/store.ts';
import type { EndCause, Task } from '../contracts/task.ts';
import { abortTask } from './abort.ts';
import { type Arrival, type Outcome, refuse } from './arrival.ts';
import { clip, firstLine } from './clip.ts';
import type { Command } from './command.ts';
import type { Core, Work } from './core.ts';
import { present } from './present.ts';
import { retryTask } from './retry.ts';
import { labelOf, tailOf } from './short-id.ts';

/** Answers a chat command from the store alone. */
export function* runCommand(
  work: Work,
  core: Core,
  arrival: Arrival,
  command: Command,
): Script<Outcome> {
  switch (command.kind) {
    case 'help':
      return answer(core.words.help());
    case 'status':
      return answer(yield* statusText(work, core, arrival));
    case 'cancel':
      return yield* cancelCommand(work, core, arrival, command.words);
    case 'retry':
      return yield* retryCommand(work, core, arrival, command.words);
  }
}

function answer(text: string, task?: Task, label?: string): Outcome {
  return {
    became: 'command',
    task: task?.id,
    update: { kind: 'answered', text, ...(task === undefined ? {} : { task }) },
    label,
  };
}

function* statusText(work: Work, core: Core, arrival: Arrival): Script<string> {
  const open = yield* work.tasksOpenIn(arrival.channel.key);
  const lines: string[] = [];
  for (const task of open) {
    const since =
      task.state === 'queued' ? task.acceptedAtMs : (task.startedAtMs ?? task.acceptedAtMs);
    const state = core.words.stateOf(task.state, task.cause, work.now - since);
    lines.push(`- ${yield* labelOf(work, core, task)}: ${state}`);
  }
  const last = yield* work.taskEndedLast(arrival.channel.key, undefined);
  if (last !== undefined && last.contract.state !== 'terminal_acked') {
    const state = core.words.untold(core.words.stateOf(last.state, last.cause, 0));
    lines.push(`- ${yield* labelOf(work, core, last)}: ${state}`);
  }
  return lines.length === 0 ? core.words.statusNone() : lines.join('\n');
}

/** Whose Task it is, and operators, may act on it. */
export function mayAct(arrival: Arrival, task: Task): boolean {
  const { person } = arrival.inbound;
  return person.operator || person.id === task.personId;
}

type Named =
  | { readonly kind: 'task'; readonly task: Task; readonly rest: string }
  | { readonly kind: 'none'; readonly rest: string }
  | { readonly kind: 'refused'; readonly reason: 'no_such_task' | 'ambiguous' };

/** The Task that the first word names, if it looks like an id; it must be of this Channel. */
function* namedTask(work: Work, arrival: Arrival, words: string): Script<Named> {
  const [first = '', ...rest] = words.split(/\s+/);
  const tail = tailOf(first);
  if (tail === undefined) return { kind: 'none', rest: words };
  const found = yield* work.tasksByTail(tail, arrival.channel.key, 2);
  if (found.length > 1) return { kind: 'refused', reason: 'ambiguous' };
  const [task] = found;
  if (task === undefined) return { kind: 'refused', reason: 'no_such_task' };
  return { kind: 'task', task, rest: rest.join(' ') };
}

function* cancelCommand(work: Work, core: Core, arrival: Arrival, words: string): Script<Outcome> {
  const named = yield* namedTask(work, arrival, words);
  if (named.kind === 'refused') return yield* refuse(work, arrival, named.reason);
  const open = yield* work.tasksOpenIn(arrival.channel.key);
  const task = named.kind === 'task' ? named.task : open.findLast((one) => mayAct(arrival, one));
  if (task === undefined)
    return yield* refuse(work, arrival, open.length > 0 ? 'not_yours' : 'no_such_task');
  if (!mayAct(arrival, task)) return yield* refuse(work, arrival, 'not_yours');
  return yield* cancelAsked(
    work,
    core,
    task,
    cancelCause(core, named.rest, doerOf(core, arrival, task)),
  );
}

/** Who acts, as people read it; whoever has no name and asked is called that. */
export function doerOf(core: Core, arrival: Arrival, task: Task): string {
  const { person } = arrival.inbound;
  return person.name ?? (person.id === task.personId ? core.words.asker : person.id);
}

/** Who cancelled and why, as it is stored, shown and listed. */
export function cancelCause(
  core: Core,
  reason: string | undefined,
  by: string | undefined,
): EndCause {
  const said = clip(firstLine(reason ?? ''), 500);
  const who = by === undefined ? '' : clip(firstLine(by), 200);
  return {
    end: 'cancelled',
    reason: said === '' ? core.words.cancelDefault : said,
    ...(who === '' ? {} : { by: who }),
  };
}

/** The answer is opened when the outcome is known: now, or in the transaction that ends the Task. */
function* cancelAsked(work: Work, core: Core, task: Task, cause: EndCause): Script<Outcome> {
  const aborted = yield* abortTask(work, core, task.id, cause);
  const label = yield* labelOf(work, core, task);
  switch (aborted.kind) {
    case 'ended':
      return answer(core.words.cancelled(cause), task, label);
    case 'already_ended':
      return answer(core.words.alreadyEnded(aborted.cause), task, label);
    case 'aborting':
    case 'already_aborting':
      return { became: 'open', task: task.id };
  }
}

function* retryCommand(work: Work, core: Core, arrival: Arrival, words: string): Script<Outcome> {
  const named = yield* namedTask(work, arrival, words);
  if (named.kind === 'refused') return yield* refuse(work, arrival, named.reason);
  const { person } = arrival.inbound;
  const last = yield* work.taskEndedLast(
    arrival.channel.key,
    person.operator ? undefined : person.id,
  );
  const task = named.kind === 'task' ? named.task : last;
  if (task === undefined) return yield* refuse(work, arrival, 'nothing_to_retry');
  return yield* retryAsked(work, core, arrival, task);
}

export function* retryAsked(work: Work, core: Core, arrival: Arrival, task: Task): Script<Outcome> {
  if (!mayAct(arrival, task)) return yield* refuse(work, arrival, 'not_yours');
  const retried = yield* retryTask(work, core, task);
  if (retried.kind === 'refused') return yield* refuse(work, arrival, retried.reason);
  if (!retried.duplicate) return { became: 'task', task: TaskId.parse(retried.task) };
  const again = present(yield* work.task(retried.task), 'task', retried.task);
  const state = core.words.stateOf(again.state, again.cause, work.now - again.acceptedAtMs);
  return answer(core.words.retriedBefore(state), again, yield* labelOf(work, core, again));
}

import type { TaskId } from '../contracts/id.ts';
import type { Script, StoreReads } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import type { Core, Work } from './core.ts';
import { limit } from './limit.ts';
import { neutral } from './neutral.ts';

const hex = (id: TaskId): string => id.replaceAll('-', '');

/** The shortest tail of an id, at least four characters, that names one Task alone. */
export function* shortIdOf(reads: StoreReads, id: TaskId): Script<string> {
  const digits = hex(id);
  for (let length: number = limit.shortIdMin; length < digits.length; length++) {
    const tail = digits.slice(-length);
    const known = yield* reads.taskIdsByTail(tail, 2);
    if (known.every((one) => one === id)) return tail;
  }
  return digits;
}

/** Title and short id: what names a Task in a text. */
export function* labelOf(work: Work, core: Core, task: Task): Script<string> {
  return core.words.label(neutral(task.title), yield* shortIdOf(work, task.id));
}

/** Whether somebody may have typed an id: hex digits, dashes allowed, four at least. */
export function tailOf(text: string): string | undefined {
  const tail = text.toLowerCase().replaceAll('-', '');
  return /^[0-9a-f]{4,32}$/.test(tail) ? tail : undefined;
}

import type { Receipt } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import type { Work } from './core.ts';

/** Whether a Task has moved past a Receipt of it: what it says is not true or not needed any more. */
export function* passedBy(work: Work, receipt: Receipt, task: Task | undefined): Script<boolean> {
  if (task === undefined) return false;
  switch (receipt.kind) {
    case 'ack':
      return task.state === 'ended' || task.contract.lastSurfacedAtMs !== undefined;
    case 'progress':
      return task.state === 'ended' || task.state === 'waiting';
    case 'question': {
      const { askId } = receipt.content;
      const ask = askId === undefined ? undefined : yield* work.ask(askId);
      return ask?.state !== 'open';
    }
    case 'amend':
      return yield* overtaken(work, receipt, task);
    case 'terminal':
    case 'notice':
      return false;
  }
}

/** The terminal stands in the message that would be amended: its text must stay. */
function* overtaken(work: Work, receipt: Receipt, task: Task): Script<boolean> {
  // The conversation moved: its messages cannot be named any more.
  if (receipt.content.target === undefined) return true;
  const terminal = yield* work.receiptByKey({ kind: 'task', id: task.id }, 'terminal', 0);
  const { target } = receipt.content;
  return terminal?.parts.some((part) => part.handle === target) ?? false;
}

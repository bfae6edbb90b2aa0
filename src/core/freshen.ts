import type { Receipt } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import type { Update } from '../contracts/update.ts';
import { compose } from './compose.ts';
import type { Core, Work } from './core.ts';
import { heartbeatOf, newsOf, positionOf } from './progress.ts';
import { askedOf } from './question.ts';

/** What grows old while it waits is made at the claim: a progress takes the newest words, a question says how long it may be answered. */
export function* freshen(work: Work, core: Core, receipt: Receipt, task: Task): Script<void> {
  if (receipt.parts.some((part) => part.shownAtMs !== undefined)) return;
  const update = yield* newer(work, core, receipt, task);
  if (update === undefined) return;
  const { label, labelled, liveId } = receipt.content;
  receipt.content = { ...compose(update, { words: core.words, label, labelled }).content, liveId };
  receipt.parts = [];
}

function* newer(work: Work, core: Core, receipt: Receipt, task: Task): Script<Update | undefined> {
  const { askId, heartbeat } = receipt.content;
  if (receipt.kind === 'question' && askId !== undefined) {
    const ask = yield* work.ask(askId);
    return ask === undefined ? undefined : askedOf(task, ask, work.now);
  }
  if (receipt.kind === 'ack') return yield* newerPosition(work, receipt, task);
  if (receipt.kind !== 'progress') return undefined;
  const latest = core.hooks.latestWord(task.id);
  if (latest !== undefined && latest.atMs > receipt.openedAtMs) return newsOf(task, latest);
  if (receipt.content.position !== undefined) return yield* newerPosition(work, receipt, task);
  return heartbeat === true ? heartbeatOf(task, latest, work.now) : undefined;
}

/** The queue has moved meanwhile: where the Task stands now. Undefined when that is what it says. */
function* newerPosition(work: Work, receipt: Receipt, task: Task): Script<Update | undefined> {
  const shown = receipt.content.position;
  if (shown === undefined) return undefined;
  if (task.state !== 'queued')
    return receipt.kind === 'ack' ? { kind: 'accepted', task } : { kind: 'started', task };
  const position = yield* positionOf(work, task);
  if (position === shown) return undefined;
  return receipt.kind === 'ack'
    ? { kind: 'accepted', task, position }
    : { kind: 'queued', task, position };
}

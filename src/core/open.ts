import type { DeliveryKind } from '../contracts/delivery.ts';
import { type ChannelKey, ReceiptId, type TaskId } from '../contracts/id.ts';
import type { Receipt, ReceiptContent, Subject } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import type { Update } from '../contracts/update.ts';
import { compose } from './compose.ts';
import type { Core, Work } from './core.ts';
import { nextNumber, readChannel, refreshBy } from './line.ts';
import { newId } from './new-id.ts';
import { labelOf } from './short-id.ts';

export interface Opening {
  readonly subject: Subject;
  readonly kind: DeliveryKind;
  readonly revision: number;
  readonly channel: ChannelKey;
  readonly content: ReceiptContent;
  readonly task?: TaskId | undefined;
  /** Takes its place in the line only then. */
  readonly ripeAtMs?: number | undefined;
}

/** Opens a Receipt: the only way by which a text gets out. A second one of the same key is a no-op that answers the first. */
export function* openReceipt(work: Work, core: Core, opening: Opening): Script<Receipt> {
  const { subject, kind, revision, content } = opening;
  const open = yield* work.receiptByKey(subject, kind, revision);
  if (open !== undefined) return open;
  const channel = yield* readChannel(work, opening.channel);
  const unripe = opening.ripeAtMs !== undefined && opening.ripeAtMs > work.now;
  const seq = unripe ? 0 : nextNumber(channel);
  const receipt: Receipt = {
    id: ReceiptId.parse(newId(core)),
    subject,
    kind,
    revision,
    ...(opening.task === undefined ? {} : { task: opening.task }),
    channel: channel.key,
    seq,
    originChannel: channel.key,
    originSeq: seq,
    state: 'pending',
    place: unripe ? 'unripe' : 'line',
    content,
    parts: [],
    marks: [],
    route: 0,
    attempts: 0,
    tries: 0,
    deaths: 0,
    repairs: [],
    openedAtMs: work.now,
    ...(unripe ? { dueAtMs: opening.ripeAtMs } : {}),
    expiresAtMs: work.now + (kind === 'amend' ? core.clocks.amendMs : core.clocks.expireMs),
    unseen: false,
    live: false,
    editedOnce: false,
  };
  work.putReceipt(receipt);
  yield* work.note({
    name: 'receipt.opened',
    data: { receiptId: receipt.id, kind, revision },
    taskId: opening.task,
    channel: channel.key,
  });
  const line = yield* work.line(channel.key);
  // Nothing stood before it: it may leave at once.
  if (line.head?.id === receipt.id) channel.headDueAtMs = work.now;
  yield* refreshBy(work, core, channel, line);
  return receipt;
}

export interface Saying {
  readonly task: Task;
  readonly update: Update;
  /** It does not stand directly under its question. */
  readonly labelled?: boolean;
  readonly ripeAtMs?: number;
  /** An amend: which message. */
  readonly target?: string;
  /** Somewhere else than where the Task was asked. */
  readonly channel?: ChannelKey;
}

/** Opens a Receipt of a Task for what was learned; a kind that may come often takes the Task's next revision. Puts nothing of the Task: the caller does. */
export function* sayOfTask(work: Work, core: Core, saying: Saying): Script<Receipt> {
  const { task, update } = saying;
  const label = yield* labelOf(work, core, task);
  const labelled = saying.labelled ?? (task.apart || (yield* standsApart(work, task)));
  const { kind, content } = compose(update, { words: core.words, label, labelled });
  const single = kind === 'ack' || kind === 'terminal';
  if (!single) task.revision += 1;
  return yield* openReceipt(work, core, {
    subject: { kind: 'task', id: task.id },
    kind,
    revision: single ? 0 : task.revision,
    channel: saying.channel ?? task.channel,
    content: saying.target === undefined ? content : { ...content, target: saying.target },
    task: task.id,
    ripeAtMs: saying.ripeAtMs,
  });
}

/** Several Tasks are open where it is said: a text must name its own. */
function* standsApart(work: Work, task: Task): Script<boolean> {
  const open = yield* work.tasksOpenIn(task.channel);
  return open.some((other) => other.id !== task.id);
}

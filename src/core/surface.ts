import type { Evidence, Surface } from '../contracts/delivery.ts';
import type { Receipt } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import { contractSurfaced, holdSilence, moveContract, restartSilence, setDue } from './contract.ts';
import { type Core, capabilitiesOf, type Work } from './core.ts';
import { closeIncident } from './incident.ts';
import { readChannel } from './line.ts';
import { sayOfTask } from './open.ts';
import { notePart } from './part.ts';
import { askSurfaced } from './question.ts';
import { settleAs, supersede } from './settle-row.ts';

export interface Seen {
  readonly evidence: Evidence;
  readonly surface: Surface;
}

/** All parts of a Receipt were surfaced: moves it, its Task's Contract and clocks, and finishes what still shows work. The caller refreshes the Channel. */
export function* surface(work: Work, core: Core, receipt: Receipt, seen: Seen): Script<void> {
  if (receipt.state === 'dead') yield* closeIncident(work, `receipt:${receipt.id}`);
  settleAs(work, receipt, 'surfaced');
  const { id, kind, attempts, channel, task: taskId } = receipt;
  const data = { receiptId: id, kind, evidence: seen.evidence, surface: seen.surface, attempts };
  yield* work.note({ name: 'receipt.surfaced', data, taskId, channel });
  yield* closeIncident(work, `channel:${channel}`);
  if (taskId === undefined) return;
  const task = yield* work.task(taskId);
  if (task === undefined) return;
  yield* surfacedOf(work, core, { task, receipt, seen });
  work.putTask(setDue(task));
}

interface OfTask {
  readonly task: Task;
  readonly receipt: Receipt;
  readonly seen: Seen;
}

function* surfacedOf(work: Work, core: Core, of: OfTask): Script<void> {
  const { task, receipt } = of;
  if (task.state === 'ended') {
    task.contract.lastSurfacedAtMs = work.now;
  } else {
    contractSurfaced(task, work.now);
    yield* silenceAfter(work, task);
  }
  switch (receipt.kind) {
    case 'ack':
    case 'progress':
      if (yield* isExtra(work, core, of)) return yield* finishExtra(work, core, of);
      noteLive(work, of);
      yield* supersedeOthers(work, of);
      if (task.state === 'ended') yield* finishShown(work, core, of);
      return;
    case 'question':
      yield* supersedeOthers(work, of);
      yield* askSurfaced(work, task, receipt);
      if (task.state === 'ended' || task.ask !== receipt.content.askId)
        yield* amendQuestion(work, core, of);
      return;
    case 'terminal':
      if (task.contract.state !== 'terminal_acked') moveContract(task, 'terminal_acked');
      yield* finishLive(work, core, of);
      noteLive(work, of);
      return;
    case 'notice':
      // A reminder that was shown after its question had closed.
      if (receipt.content.askId !== undefined) yield* amendQuestion(work, core, of);
      return;
    case 'amend':
      return;
  }
}

function* silenceAfter(work: Work, task: Task): Script<void> {
  const channel = yield* readChannel(work, task.channel);
  if (channel.audience === 'absent') holdSilence(task);
  else if (task.state !== 'waiting') restartSilence(task, work.now);
}

/** The message that shows it is, or stays, the one that is edited. */
function noteLive(work: Work, of: OfTask): void {
  const { task, receipt, seen } = of;
  const handle = receipt.parts[0]?.handle;
  if (handle === undefined) return;
  if (seen.surface === 'edited' && task.live?.handle === handle) {
    task.live = { ...task.live, unknownEdit: false };
    return;
  }
  const receiptId = receipt.content.liveId ?? receipt.id;
  task.live = {
    receiptId,
    handle,
    channel: receipt.channel,
    shownAtMs: work.now,
    unknownEdit: false,
  };
}

/** Evidence was faster than the answer that names the message: from now on it can be edited. */
export function* noteHandle(
  work: Work,
  core: Core,
  receipt: Receipt,
  named: { readonly part: number; readonly handle: string },
): Script<void> {
  const part = receipt.parts[named.part - 1];
  if (part === undefined || part.handle !== undefined) return;
  notePart(receipt, named.part, { handle: named.handle });
  work.putReceipt(receipt);
  const task = receipt.task === undefined ? undefined : yield* work.task(receipt.task);
  if (task === undefined) return;
  const of: OfTask = { task, receipt, seen: { evidence: 'accepted', surface: 'durable' } };
  const { askId } = receipt.content;
  if (askId !== undefined && task.ask !== askId) {
    // It was answered before it had a name: its buttons go now.
    yield* amendQuestion(work, core, of);
    work.putTask(task);
    return;
  }
  if (named.part !== 1 || (receipt.kind !== 'ack' && receipt.kind !== 'progress')) return;
  if (yield* isExtra(work, core, of)) {
    yield* finishExtra(work, core, of);
  } else if (task.live === undefined) {
    noteLive(work, of);
    if (task.state === 'ended') yield* finishShown(work, core, of);
  }
  work.putTask(task);
}

/** It was found shown after another message had become the live one, which can be edited: now two show work. */
function* isExtra(work: Work, core: Core, { task, receipt, seen }: OfTask): Script<boolean> {
  const { live } = task;
  const handle = receipt.parts[0]?.handle;
  if (live === undefined || handle === undefined || handle === live.handle) return false;
  if (seen.surface === 'edited' || live.channel !== receipt.channel) return false;
  const channel = yield* readChannel(work, receipt.channel);
  return work.now - live.shownAtMs < capabilitiesOf(core, channel).editMs;
}

function* finishExtra(work: Work, core: Core, of: OfTask): Script<void> {
  const handle = of.receipt.parts[0]?.handle;
  if (handle !== undefined) yield* finish(work, core, of.task, { target: handle });
}

/** An ack needs showing only until anything of the Task was shown. */
function* supersedeOthers(work: Work, of: OfTask): Script<void> {
  for (const other of yield* work.receiptsOpenOf(of.task.id)) {
    if (other.id === of.receipt.id || other.kind !== 'ack' || other.state !== 'pending') continue;
    yield* supersede(work, other, of.receipt.kind);
  }
}

/** A working message that was found shown after the end: the terminal will edit it, or it is finished by an amend. */
function* finishShown(work: Work, core: Core, of: OfTask): Script<void> {
  const terminal = yield* work.receiptByKey({ kind: 'task', id: of.task.id }, 'terminal', 0);
  const channel = yield* readChannel(work, of.receipt.channel);
  const edits = capabilitiesOf(core, channel).terminalAs === 'edit';
  const coming =
    terminal?.state === 'pending' && terminal.parts.every((part) => part.shownAtMs === undefined);
  if (edits && coming && terminal?.channel === of.receipt.channel) return;
  const target = of.receipt.parts[0]?.handle;
  if (target !== undefined) yield* finish(work, core, of.task, { target });
}

/** The terminal was shown: a live message that it did not edit still shows work. */
function* finishLive(work: Work, core: Core, of: OfTask): Script<void> {
  const live = of.task.live;
  if (live === undefined || of.receipt.parts.some((part) => part.handle === live.handle)) return;
  yield* finish(work, core, of.task, { target: live.handle });
}

/** Takes buttons and "working" off a message, once. */
export function* finish(
  work: Work,
  core: Core,
  task: Task,
  of: { readonly target: string; readonly answer?: 'below' | 'elsewhere' | 'nowhere' },
): Script<void> {
  const { target, answer = 'below' } = of;
  const shown = yield* work.receiptsShownOf(task.id, ['amend']);
  const open = yield* work.receiptsOpenOf(task.id);
  if (
    [...shown, ...open].some((amend) => amend.kind === 'amend' && amend.content.target === target)
  )
    return;
  yield* sayOfTask(work, core, {
    task,
    update: { kind: 'finished', task, what: 'live', answer },
    target,
    labelled: false,
  });
}

function* amendQuestion(work: Work, core: Core, of: OfTask): Script<void> {
  const { task, receipt } = of;
  const target = receipt.parts.at(-1)?.handle;
  const askId = receipt.content.askId;
  const ask = askId === undefined ? undefined : yield* work.ask(askId);
  if (target === undefined || ask === undefined || ask.state === 'open') return;
  yield* sayOfTask(work, core, {
    task,
    update: { kind: 'finished', task, what: 'question', ask },
    target,
    labelled: false,
  });
}

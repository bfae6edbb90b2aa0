import type { Channel } from '../contracts/channel.ts';
import { type InboundId, SessionId, TaskId } from '../contracts/id.ts';
import type { InboundFile, Person } from '../contracts/inbound.ts';
import type { Session } from '../contracts/session.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import type { Refusal } from '../contracts/update.ts';
import { abortTask } from './abort.ts';
import { title } from './clip.ts';
import { deadlinesOf, restartSilence, setDue } from './contract.ts';
import type { Core, Work } from './core.ts';
import { readChannel } from './line.ts';
import { newId } from './new-id.ts';
import { sayOfTask } from './open.ts';
import { present } from './present.ts';
import { endTask } from './task-end.ts';

export interface Admission {
  readonly channel: Channel;
  readonly inbound: InboundId;
  readonly person: Pick<Person, 'id' | 'name'>;
  readonly worker: string;
  readonly text: string;
  readonly files: readonly InboundFile[];
  readonly anchor?: string | undefined;
  readonly retryOf?: Task | undefined;
}
export type Admitted =
  | { readonly kind: 'task'; readonly task: TaskId }
  | { readonly kind: 'refused'; readonly reason: Refusal };

/** Takes a Task on, or refuses it: the row with its Contract and its ack, in the transaction of its Inbound. */
export function* admit(work: Work, core: Core, admission: Admission): Script<Admitted> {
  const session = yield* sessionFor(work, core, admission);
  const { overlap, queueMax } = core.settings;
  const busy = session.busy !== undefined || session.queued > 0;
  if (busy && overlap === 'reject') return { kind: 'refused', reason: 'busy' };
  if (busy && overlap === 'interrupt') yield* replaceAll(work, core, session);
  const now = present(yield* work.session(session.id), 'session', session.id);
  if (overlap === 'queue' && now.queued >= queueMax)
    return { kind: 'refused', reason: 'queue_full' };
  const waiting = now.busy !== undefined || now.queued > 0;
  now.queued += 1;
  if (now.busy === undefined) now.readyAtMs ??= work.now;
  const position = waiting && overlap === 'queue' ? now.queued : undefined;
  work.putSession(now);
  const task = yield* newTask(work, core, { admission, session: now });
  task.apart = position !== undefined || task.retryOf !== undefined || task.anchor === undefined;
  work.putTask(setDue(task));
  const update = {
    kind: 'accepted',
    task,
    ...(position === undefined ? {} : { position }),
  } as const;
  const ripeAtMs = work.now + task.deadlines.ackDelayMs;
  const ack = yield* sayOfTask(work, core, { task, update, ripeAtMs });
  const stored = present(yield* work.task(task.id), 'task', task.id);
  stored.ackReceipt = ack.id;
  work.putTask(stored);
  yield* noteTask(work, task, position);
  return { kind: 'task', task: task.id };
}

function* noteTask(work: Work, task: Task, position: number | undefined): Script<void> {
  const data = {
    worker: task.worker,
    ...(position === undefined ? {} : { position }),
    ...(task.retryOf === undefined ? {} : { retryOf: task.retryOf }),
  };
  yield* work.note({
    name: 'task.accepted',
    data,
    taskId: task.id,
    channel: task.channel,
    sessionId: task.session,
  });
}

function* sessionFor(work: Work, core: Core, admission: Admission): Script<Session> {
  const { channel, worker, person } = admission;
  const personId = core.sessionPer === 'person' ? person.id : undefined;
  const known = yield* work.sessionFor(worker, channel.key, personId);
  if (known !== undefined) return known;
  const session: Session = {
    id: SessionId.parse(newId(core)),
    worker,
    channel: channel.key,
    ...(personId === undefined ? {} : { personId }),
    version: 0,
    queued: 0,
    openedAtMs: work.now,
  };
  work.putSession(session);
  return present(yield* work.session(session.id), 'session', session.id);
}

/** A newer message takes the place of what runs and of what waits. */
function* replaceAll(work: Work, core: Core, session: Session): Script<void> {
  const cause = { end: 'cancelled', reason: 'replaced' } as const;
  for (const queued of yield* work.tasksQueuedIn(session.id, 1_000))
    yield* endTask(work, core, queued.id, { cause });
  if (session.busy !== undefined) yield* abortTask(work, core, session.busy, cause);
}

function* newTask(
  work: Work,
  core: Core,
  of: { admission: Admission; session: Session },
): Script<Task> {
  const { admission, session } = of;
  const { channel, person, retryOf } = admission;
  const adapter = core.adapters.get(channel.address.adapter);
  const worker = core.workers.get(admission.worker);
  const deadlines = deadlinesOf(core.settings.deadlines, adapter?.deadlines, worker?.deadlines);
  const task: Task = {
    id: TaskId.parse(newId(core)),
    seq: yield* work.nextSeq('task'),
    channel: channel.key,
    session: session.id,
    inbound: admission.inbound,
    personId: person.id,
    ...(person.name === undefined ? {} : { personName: person.name }),
    worker: admission.worker,
    title: title(admission.text) || title(admission.files[0]?.name ?? '') || '…',
    text: admission.text,
    files: [...admission.files],
    ...(admission.anchor === undefined ? {} : { anchor: admission.anchor }),
    state: 'queued',
    contract: { state: 'created', queueDueAtMs: work.now + deadlines.queueMs },
    deadlines,
    fence: 0,
    acceptedAtMs: work.now,
    ...(retryOf === undefined ? {} : { retryOf: retryOf.id }),
    apart: false,
    attempt: (retryOf?.attempt ?? 0) + 1,
    revision: 0,
    activity: 0,
  };
  const now = yield* readChannel(work, channel.key);
  if (now.audience !== 'absent') {
    task.contract.ackDueAtMs = work.now + deadlines.ackMs;
    restartSilence(task, work.now);
  }
  return task;
}

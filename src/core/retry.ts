import type { TaskId } from '../contracts/id.ts';
import { Message } from '../contracts/inbound.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import type { Refusal } from '../contracts/update.ts';
import { admit } from './admit.ts';
import type { Core, Work } from './core.ts';
import { fromCode } from './from-code.ts';
import { readChannel } from './line.ts';

export type Retried =
  | { readonly kind: 'task'; readonly task: TaskId; readonly duplicate: boolean }
  | { readonly kind: 'refused'; readonly reason: Refusal };

/** A new Task from an ended one: own Contract, same input, today's worker and Session. Two presses make one. */
export function* retryTask(work: Work, core: Core, task: Task): Script<Retried> {
  const key = `retry:${task.id}`;
  const before = yield* work.inboundByKey(key);
  if (before?.task !== undefined) return { kind: 'task', task: before.task, duplicate: true };
  if (task.state !== 'ended') return { kind: 'refused', reason: 'not_ended' };
  const channel = yield* readChannel(work, task.channel);
  const asked = yield* work.inbound(task.inbound);
  const name = task.personName;
  const person = { id: task.personId, operator: false, ...(name === undefined ? {} : { name }) };
  const message = asked?.inbound.kind === 'message' ? asked.inbound : undefined;
  const inbound = Message.parse({
    kind: 'message',
    id: key,
    channel: channel.address,
    person,
    sentAtMs: work.now,
    text: task.text,
    files: message?.files ?? [],
    private: channel.private,
  });
  const arrived = fromCode(work, core, { channel, key, message: inbound });
  const worker = core.workers.has(task.worker) ? task.worker : core.pick(inbound);
  const { text, files } = inbound;
  const admitted = yield* admit(work, core, {
    channel,
    inbound: arrived.id,
    person,
    worker,
    text,
    files,
    anchor: task.anchor,
    retryOf: task,
  });
  if (admitted.kind === 'refused') return admitted;
  arrived.store('task', admitted.task);
  return { kind: 'task', task: admitted.task, duplicate: false };
}

import { ContractError } from '../contracts/error.ts';
import type { ChannelRef, ReceiptId, TaskId } from '../contracts/id.ts';
import { Message } from '../contracts/inbound.ts';
import type { NotifyRequest, SubmitRequest } from '../contracts/relay.ts';
import type { Script } from '../contracts/store.ts';
import { admit } from './admit.ts';
import { compose } from './compose.ts';
import type { Core, Work } from './core.ts';
import { fromCode } from './from-code.ts';
import { inboundKey } from './inbox.ts';
import { channelFor } from './line.ts';
import { openReceipt } from './open.ts';
import { present } from './present.ts';

/** A message that no platform sent: from code, known by its key. */
function messageOf(
  request: { channel: ChannelRef; text: string; key: string; person?: SubmitRequest['person'] },
  nowMs: number,
): Message {
  const parsed = Message.safeParse({
    kind: 'message',
    id: request.key,
    channel: request.channel,
    person: { id: 'system', ...request.person },
    sentAtMs: nowMs,
    text: request.text,
  });
  if (parsed.success && request.text.trim() !== '') return parsed.data;
  const issues = parsed.success
    ? ['text: nothing is in it']
    : parsed.error.issues.map(
        ({ path, message }) => `${path[0] === 'id' ? 'key' : path.join('.')}: ${message}`,
      );
  throw new ContractError('invalid_request', `the request is not valid: ${issues.join('; ')}`);
}

/** What nobody can show is not taken on. */
function adapterOf(core: Core, channel: ChannelRef): void {
  if (core.adapters.has(channel.adapter)) return;
  const known = [...core.adapters.keys()].join(', ');
  throw new ContractError(
    'no_such_adapter',
    `channel.adapter: there is no ${JSON.stringify(channel.adapter)}; there are: ${known}`,
  );
}

/** Starts a Task without a platform message, under the same contract. */
export function* submit(
  work: Work,
  core: Core,
  request: SubmitRequest,
): Script<{ taskId: TaskId; duplicate: boolean }> {
  const message = messageOf(request, work.now);
  adapterOf(core, message.channel);
  const key = `submit|${inboundKey(message)}`;
  const before = yield* work.inboundByKey(key);
  if (before?.task !== undefined) return { taskId: before.task, duplicate: true };
  const worker = request.worker ?? core.pick(message);
  if (!core.workers.has(worker)) {
    throw new ContractError(
      'no_such_worker',
      `there is no worker ${JSON.stringify(worker)}; there are: ${[...core.workers.keys()].join(', ')}`,
    );
  }
  const channel = yield* channelFor(work, core, message.channel);
  const arrived = fromCode(work, core, { channel, key, message });
  const { person, text, files } = message;
  const admitted = yield* admit(work, core, {
    channel,
    inbound: arrived.id,
    person,
    worker,
    text,
    files,
  });
  if (admitted.kind === 'refused')
    throw new ContractError(admitted.reason, `the task was not taken on: ${admitted.reason}`);
  const taskId = admitted.task;
  arrived.store('task', taskId);
  return { taskId, duplicate: false };
}

/** Says something, retried like everything else. */
export function* notify(
  work: Work,
  core: Core,
  request: NotifyRequest,
): Script<{ receiptId: ReceiptId; duplicate: boolean }> {
  const message = messageOf(request, work.now);
  adapterOf(core, message.channel);
  const key = `notify|${inboundKey(message)}`;
  const before = yield* work.inboundByKey(key);
  if (before !== undefined) {
    const known = yield* work.receiptByKey({ kind: 'inbound', id: before.id }, 'notice', 0);
    return { receiptId: present(known, 'receipt', before.id).id, duplicate: true };
  }
  const channel = yield* channelFor(work, core, message.channel);
  const arrived = fromCode(work, core, { channel, key, message });
  arrived.store('notice');
  const { kind, content } = compose(
    { kind: 'notified', text: request.text },
    { words: core.words },
  );
  const receipt = yield* openReceipt(work, core, {
    subject: { kind: 'inbound', id: arrived.id },
    kind,
    revision: 0,
    channel: channel.key,
    content,
  });
  return { receiptId: receipt.id, duplicate: false };
}

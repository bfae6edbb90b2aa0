import type { DeliveryMark } from '../contracts/delivery.ts';
import { ContractError } from '../contracts/error.ts';
import type { ReceiptId } from '../contracts/id.ts';
import type { Receipt } from '../contracts/receipt.ts';
import type { Script } from '../contracts/store.ts';
import { moveContract } from './contract.ts';
import type { Core, Work } from './core.ts';
import { cutParts } from './cut.ts';
import { closeIncident } from './incident.ts';
import { readChannel, refresh } from './line.ts';

/** An operator tries a dead Receipt again: life, backoff, routes and deaths start anew, shown parts stay shown; it stands as a parked one. */
export function* redrive(work: Work, core: Core, id: ReceiptId, by: string): Script<Receipt> {
  const receipt = yield* work.receipt(id);
  if (receipt === undefined)
    throw new ContractError('no_such_receipt', `there is no receipt ${id}`);
  if (receipt.state !== 'dead') {
    throw new ContractError(
      'not_dead',
      `only a dead receipt can be redriven; ${id} is ${receipt.state}`,
      { ids: { receipt: id } },
    );
  }
  const marks = yield* marksOf(work, receipt);
  const added = marks.filter((mark) => !receipt.marks.includes(mark));
  const someShown = receipt.parts.some((part) => part.shownAtMs !== undefined);
  if (!someShown) {
    // Nothing of it stands anywhere: it begins where it was asked.
    Object.assign(receipt, {
      channel: receipt.originChannel,
      seq: receipt.originSeq,
      route: 0,
      parts: [],
      live: false,
    });
    receipt.content = { ...receipt.content, liveId: undefined };
  }
  Object.assign(receipt, {
    state: 'pending',
    place: 'parked',
    dueAtMs: work.now,
    expiresAtMs: work.now + core.clocks.expireMs,
    openedAtMs: work.now,
    tries: 0,
    deaths: 0,
    repairs: [],
    unseen: false,
    settledAtMs: undefined,
    reason: undefined,
    headSinceMs: undefined,
    marks: [...receipt.marks, ...added],
  });
  const channel = yield* readChannel(work, receipt.channel);
  const adapter = core.adapters.get(channel.address.adapter);
  if (someShown && adapter !== undefined)
    receipt.parts = cutParts(receipt, { adapter, channel, words: core.words }, added);
  work.putReceipt(receipt);
  if (marks.includes('may_repeat'))
    yield* work.note({
      name: 'receipt.repeated',
      data: { receiptId: id, kind: receipt.kind, marked: true },
      taskId: receipt.task,
      channel: channel.key,
    });
  const task = receipt.task === undefined ? undefined : yield* work.task(receipt.task);
  if (receipt.kind === 'terminal' && task?.contract.state === 'terminal_failed') {
    moveContract(task, 'terminal_pending');
    work.putTask(task);
  }
  yield* closeIncident(work, `receipt:${id}`);
  yield* work.note({
    name: 'receipt.redriven',
    data: { receiptId: id, kind: receipt.kind, by },
    taskId: receipt.task,
    channel: receipt.channel,
  });
  yield* refresh(work, core, yield* readChannel(work, receipt.channel));
  return receipt;
}

/** It is late; and it may be there already when nobody knew what became of its last send. */
function* marksOf(work: Work, receipt: Receipt): Script<readonly DeliveryMark[]> {
  const attempts = yield* work.attempts(receipt.id);
  const last = attempts.at(-1);
  const absent = last?.act === 'reconcile' && last.outcome?.kind === 'deferred';
  const sent = attempts.findLast(({ act }) => act !== 'reconcile');
  const lost = sent?.act === 'send' && (sent.outcome ?? { kind: 'unknown' }).kind === 'unknown';
  return lost && !absent ? ['late', 'may_repeat'] : ['late'];
}

import { channelKey } from '../contracts/id.ts';
import type { Receipt } from '../contracts/receipt.ts';

import type { Script } from '../contracts/store.ts';
import { moveContract } from './contract.ts';
import type { Core, Work } from './core.ts';
import { raise } from './incident.ts';
import { channelFor, nextNumber, readChannel, refresh } from './line.ts';
import { closeAsk } from './question.ts';
import { nextRoute } from './route.ts';
import { settleAs, supersede } from './settle-row.ts';
import { finish } from './surface.ts';

/** The Channel's next head may leave at once; a parked Receipt does not hold the line. */
export function* nextHeadNow(work: Work, receipt: Receipt): Script<void> {
  if (receipt.place === 'parked') return;
  const channel = yield* readChannel(work, receipt.channel);
  channel.headDueAtMs = work.now;
  work.putChannel(channel);
}

/** A route is used up: the next one, or `dead`. */
export function* rerouteOrBury(
  work: Work,
  core: Core,
  receipt: Receipt,
  reason: string,
): Script<void> {
  const origin = yield* readChannel(work, receipt.originChannel);
  const task = receipt.task === undefined ? undefined : yield* work.task(receipt.task);
  const routes = core.routes(origin.address, task?.personId ?? 'system');
  const route = nextRoute(routes, {
    kind: receipt.kind,
    route: receipt.route,
    private: origin.private,
    origin: channelKey(origin.address),
  });
  if (route === undefined) return yield* bury(work, core, receipt, reason);
  yield* nextHeadNow(work, receipt);
  const left = receipt.channel;
  const to = yield* channelFor(work, core, route.channel);
  const line = yield* work.line(to.key);
  if (line.head === undefined) to.headDueAtMs = work.now;
  receipt.seq = nextNumber(to);
  work.putChannel(to);
  Object.assign(receipt, {
    channel: to.key,
    route: route.route,
    place: 'line',
    state: 'pending',
    parts: [],
    tries: 0,
    deaths: 0,
    repairs: [],
    dueAtMs: undefined,
    headSinceMs: undefined,
    evidenceDueAtMs: undefined,
    unseen: false,
    live: false,
    marks: receipt.marks.includes('rerouted') ? receipt.marks : [...receipt.marks, 'rerouted'],
  });
  receipt.content = { ...receipt.content, liveId: undefined };
  work.putReceipt(receipt);
  const data = {
    receiptId: receipt.id,
    kind: receipt.kind,
    route: route.route,
    to: to.key,
    reason,
  };
  yield* work.note({ name: 'receipt.rerouted', data, taskId: receipt.task, channel: left });
  yield* refresh(work, core, yield* readChannel(work, left));
  yield* refresh(work, core, yield* readChannel(work, to.key));
  // What shows work where it was asked is finished there.
  if (receipt.kind !== 'terminal' || task?.live === undefined) return;
  yield* finish(work, core, task, { target: task.live.handle, answer: 'elsewhere' });
  work.putTask(task);
}

/** Nothing is left to try. Never silent: counted, listed, an incident unless it is of no use any more. */
export function* bury(work: Work, core: Core, receipt: Receipt, reason: string): Script<void> {
  if (receipt.kind === 'amend') return yield* supersede(work, receipt, reason);
  yield* nextHeadNow(work, receipt);
  settleAs(work, receipt, 'dead', reason);
  const about = { channel: receipt.channel, taskId: receipt.task };
  yield* work.note({
    name: 'receipt.dead',
    data: { receiptId: receipt.id, kind: receipt.kind, reason },
    ...about,
  });
  if (receipt.kind === 'terminal') yield* failTerminal(work, core, receipt);
  if (receipt.kind === 'question' && receipt.content.askId !== undefined) {
    const ask = yield* work.ask(receipt.content.askId);
    if (ask?.state === 'open') yield* closeAsk(work, core, ask, 'undeliverable');
  }
  if (reason === 'unseen') return;
  const passing = receipt.kind === 'ack' || receipt.kind === 'progress';
  const key = passing ? `channel:${receipt.channel}` : `receipt:${receipt.id}`;
  const quiet = receipt.subject.kind === 'incident';
  if (quiet) return;
  yield* raise(work, core, {
    key,
    kind: passing ? 'progress_dead' : 'receipt_dead',
    reason: `${receipt.kind} ${receipt.id}: ${reason}`,
    ...about,
  });
}

/** Nobody can be told how it ended: the Contract says so, and what the answer would have edited is finished. */
function* failTerminal(work: Work, core: Core, receipt: Receipt): Script<void> {
  const task = receipt.task === undefined ? undefined : yield* work.task(receipt.task);
  if (task?.contract.state !== 'terminal_pending') return;
  moveContract(task, 'terminal_failed');
  const { live } = task;
  if (live !== undefined && receipt.parts.every((part) => part.handle !== live.handle))
    yield* finish(work, core, task, { target: live.handle, answer: 'nowhere' });
  work.putTask(task);
}

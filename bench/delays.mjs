import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { live, messageTo, receiptLives } from './lives.mjs';
import { folder, openStage } from './stage.mjs';

const at = (list, share) =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls `each` for the n-th of `total`, `perSecond` of them; late ones at once, so that a stall is not hidden. */
async function offer(total, perSecond, each) {
  const began = performance.now();
  for (let n = 0; n < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - began) * perSecond) / 1_000));
    for (; n < due; n += 1) each(n, began + (n * 1_000) / perSecond);
    await sleep(1);
  }
}

/** From the instant a message was to come in until its answer is surfaced, at a rate that the sender sets. */
async function messageToSurfaced(perSecond, scale) {
  const { path, remove } = folder();
  const channels = 256;
  const stage = await openStage(join(path, 'core.db'), { channels, queueMax: 1_000 });
  const { relay, adapter } = stage;
  const [began, delays, accepted] = [new Map(), [], []];
  relay.on('receipt.surfaced', ({ kind }, { taskId }) => {
    const sinceMs = began.get(taskId);
    if (kind !== 'terminal' || sinceMs === undefined) return;
    began.delete(taskId);
    delays.push(performance.now() - sinceMs);
  });
  const send = (n, sinceMs) => {
    const arrived = adapter.host
      .accept(messageTo(n % channels, `m${n}`))
      .then(({ taskId }) => began.set(taskId, sinceMs));
    accepted.push(arrived);
  };
  const warm = Math.ceil(2_000 * scale);
  const total = Math.ceil(perSecond * 10 * scale);
  await offer(warm, 200, send);
  await Promise.all(accepted);
  while (began.size > 0) await sleep(10);
  delays.length = 0;
  await offer(total, perSecond, (n, sinceMs) => send(n + warm, sinceMs));
  await Promise.all(accepted);
  // What is not answered by then counts with its age: a queue that grows without end is no delay of its own.
  for (const untilMs = performance.now() + 30_000; began.size > 0; await sleep(10)) {
    if (performance.now() < untilMs) continue;
    for (const sinceMs of began.values()) delays.push(performance.now() - sinceMs);
    began.clear();
  }
  await stage.close();
  remove();
  return { value: at(delays, 0.99), note: `p50 ${at(delays, 0.5).toFixed(1)} ms` };
}

/** How late a clock fires: the terminal clock of Tasks whose worker never ends, while others are accepted. */
async function lateness(scale) {
  const { path, remove } = folder();
  const channels = Math.ceil(500 * scale);
  const stage = await openStage(join(path, 'core.db'), {
    channels,
    work: (_, io) => new Promise((resolve) => io.signal.addEventListener('abort', () => resolve())),
    deadlines: {
      ackDelayMs: 1_000,
      ackMs: 2_000,
      progressMs: 4_500,
      answerMs: 2_000,
      terminalMs: 5_000,
      graceMs: 100,
    },
  });
  const late = [];
  stage.relay.on('deadline.missed', ({ clock, lateMs }) => {
    if (clock === 'terminal') late.push(lateMs);
  });
  await offer(channels, 100, (n) => {
    stage.adapter.host.accept(messageTo(n, `m${n}`));
  });
  for (const untilMs = performance.now() + 60_000; late.length < channels; ) {
    if (performance.now() > untilMs) throw new Error(`${late.length} of ${channels} clocks fired`);
    await sleep(20);
  }
  await stage.close();
  remove();
  return { value: at(late, 0.99), note: `max ${at(late, 1)} ms of ${channels} clocks` };
}

/** How long the event loop is held while 256 Channels do all they can. */
async function loopDelay(scale) {
  const { path, remove } = folder();
  const stage = await openStage(join(path, 'core.db'), { channels: 256 });
  const one = receiptLives(stage);
  await live(one, 256, Math.ceil(4_000 * scale));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await live(one, 256, Math.ceil(20_000 * scale));
  delay.disable();
  await stage.close();
  remove();
  return { value: delay.percentile(99) / 1e6, note: `max ${(delay.max / 1e6).toFixed(0)} ms` };
}

const belowMs = (most) => ({ target: `<= ${most} ms`, meets: ({ value }) => value <= most });
export const delays = [
  ...[100, 1_000].map((perSecond) => ({
    name: `message-to-surfaced-${perSecond}`,
    says: `p99 from a message to its answer surfaced, ${perSecond.toLocaleString('en')} messages/s`,
    unit: 'ms',
    ...(perSecond === 1_000 ? belowMs(10) : {}),
    run: (scale) => messageToSurfaced(perSecond, scale),
  })),
  {
    name: 'deadline-lateness',
    says: 'p99 lateness of a clock',
    unit: 'ms',
    ...belowMs(20),
    run: lateness,
  },
  {
    name: 'loop-delay',
    says: 'p99 delay of the event loop, 256 Channels at full load',
    unit: 'ms',
    ...belowMs(15),
    run: loopDelay,
  },
];

import { randomUUID } from 'node:crypto';
import { answer, channelAt, question } from './stage.mjs';

/** The beginning of new keys: what lived in a copied file before is known there already. */
const newRun = () => randomUUID().slice(0, 8);

/** Resolves what waits for the id that an event names. */
function waiting(relay, name, idOf) {
  const waiters = new Map();
  const early = new Set();
  relay.on(name, (event, context) => {
    const id = idOf(event, context);
    if (id === undefined) return;
    const resolve = waiters.get(id);
    waiters.delete(id);
    if (resolve === undefined) early.add(id);
    else resolve();
  });
  return (id) =>
    early.delete(id) ? Promise.resolve() : new Promise((resolve) => waiters.set(id, resolve));
}

/** One Receipt's life after another in one Channel: opened, claimed, settled. Answers a function that lives one. */
export function receiptLives({ relay }) {
  const surfaced = waiting(relay, 'receipt.surfaced', (event) => event.receiptId);
  const run = newRun();
  let n = 0;
  return async (channel) => {
    n += 1;
    const { receiptId } = await relay.notify({
      channel: channelAt(channel),
      text: answer,
      key: `k${run}${n}`,
    });
    await surfaced(receiptId);
  };
}

/** One Task's life after another: a message is accepted, the worker answers, the answer is surfaced. */
export function taskLives({ relay, adapter }) {
  const surfaced = waiting(relay, 'receipt.surfaced', (event, { taskId }) =>
    event.kind === 'terminal' ? taskId : undefined,
  );
  const run = newRun();
  let n = 0;
  return async (channel) => {
    n += 1;
    const { taskId } = await adapter.host.accept(messageTo(channel, `m${run}${n}`));
    await surfaced(taskId);
  };
}

export function messageTo(channel, id) {
  return {
    kind: 'message',
    id,
    channel: channelAt(channel),
    person: { id: `person${channel}`, name: 'Ada' },
    private: true,
    sentAtMs: Date.now(),
    text: question,
  };
}

/** Lives `total` lives in `channels` Channels at once, one after another in each. Milliseconds it took. */
export async function live(one, channels, total) {
  let left = total;
  const began = performance.now();
  const inOne = async (channel) => {
    while (left > 0) {
      left -= 1;
      await one(channel);
    }
  };
  await Promise.all(Array.from({ length: channels }, (_, n) => inOne(n)));
  return performance.now() - began;
}

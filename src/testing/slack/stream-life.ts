import type { MessageRecord, World } from './state.ts';
import { rewrite } from './write.ts';

const watched = new WeakMap<MessageRecord, AbortController>();

/** A stream was begun or appended to: it lives on for its time. */
export function keepAlive(world: World, message: MessageRecord): void {
  message.streamUntilMs = world.nowMs() + world.options.streamMs;
  if (!watched.has(message)) void watch(world, message);
}

/** Nobody appends any more. */
export function letGo(message: MessageRecord): void {
  watched.get(message)?.abort();
}

export function expire(world: World, message: MessageRecord): void {
  letGo(message);
  if (message.stream !== 'on' || message.isDeleted) return;
  rewrite(world, message, { stream: 'expired', isMarked: false });
}

/** Slack ends a stream to which nothing was appended for some time. */
async function watch(world: World, message: MessageRecord): Promise<void> {
  const over = new AbortController();
  watched.set(message, over);
  const signal = AbortSignal.any([over.signal, world.over.signal]);
  while (!signal.aborted) {
    const leftMs = message.streamUntilMs - world.nowMs();
    if (leftMs <= 0) return expire(world, message);
    await world.runtime.sleep(leftMs, signal);
  }
}

import type { Transient } from '../../contracts/adapter.ts';
import type { Delivery } from '../../contracts/delivery.ts';
import { BoundedMap, BoundedSet } from '../shared/bounded.ts';
import type { PassingCalls, PassingParts } from './passing-calls.ts';

const keptMax = 1_000;
/** Cleared when the adapter stops: not more than that many. */
const clearedMax = 20;
const statusMax = 100;

interface Shown {
  readonly channel: Transient['channel'];
  readonly taskId: string;
  readonly text: string;
  readonly over: AbortController;
}

/** What the bot is seen doing in a thread. It passes by itself after two minutes, and with the next message there. */
export class Status {
  readonly #parts: PassingParts;
  readonly #calls: PassingCalls;
  /** By thread: what is shown there, or is on its way. */
  readonly #shown = new BoundedMap<string, Shown>(keptMax);
  /** Conversations that take none. */
  readonly #refused = new BoundedSet<string>(keptMax);

  constructor(parts: PassingParts, calls: PassingCalls) {
    this.#parts = parts;
    this.#calls = calls;
  }

  show({ channel, taskId, text }: Transient): void {
    const key = keyOf(channel);
    if (channel.thread === undefined || this.#refused.has(channel.conversation)) return;
    if (this.#calls.pauseMs() > 0) return;
    const words = text?.trim() || this.#parts.config.words.working;
    this.#shown.get(key)?.over.abort('newer');
    const shown = { channel, taskId, text: words.slice(0, statusMax), over: new AbortController() };
    this.#shown.set(key, shown);
    void this.#set(key, shown);
  }

  /** A message of the Task was shown, which took the status away. */
  again({ channel, taskId }: Pick<Delivery, 'channel' | 'taskId'>): void {
    const key = keyOf(channel);
    const shown = this.#shown.get(key);
    if (shown === undefined || shown.taskId !== taskId || this.#calls.pauseMs() > 0) return;
    void this.#set(key, shown);
  }

  /** The Task works no more. `isGone`: a new message has taken the status away. */
  end({ channel, taskId }: Pick<Delivery, 'channel' | 'taskId'>, isGone: boolean): void {
    const key = keyOf(channel);
    const shown = this.#shown.get(key);
    if (shown === undefined || shown.taskId !== taskId) return;
    shown.over.abort('ended');
    this.#shown.delete(key);
    if (!isGone) void this.#clear(shown);
  }

  async stop(): Promise<void> {
    const shown = [...this.#shown.values()];
    this.#shown.clear();
    for (const { over } of shown) over.abort('stopped');
    await Promise.all(shown.slice(-clearedMax).map((one) => this.#clear(one)));
  }

  async #set(key: string, { channel, text, over }: Shown): Promise<void> {
    const answer = await this.#calls.call(call(channel, text), over.signal);
    if (answer.kind !== 'refused') return;
    this.#shown.delete(key);
    this.#refused.add(channel.conversation);
  }

  async #clear({ channel }: Shown): Promise<void> {
    await this.#calls.call(call(channel, ''));
  }
}

function call({ conversation, thread }: Transient['channel'], status: string) {
  const payload = { channel_id: conversation, thread_ts: thread, status };
  return { method: 'assistant.threads.setStatus', payload };
}

const keyOf = ({ conversation, thread = '' }: Transient['channel']): string =>
  `${conversation} ${thread}`;

import type { AdapterHost } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import type { WebchatConfig } from './config.ts';
import { Conversation } from './conversation.ts';
import { pingFrame } from './outbound.ts';

export interface RegistryOptions {
  readonly adapter: string;
  readonly config: WebchatConfig;
  readonly host: AdapterHost;
  readonly stop: AbortSignal;
}

/** The conversations that this process knows; bounded. Those with a connection are never forgotten. */
export class Registry {
  /** The transcripts' epoch, from the first replay on. */
  epoch = '';
  readonly #conversations = new Map<string, Conversation>();
  readonly #options: RegistryOptions;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Open event streams in all. */
  get connections(): number {
    let count = 0;
    for (const conversation of this.#conversations.values()) count += conversation.connections.size;
    return count;
  }

  get(id: string): Conversation | undefined {
    return this.#conversations.get(id);
  }

  /** Of a channel of ours; a foreign account's is never known. */
  at(channel: ChannelRef): Conversation | undefined {
    return channel.account === this.#options.config.account
      ? this.get(channel.conversation)
      : undefined;
  }

  /** Known or new; it becomes the newest. */
  open(id: string): Conversation {
    const { adapter, config, host, stop } = this.#options;
    const channel = { adapter, account: config.account, conversation: id };
    const conversation = this.get(id) ?? new Conversation({ channel, config, host, stop });
    this.#conversations.delete(id);
    this.#conversations.set(id, conversation);
    this.#forget();
    return conversation;
  }

  /** Another conversation than `own` was sent this receipt. */
  isForeign(receiptId: string, own: Conversation): boolean {
    for (const conversation of this.#conversations.values()) {
      if (conversation !== own && conversation.ledger.knows(receiptId)) return true;
    }
    return false;
  }

  /** Keeps streams alive and closes those whose client fell silent. */
  sweep(): void {
    const heardSinceMs = this.#options.host.runtime.monoMs() - this.#options.config.silenceMs;
    for (const conversation of this.#conversations.values()) {
      for (const connection of [...conversation.connections.values()]) {
        if (connection.heardAtMs < heardSinceMs) connection.close('silent');
        else connection.send(pingFrame);
      }
    }
  }

  closeAll(): void {
    for (const conversation of this.#conversations.values()) {
      for (const connection of [...conversation.connections.values()]) connection.close('stopped');
    }
    this.#conversations.clear();
  }

  #forget(): void {
    let excess = this.#conversations.size - this.#options.config.limits.conversations;
    for (const [id, conversation] of this.#conversations) {
      if (excess <= 0) return;
      if (!conversation.isIdle) continue;
      this.#conversations.delete(id);
      excess -= 1;
    }
  }
}

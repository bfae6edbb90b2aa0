import { tooMany } from './refusal.ts';
import type { Payload } from './request-body.ts';
import type { ChatRecord, World } from './state.ts';

/** What a method is given beside its parameters. */
export interface CallContext {
  readonly world: World;
  /** Aborts when the client hung up or the server stops. */
  readonly closed: AbortSignal;
  /** Waits for what only time can bring. */
  idle<T>(wait: Promise<T>): Promise<T>;
}

export type Method = (payload: Payload, context: CallContext) => unknown;
export type Methods = Readonly<Record<string, Method>>;

/** Counts a send or an edit; refused with 429 when it comes too early. */
export function countSend(world: World, chat: ChatRecord, what: 'send' | 'edit'): void {
  const group = chat.type === 'group' || chat.type === 'supergroup';
  const waitMs = world.limits.use({ id: chat.id, group }, what === 'edit', world.nowMs());
  if (waitMs > 0) throw tooMany(waitMs / 1_000);
}

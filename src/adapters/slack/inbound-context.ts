import type { ChannelRef } from '../../contracts/id.ts';
import type { InboundInput, Person } from '../../contracts/inbound.ts';
import type { SlackConfig } from './config.ts';

/** What decides over an event besides itself. */
export interface InboundContext {
  readonly account: string;
  /** Who the bot is in this workspace. */
  readonly us: { readonly userId: string; readonly botId?: string | undefined };
  readonly config: Pick<SlackConfig, 'sessions' | 'channels' | 'allow' | 'operators'>;
  /** Whether the bot said something in that thread, or was addressed there. */
  readonly takesPart: (conversation: string, thread: string) => boolean;
  readonly nowMs: number;
}

export type Incoming =
  | { readonly kind: 'inbound'; readonly inbound: InboundInput }
  /** Somebody opened an assistant thread, which is empty, or the tab of the bot's messages (no thread): it says what can be asked. */
  | { readonly kind: 'opened'; readonly channel: ChannelRef; readonly userId: string }
  /** The press that asks for the dialog of an answer in words; its trigger holds for three seconds. */
  | {
      readonly kind: 'dialog';
      readonly channel: ChannelRef;
      readonly triggerId: string;
      readonly askId: string;
    }
  /** Something is wrong between Slack and the app. */
  | {
      readonly kind: 'trouble';
      readonly state: 'unauthorized' | 'misconfigured';
      readonly cause: string;
    }
  | Nothing;

/** Not for the relay. */
export interface Nothing {
  readonly kind: 'nothing';
  readonly why: string;
  readonly level: 'debug' | 'info' | 'warn';
}

export function nothing(why: string, level: Nothing['level'] = 'debug'): Nothing {
  return { kind: 'nothing', why, level };
}

export function toPerson(
  id: string,
  name: string | undefined,
  { config }: Pick<InboundContext, 'config'>,
): Person {
  const named = name === undefined || name.trim() === '' ? {} : { name: name.trim().slice(0, 200) };
  return { id, ...named, operator: config.operators.includes(id) };
}

export function isAllowed(
  user: string,
  conversation: string,
  { config }: Pick<InboundContext, 'config'>,
): boolean {
  const { users, channels } = config.allow;
  if (users === undefined && channels === undefined) return true;
  return users?.includes(user) === true || channels?.includes(conversation) === true;
}

/** Whether it is a conversation of one person with the bot. */
export const isDirectId = (conversation: string): boolean => conversation.startsWith('D');

/** Slack's times are seconds; also those of ids. */
export function timeOf(ts: string | undefined): number {
  const ms = Math.floor(Number(ts) * 1_000);
  return Number.isSafeInteger(ms) && ms >= 0 ? ms : 0;
}

import type { AskId, ChannelRef, ReceiptId } from '../../contracts/id.ts';
import type { InboundInput, Person } from '../../contracts/inbound.ts';
import type { DiscordConfig } from './config.ts';
import type { DiscordUser } from './inbound-shape.ts';
import type { Place } from './place.ts';
import type { Named, NameFinder } from './said.ts';

/** What decides over an event besides itself. */
export interface InboundContext {
  readonly account: string;
  readonly us: Named;
  readonly config: Pick<
    DiscordConfig,
    'sessions' | 'channels' | 'allow' | 'operators' | 'commands' | 'messageContent'
  >;
  /** Undefined: not known yet. */
  readonly placeOf: (channelId: string) => Place | undefined;
  /** Whether the bot said something in that thread, or was addressed there. */
  readonly takesPart: (threadId: string) => boolean;
  /** Where a message was taken, and from whom: of a deleted one Discord tells nothing but its id. */
  readonly taken: (
    messageId: string,
  ) => { readonly channel: ChannelRef; readonly person: Pick<Person, 'id' | 'name'> } | undefined;
  /** The conversation that a message of ours belongs to, where it does not stand in it. */
  readonly standsFor?: (messageId: string) => ChannelRef | undefined;
  readonly nameOf?: NameFinder;
  readonly nowMs: number;
}

/** What answers an interaction needs to know of it. The token is as good as a password while it holds. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly applicationId: string;
  readonly kind: 'command' | 'component' | 'modal';
  readonly channelId: string;
  /** Who acts. */
  readonly personId: string;
  /** The message that was pressed on. */
  readonly messageId?: string;
  /** That message is seen by one person alone. */
  readonly ephemeral?: boolean;
  /** The bot itself can write to that channel: without the token too. */
  readonly reachable: boolean;
}

export type Incoming =
  | {
      readonly kind: 'inbound';
      readonly inbound: InboundInput;
      /** Waits for an answer: `reply` is a message to come, `update` leaves the message as it is. */
      readonly interaction?: Interaction;
      readonly answer?: 'reply' | 'update';
    }
  /** The press that asks for the dialog of an answer in words; nothing may come before it. */
  | {
      readonly kind: 'dialog';
      readonly askId: AskId;
      readonly channel: ChannelRef;
      readonly interaction: Interaction;
    }
  /** Somebody says that an answer was seen which nobody else can see. */
  | {
      readonly kind: 'seen';
      /** The part that has the button. */
      readonly part: number;
      readonly receiptId: ReceiptId;
      readonly channel: ChannelRef;
      readonly interaction: Interaction;
    }
  /** Must be told so, or Discord says that the bot did not answer. */
  | { readonly kind: 'refused'; readonly why: string; readonly interaction: Interaction }
  /** A message of ours came in: it is there. */
  | {
      readonly kind: 'ours';
      readonly channelId: string;
      readonly messageId: string;
      readonly nonce: string;
    }
  | { readonly kind: 'place'; readonly channelId: string; readonly place: Place }
  /** The channel must be asked for first, then this again. */
  | { readonly kind: 'unplaced'; readonly channelId: string }
  | { readonly kind: 'gone'; readonly channelId: string }
  | { readonly kind: 'left'; readonly guildId: string }
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

const nameMax = 200;

export function toPerson(
  user: DiscordUser,
  nick: string | null | undefined,
  { config }: Pick<InboundContext, 'config'>,
): Person {
  const name = (nick || user.global_name || user.username || '').trim().slice(0, nameMax);
  const operator = config.operators.includes(user.id);
  return name === '' ? { id: user.id, operator } : { id: user.id, name, operator };
}

/** Whether that person may talk to the bot there; in a thread what holds for its channel. */
export function isAllowed(
  userId: string,
  where: {
    readonly channelId: string;
    readonly place: Place;
    readonly guildId?: string | undefined;
  },
  { config }: Pick<InboundContext, 'config'>,
): boolean {
  const { users, channels, guilds } = config.allow;
  if (users === undefined && channels === undefined && guilds === undefined) return true;
  const { channelId, place, guildId = place.guildId } = where;
  return (
    users?.includes(userId) === true ||
    channels?.includes(channelId) === true ||
    (place.parentId !== undefined && channels?.includes(place.parentId) === true) ||
    (guildId !== undefined && guilds?.includes(guildId) === true)
  );
}

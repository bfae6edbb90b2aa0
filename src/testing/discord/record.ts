import type { StoredFile } from './file-shelf.ts';
import type {
  DiscordAck,
  DiscordChannel,
  DiscordGuild,
  DiscordMessage,
  DiscordPerson,
} from './shape.ts';
import type { DiscordModal, DiscordRole } from './shape-part.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type Json = Record<string, unknown>;

/** A message, and what of it only the API shows. */
export interface MessageRecord extends Mutable<DiscordMessage> {
  readonly home: ChannelRecord;
  /** Undefined for the bot. */
  readonly author: PersonRecord | undefined;
  readonly stored: readonly StoredFile[];
  readonly type: number;
  flags: number;
  /** What it came from. */
  readonly interaction: InteractionRecord | undefined;
  readonly replyToId: string | undefined;
  isEditClosed: boolean;
  /** When it was edited, of late, being more than an hour old. */
  oldEditsMs: number[];
}

export interface RoleRecord extends DiscordRole {
  readonly guild: GuildRecord;
  bits: bigint;
  readonly isMentionable: boolean;
  /** The bot's own. */
  readonly isManaged: boolean;
}

export interface PersonRecord {
  readonly id: string;
  readonly name: string;
  readonly roles: Set<RoleRecord>;
  readonly modals: ModalRecord[];
  dm: ChannelRecord;
  hasDmsClosed: boolean;
  /** The app is installed for this person. */
  hasApp: boolean;
  view: DiscordPerson;
}

export interface Overwrite {
  readonly kind: 'role' | 'member';
  allow: bigint;
  deny: bigint;
}

export interface ChannelRecord {
  readonly id: string;
  name: string;
  topic: string | null;
  readonly kind: DiscordChannel['kind'];
  readonly isPrivate: boolean;
  readonly guild: GuildRecord | undefined;
  /** Whose direct messages they are. */
  readonly person: PersonRecord | undefined;
  readonly parent: ChannelRecord | undefined;
  readonly threads: ChannelRecord[];
  readonly messages: Map<string, MessageRecord>;
  readonly ephemerals: MessageRecord[];
  readonly overwrites: Map<string, Overwrite>;
  readonly tags: readonly { readonly id: string; readonly name: string }[];
  readonly needsTag: boolean;
  appliedTags: readonly string[];
  /** Of a thread: ids of people and the bot. */
  readonly followers: Set<string>;
  readonly ownerId: string | undefined;
  readonly createdMs: number;
  archiveMinutes: number;
  archiveChangedMs: number;
  isArchived: boolean;
  isLocked: boolean;
  isDeleted: boolean;
  slowSeconds: number;
  isSlowForBots: boolean;
  /** When each writer last wrote, for slow mode. */
  readonly wroteMs: Map<string, number>;
  congestedUntilMs: number;
  typingUntilMs: number;
  sent: number;
  view: DiscordChannel;
}

export interface GuildRecord {
  readonly id: string;
  readonly name: string;
  readonly members: Set<PersonRecord>;
  readonly roles: Map<string, RoleRecord>;
  readonly everyone: RoleRecord;
  readonly botRole: RoleRecord;
  readonly commands: Map<string, Json>;
  readonly channels: Map<string, ChannelRecord>;
  words: readonly string[];
  hasBot: boolean;
  isOut: boolean;
  readonly createdMs: number;
  view: DiscordGuild;
}

export interface ModalRecord extends Mutable<DiscordModal> {
  readonly person: PersonRecord;
  readonly interaction: InteractionRecord;
  readonly raw: Json;
}

/** What a person did, and what the app may still do with it. */
export interface InteractionRecord {
  readonly id: string;
  readonly token: string;
  readonly type: 'command' | 'component' | 'modal';
  readonly person: PersonRecord;
  readonly channel: ChannelRecord;
  /** The message whose component it is, or from whose component its modal came. */
  readonly message: MessageRecord | undefined;
  readonly commandName: string | undefined;
  /** The app works here only because this person installed it. */
  readonly isUserInstallOnly: boolean;
  readonly answerUntilMs: number;
  readonly tokenUntilMs: number;
  state: 'open' | 'answered' | 'late';
  original: MessageRecord | undefined;
  /** The first follow-up of a deferred answer is the answer. */
  isDeferred: boolean;
  followups: number;
  readonly messages: Map<string, MessageRecord>;
  readonly settle: (ack: DiscordAck) => void;
}

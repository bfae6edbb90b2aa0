import type { DiscordPermission } from './permission.ts';
import type {
  DiscordAuthor,
  DiscordButton,
  DiscordComponent,
  DiscordEmbed,
  DiscordFile,
  DiscordFileInput,
  DiscordModal,
  DiscordOptionValue,
  DiscordPermissionChange,
  DiscordRole,
  DiscordSelect,
  DiscordWaitOptions,
} from './shape-part.ts';

/** A message as the people in its channel see it now. It changes when it is edited or deleted. */
export interface DiscordMessage {
  readonly id: string;
  /** The channel, thread or direct messages in which it stands. */
  readonly channel: DiscordChannel;
  readonly from: DiscordAuthor;
  /** The `content` as it was sent. */
  readonly text: string;
  /** What a person reads: text, embeds and text components, mentions by their names. Markdown signs stay as they are. */
  readonly shown: string;
  readonly embeds: readonly DiscordEmbed[];
  readonly components: readonly DiscordComponent[];
  readonly buttons: readonly DiscordButton[];
  readonly selects: readonly DiscordSelect[];
  readonly files: readonly DiscordFile[];
  /** The message that it answers. */
  readonly replyTo: DiscordMessage | undefined;
  /** Whom it really mentions: ids of people and roles, `everyone`, `here`. */
  readonly mentions: readonly string[];
  /** Ids of those whom it notified: in a guild whom it mentions. An edit notifies nobody, nor does a silent or an ephemeral message. */
  readonly notified: readonly string[];
  /** Who alone sees it; absent for a message that all see. */
  readonly onlyFor: DiscordPerson | undefined;
  /** "Bot is thinking …": a deferred answer that has not come. */
  readonly isLoading: boolean;
  /** Sent with suppressed notifications. */
  readonly isSilent: boolean;
  readonly sentAtMs: number;
  readonly editedAtMs: number | undefined;
  /** All that `shown` was, oldest first, that of now last; the newest 1,000. */
  readonly history: readonly string[];
  /** Ids of people and the bot by emoji. */
  readonly reactions: ReadonlyMap<string, readonly string[]>;
  /** The thread that began from it. */
  readonly thread: DiscordChannel | undefined;
  readonly isDeleted: boolean;
}

/** How the app first answered a command, a press, a choice or a modal. */
export interface DiscordAck {
  /**
   * `deferred`: the person sees that the bot thinks. `deferred_update`: nothing is seen. `failed`: no answer within 3 s;
   * the person saw "The application did not respond".
   */
  readonly kind: 'message' | 'deferred' | 'deferred_update' | 'update' | 'modal' | 'failed';
  readonly isEphemeral: boolean;
  /** What it made or changed; absent for a modal, a silent defer and a failure. */
  readonly message: DiscordMessage | undefined;
  readonly modal: DiscordModal | undefined;
}

/** Something that a person did and that Discord told the app once, by the gateway. */
export interface DiscordInteraction {
  readonly type: 'command' | 'component' | 'modal';
  readonly id: string;
  readonly token: string;
  /** When the first answer is too late, and when the token dies. */
  readonly answerUntilMs: number;
  readonly tokenUntilMs: number;
  /** Resolves when the app answered, or 3 s of the runtime passed. Never rejects. */
  readonly answered: Promise<DiscordAck>;
}

/** What a person puts into a message beside its words. */
export interface DiscordSayOptions {
  /** Where: default the direct messages with the bot. */
  readonly to?: DiscordChannel;
  readonly files?: readonly DiscordFileInput[];
  /** An answer to this message. */
  readonly replyTo?: DiscordMessage;
  /** Whether an answer mentions its author; default true, as in the apps. */
  readonly ping?: boolean;
}

/** A human with an account. Made by `guild.person`. */
export interface DiscordPerson {
  readonly id: string;
  readonly name: string;
  /** The direct messages with the bot. */
  readonly dm: DiscordChannel;
  /** The modals that are open, the newest last. */
  readonly modals: readonly DiscordModal[];
  /**
   * Writes a message, in plain words: `@Name`, `@Role`, `@everyone` and `#channel` become what the apps make of them.
   * Throws where the person may not write.
   */
  say(text: string, options?: DiscordSayOptions): DiscordMessage;
  /** `say` that begins with a mention of the bot. */
  mention(
    text: string,
    options: DiscordSayOptions & { readonly to: DiscordChannel },
  ): DiscordMessage;
  /** Answers a message, in its channel. */
  reply(
    message: DiscordMessage,
    text: string,
    options?: Omit<DiscordSayOptions, 'to' | 'replyTo'>,
  ): DiscordMessage;
  edit(message: DiscordMessage, text: string): void;
  delete(message: DiscordMessage): void;
  /** A Unicode emoji, or `name:id`. */
  react(message: DiscordMessage, emoji: string): void;
  unreact(message: DiscordMessage, emoji: string): void;
  typing(channel: DiscordChannel): void;
  /** Presses the button with this label or custom id. Throws when none is shown, or it is disabled. */
  press(message: DiscordMessage, label: string): DiscordInteraction;
  /** Chooses in a menu, by the options' labels or values; `customId` only where several menus have them. */
  choose(
    message: DiscordMessage,
    options: string | readonly string[],
    customId?: string,
  ): DiscordInteraction;
  /** Submits a modal; values by custom id or label. */
  submit(modal: DiscordModal, values?: Readonly<Record<string, string>>): DiscordInteraction;
  /** Closes a modal. Discord tells nobody. */
  dismiss(modal: DiscordModal): void;
  /**
   * `command('ask', { question: 'what is up' }, { in: channel })`; default in the direct messages. Subcommands with
   * spaces: `'task list'`. Throws when the bot registered no such command there, or an option does not fit.
   */
  command(
    name: string,
    options?: Readonly<Record<string, DiscordOptionValue>>,
    place?: { readonly in?: DiscordChannel; readonly target?: DiscordMessage | DiscordPerson },
  ): DiscordInteraction;
  /** Opens a thread, from a message or of its own, and may begin it with words. */
  openThread(
    from: DiscordMessage | DiscordChannel,
    options?: { readonly name?: string; readonly text?: string; readonly isPrivate?: boolean },
  ): DiscordChannel;
  /** Opens a post in a forum: a thread with its first message. */
  post(
    forum: DiscordChannel,
    post: { readonly title: string; readonly text: string; readonly tags?: readonly string[] },
  ): DiscordChannel;
  /** Takes no direct messages of the bot any more. */
  closeDms(): void;
  openDms(): void;
  join(guild: DiscordGuild): void;
  leave(guild: DiscordGuild): void;
  give(role: DiscordRole): void;
  take(role: DiscordRole): void;
  /** Installs the app for this person alone: its commands work everywhere, also where the bot is not. */
  installApp(): void;
  /** The first modal, of those open or to come, for which `fits` is true. */
  waitForModal(
    fits?: (modal: DiscordModal) => boolean,
    options?: DiscordWaitOptions,
  ): Promise<DiscordModal>;
}

/** A channel, a thread, a forum or direct messages. */
export interface DiscordChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'text' | 'announcement' | 'forum' | 'dm' | 'thread';
  readonly guild: DiscordGuild | undefined;
  /** Of a thread: the channel or forum where it was opened. */
  readonly parent: DiscordChannel | undefined;
  /** Threads and posts that were opened here, oldest first. */
  readonly threads: readonly DiscordChannel[];
  /** What all see, in order, without what was deleted; the newest 10,000. */
  readonly messages: readonly DiscordMessage[];
  /** `shown` of the bot's messages, in order. */
  readonly texts: readonly string[];
  /** Until when the bot is seen typing; undefined when it is not. */
  readonly typingUntilMs: number | undefined;
  readonly isArchived: boolean;
  readonly isLocked: boolean;
  readonly isDeleted: boolean;
  /** What one person alone sees, in order. */
  ephemeral(person: DiscordPerson): readonly DiscordMessage[];
  /** The first message of the bot, of those shown or to come, for which `fits` is true. Rejects after `timeoutMs`, saying what is shown. */
  waitFor(
    fits: (message: DiscordMessage) => boolean,
    options?: DiscordWaitOptions,
  ): Promise<DiscordMessage>;
  /** As `waitFor`, but only what is sent or edited from now on. */
  next(
    fits?: (message: DiscordMessage) => boolean,
    options?: DiscordWaitOptions,
  ): Promise<DiscordMessage>;
  /** Gives rights to or takes them from all, the bot, a role or a person here. */
  permit(
    who: 'everyone' | 'bot' | DiscordRole | DiscordPerson,
    change: DiscordPermissionChange,
  ): void;
  archive(): void;
  unarchive(): void;
  /** Only moderators write in a locked thread. */
  lock(): void;
  unlock(): void;
  /** Seconds between two messages of one writer; 0 ends it. Bots are spared, as documented, unless `bots` is true. */
  slowMode(seconds: number, options?: { readonly bots?: boolean }): void;
  /** The next posts of anybody's are answered 429 with scope `shared`, for so many milliseconds of the runtime. */
  congest(ms: number): void;
  delete(): void;
  /** A moderator deletes a message of anybody's. */
  moderate(message: DiscordMessage): void;
}

/** A server of people and channels. */
export interface DiscordGuild {
  readonly id: string;
  readonly name: string;
  readonly hasBot: boolean;
  /**
   * The role that Discord made for the bot here. It has the bot's name, so people mention it by mistake:
   * ``ann.say(`<@&${guild.botRole.id}> hello`, { to })``.
   */
  readonly botRole: DiscordRole;
  readonly channels: readonly DiscordChannel[];
  /** A new person who is a member. */
  person(options?: { readonly name?: string }): DiscordPerson;
  channel(options?: {
    readonly name?: string;
    readonly kind?: 'text' | 'announcement' | 'forum';
    /** Of a forum: the tags that posts may carry, and whether they must. */
    readonly tags?: readonly string[];
    readonly needsTag?: boolean;
    /** Only these people (and the bot, unless its right is taken) see it. */
    readonly onlyFor?: readonly DiscordPerson[];
  }): DiscordChannel;
  role(options?: {
    readonly name?: string;
    readonly permissions?: readonly DiscordPermission[];
    readonly isMentionable?: boolean;
  }): DiscordRole;
  /** What the bot's own role allows; a new guild gives it all but Administrator. What everyone may do comes on top. */
  setBotPermissions(permissions: readonly DiscordPermission[]): void;
  /** Messages that hold one of these words are blocked; an empty list ends it. Who manages the guild is spared. */
  autoModerate(words: readonly string[]): void;
  addBot(): void;
  kickBot(): void;
  /** The guild goes away for all for a while, as in an outage of Discord's, or comes back. */
  outage(isOut: boolean): void;
}

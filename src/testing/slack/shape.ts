import type {
  SlackAuthor,
  SlackBlock,
  SlackButton,
  SlackFile,
  SlackFileInput,
  SlackInteraction,
  SlackSelect,
  SlackView,
  SlackWaitOptions,
} from './shape-part.ts';

/** A message as the people in its channel see it now. It changes when it is edited or deleted. */
export interface SlackMessage {
  /** Its id in its channel. */
  readonly ts: string;
  readonly channel: SlackChannel;
  readonly from: SlackAuthor;
  /** The `text` as it was sent, or what a stream said: with blocks it is only the fallback for notifications. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  /** What a person reads: the blocks if there are any, else the text; mentions and links by their names, `&amp;` as `&`. */
  readonly shown: string;
  /** Whom it really mentions: user ids, and `channel`, `here`, `everyone`. */
  readonly mentions: readonly string[];
  readonly buttons: readonly SlackButton[];
  readonly selects: readonly SlackSelect[];
  readonly files: readonly SlackFile[];
  /** The `ts` of the message that began its thread; absent outside of threads and for the first message itself. */
  readonly threadTs: string | undefined;
  /** Whether a reply stands in the channel too. */
  readonly isBroadcast: boolean;
  /** Who alone sees it; absent for a message that all see. */
  readonly onlyFor: SlackPerson | undefined;
  readonly sentAtMs: number;
  readonly editedAtMs: number | undefined;
  /** User ids of those whom it notified. An edit notifies nobody. */
  readonly notified: readonly string[];
  /** All that `shown` was, oldest first, that of now last; the newest 1,000. */
  readonly history: readonly string[];
  /** User ids by emoji. */
  readonly reactions: ReadonlyMap<string, readonly string[]>;
  readonly metadata:
    | { readonly event_type: string; readonly event_payload: Readonly<Record<string, unknown>> }
    | undefined;
  /** `on` while the bot appends; `stopped` by the bot, `expired` by Slack; absent for what is no stream. */
  readonly stream: 'on' | 'stopped' | 'expired' | undefined;
  /** Whether links were expanded. */
  readonly isUnfurled: boolean;
  readonly isDeleted: boolean;
}

/** What a person puts into a message beside its words. */
export interface SlackSayOptions {
  /** Where: default the direct messages with the bot of the person's workspace. */
  readonly to?: SlackChannel | SlackThread;
  readonly files?: readonly SlackFileInput[];
  /** Shows a reply in the channel too. */
  readonly broadcast?: boolean;
}

/** A human with an account in a workspace. Made by `slack.person`. */
export interface SlackPerson {
  readonly id: string;
  readonly name: string;
  /** The direct messages with the bot. */
  readonly dm: SlackChannel;
  /** The modals that are open, the top one last. */
  readonly views: readonly SlackView[];
  /**
   * Writes a message, in plain words: `@Name`, `@here`, `#channel` and addresses become what the apps make of them, and
   * `&`, `<` and `>` are sent escaped. Throws where the person is not.
   */
  say(text: string, options?: SlackSayOptions): SlackMessage;
  /** `say` that begins with a mention of the bot. */
  mention(
    text: string,
    options: SlackSayOptions & { readonly to: SlackChannel | SlackThread },
  ): SlackMessage;
  /** Answers in the thread of the message. */
  reply(message: SlackMessage, text: string, options?: Omit<SlackSayOptions, 'to'>): SlackMessage;
  edit(message: SlackMessage, text: string): void;
  delete(message: SlackMessage): void;
  /** Emoji by name, without colons. */
  react(message: SlackMessage, emoji: string): void;
  unreact(message: SlackMessage, emoji: string): void;
  /** Presses the button with this label, action id or value, in a message or a view. Throws when none is shown. */
  press(on: SlackMessage | SlackView, label: string): SlackInteraction;
  /** Chooses in a menu, by the option's label or value; `actionId` only where several menus have it. */
  choose(on: SlackMessage | SlackView, option: string, actionId?: string): SlackInteraction;
  /** Submits a view; values by action id or block id. */
  submit(view: SlackView, values?: Readonly<Record<string, string>>): SlackInteraction;
  /** Closes a view; the app is told if it asked for that. */
  close(view: SlackView): SlackInteraction | undefined;
  /** `command('/ask', 'what is up', { in: channel })`; default in the direct messages. */
  command(
    command: string,
    text?: string,
    options?: { readonly in?: SlackChannel },
  ): SlackInteraction;
  /** A shortcut of the app: of a message, or a global one. */
  shortcut(callbackId: string, message?: SlackMessage): SlackInteraction;
  /** Opens the app's assistant pane: a new thread in the direct messages. */
  openAssistant(options?: { readonly from?: SlackChannel }): SlackThread;
  /** Opens a tab of the app: it is told by `app_home_opened`, each time. */
  openTab(tab: 'home' | 'messages'): void;
  join(channel: SlackChannel): void;
  leave(channel: SlackChannel): void;
  /** The first view, of those open or to come, for which `fits` is true. */
  waitForView(fits?: (view: SlackView) => boolean, options?: SlackWaitOptions): Promise<SlackView>;
}

/** A place where people read: a channel or a thread. */
export interface SlackPlace {
  /** What all see, in order, without what was deleted; the newest 10,000. Of a channel without the replies that are not broadcast. */
  readonly messages: readonly SlackMessage[];
  /** `shown` of the bot's messages, in order. */
  readonly texts: readonly string[];
  /** What one person alone sees: ephemeral posts, until they reload. */
  ephemeral(person: SlackPerson): readonly SlackMessage[];
  /** The first message of the bot, of those shown or to come, for which `fits` is true. Rejects after `timeoutMs`, saying what is shown. Of a channel, in its threads too. */
  waitFor(
    fits: (message: SlackMessage) => boolean,
    options?: SlackWaitOptions,
  ): Promise<SlackMessage>;
  /** As `waitFor`, but only what is sent, appended to or edited from now on. */
  next(
    fits?: (message: SlackMessage) => boolean,
    options?: SlackWaitOptions,
  ): Promise<SlackMessage>;
}

/** A thread of a channel: its first message and the replies. */
export interface SlackThread extends SlackPlace {
  readonly channel: SlackChannel;
  readonly ts: string;
  /** What the bot is seen doing, for 2 min or until its next message here. */
  readonly status:
    | {
        readonly text: string;
        readonly loadingMessages: readonly string[];
        readonly untilMs: number;
      }
    | undefined;
  /** Of an assistant thread. */
  readonly title: string | undefined;
  readonly suggestedPrompts: readonly { readonly title: string; readonly message: string }[];
}

/** A conversation. */
export interface SlackChannel extends SlackPlace {
  readonly id: string;
  readonly name: string;
  readonly type: 'channel' | 'group' | 'im' | 'mpim';
  readonly members: readonly SlackPerson[];
  readonly hasBot: boolean;
  /** The thread that this message begins, or stands in. */
  thread(of: SlackMessage | string): SlackThread;
  /** All messages, those in threads too. */
  readonly all: readonly SlackMessage[];
  /** Of direct messages with an app that is an agent. */
  readonly suggestedPrompts: SlackThread['suggestedPrompts'];
  addBot(): void;
  kickBot(): void;
  archive(): void;
  unarchive(): void;
}

/** One installation of the app. */
export interface SlackWorkspace {
  readonly teamId: string;
  readonly name: string;
  /** `xoxb-…` */
  readonly botToken: string;
  readonly botUserId: string;
  readonly botId: string;
  person(options?: { readonly name?: string }): SlackPerson;
  /** A public or private channel; the bot is in it unless `bot` is false. */
  channel(options?: {
    readonly name?: string;
    readonly members?: readonly SlackPerson[];
    readonly isPrivate?: boolean;
    readonly bot?: boolean;
  }): SlackChannel;
  /** A group direct message with the bot in it. */
  groupDm(members: readonly SlackPerson[]): SlackChannel;
  /** What the token may do; all of it until this says otherwise. */
  setScopes(scopes: readonly string[]): void;
  revokeToken(): void;
  restoreToken(): void;
}

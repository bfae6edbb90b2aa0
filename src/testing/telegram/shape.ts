/** A part of a text that is more than text, as the Bot API names it; offsets and lengths in UTF-16 units. */
export interface TelegramEntity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  /** Of a `text_link`. */
  readonly url?: string;
  /** Of a `pre`. */
  readonly language?: string;
  /** Of a `text_mention`. */
  readonly user?: Readonly<Record<string, unknown>>;
  readonly custom_emoji_id?: string;
}

/** A button under a message. One with `data` can be pressed, one with `url` opens a page. */
export interface TelegramButton {
  readonly text: string;
  readonly data?: string;
  readonly url?: string;
}

/** What kind of file a message carries. A document is the only kind that Telegram leaves as it is. */
export type TelegramFileKind = 'document' | 'photo' | 'audio' | 'voice' | 'video' | 'sticker';

/** A file of a message. */
export interface TelegramFile {
  readonly kind: TelegramFileKind;
  /** Empty for a photo, a voice message and a sticker: Telegram keeps no name of those. */
  readonly name: string;
  readonly mimeType: string;
  /** Empty when the bot named a URL: nothing is fetched. */
  readonly bytes: Uint8Array;
  /** The address that the bot named instead of sending bytes. */
  readonly url?: string;
}

/** A file that a person sends. */
export interface TelegramFileInput {
  /** Default `document`. */
  readonly kind?: TelegramFileKind;
  readonly name?: string;
  readonly mimeType?: string;
  readonly bytes: Uint8Array;
  /** Says that the file is this long without holding so many bytes: for the 20 MB that a bot may load. */
  readonly sizeBytes?: number;
}

/** Who wrote a message: the bot, a person, or a channel in its own name. */
export interface TelegramAuthor {
  readonly kind: 'bot' | 'person' | 'channel';
  readonly id: number;
  readonly name: string;
}

/** A message as the people in its chat see it now. It changes when it is edited or deleted. */
export interface TelegramMessage {
  readonly messageId: number;
  readonly chat: TelegramChat;
  readonly from: TelegramAuthor;
  /** Its text, or the caption of its files. */
  readonly text: string;
  readonly entities: readonly TelegramEntity[];
  /** Row by row. */
  readonly buttons: readonly (readonly TelegramButton[])[];
  readonly files: readonly TelegramFile[];
  /** The message that it answers. Absent when that was gone and the bot allowed to send it all the same. */
  readonly replyTo: number | undefined;
  /** The topic that it stands in; absent in the General topic and in chats without topics. */
  readonly topicId: number | undefined;
  /** Messages of one album have one. */
  readonly albumId: string | undefined;
  readonly sentAtMs: number;
  readonly editedAtMs: number | undefined;
  /** Whether a phone made a sound for it: false with `disable_notification`. An edit never notifies. */
  readonly notified: boolean;
  /** All that its text said, oldest first, the text of now last; the newest 1,000. */
  readonly history: readonly string[];
  /** The emoji that the bot reacted with. */
  readonly reactions: readonly string[];
  /** What happened, for a message that nobody wrote, as the Bot API's field is called: `new_chat_members`, `migrate_to_chat_id`. */
  readonly service: string | undefined;
  readonly deleted: boolean;
}

/** What a person puts into a message beside its words. */
export interface SayOptions {
  /** Where: default the private chat with the bot. */
  readonly to?: TelegramChat | TelegramTopic;
  readonly replyTo?: TelegramMessage;
  /** More than one makes an album: a message each, with one `media_group_id`; the text is the caption of the first. */
  readonly files?: readonly TelegramFileInput[];
  /** Added to what Telegram finds by itself (commands, mentions, addresses). */
  readonly entities?: readonly TelegramEntity[];
}

/** What a person saw after a press. */
export interface PressAnswer {
  /** The words of the toast or of the alert. */
  readonly text?: string;
  readonly alert: boolean;
  readonly url?: string;
}

/** A press of a button. */
export interface TelegramPress {
  /** The id of the callback query. */
  readonly id: string;
  readonly data: string;
  /** Undefined until the bot answered. */
  readonly answer: PressAnswer | undefined;
  /** Resolves when the bot answered, with undefined when it can not any more (15 s passed, or the server stopped). */
  readonly answered: Promise<PressAnswer | undefined>;
}

/** A human with a Telegram account. Made by `telegram.person`. */
export interface TelegramPerson {
  readonly id: number;
  readonly name: string;
  readonly username: string | undefined;
  /** The private chat with the bot. The bot can write to it only after the person did. */
  readonly chat: TelegramChat;
  /** Writes a message. With several files the first message of the album is returned. Throws where the person may not write. */
  say(text: string, options?: SayOptions): TelegramMessage;
  /** Presses the button with this label (or this callback data). Throws when the message does not show it. */
  press(message: TelegramMessage, label: string): TelegramPress;
  /** Changes the text or caption of a message of theirs. */
  edit(message: TelegramMessage, text: string): void;
  /** Deletes a message. The Bot API never tells a bot of it. */
  delete(message: TelegramMessage): void;
  /** Puts an emoji on a message, or takes it away with undefined. The bot is told only if it asked for `message_reaction`. */
  react(message: TelegramMessage, emoji: string | undefined): void;
  /** Blocks the bot: every send to the private chat is refused with 403 until `unblock`. */
  block(): void;
  unblock(): void;
  /** Deletes the account: sends are refused with 403 for good. */
  deactivate(): void;
  join(chat: TelegramChat): void;
  leave(chat: TelegramChat): void;
}

/** Waiting for what a bot does. The limit is of the real clock: a virtual one is moved by the test. */
export interface WaitOptions {
  /** Default 5,000. */
  readonly timeoutMs?: number;
}

/** A place where people read: a chat, or a topic of one. */
export interface TelegramPlace {
  /** What a person sees, in order, without what was deleted; the newest 10,000. */
  readonly messages: readonly TelegramMessage[];
  /** The texts of the bot's messages, in order. */
  readonly texts: readonly string[];
  /** What the bot is seen doing, for 5 s or until its next message. */
  readonly typing: { readonly action: string; readonly untilMs: number } | undefined;
  /** The draft of the bot, for 30 s or until its next message. Private chats only. */
  readonly draft:
    | { readonly id: number; readonly text: string; readonly untilMs: number }
    | undefined;
  /** The first message of the bot, of those shown or to come, for which `fits` is true. Rejects after `timeoutMs`, saying what is shown. */
  waitFor(
    fits: (message: TelegramMessage) => boolean,
    options?: WaitOptions,
  ): Promise<TelegramMessage>;
  /** As `waitFor`, but only what is sent or edited from now on. */
  next(
    fits?: (message: TelegramMessage) => boolean,
    options?: WaitOptions,
  ): Promise<TelegramMessage>;
}

/** A topic of a supergroup. */
export interface TelegramTopic extends TelegramPlace {
  readonly chat: TelegramChat;
  readonly topicId: number;
  readonly name: string;
  /** Deletes it with its messages: sends to it are refused from now on. */
  delete(): void;
}

/** A chat that the bot is in, or was. */
export interface TelegramChat extends TelegramPlace {
  readonly id: number;
  readonly type: 'private' | 'group' | 'supergroup' | 'channel';
  readonly title: string;
  readonly members: readonly TelegramPerson[];
  /** Where the group went; its sends are refused with that id. */
  readonly movedTo: TelegramChat | undefined;
  /** Makes a topic. Supergroups made with `topics` only. */
  topic(name: string): TelegramTopic;
  /** The group becomes a supergroup with a new id and new message ids. */
  migrate(): TelegramChat;
  /** Throws the bot out: sends are refused with 403. */
  kickBot(): void;
  addBot(): void;
  /** A post of the channel in its own name. */
  post(text: string, options?: Omit<SayOptions, 'to'>): TelegramMessage;
  /** The chat is deleted: sends are refused with 400 `chat not found`. */
  delete(): void;
}

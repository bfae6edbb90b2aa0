/** A block of Block Kit, as the bot sent it. */
export type SlackBlock = Readonly<Record<string, unknown>> & { readonly type: string };

/** Who wrote a message. */
export interface SlackAuthor {
  readonly kind: 'bot' | 'person';
  /** The user id. */
  readonly id: string;
  readonly name: string;
}

/** A button that a person sees. One with `url` opens a page, and tells the app too. */
export interface SlackButton {
  readonly text: string;
  readonly actionId: string;
  readonly blockId: string;
  readonly value?: string;
  readonly url?: string;
  readonly style?: string;
}

/** A menu that a person sees; of radio buttons, check boxes and overflow menus too. */
export interface SlackSelect {
  readonly type: string;
  readonly actionId: string;
  readonly blockId: string;
  readonly placeholder: string;
  readonly options: readonly { readonly text: string; readonly value: string }[];
}

/** A file of a message. */
export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

/** A file that a person uploads. */
export interface SlackFileInput {
  readonly name: string;
  /** Default by the name's end. */
  readonly mimeType?: string;
  readonly bytes: Uint8Array;
  /** Says that the file is this long without holding so many bytes. */
  readonly sizeBytes?: number;
}

/** What the app answered to a press, a choice, a submit, a command or a shortcut. */
export interface SlackAck {
  /** `failed`: no 2xx within 3 s; the person saw an error. */
  readonly kind: 'acked' | 'failed';
  /** What came with it: JSON, or words. */
  readonly payload: unknown;
  readonly reason: string | undefined;
}

/** Something that a person did and that Slack told the app once, without a second try. */
export interface SlackInteraction {
  readonly type:
    | 'block_actions'
    | 'view_submission'
    | 'view_closed'
    | 'message_action'
    | 'shortcut'
    | 'slash_command';
  readonly triggerId: string;
  readonly responseUrl: string | undefined;
  /** Resolves when the app answered, or 3 s of the runtime passed. Never rejects. */
  readonly answered: Promise<SlackAck>;
}

/** A modal that a person sees. */
export interface SlackView {
  readonly id: string;
  readonly callbackId: string;
  readonly title: string;
  readonly blocks: readonly SlackBlock[];
  readonly privateMetadata: string;
  /** What the app found wrong, by block id. */
  readonly errors: Readonly<Record<string, string>>;
  /** What a person reads in it. */
  readonly shown: string;
  readonly isOpen: boolean;
}

/** Waiting for what a bot does. The limit is of the real clock: a virtual one is moved by the test. */
export interface SlackWaitOptions {
  /** Default 5,000. */
  readonly timeoutMs?: number;
}

import type { DiscordPermission } from './permission.ts';

/** A component as the bot sent it. */
export type DiscordComponent = Readonly<Record<string, unknown>> & { readonly type: number };

/** An embed as the bot sent it. */
export type DiscordEmbed = Readonly<Record<string, unknown>>;

/** Who wrote a message. `system` is Discord itself: somebody opened a thread. */
export interface DiscordAuthor {
  readonly kind: 'bot' | 'person' | 'system';
  readonly id: string;
  readonly name: string;
}

/** A button that a person sees. One with `url` opens a page; the app is not told. */
export interface DiscordButton {
  readonly label: string;
  /** Absent for a link. */
  readonly customId: string | undefined;
  readonly style: 'primary' | 'secondary' | 'success' | 'danger' | 'link';
  readonly url: string | undefined;
  readonly isDisabled: boolean;
}

/** A menu that a person sees. */
export interface DiscordSelect {
  readonly customId: string;
  readonly placeholder: string;
  readonly options: readonly { readonly label: string; readonly value: string }[];
  readonly minValues: number;
  readonly maxValues: number;
  readonly isDisabled: boolean;
}

/** A file of a message. */
export interface DiscordFile {
  readonly id: string;
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
  /** Where it is loaded from, without a token; good for a day. */
  readonly url: string;
}

/** A file that a person uploads. */
export interface DiscordFileInput {
  readonly name: string;
  /** Default by the name's end. */
  readonly mimeType?: string;
  readonly bytes: Uint8Array;
  /** Says that the file is this long without holding so many bytes. */
  readonly sizeBytes?: number;
}

/** One field of a modal. */
export interface DiscordModalField {
  readonly customId: string;
  readonly label: string;
  /** What stands in it when it opens. */
  readonly value: string;
  readonly isRequired: boolean;
  readonly isLong: boolean;
}

/** A modal that a person sees. */
export interface DiscordModal {
  readonly customId: string;
  readonly title: string;
  readonly fields: readonly DiscordModalField[];
  readonly isOpen: boolean;
}

/** What a command is told. People, channels and roles by their objects or ids. */
export type DiscordOptionValue =
  | string
  | number
  | boolean
  | { readonly id: string }
  | DiscordFileInput;

export interface DiscordRole {
  readonly id: string;
  readonly name: string;
}

/** What one channel gives to, or takes from, a role, a person or the bot. */
export interface DiscordPermissionChange {
  readonly allow?: readonly DiscordPermission[];
  readonly deny?: readonly DiscordPermission[];
}

/** Waiting for what a bot does. The limit is of the real clock: a virtual one is moved by the test. */
export interface DiscordWaitOptions {
  /** Default 5,000. */
  readonly timeoutMs?: number;
}

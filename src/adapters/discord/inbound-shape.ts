/** What is read of what the gateway sends; everything may be missing, and much more comes along. */
export interface DiscordDispatch {
  /** Its name, such as `MESSAGE_CREATE`. */
  readonly t?: string | null;
  readonly d?: unknown;
}

export interface DiscordUser {
  readonly id: string;
  readonly username?: string;
  readonly global_name?: string | null;
  readonly bot?: boolean;
  readonly system?: boolean;
}

interface DiscordMember {
  readonly nick?: string | null;
  readonly user?: DiscordUser;
}

export interface DiscordAttachment {
  readonly id?: string;
  readonly filename?: string;
  readonly content_type?: string;
  readonly size?: number;
  readonly url?: string;
}

interface DiscordSnapshot {
  readonly content?: string;
  readonly attachments?: readonly DiscordAttachment[];
}

export interface DiscordMessage {
  readonly id?: string;
  readonly channel_id?: string;
  /** Told by the gateway, not by the history. */
  readonly channel_type?: number;
  readonly guild_id?: string;
  readonly type?: number;
  readonly author?: DiscordUser;
  readonly member?: DiscordMember;
  readonly webhook_id?: string;
  readonly content?: string;
  readonly timestamp?: string;
  readonly edited_timestamp?: string | null;
  readonly mentions?: readonly (DiscordUser & { readonly member?: DiscordMember })[];
  readonly mention_roles?: readonly string[];
  readonly attachments?: readonly DiscordAttachment[];
  readonly referenced_message?: { readonly author?: DiscordUser } | null;
  /** What a forwarded message holds. */
  readonly message_snapshots?: readonly { readonly message?: DiscordSnapshot }[];
  readonly nonce?: string | number;
  readonly flags?: number;
}

/** Of `MESSAGE_DELETE` and `MESSAGE_DELETE_BULK`. */
export interface DiscordDeletion {
  readonly id?: string;
  readonly ids?: readonly string[];
  readonly channel_id?: string;
}

export interface DiscordChannel {
  readonly id?: string;
  readonly type?: number;
  readonly guild_id?: string;
  readonly parent_id?: string | null;
  readonly owner_id?: string;
  readonly name?: string | null;
}

/** Of `GUILD_DELETE`: an outage when it is `unavailable`, else the bot was taken out. */
export interface DiscordGuild {
  readonly id?: string;
  readonly unavailable?: boolean;
}

/** As `GUILD_CREATE` tells of it. */
export interface ServerChannel extends DiscordChannel {
  readonly id: string;
  readonly last_message_id?: string | null;
}

/** Pure: the channels and open threads that a server tells of; nothing of what has not that shape. */
export function channelsOf(guild: unknown): readonly ServerChannel[] {
  const { channels, threads } = (guild ?? {}) as Readonly<Record<string, unknown>>;
  return [channels, threads].flatMap((list: unknown) =>
    (Array.isArray(list) ? list : []).filter(
      (one: unknown): one is ServerChannel =>
        typeof one === 'object' && one !== null && 'id' in one && typeof one.id === 'string',
    ),
  );
}

export interface CommandOptionValue {
  readonly name?: string;
  readonly type?: number;
  readonly value?: string | number | boolean;
}

/** An input of a dialog: in a label (as we send it) or in a row. */
export interface DialogComponent {
  readonly type?: number;
  readonly custom_id?: string;
  readonly value?: string;
  readonly component?: DialogComponent;
  readonly components?: readonly DialogComponent[];
}

export interface DiscordInteraction {
  readonly id?: string;
  readonly application_id?: string;
  readonly type?: number;
  readonly token?: string;
  readonly guild_id?: string;
  readonly channel_id?: string;
  readonly channel?: DiscordChannel;
  readonly member?: DiscordMember;
  readonly user?: DiscordUser;
  readonly message?: DiscordMessage;
  /** Who installed what is used: `0` the server, `1` the person. */
  readonly authorizing_integration_owners?: Readonly<Record<string, string>>;
  readonly data?: {
    readonly name?: string;
    readonly type?: number;
    readonly options?: readonly CommandOptionValue[];
    readonly resolved?: { readonly attachments?: Readonly<Record<string, DiscordAttachment>> };
    readonly custom_id?: string;
    readonly values?: readonly string[];
    readonly components?: readonly DialogComponent[];
  };
}

/** What is read of what Slack sends; everything may be missing, and much more comes along. */
export interface SlackFile {
  readonly id?: string;
  readonly name?: string | null;
  readonly title?: string | null;
  readonly mimetype?: string;
  readonly size?: number;
  readonly mode?: string;
}

export interface SlackMessage {
  readonly type?: string;
  readonly subtype?: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly user_profile?: { readonly display_name?: string; readonly real_name?: string };
  readonly text?: string;
  readonly ts?: string;
  readonly thread_ts?: string;
  /** Who wrote the first message of its thread. */
  readonly parent_user_id?: string;
  readonly files?: readonly SlackFile[];
}

export interface SlackEvent extends SlackMessage {
  readonly event_ts?: string;
  readonly channel?: string;
  readonly channel_type?: string;
  /** Of `message_changed` and `message_deleted`. */
  readonly message?: SlackMessage;
  readonly previous_message?: SlackMessage;
  readonly deleted_ts?: string;
  readonly assistant_thread?: {
    readonly user_id?: string;
    readonly channel_id?: string;
    readonly thread_ts?: string;
  };
  /** Of `app_home_opened`. */
  readonly tab?: string;
  /** Of `tokens_revoked`. */
  readonly tokens?: { readonly bot?: readonly string[] };
  /** Of `channel_id_changed`. */
  readonly old_channel_id?: string;
  readonly new_channel_id?: string;
}

/** The body of an HTTP request, or the payload of a Socket Mode envelope. */
export interface SlackBody {
  readonly type?: string;
  /** The workspace that it was sent for, and those that the app hears it in. */
  readonly team_id?: string;
  readonly authorizations?: readonly ({
    readonly team_id?: string;
    readonly [more: string]: unknown;
  } | null)[];
  readonly event_id?: string;
  readonly event?: SlackEvent;
}

interface SlackUser {
  readonly id: string;
  readonly name?: string;
  readonly username?: string;
}

interface SlackAction {
  readonly type?: string;
  readonly block_id?: string;
  readonly action_id?: string;
  readonly action_ts?: string;
  readonly value?: string;
  readonly selected_option?: { readonly value?: string } | null;
}

/** A press, a choice, a submitted dialog or a shortcut. */
export interface SlackInteraction {
  readonly type?: string;
  /** Of the person. */
  readonly team?: { readonly id?: string } | null;
  readonly user?: SlackUser;
  readonly trigger_id?: string;
  readonly channel?: { readonly id?: string };
  readonly container?: { readonly channel_id?: string };
  readonly message?: SlackMessage;
  readonly action_ts?: string;
  readonly actions?: readonly SlackAction[];
  readonly view?: {
    readonly id?: string;
    readonly app_installed_team_id?: string;
    readonly callback_id?: string;
    readonly private_metadata?: string;
    readonly state?: {
      readonly values?: Readonly<
        Record<string, Readonly<Record<string, { readonly value?: string | null }>>>
      >;
    };
  };
}

export interface SlackCommand {
  readonly command: string;
  readonly text?: string;
  readonly trigger_id?: string;
  readonly user_id?: string;
  readonly user_name?: string;
  readonly channel_id?: string;
}

import type { Repair } from '../../contracts/delivery.ts';

/** What an error of Slack says of what was to be shown. */
export type OutcomeRow =
  /** The token does not hold: nothing of the workspace leaves. */
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'rate_limited' }
  /** Certainly not done; later it may be. */
  | { readonly kind: 'unavailable' }
  /** Some part of it may have been done. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'rejected';
      readonly reason: 'blocked' | 'gone' | 'forbidden' | 'invalid';
      readonly repair?: Repair;
    };

const rejected = (
  reason: 'blocked' | 'gone' | 'forbidden' | 'invalid',
  repair?: Repair,
): OutcomeRow => ({ kind: 'rejected', reason, ...(repair === undefined ? {} : { repair }) });

const forbidden = rejected('forbidden');
const gone = rejected('gone');
const invalid = rejected('invalid');
const unauthorized: OutcomeRow = { kind: 'unauthorized' };
const unavailable: OutcomeRow = { kind: 'unavailable' };
const unknown: OutcomeRow = { kind: 'unknown' };

/** The errors that Slack's reference names, by what they say. */
const rows: Readonly<Record<string, OutcomeRow>> = {
  not_authed: unauthorized,
  invalid_auth: unauthorized,
  account_inactive: unauthorized,
  token_revoked: unauthorized,
  token_expired: unauthorized,
  not_allowed_token_type: unauthorized,
  org_login_required: unauthorized,
  two_factor_setup_required: unauthorized,
  team_access_not_granted: unauthorized,

  ratelimited: { kind: 'rate_limited' },
  rate_limited: { kind: 'rate_limited' },
  message_limit_exceeded: { kind: 'rate_limited' },

  service_unavailable: unavailable,
  team_added_to_org: unavailable,
  external_channel_migrating: unavailable,
  accesslimited: unavailable,
  // The request came in truncated.
  request_timeout: unavailable,

  // "It's possible some aspect of the operation succeeded before the error was raised."
  fatal_error: unknown,
  internal_error: unknown,
  update_failed: unknown,

  channel_not_found: gone,
  is_archived: gone,
  is_inactive: gone,
  team_not_found: gone,
  user_not_found: gone,
  user_disabled: gone,
  // On a public channel the bot joins once before this is believed.
  not_in_channel: forbidden,
  restricted_action: forbidden,
  restricted_action_read_only_channel: forbidden,
  restricted_action_thread_only_channel: forbidden,
  restricted_action_non_threadable_channel: rejected('forbidden', 'drop_anchor'),
  ekm_access_denied: forbidden,
  no_permission: forbidden,
  missing_scope: forbidden,
  access_denied: forbidden,
  enterprise_is_restricted: forbidden,
  cannot_dm_bot: rejected('blocked'),
  messages_tab_disabled: rejected('blocked'),
  user_not_visible: rejected('blocked'),
  user_not_in_channel: rejected('blocked'),
  as_user_not_supported: forbidden,
  // What joining a channel is refused with.
  method_not_supported_for_channel_type: forbidden,
  too_many_members: forbidden,
  channel_is_limited_access: forbidden,
  slack_connect_file_link_sharing_blocked: rejected('forbidden', 'plain'),
  slack_connect_canvas_sharing_blocked: rejected('forbidden', 'plain'),
  file_uploads_disabled: rejected('forbidden', 'plain'),
  file_uploads_except_images_disabled: rejected('forbidden', 'plain'),
  storage_limit_reached: rejected('forbidden', 'plain'),

  msg_too_long: rejected('invalid', 'split'),
  msg_blocks_too_long: rejected('invalid', 'split'),
  too_many_attachments: rejected('invalid', 'plain'),
  invalid_blocks: rejected('invalid', 'plain'),
  invalid_blocks_format: rejected('invalid', 'plain'),
  invalid_attachments: rejected('invalid', 'plain'),
  block_mismatch: rejected('invalid', 'plain'),
  no_text: rejected('invalid', 'plain'),
  file_not_found: rejected('invalid', 'plain'),
  // Without its key a message could not be found again: it is never sent without.
  metadata_too_large: invalid,
  invalid_metadata_format: invalid,
  invalid_metadata_schema: invalid,
  metadata_must_be_sent_from_app: invalid,
  invalid_arguments: invalid,

  thread_not_found: rejected('gone', 'drop_anchor'),
  invalid_thread_ts: rejected('gone', 'drop_anchor'),
  cannot_reply_to_message: rejected('gone', 'drop_anchor'),
};

/** What an edit is refused with, where the same error says something else of a new message, or nothing. */
const edits: Readonly<Record<string, OutcomeRow>> = {
  message_not_found: rejected('gone', 'repost'),
  cant_update_message: rejected('gone', 'repost'),
  edit_window_closed: rejected('gone', 'repost'),
  // Its stream could not be ended.
  streaming_state_conflict: rejected('gone', 'repost'),
  message_not_owned_by_app: rejected('gone', 'repost'),
};

/** What Slack adds to its list has a name like those of it that are there. */
const families: readonly (readonly [RegExp, OutcomeRow])[] = [
  [
    /^(?:restricted_action|slack_connect|enterprise|access)_|_(?:blocked|disabled|denied|restricted)$/,
    forbidden,
  ],
  [/_(?:not_found|archived|deleted)$/, gone],
  [
    /^(?:invalid|missing|too_many|no|not|cannot|cant)_|_(?:too_long|too_large|not_supported|not_allowed)$/,
    invalid,
  ],
];

/**
 * Pure: what an error says. One that nothing is known of is `unknown`: Slack answers errors that stand in no list when
 * something of its own is down, so it is neither believed for good nor taken for a proof that nothing was done.
 */
export function outcomeRow(error: string, isEdit: boolean): OutcomeRow {
  const known = (isEdit ? edits[error] : undefined) ?? rows[error];
  if (known !== undefined) return known;
  if (error === 'message_not_found') return rejected('gone', 'drop_anchor');
  return families.find(([like]) => like.test(error))?.[1] ?? unknown;
}

/** Pure: whether Slack's reference names it, so that its row is known and not guessed. */
export const isListed = (error: string): boolean => rows[error] !== undefined;

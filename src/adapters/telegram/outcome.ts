import type { DeliveryOutcomeInput, Handle, Repair } from '../../contracts/delivery.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import type { Weight } from '../shared/weight.ts';
import type { Failure } from './failure.ts';

/** A refusal by 403 was seen to pass by itself within minutes: it is believed when it is given again after an hour. */
const confirmAfterMs = 3_600_000;
/** A 429 that does not say how long. */
const retryAfterDefaultMs = 5_000;
const retryAfterMaxMs = 86_400_000;

export interface OutcomeContext {
  readonly atMs: number;
  readonly channel: ChannelRef;
  /** The message that was to be edited. */
  readonly live?: Handle | undefined;
  /** More parts follow this one. */
  readonly more: boolean;
}

/** Pure: Telegram answered with a message. Anything else than one with an id proves nothing. */
export function answerOutcome(answer: unknown, context: OutcomeContext): DeliveryOutcomeInput {
  const { atMs, live } = context;
  const id = (answer as { message_id?: unknown } | null)?.message_id;
  if (live !== undefined) return shown(live, context);
  if (typeof id === 'number') return shown(String(id), context);
  return { kind: 'unknown', atMs, phase: 'answered', cause: 'an answer without a message_id' };
}

function shown(handle: Handle, { atMs, live, more }: OutcomeContext): DeliveryOutcomeInput {
  return {
    kind: more ? 'partly_surfaced' : 'surfaced',
    atMs,
    handle,
    evidence: 'accepted',
    surface: live === undefined ? 'durable' : 'edited',
  };
}

/** Pure: nothing was sent, since it does not run. */
export function notRunning(atMs: number): DeliveryOutcomeInput {
  const cause = 'telegram is not running';
  return { kind: 'deferred', atMs, reason: 'not_connected', scope: 'account', cause };
}

/** Pure: nothing was sent, since its time was over before. */
export function tooLate(atMs: number): DeliveryOutcomeInput {
  const cause = 'aborted before it was sent';
  return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'part', cause };
}

/**
 * Pure: held back here, so that a group's limit is not met. What only shows work waits by itself: an answer behind it
 * has room.
 */
export function heldBack(
  atMs: number,
  held: { readonly retryAfterMs: number; readonly weight: Weight },
): DeliveryOutcomeInput {
  const { retryAfterMs, weight } = held;
  const scope = weight === 'work' ? 'part' : 'channel';
  const cause = 'the limit of messages of this group';
  return { kind: 'deferred', atMs, reason: 'rate_limited', scope, retryAfterMs, cause };
}

/** Pure: the edit was done, but one before it may still come and overwrite it: it must be done again. */
export function unsettledEdit(atMs: number): DeliveryOutcomeInput {
  const cause = 'an edit of streamed text before it has no known outcome';
  return { kind: 'unknown', atMs, phase: 'answered', cause };
}

/** Pure: what a failed call says of what was to be shown. */
export function failureOutcome(failure: Failure, context: OutcomeContext): DeliveryOutcomeInput {
  const { status, words, phase } = failure;
  const { atMs } = context;
  const cause = status === undefined ? words : `${status} ${words}`;
  if (status === undefined) {
    if (phase === 'not_connected') return { kind: 'deferred', atMs, reason: phase, cause };
    return { kind: 'unknown', atMs, phase, cause };
  }
  if (failure.migrateTo !== undefined) {
    const { adapter, account } = context.channel;
    return {
      kind: 'redirected',
      atMs,
      to: { adapter, account, conversation: failure.migrateTo },
      cause,
    };
  }
  const account = { kind: 'deferred', atMs, scope: 'account', cause } as const;
  // 404 is a path that the server does not know: what never was a token, or an apiRoot that is no Bot API.
  if (status === 401 || status === 404) return { ...account, reason: 'unauthorized' };
  if (status === 429 || status === 420)
    return { ...account, reason: 'rate_limited', retryAfterMs: retryAfterOf(failure) };
  if (status === 403)
    return { kind: 'rejected', atMs, reason: 'blocked', code: '403', confirmAfterMs, cause };
  if (status === 409) return { kind: 'deferred', atMs, reason: 'unavailable', cause };
  if (status >= 500) return { kind: 'unknown', atMs, phase: 'answered', cause };
  return refusalOutcome({ status, words }, context, cause);
}

/** Pure: how long the platform wants nothing. */
export function retryAfterOf({ retryAfterMs = retryAfterDefaultMs }: Failure): number {
  return Math.min(Math.max(retryAfterMs, 1_000), retryAfterMaxMs);
}

interface Refusal {
  /** What the Bot API says, behind `Bad Request: `. It has no finer codes. */
  readonly says: RegExp;
  /** Stands in the code of the outcome. */
  readonly name: string;
  readonly reason: 'gone' | 'forbidden' | 'invalid';
  readonly repair?: Repair;
}

const gone =
  /chat not found|user not found|group chat was deactivated|group is deactivated|chat was deleted|PEER_ID_INVALID|CHAT_ID_INVALID|chat_id is empty|CHANNEL_INVALID/i;
const forbidden =
  /not enough rights|have no rights|need administrator rights|CHAT_(WRITE|SEND_\w+)_FORBIDDEN|CHAT_ADMIN_REQUIRED|CHAT_RESTRICTED|CHANNEL_PRIVATE|USER_IS_BLOCKED|USER_BANNED_IN_CHANNEL|not a member/i;
const noFile =
  /wrong file identifier|wrong remote file|HTTP URL|web ?page content|WEBPAGE_(CURL_FAILED|MEDIA_EMPTY)|wrong type of the|file is too big|FILE_PARTS?_INVALID|file must be non-empty/i;

/** The first row that fits decides; what no row knows is `invalid`. */
const refusals: readonly Refusal[] = [
  {
    says: /can't parse entit|entit\w+ (is|are) invalid|entities out of bounds|ENTITY_|ENTITIES_/i,
    name: 'entities',
    reason: 'invalid',
    repair: 'plain',
  },
  {
    says: /message is too long|caption is too long|MESSAGE_TOO_LONG|CAPTION_TOO_LONG/i,
    name: 'too_long',
    reason: 'invalid',
    repair: 'split',
  },
  {
    says: /repl(y|ied) message not found|message to be replied not found|REPLY_MESSAGE_ID_INVALID/i,
    name: 'anchor_gone',
    reason: 'gone',
    repair: 'drop_anchor',
  },
  {
    says: /message thread not found|TOPIC_(DELETED|CLOSED|ID_INVALID)/i,
    name: 'topic_gone',
    reason: 'gone',
    repair: 'drop_anchor',
  },
  {
    says: /message to edit not found|message can't be edited|MESSAGE_ID_INVALID|message identifier is not specified|no text in the message to edit|MESSAGE_EDIT_TIME_EXPIRED|MESSAGE_AUTHOR_REQUIRED/i,
    name: 'edit_gone',
    reason: 'gone',
    repair: 'repost',
  },
  { says: gone, name: 'chat_gone', reason: 'gone' },
  { says: forbidden, name: 'no_rights', reason: 'forbidden' },
  { says: noFile, name: 'file', reason: 'invalid', repair: 'plain' },
  { says: /BUTTON_|REPLY_MARKUP_|reply markup/i, name: 'buttons', reason: 'invalid' },
  {
    says: /text is empty|text must be non-empty|MESSAGE_EMPTY/i,
    name: 'empty',
    reason: 'invalid',
    repair: 'plain',
  },
];

function refusalOutcome(
  { status, words }: { readonly status: number; readonly words: string },
  context: OutcomeContext,
  cause: string,
): DeliveryOutcomeInput {
  // It stands there already: that is proof.
  if (context.live !== undefined && /message is not modified|MESSAGE_NOT_MODIFIED/i.test(words))
    return shown(context.live, context);
  const row = refusals.find(({ says }) => says.test(words));
  return {
    kind: 'rejected',
    atMs: context.atMs,
    reason: row?.reason ?? 'invalid',
    code: row === undefined ? String(status) : `${status} ${row.name}`,
    ...(row?.repair === undefined ? {} : { repair: row.repair }),
    cause,
  };
}

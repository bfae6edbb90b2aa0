import type { Repair } from '../../contracts/delivery.ts';

/** What an error of Discord says of what was to be shown. */
export type OutcomeRow =
  /** The token does not hold: nothing of the bot leaves. */
  | { readonly kind: 'unauthorized' }
  /** Certainly not done; later it may be. */
  | { readonly kind: 'rate_limited' | 'unavailable'; readonly scope: 'channel' | 'account' }
  /** The token of an interaction: over, or used up. What is left to say goes another way. */
  | { readonly kind: 'token' }
  /** Was done before. */
  | { readonly kind: 'done' }
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
const blocked = rejected('blocked');
const unauthorized: OutcomeRow = { kind: 'unauthorized' };
const token: OutcomeRow = { kind: 'token' };
const limited = (scope: 'channel' | 'account'): OutcomeRow => ({ kind: 'rate_limited', scope });
const later = (scope: 'channel' | 'account'): OutcomeRow => ({ kind: 'unavailable', scope });

/** The numbers that Discord's reference names, by what they say. */
const rows: Readonly<Record<number, OutcomeRow>> = {
  // Unknown channel, server, member, user; of a user nobody writes to.
  10003: gone,
  10004: gone,
  10007: gone,
  10013: gone,
  // Unknown message: what is replied to, or what had this nonce and was deleted.
  10008: rejected('gone', 'repost'),
  10015: token,
  10062: token,
  50027: token,
  // Five messages of an app that people installed for themselves.
  40094: token,
  // Acknowledged before.
  40060: { kind: 'done' },

  40001: unauthorized,
  40002: unauthorized,
  50014: unauthorized,
  50025: unauthorized,
  50178: unauthorized,

  20016: limited('channel'),
  20022: limited('channel'),
  20028: limited('channel'),
  20029: limited('channel'),
  40003: limited('account'),
  40062: limited('channel'),
  130000: later('account'),
  40004: later('account'),
  40006: later('account'),
  40333: later('account'),

  20009: blocked,
  40007: blocked,
  50007: blocked,
  50033: blocked,
  50278: blocked,
  // Discord's own moderation, and that of the server.
  200000: blocked,
  200001: blocked,

  40058: forbidden,
  50001: forbidden,
  50008: forbidden,
  50009: forbidden,
  50013: forbidden,
  50024: forbidden,
  160005: forbidden,
  20031: rejected('invalid'),

  // A thread that was put away and that nothing new opens.
  50083: forbidden,
  160002: rejected('forbidden', 'drop_anchor'),

  30015: rejected('invalid', 'plain'),
  40005: rejected('invalid', 'split'),
  50006: invalid,
  50035: rejected('invalid', 'split'),
  50045: rejected('invalid', 'split'),
  50046: rejected('invalid', 'plain'),
  50068: invalid,
  50109: invalid,
  50110: rejected('invalid', 'plain'),
  50123: rejected('invalid', 'plain'),
  50146: rejected('invalid', 'plain'),
};

/** What an edit is refused with, where the same number says something else of a new message, or nothing. */
const edits: Readonly<Record<number, OutcomeRow>> = {
  10008: rejected('gone', 'repost'),
  // Not ours; of a kind that stays as it is; one of too many edits of an old one.
  50005: rejected('gone', 'repost'),
  50021: rejected('gone', 'repost'),
  30046: rejected('gone', 'repost'),
  // In a thread that was put away; a new message opens it again.
  50083: rejected('gone', 'repost'),
};

/** A status says this much where the number says nothing. */
const statuses: Readonly<Record<number, OutcomeRow>> = {
  401: unauthorized,
  403: forbidden,
  404: gone,
  429: limited('channel'),
};

/** Pure: what a number says, and the status where the number is in no list. */
export function outcomeRow(
  { code, status }: { readonly code: number; readonly status?: number | undefined },
  isEdit: boolean,
): OutcomeRow {
  return (isEdit ? edits[code] : undefined) ?? rows[code] ?? statuses[status ?? 0] ?? invalid;
}

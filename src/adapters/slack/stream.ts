import type { Transient } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import { neutralMarkdown } from './render-escape.ts';

/** Slack ends a stream after about five minutes, whatever is appended; before that it goes on in a new message. */
export const openMs = 4 * 60_000;
/** Characters of one message. */
export const messageMax = 10_000;
/** Characters of one call: Slack takes 12,000, and neutral text is up to four times as long. */
const pieceMax = 2_900;

/** The least of a call, also where a message is nearly full: more than is held back. */
const pieceMin = 20;
/** What may become a mention by what comes next: Slack reads it where it was put together. */
const openMention = /@\w{0,8}$/;

/** A channel that text can be streamed in. */
export type ThreadRef = ChannelRef & { readonly thread: string };

/** The message that is appended to. */
export interface Current {
  readonly ts: string;
  /** As they were sent. */
  chars: number;
  /** Its time or its place is over: it is stopped, and what follows stands in a new one. */
  isOver: boolean;
}

/** The text of one Task as it grows. */
export interface Stream {
  readonly taskId: Transient['taskId'];
  readonly channel: ThreadRef;
  readonly firstAtMs: number;
  readonly ended: AbortController;
  seq: number;
  /** All of it. */
  text: string;
  /** What of it stands in messages. */
  shown: string;
  current: Current | undefined;
  /** Its first message, or the placeholder above it, was shown. */
  mayBegin: boolean;
  lastCallMs: number;
  failures: number;
  begun: number;
  /** Nothing more is shown before the end. */
  isMute: boolean;
  /** A message was begun with this and no answer was read: it is looked for. */
  lostPiece: string | undefined;
  held: boolean;
  flowing: boolean;
  inFlight: Promise<void> | undefined;
}

export function newStream(transient: Transient, nowMs: number): Stream | undefined {
  const { taskId, channel } = transient;
  if (channel.thread === undefined) return undefined;
  return {
    taskId,
    channel: { ...channel, thread: channel.thread },
    firstAtMs: nowMs,
    ended: new AbortController(),
    seq: 0,
    text: '',
    shown: '',
    current: undefined,
    mayBegin: false,
    lastCallMs: Number.NEGATIVE_INFINITY,
    failures: 0,
    begun: 0,
    isMute: false,
    lostPiece: undefined,
    held: false,
    flowing: false,
    inFlight: undefined,
  };
}

/**
 * Pure: what is appended next; empty when there is nothing, or when the newest text does not go on where the shown one
 * ends. Half a character waits for its other half, and what may become a mention for its end.
 */
export function nextPiece({ text, shown, current }: Stream): string {
  if (!text.startsWith(shown)) return '';
  const room = Math.min(pieceMax, messageMax - (current?.chars ?? 0));
  const piece = text
    .slice(shown.length, shown.length + Math.max(room, pieceMin))
    .replace(/[\ud800-\udbff]$/, '')
    .replace(openMention, '');
  // A message cannot begin with nothing to see.
  return current === undefined && piece.trim() === '' ? '' : piece;
}

/** Pure: a piece as Slack reads markdown, mentioning nobody. */
export const pieceText = (piece: string): string => neutralMarkdown(piece);

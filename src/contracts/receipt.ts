import { z } from 'zod';
import {
  Button,
  DeliveryFile,
  DeliveryKind,
  DeliveryMark,
  DeliveryOutcome,
  Evidence,
  Handle,
  Part,
  Repair,
} from './delivery.ts';
import { AskId, ChannelKey, InboundId, IncidentId, OwnerId, ReceiptId, TaskId } from './id.ts';
import { TaskEnd } from './task.ts';

export const ReceiptState = z.enum([
  'pending',
  'claimed',
  'unknown',
  'surfaced',
  'superseded',
  'dead',
]);
export type ReceiptState = z.infer<typeof ReceiptState>;

/** `surfaced` is reached from everywhere by evidence; `dead → pending` is an operator's redrive. */
export const receiptMoves: Readonly<Record<ReceiptState, readonly ReceiptState[]>> = {
  pending: ['claimed', 'superseded', 'dead', 'surfaced'],
  claimed: ['surfaced', 'pending', 'unknown', 'superseded', 'dead'],
  unknown: ['surfaced', 'pending', 'superseded', 'dead'],
  surfaced: [],
  superseded: ['surfaced'],
  dead: ['pending', 'surfaced'],
};

/** What a Receipt is about. With kind and revision it is the key: a second producer of the same is a no-op. */
export const Subject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('task'), id: TaskId }),
  z.strictObject({ kind: z.literal('inbound'), id: InboundId }),
  z.strictObject({ kind: z.literal('incident'), id: IncidentId }),
]);
export type Subject = z.infer<typeof Subject>;

const at = z.int().nonnegative();

/** A stored part: what is sent, and what is known of it. */
export const ReceiptPart = z.strictObject({
  ...Part.shape,
  /** Set when the part is shown. */
  handle: Handle.optional(),
  evidence: Evidence.optional(),
  shownAtMs: at.optional(),
});
export type ReceiptPart = z.infer<typeof ReceiptPart>;

/** What is to be shown, as composed; channel, handle and marks are looked up at the claim. */
export const ReceiptContent = z.strictObject({
  text: z.string(),
  buttons: z.array(Button),
  files: z.array(DeliveryFile),
  /** Names the Task (title and short id): put before the text where it does not stand directly under its question. */
  label: z.string().optional(),
  /** Put the label before the text in any case. */
  labelled: z.boolean(),
  anchor: z.string().optional(),
  /** What is answered, where that is no message to be anchored to: a press. */
  answers: z.string().optional(),
  notify: z.boolean(),
  position: z.int().positive().optional(),
  /** A progress: it says how long the work has taken, made anew at the claim. */
  heartbeat: z.boolean().optional(),
  askId: AskId.optional(),
  freeText: z.boolean().optional(),
  untilMs: at.optional(),
  end: TaskEnd.optional(),
  /** The identity of the live message that it makes or edits; set at the claim. */
  liveId: ReceiptId.optional(),
  /** An amend: which message. */
  target: Handle.optional(),
});
export type ReceiptContent = z.infer<typeof ReceiptContent>;

/**
 * Where a Receipt stands in its Channel: `unripe` waits for its time and has no number yet, `line`
 * leaves in order of `seq`, `parked` was passed by others and has a due time of its own; absent once settled.
 */
export const ReceiptPlace = z.enum(['unripe', 'line', 'parked']);
export type ReceiptPlace = z.infer<typeof ReceiptPlace>;

/** The durable record of one Delivery: opened before sending, settled by an outcome or by evidence. */
export const Receipt = z.strictObject({
  id: ReceiptId,
  subject: Subject,
  kind: DeliveryKind,
  revision: z.int().nonnegative(),
  task: TaskId.optional(),
  channel: ChannelKey,
  /** Its number among the Channel's Inbounds and Receipts; 0 while unripe. */
  seq: z.int().nonnegative(),
  /** Where it was opened, and its number there: they stay when it takes another route. */
  originChannel: ChannelKey,
  originSeq: z.int().nonnegative(),
  state: ReceiptState,
  place: ReceiptPlace.optional(),
  content: ReceiptContent,
  /** Cut at the first claim on a route; empty before. */
  parts: z.array(ReceiptPart),
  marks: z.array(DeliveryMark),
  /** 0 is the origin; n the n-th configured route. */
  route: z.int().nonnegative(),
  /** Claims so far on this route and all before: numbers the Attempts. */
  attempts: z.int().nonnegative(),
  /** Attempts that count towards the backoff. */
  tries: z.int().nonnegative(),
  /** Attempts in a row that ended with our own death; three make it dead. */
  deaths: z.int().nonnegative(),
  /** Repairs made: each is tried once. */
  repairs: z.array(Repair),
  openedAtMs: at,
  /** `unripe`, `parked`: when it is next due. */
  dueAtMs: at.optional(),
  /** Since when it is the unsettled head; time under rate limit, pause or without audience is taken out. */
  headSinceMs: at.optional(),
  expiresAtMs: at,
  /** Answered `no_audience`: no due time, no attempt spent, until somebody comes. */
  unseen: z.boolean(),
  /** Its last attempt's outcome is `surfaced` with evidence too weak: until when it waits for more. */
  evidenceDueAtMs: at.optional(),
  /** The message it shows is the Task's live message (edited or made by it). */
  live: z.boolean(),
  /** The terminal edit was made once after an edit of unknown outcome; its second answer settles. */
  editedOnce: z.boolean(),
  /** The platform's key of the last send of unknown outcome and how long it is known there. */
  keyValidUntilMs: at.optional(),
  settledAtMs: at.optional(),
  /** Why it is dead or superseded. */
  reason: z.string().max(2_000).optional(),
});
export type Receipt = z.infer<typeof Receipt>;

/** One claim of a Receipt. A row without an outcome after a crash is what `unknown` means. */
export const Attempt = z.strictObject({
  receipt: ReceiptId,
  n: z.int().positive(),
  act: z.enum(['send', 'edit', 'reconcile']),
  channel: ChannelKey,
  route: z.int().nonnegative(),
  /** From 1. */
  part: z.int().positive(),
  owner: OwnerId,
  fence: z.int().nonnegative(),
  startedAtMs: at,
  finishedAtMs: at.optional(),
  outcome: DeliveryOutcome.optional(),
});
export type Attempt = z.infer<typeof Attempt>;

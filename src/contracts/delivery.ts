import { z } from 'zod';
import { AskId, ChannelRef, ReceiptId, TaskId } from './id.ts';
import { TaskEnd } from './task.ts';

/** The platform's identity of a shown message, opaque to all but its adapter; stored, so that it can be edited after a restart. */
export const Handle = z.string().min(1).max(1_000);
export type Handle = z.infer<typeof Handle>;

export const Button = z.strictObject({
  /** Opaque, at most 64 bytes (Telegram's callback data); comes back in a press. */
  id: z.string().min(1).max(64),
  label: z.string().min(1).max(80),
  style: z.enum(['plain', 'primary', 'danger']).default('plain'),
});
export type Button = z.infer<typeof Button>;

/** Why a text does not read like a plain answer; said in its first line. */
export const DeliveryMark = z.enum(['late', 'may_repeat', 'rerouted']);
export type DeliveryMark = z.infer<typeof DeliveryMark>;

export const DeliveryFile = z.strictObject({
  name: z.string().min(1).max(200),
  mimeType: z.string().min(1).max(200),
  url: z.string().max(4_000).optional(),
  text: z.string().max(1_000_000).optional(),
});
export type DeliveryFile = z.infer<typeof DeliveryFile>;

const common = {
  receiptId: ReceiptId,
  channel: ChannelRef,
  taskId: TaskId.optional(),
  /** CommonMark, untrusted: adapters render it for their platform, with mentions neutral. */
  text: z.string(),
  buttons: z.array(Button).max(25),
  files: z.array(DeliveryFile).max(10),
  /** The platform's id of the message that this answers, where the text should be anchored to it. */
  anchor: z.string().max(200).optional(),
  /** The platform's id of what came in and is answered by this: as `anchor`, but also of a press, and never dropped. */
  answers: z.string().max(200).optional(),
  /** Whether a new message should make a sound. Progress and amends never do. */
  notify: z.boolean(),
  /** The identity of the Task's live message when this Delivery shows or edits it. */
  liveId: ReceiptId.optional(),
};

/** One thing to be shown in one Channel. */
export const Delivery = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ack'), ...common, position: z.int().positive().optional() }),
  z.strictObject({ kind: z.literal('progress'), ...common }),
  z.strictObject({
    kind: z.literal('question'),
    ...common,
    /** Pressed with `text` it is an answer in words: that of a dialog. */
    askId: AskId,
    /** The next plain message of a person who may answer is the answer. */
    freeText: z.boolean(),
    /** May be answered until then. */
    untilMs: z.int().nonnegative(),
  }),
  z.strictObject({ kind: z.literal('terminal'), ...common, end: TaskEnd }),
  z.strictObject({ kind: z.literal('notice'), ...common }),
  /** Edits `target`: takes buttons and "working" off it. */
  z.strictObject({ kind: z.literal('amend'), ...common, target: Handle }),
]);
export type Delivery = z.infer<typeof Delivery>;
export const DeliveryKind = z.enum(['ack', 'progress', 'question', 'terminal', 'notice', 'amend']);
export type DeliveryKind = z.infer<typeof DeliveryKind>;

/** One message of the platform: what `Adapter.cut` makes of a Delivery. */
export const Part = z.strictObject({
  /** As it is sent: CommonMark still, within the platform's length. */
  text: z.string(),
  /** What of the Delivery's text it stands for, when that is not `text` itself (fences closed and reopened, numbers added). */
  source: z.string().optional(),
  files: z.array(DeliveryFile).max(10).optional(),
});
export type Part = z.infer<typeof Part>;

export const Evidence = z.enum(['accepted', 'observed', 'rendered', 'answered']);
/** How it is known that something was shown, weakest first. */
export type Evidence = z.infer<typeof Evidence>;
export const Surface = z.enum(['durable', 'edited', 'transient']);
/** What it was shown on: a message of its own, an edit of one, or something that passes. */
export type Surface = z.infer<typeof Surface>;
export const Repair = z.enum(['split', 'plain', 'drop_anchor', 'repost']);
/** What an adapter suggests against a `rejected`; each is tried once. */
export type Repair = z.infer<typeof Repair>;
export const Phase = z.enum(['not_connected', 'connected', 'written', 'answered']);
/** How far a request got. */
export type Phase = z.infer<typeof Phase>;

const cause = z.string().max(2_000);
const answered = { atMs: z.int().nonnegative() };
const duration = z.int().nonnegative().max(86_400_000);

/** What an adapter answers to a Delivery. Closed: a switch that misses a member does not compile. */
export const DeliveryOutcome = z.discriminatedUnion('kind', [
  /** Shown. The handle is the proof: success without one is a broken contract. */
  z.strictObject({
    kind: z.literal('surfaced'),
    ...answered,
    handle: Handle,
    evidence: Evidence,
    surface: Surface,
    /**
     * This alone is not enough, whatever the evidence: it waits for `AdapterHost.evidence`, and is reconciled after
     * `evidenceMs`. For what one person alone could see, and only for the moment.
     */
    provisional: z.literal(true).optional(),
  }),
  /** The part of this attempt is shown and more parts follow. */
  z.strictObject({
    kind: z.literal('partly_surfaced'),
    ...answered,
    handle: Handle,
    evidence: Evidence,
    surface: Surface,
  }),
  /** The platform took it, or would have, but nobody can see it. */
  z.strictObject({
    kind: z.literal('not_surfaced'),
    ...answered,
    reason: z.enum(['no_audience', 'unsupported', 'suppressed']),
    cause,
  }),
  /** Certainly not sent. */
  z.strictObject({
    kind: z.literal('deferred'),
    ...answered,
    reason: z.enum(['rate_limited', 'not_connected', 'unauthorized', 'unavailable']),
    scope: z.enum(['part', 'channel', 'account']).default('channel'),
    retryAfterMs: duration.optional(),
    cause,
  }),
  /** The conversation moved. */
  z.strictObject({ kind: z.literal('redirected'), ...answered, to: ChannelRef, cause }),
  /** Permanent for this address. */
  z.strictObject({
    kind: z.literal('rejected'),
    ...answered,
    reason: z.enum(['blocked', 'gone', 'forbidden', 'invalid']),
    code: z.string().max(200),
    repair: Repair.optional(),
    confirmAfterMs: duration.optional(),
    cause,
  }),
  /** The request left and no answer came: it may have been shown. */
  z.strictObject({
    kind: z.literal('unknown'),
    ...answered,
    phase: Phase,
    key: z.string().max(200).optional(),
    /** Until when the platform knows `key` again. */
    keyValidUntilMs: z.int().nonnegative().optional(),
    cause,
  }),
]);
export type DeliveryOutcome = z.infer<typeof DeliveryOutcome>;
/** As an adapter may write it: defaults left out. */
export type DeliveryOutcomeInput = z.input<typeof DeliveryOutcome>;

import { z } from 'zod';
import { DeliveryKind, DeliveryMark, Evidence, Surface } from './delivery.ts';
import { ChannelKey, SessionId, TaskId } from './id.ts';
import { TaskEnd } from './task.ts';

const text = z.string().max(2_000);
const receipt = { receiptId: z.string(), kind: DeliveryKind };
const clock = z.enum(['ack', 'progress', 'queue', 'terminal', 'idle', 'grace', 'answer', 'expire']);
export type Clock = z.infer<typeof clock>;

/** Everything observable, one schema per event: `relay.on(name, …)` hears it, the Journal holds it. No text of messages, no tokens. */
export const RelayEvents = {
  /** An Inbound was stored. */
  'message.accepted': z.strictObject({ inboundId: z.string(), kind: z.string(), seq: z.int() }),
  /** A message was refused visibly: the session is busy (`reject`), the queue is full. */
  'message.refused': z.strictObject({ inboundId: z.string(), reason: text }),
  /** An edit, a deletion, a move: what it changed. */
  'message.noted': z.strictObject({ inboundId: z.string(), kind: z.string(), effect: text }),
  'task.accepted': z.strictObject({
    worker: z.string(),
    position: z.int().optional(),
    retryOf: z.string().optional(),
  }),
  'task.started': z.strictObject({ attempt: z.int() }),
  'task.waiting': z.strictObject({ askId: z.string() }),
  'task.resumed': z.strictObject({ askId: z.string() }),
  'task.aborting': z.strictObject({ end: TaskEnd, reason: text, by: text.optional() }),
  'task.ended': z.strictObject({
    end: TaskEnd,
    reason: text,
    by: text.optional(),
    workMs: z.int().optional(),
  }),
  /** The worker ignored its abort; nobody waits for it any more. */
  'task.detached': z.strictObject({}),
  /** A result came after the end. */
  'task.late': z.strictObject({ status: TaskEnd, shown: z.boolean() }),
  'task.attached': z.strictObject({}),
  'ask.opened': z.strictObject({ askId: z.string(), receiptId: z.string() }),
  'ask.answered': z.strictObject({ askId: z.string(), by: text.optional() }),
  'ask.closed': z.strictObject({ askId: z.string(), reason: text }),
  'deadline.near': z.strictObject({ clock }),
  'deadline.missed': z.strictObject({ clock, lateMs: z.int() }),
  'receipt.opened': z.strictObject({ ...receipt, revision: z.int() }),
  'receipt.surfaced': z.strictObject({
    ...receipt,
    evidence: Evidence,
    surface: Surface,
    attempts: z.int(),
  }),
  'receipt.part': z.strictObject({ ...receipt, part: z.int(), parts: z.int() }),
  'receipt.deferred': z.strictObject({ ...receipt, reason: text, dueAtMs: z.int().optional() }),
  'receipt.unknown': z.strictObject({ ...receipt, cause: text }),
  /** It goes out once more although it may be there already. */
  'receipt.repeated': z.strictObject({ ...receipt, marked: z.boolean() }),
  'receipt.repaired': z.strictObject({ ...receipt, repair: text }),
  'receipt.parked': z.strictObject({ ...receipt, marks: z.array(DeliveryMark) }),
  'receipt.rerouted': z.strictObject({ ...receipt, route: z.int(), to: z.string(), reason: text }),
  'receipt.superseded': z.strictObject({ ...receipt, by: text }),
  'receipt.dead': z.strictObject({ ...receipt, reason: text }),
  'receipt.redriven': z.strictObject({ ...receipt, by: text }),
  'channel.moved': z.strictObject({ from: z.string(), to: z.string() }),
  'channel.paused': z.strictObject({ untilMs: z.int(), reason: text }),
  'channel.audience': z.strictObject({ present: z.boolean() }),
  'account.paused': z.strictObject({
    account: z.string(),
    untilMs: z.int().optional(),
    reason: text,
  }),
  'adapter.connected': z.strictObject({ account: z.string() }),
  'adapter.disconnected': z.strictObject({ account: z.string(), cause: text }),
  'adapter.unauthorized': z.strictObject({ account: z.string(), cause: text }),
  'incident.opened': z.strictObject({ incidentId: z.string(), kind: z.string(), reason: text }),
  'incident.closed': z.strictObject({ incidentId: z.string(), kind: z.string() }),
  'worker.started': z.strictObject({ nativeId: text.optional() }),
  'worker.tool': z.strictObject({ callId: text, name: text, status: text, ms: z.int().optional() }),
  'worker.warning': z.strictObject({ code: text, message: text }),
  'worker.activity': z.strictObject({ dropped: z.int() }),
  'session.reopened': z.strictObject({ reason: text }),
  /** A write with an old fence changed nothing. */
  'write.stale': z.strictObject({ what: text }),
  'clock.jumped': z.strictObject({ deltaMs: z.int() }),
  'relay.started': z.strictObject({ owner: z.string(), recovered: z.int() }),
  'relay.stopped': z.strictObject({ interrupted: z.int() }),
} as const;
export type RelayEvents = {
  [Name in keyof typeof RelayEvents]: z.infer<(typeof RelayEvents)[Name]>;
};
export type RelayEventName = keyof RelayEvents;

/** What an event is about, and its place and time; the listener's second argument. */
export interface EventContext {
  readonly seq: number;
  readonly atMs: number;
  readonly taskId?: TaskId;
  readonly channel?: ChannelKey;
  readonly sessionId?: SessionId;
}

/** An event as scripts write it. */
export type JournalEntry = {
  [Name in RelayEventName]: {
    readonly name: Name;
    readonly data: RelayEvents[Name];
    readonly taskId?: TaskId | undefined;
    readonly channel?: ChannelKey | undefined;
    readonly sessionId?: SessionId | undefined;
  };
}[RelayEventName];

const eventNames = Object.keys(RelayEvents) as [RelayEventName, ...RelayEventName[]];

/** An event as it is stored and listed. */
export const JournalRow = z.strictObject({
  seq: z.int().positive(),
  atMs: z.int().nonnegative(),
  name: z.enum(eventNames),
  taskId: TaskId.optional(),
  channel: ChannelKey.optional(),
  sessionId: SessionId.optional(),
  /** At most 4 KiB as JSON. */
  data: z.record(z.string(), z.json()),
});
export type JournalRow = z.infer<typeof JournalRow>;

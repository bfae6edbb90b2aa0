import { z } from 'zod';
import { type ChannelRef, ReceiptId } from '../../contracts/id.ts';
import type { InboundInput } from '../../contracts/inbound.ts';
import type { Visitor } from './token.ts';

/** An id that a client makes: its retries carry the same one. */
const clientId = z
  .string()
  .regex(/^[\w.:-]{1,100}$/, 'must be 1 to 100 of the characters A-Z a-z 0-9 _ . : -');

export const SessionBody = z.strictObject({
  /** What the person wants to be called. */
  name: z.string().trim().min(1).max(80).optional(),
});

export const MessageBody = z.strictObject({ id: clientId, text: z.string().min(1) });
export type MessageBody = z.infer<typeof MessageBody>;

export const PressBody = z.strictObject({
  id: clientId,
  button: z.string().min(1).max(64),
  text: z.string().optional(),
});
export type PressBody = z.infer<typeof PressBody>;

export const AcksBody = z.strictObject({
  receipts: z
    .array(
      z.strictObject({
        receiptId: ReceiptId,
        /** Of the delivery: where to look it up. */
        seq: z.int().nonnegative(),
        part: z.int().min(1).max(10_000),
        evidence: z.enum(['rendered', 'observed']),
      }),
    )
    .max(100)
    .default([]),
  /** Ids of messages whose streamed text is on the screen. */
  streams: z.array(z.string().min(1).max(100)).max(16).default([]),
});
export type AcksBody = z.infer<typeof AcksBody>;

export const VisibilityBody = z.strictObject({ connection: clientId, visible: z.boolean() });

export const EventsQuery = z.strictObject({
  /** Names this event stream in `POST /visibility`. */
  connection: clientId,
  visible: z.enum(['true', 'false']).default('false'),
});

export const FileQuery = z.strictObject({ seq: z.coerce.number().int().nonnegative() });

/** A position in a transcript: `<epoch>.<seq>`. Undefined when it is not one. */
export function parsePosition(
  value: string,
): { readonly epoch: string; readonly seq: number } | undefined {
  const at = value.lastIndexOf('.');
  const digits = value.slice(at + 1);
  if (at < 1 || !/^\d{1,15}$/.test(digits)) return undefined;
  return { epoch: value.slice(0, at), seq: Number(digits) };
}

export interface Arrival {
  readonly channel: ChannelRef;
  readonly visitor: Visitor;
  readonly atMs: number;
}

/** Pure: a request's body as the relay takes it. */
export function toMessage(body: MessageBody, arrival: Arrival): InboundInput {
  return {
    kind: 'message',
    ...common(body.id, arrival),
    text: wellFormed(body.text),
    private: true,
    clientId: true,
  };
}

/** Pure: a press of a button. */
export function toPress(body: PressBody, arrival: Arrival): InboundInput {
  const words = body.text === undefined ? {} : { text: wellFormed(body.text) };
  return {
    kind: 'press',
    ...common(body.id, arrival),
    button: body.button,
    ...words,
    clientId: true,
  };
}

function common(id: string, arrival: Arrival) {
  const { personId, name } = arrival.visitor;
  const person = name === undefined ? { id: personId } : { id: personId, name };
  return { id, channel: arrival.channel, person, sentAtMs: arrival.atMs };
}

/** Halves of surrogate pairs cannot be stored as UTF-8: shown and stored must be the same. */
export function wellFormed(text: string): string {
  return text.replace(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    '\ufffd',
  );
}

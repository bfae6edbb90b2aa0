import { z } from 'zod';
import { ChannelRef } from './id.ts';

/** A human as one Account of a platform knows them. */
export const Person = z.strictObject({
  id: z.string().min(1).max(200),
  name: z.string().max(200).optional(),
  /** May act on everybody's Tasks. The adapter's configuration says who is one. */
  operator: z.boolean().default(false),
});
export type Person = z.infer<typeof Person>;

/** A file that came in: named, not loaded. `url` is fetched lazily by the worker. */
export const InboundFile = z.strictObject({
  name: z.string().max(500),
  mimeType: z.string().max(200),
  sizeBytes: z.int().nonnegative().optional(),
  url: z.string().max(4_000),
});
export type InboundFile = z.infer<typeof InboundFile>;

const common = {
  /** The platform's id of this event: with adapter, Account and Channel (and Person, see `clientId`) it is what a redelivery is known by. */
  id: z.string().min(1).max(200),
  channel: ChannelRef,
  person: Person,
  /** When it happened, by the platform's clock; shown, never used for deadlines. */
  sentAtMs: z.int().nonnegative(),
};

/** Longest text of one message; adapters refuse longer ones visibly. */
export const messageTextMax = 64_000;

export const Message = z.strictObject({
  ...common,
  kind: z.literal('message'),
  text: z.string().max(messageTextMax),
  files: z.array(InboundFile).max(20).default([]),
  /** True when only this Person (and the bot) reads the Channel: answers never leave it for a wider one. */
  private: z.boolean().default(false),
  /** True when the id was chosen by a client, so that it is unique per Person only. */
  clientId: z.boolean().default(false),
});
export type Message = z.infer<typeof Message>;

export const Inbound = z.discriminatedUnion('kind', [
  Message,
  /** Somebody pressed a button; `button` is the opaque id that the Delivery carried. */
  z.strictObject({
    ...common,
    kind: z.literal('press'),
    button: z.string().min(1).max(64),
    clientId: z.boolean().default(false),
    /** Words given with the press: a modal's text, a reason. */
    text: z.string().max(messageTextMax).optional(),
  }),
  /** A message was changed by its author. `id` is the event's, `messageId` the changed message's. */
  z.strictObject({
    ...common,
    kind: z.literal('edited'),
    messageId: z.string().min(1).max(200),
    text: z.string().max(messageTextMax),
  }),
  z.strictObject({ ...common, kind: z.literal('deleted'), messageId: z.string().min(1).max(200) }),
  /** The conversation has a new address. */
  z.strictObject({ ...common, kind: z.literal('moved'), to: ChannelRef }),
]);
/** What came in. Adapters produce it; `readback` parses it again before it is stored. */
export type Inbound = z.infer<typeof Inbound>;
/** As an adapter may write it: defaults left out. */
export type InboundInput = z.input<typeof Inbound>;

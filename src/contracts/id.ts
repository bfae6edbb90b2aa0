import { z } from 'zod';

/**
 * Ids are UUIDs of version 7: they sort by the time they were made and end in chance,
 * so that the shortest unique tail of one is what people type.
 */
const uuid = z.uuid({ version: 'v7' });

export const TaskId = uuid.brand<'TaskId'>();
export type TaskId = z.infer<typeof TaskId>;
export const ReceiptId = uuid.brand<'ReceiptId'>();
export type ReceiptId = z.infer<typeof ReceiptId>;
export const SessionId = uuid.brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;
export const InboundId = uuid.brand<'InboundId'>();
export type InboundId = z.infer<typeof InboundId>;
export const AskId = uuid.brand<'AskId'>();
export type AskId = z.infer<typeof AskId>;
export const IncidentId = uuid.brand<'IncidentId'>();
export type IncidentId = z.infer<typeof IncidentId>;
/** Names one incarnation of one process; a restart is a new owner. */
export const OwnerId = uuid.brand<'OwnerId'>();
export type OwnerId = z.infer<typeof OwnerId>;

/** A name of a platform, an account, a conversation: 1 to 200 characters, chosen by others. */
const name = z.string().min(1).max(200);

/**
 * One conversation of one Account; a thread is a Channel of its own.
 * It is an address: when the conversation moves, the Channel keeps its key and gets a new address.
 */
export const ChannelRef = z.strictObject({
  /** Which adapter: `webchat`, `telegram`, … */
  adapter: name,
  /** Which bot identity on it. */
  account: name,
  conversation: name,
  thread: name.optional(),
});
export type ChannelRef = z.infer<typeof ChannelRef>;

/** The key a Channel is stored under: its first address, each part percent-encoded, joined by `/`. */
export const ChannelKey = z.string().min(1).max(2_500).brand<'ChannelKey'>();
export type ChannelKey = z.infer<typeof ChannelKey>;

export function channelKey(ref: ChannelRef): ChannelKey {
  const parts = [ref.adapter, ref.account, ref.conversation];
  if (ref.thread !== undefined) parts.push(ref.thread);
  return parts.map(encodeURIComponent).join('/') as ChannelKey;
}

/** The key an Account is stored under. */
export function accountKey(ref: { adapter: string; account: string }): string {
  return `${encodeURIComponent(ref.adapter)}/${encodeURIComponent(ref.account)}`;
}

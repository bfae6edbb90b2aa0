import { z } from 'zod';
import type { MessageHandle } from './handle.ts';
import type { Interaction } from './inbound-context.ts';

/** Discord takes the first answer for three seconds; ours is begun well before. */
const firstAnswerMs = 3_000;
/** The token holds so long; what is still open then moves to a message of the channel. */
const moveMs = 13 * 60_000;
/** Where nothing but the token reaches the person, it is used to its end but for the time of a send. */
const endMs = 15 * 60_000 - 20_000;
/** Of an app that people installed for themselves. */
const followupsMax = 5;

/** What is known of an interaction that is answered: stored, so that it survives a restart. Holds the token. */
export const Life = z.strictObject({
  id: z.string(),
  token: z.string(),
  applicationId: z.string(),
  channelId: z.string(),
  /** Who acted: what only they see may have to go to their direct messages. */
  personId: z.string(),
  /** When it came in, by the wall clock. */
  cameMs: z.int().nonnegative(),
  /** `open`: not answered yet. `deferred`: a message is promised, which nobody has written. `written`: it is. `over`: the token holds no more. */
  state: z.enum(['open', 'deferred', 'written', 'over']),
  ephemeral: z.boolean(),
  /** The bot itself can write to the channel. */
  reachable: z.boolean(),
  followups: z.int().nonnegative(),
  /** The message that answers it. */
  messageId: z.string().optional(),
  /** Sends that only this person could see and of which nobody said that they were seen: they go on as direct messages. */
  unseen: z.array(z.string()).max(100).optional(),
});
export type Life = z.infer<typeof Life>;

/** How what answers an interaction leaves. */
export type Way =
  /** A message of the channel. */
  | { readonly kind: 'channel' }
  /** By writing, or editing, the message that was promised. */
  | { readonly kind: 'original'; readonly life: Life }
  /** By one more message, or the edit of one (`messageId`), through the token. */
  | { readonly kind: 'followup'; readonly life: Life; readonly messageId?: string }
  /** The token is over, and nothing else leads there. */
  | { readonly kind: 'none' };

/** Pure: an interaction that came in. */
export function beginLife(
  interaction: Interaction,
  { nowMs, ephemeral }: { readonly nowMs: number; readonly ephemeral: boolean },
): Life {
  const { id, token, applicationId, channelId, personId, reachable } = interaction;
  const base = { id, token, applicationId, channelId, personId, reachable, ephemeral };
  return { ...base, cameMs: nowMs, state: 'open', followups: 0 };
}

/** Pure: of an interaction of which nothing is known any more but for whom alone its answers are. */
export function lostLife(id: string, personId: string): Life {
  const base = { id, personId, token: '', applicationId: '', channelId: '' };
  return { ...base, cameMs: 0, state: 'over', ephemeral: true, reachable: true, followups: 0 };
}

/** Pure: how long there is to give the first answer; 0: it is too late. */
export function firstAnswerInMs({ cameMs, state }: Life, nowMs: number): number {
  return state === 'open' ? Math.max(0, cameMs + firstAnswerMs - nowMs) : 0;
}

/** What happened to it. */
export type LifeEvent =
  | { readonly kind: 'deferred' }
  | { readonly kind: 'written'; readonly messageId: string }
  | { readonly kind: 'followed' }
  /** Nobody said in time that what was sent by this key was seen. */
  | { readonly kind: 'unseen'; readonly key: string }
  /** Discord does not know the token any more. */
  | { readonly kind: 'over' };

/** Pure: a life only goes on, never back. */
export function liveOn(life: Life, event: LifeEvent): Life {
  if (life.state === 'over' && event.kind !== 'unseen') return life;
  switch (event.kind) {
    case 'deferred':
      return life.state === 'open' ? { ...life, state: 'deferred' } : life;
    case 'written':
      return { ...life, state: 'written', messageId: event.messageId };
    case 'followed':
      return { ...life, followups: life.followups + 1 };
    case 'unseen':
      return { ...life, unseen: unseenOf(life, event.key) };
    case 'over':
      return { ...life, state: 'over' };
  }
}

const unseenMax = 100;

const unseenOf = ({ unseen = [] }: Life, key: string): string[] =>
  unseen.includes(key) ? unseen : [...unseen, key].slice(-unseenMax);

/** Pure: what answers it is for one person alone, or the bot reaches nobody else there. */
export const isOfOne = ({ ephemeral, reachable }: Life): boolean => ephemeral || !reachable;

/** Pure: whether the token still leads anywhere. */
export function isAlive({ cameMs, state, reachable, ephemeral }: Life, nowMs: number): boolean {
  if (state === 'open' || state === 'over') return false;
  // What only one person sees must not be said before all as long as it can be helped.
  const untilMs = reachable && !ephemeral ? moveMs : endMs;
  return nowMs < cameMs + untilMs;
}

/** Pure: how a new message (`live` absent) or the edit of one leaves. `life`: of the interaction that is answered, or that the message names. */
export function wayOf(life: Life | undefined, live: MessageHandle | undefined, nowMs: number): Way {
  if (life === undefined)
    return live?.interactionId === undefined ? { kind: 'channel' } : { kind: 'none' };
  if (!isAlive(life, nowMs)) return withoutToken(life, live);
  if (life.state === 'deferred' && live === undefined) return { kind: 'original', life };
  if (live !== undefined) return editWay(life, live);
  // Through the token alone when it must be: a message of the channel has a nonce, and can be edited for ever.
  if (life.reachable && !life.ephemeral) return { kind: 'channel' };
  if (!life.reachable && life.followups >= followupsMax) return { kind: 'none' };
  return { kind: 'followup', life };
}

/** What the bot sent by itself is edited by itself: the token does not know it. */
function editWay(life: Life, { messageId, interactionId }: MessageHandle): Way {
  if (messageId === life.messageId) return { kind: 'original', life };
  return interactionId === undefined ? { kind: 'channel' } : { kind: 'followup', life, messageId };
}

/** A message that one person alone saw cannot be edited without the token. */
function withoutToken(life: Life, live: MessageHandle | undefined): Way {
  if (!life.reachable || live?.interactionId !== undefined) return { kind: 'none' };
  return live !== undefined && life.ephemeral ? { kind: 'none' } : { kind: 'channel' };
}

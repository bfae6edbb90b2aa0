import { createHmac } from 'node:crypto';
import type { DeliveryAttempt } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';

/** Discord takes 25 characters; these are 24 of base64url: 144 bits. */
const nonceLength = 24;
/** Discord knows a nonce again for "a few minutes". */
const windowMs = 120_000;
/** What begins before the window ends must have reached Discord in it. */
const sendingMs = 20_000;

/** Makes the nonces of our messages, which name them in their buttons too. Who reads one learns nothing by it. */
export interface Noncer {
  /** The same for every attempt of one part in one conversation; another conversation has another one. */
  nonce(attempt: Pick<DeliveryAttempt, 'key' | 'repairs'>, channel: ChannelRef): string;
}

/** Derived from the token: known again after every restart, and made by nobody else. */
export function createNoncer(token: string): Noncer {
  const secret = createHmac('sha256', token).update('readback.nonce').digest();
  return {
    nonce({ key, repairs }, { account, conversation, thread = '' }) {
      // Of a message that was deleted since, Discord refuses the nonce for good.
      const again = repairs.includes('repost') ? 'again' : '';
      const place = JSON.stringify([account, conversation, thread, key, again]);
      return createHmac('sha256', secret).update(place).digest('base64url').slice(0, nonceLength);
    },
  };
}

/** Pure: until when the same send makes no second message, whatever became of the first. */
export function nonceValidUntilMs(sentAtMs: number): number {
  return sentAtMs + windowMs - sendingMs;
}

export const isNonce = (text: string): boolean => /^[\w-]{24}$/.test(text);

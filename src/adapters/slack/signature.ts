import { createHmac, timingSafeEqual } from 'node:crypto';

/** Slack says: an older request may be a replay. */
const windowMs = 5 * 60_000;

export interface SignedRequest {
  /** The bytes as they came, before anybody parsed them. */
  readonly body: Uint8Array | string;
  /** `x-slack-request-timestamp`: seconds. */
  readonly timestamp: string | null | undefined;
  /** `x-slack-signature`. */
  readonly signature: string | null | undefined;
}

/** `stale`: signed or not, it is more than five minutes from now. `bad`: not signed by who knows the secret. */
export type SignatureVerdict = 'valid' | 'stale' | 'bad';

/** Pure: whether Slack sent this. How long it takes tells nothing of the right signature. */
export function verifySignature(
  { body, timestamp, signature }: SignedRequest,
  { signingSecret, nowMs }: { readonly signingSecret: string; readonly nowMs: number },
): SignatureVerdict {
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return 'bad';
  if (typeof signature !== 'string') return 'bad';
  if (Math.abs(nowMs - Number(timestamp) * 1_000) > windowMs) return 'stale';
  return sameText(signature, signatureOf(body, timestamp, signingSecret)) ? 'valid' : 'bad';
}

function signatureOf(body: Uint8Array | string, timestamp: string, secret: string): string {
  const hmac = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body);
  return `v0=${hmac.digest('hex')}`;
}

/** In a time that does not depend on where two texts differ. */
export function sameText(given: string, right: string): boolean {
  const one = Buffer.from(given);
  const other = Buffer.from(right);
  return one.length === other.length && timingSafeEqual(one, other);
}

import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** Encrypts notes, so that nobody who reads them alone learns what they say. */
export interface Seal {
  close(text: string): string;
  /** Undefined for what was not closed by this seal. */
  open(sealed: string): string | undefined;
}

/** Derived from the bot's token: the same after every restart, and gone with the token. */
export function createSeal(token: string, random: (bytes: number) => Uint8Array): Seal {
  const key = createHmac('sha256', token).update('readback.seal').digest();
  return {
    close(text) {
      const iv = random(ivBytes);
      const cipher = createCipheriv(algorithm, key, iv);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      if (bytes.length < ivBytes + tagBytes) return undefined;
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes));
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      try {
        const body = decipher.update(bytes.subarray(ivBytes + tagBytes));
        return Buffer.concat([body, decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}

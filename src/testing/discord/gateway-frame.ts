import { isObject } from './json-value.ts';
import type { Json } from './state.ts';

/** What an app may send at once, in bytes. */
const sentMax = 4_096;

export const ops = {
  heartbeat: 1,
  identify: 2,
  presence: 3,
  voice: 4,
  resume: 6,
  reconnect: 7,
  members: 8,
  invalidSession: 9,
  hello: 10,
  ack: 11,
} as const;

/** A frame of an app; undefined for what is none. */
export function readFrame(text: string): Json | undefined {
  if (Buffer.byteLength(text) > sentMax) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

import type { Runtime } from '../contracts/runtime.ts';

/**
 * A UUID of version 7: 48 bits of wall clock, then 74 bits of chance. Ids of different milliseconds
 * sort by the time they were made; those of one millisecond have no order among themselves.
 */
export function uuidv7(runtime: Pick<Runtime, 'wallMs' | 'random'>): string {
  const bytes = runtime.random(16);
  let rest = Math.floor(runtime.wallMs());
  for (let at = 5; at >= 0; at -= 1) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  let id = '';
  for (let at = 0; at < 16; at += 1) {
    if (at === 4 || at === 6 || at === 8 || at === 10) id += '-';
    id += hex[bytes[at] as number];
  }
  return id;
}

/** Every byte as two digits. */
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

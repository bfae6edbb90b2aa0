/** A repeatable source of chance: the same seed gives the same sequence on every machine. Not for secrets. */
export interface Chance {
  /** A whole number from 0 to 2^32 - 1. */
  next(): number;
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  bytes(count: number): Uint8Array;
}

/** sfc32, seeded through splitmix32: passes the usual batteries, and near seeds give unlike sequences. */
export function createChance(seed: number): Chance {
  const state = seedState(seed);
  const next = (): number => step(state);
  for (let warm = 0; warm < 12; warm += 1) next();
  return {
    next,
    below: (limit) => Math.floor((next() / 2 ** 32) * limit),
    bytes: (count) => fill(new Uint8Array(count), next),
  };
}

function step(state: Uint32Array): number {
  const [a = 0, b = 0, c = 0, counter = 0] = state;
  const sum = (a + b + counter) | 0;
  state[0] = b ^ (b >>> 9);
  state[1] = (c + (c << 3)) | 0;
  state[2] = (((c << 21) | (c >>> 11)) + sum) | 0;
  state[3] = (counter + 1) | 0;
  return sum >>> 0;
}

function seedState(seed: number): Uint32Array {
  let mixed = (Math.floor(seed / 2 ** 32) ^ seed) | 0;
  const word = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let out = mixed ^ (mixed >>> 16);
    out = Math.imul(out, 0x21f0aaad);
    out = Math.imul(out ^ (out >>> 15), 0x735a2d97);
    return out ^ (out >>> 15);
  };
  return Uint32Array.of(word(), word(), word(), 1);
}

function fill(out: Uint8Array, next: () => number): Uint8Array {
  for (let at = 0; at < out.length; at += 4) {
    let word = next();
    for (let byte = at; byte < Math.min(at + 4, out.length); byte += 1) {
      out[byte] = word & 0xff;
      word >>>= 8;
    }
  }
  return out;
}

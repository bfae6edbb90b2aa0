import { expect } from 'vitest';
import { brokenInvariants as broken, type InvariantOptions } from '../../src/testing/invariants.ts';
import type { Harness } from './harness.ts';

/** The invariants of the promise, judged on a harness. */
export async function brokenInvariants(
  h: Pick<Harness, 'memory' | 'platform'> & { readonly runtime: { wallMs(): number } },
  options: InvariantOptions = {},
): Promise<readonly string[]> {
  const { shown, sent } = h.platform;
  return broken({ database: h.memory.database, nowMs: h.runtime.wallMs(), shown, sent }, options);
}

export async function expectInvariants(h: Harness, options: InvariantOptions = {}): Promise<void> {
  expect(await brokenInvariants(h, options)).toEqual([]);
}

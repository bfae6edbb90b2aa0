import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from './live.ts';

/**
 * A store may see that a row is there twice when it is put or when the script ends; what is wrong with the script
 * besides may then be told instead. That it is refused is certain.
 */
function agree(expected: Outcome, live: Outcome): boolean {
  if ('refused' in expected && expected.refused === 'duplicate') return 'refused' in live;
  return isDeepStrictEqual(expected, live);
}

/** Throws with the first answer that is another one than expected. */
export function same(what: string, expected: readonly Outcome[], live: readonly Outcome[]): void {
  assert.equal(live.length, expected.length, `after ${what}`);
  for (const [script, one] of expected.entries()) {
    const other = live[script] as Outcome;
    if (agree(one, other)) continue;
    if ('refused' in one || 'refused' in other)
      assert.deepEqual(other, one, `script ${script} of ${what}`);
    else
      for (const [at, answer] of one.answers.entries())
        assert.deepEqual(other.answers[at], answer, `answer ${at} of script ${script} of ${what}`);
  }
}

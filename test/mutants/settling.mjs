/**
 * What an outcome means.
 * @type {readonly import('./apply.mjs').Mutant[]}
 */
export const settlingMutants = [
  {
    name: 'weak-evidence-settles',
    file: 'src/core/settle.ts',
    search: 'if (!proves(evidence, capabilities.evidence)) {',
    replace: `if (receipt.kind === 'terminal' && !proves(evidence, capabilities.evidence)) {`,
    why: 'Surfaced means what the adapter takes for that, of every kind.',
    first: ['test/core/delivery-evidence.test.ts'],
  },
  {
    name: 'transient-settles-a-terminal',
    file: 'src/core/settle.ts',
    search: `return surface !== 'transient';`,
    replace: 'return true;',
    why: 'What passes (a status, a draft, a stream) settles nothing.',
    first: ['test/core/settle.test.ts'],
  },
  {
    name: 'terminal-edit-is-not-repeated',
    file: 'src/core/settle.ts',
    search: 'input.afterUnknownEdit &&',
    replace: 'false &&',
    why: 'A late old edit must not overwrite the final text.',
    first: ['test/core/settle.test.ts'],
  },
  {
    name: 'rate-limit-costs-an-attempt',
    file: 'src/core/settle.ts',
    search: `const counts = outcome.reason === 'unavailable';`,
    replace: `const counts = outcome.reason !== 'not_connected';`,
    why: 'What the platform itself put off costs no attempt.',
    first: ['test/core/settle.test.ts'],
  },
  {
    name: 'retry-time-is-not-heeded',
    file: 'src/core/settle.ts',
    search: 'const asked = (outcome.retryAfterMs ?? 0) + jitter;',
    replace: 'const asked = jitter;',
    why: 'A receipt is due again when the platform said, not before.',
    first: ['test/core/settle.test.ts'],
  },
  {
    name: 'last-attempt-cannot-be-reached',
    file: 'src/core/settle.ts',
    search: ': Math.min(nowMs + wait.waitMs, receipt.expiresAtMs);',
    replace: ': nowMs + wait.waitMs;',
    why: 'The last attempt is made when the receipt expires, not after.',
    first: ['test/core/settle.test.ts'],
  },
  {
    name: 'first-refusal-is-believed-never',
    file: 'src/core/settle.ts',
    search: ' && !input.confirmed',
    replace: '',
    why: 'The first permanent answer after the pause is believed; it does not pause for ever.',
    first: ['test/core/settle.test.ts'],
  },
  {
    name: 'held-is-sent-again',
    file: 'src/core/settle.ts',
    search: `return { kind: 'exhausted', reason: \`outcome unknown and held: \${cause}\`, held: true };`,
    replace: 'return again;',
    why: 'Where the adapter says hold, what may have been shown is not said twice.',
    first: ['test/core/settle.test.ts'],
  },
];

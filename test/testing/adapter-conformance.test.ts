import { describe, expect, it } from 'vitest';
import { type AdapterSubject, adapterConformance } from '../../src/testing/adapter-conformance.ts';
import { type MemoryOptions, memorySubject, type Spoil } from './memory-subject.ts';
import { planted } from './planted-adapters.ts';

/** The checks of a subject by name, not run. */
function checksOf(subject: AdapterSubject): ReadonlyMap<string, () => Promise<void>> {
  const checks = new Map<string, () => Promise<void>>();
  adapterConformance(subject, {
    describe: (_, body) => body(),
    it: (name, body) => checks.set(name, body),
  });
  return checks;
}

function checkNamed(subject: AdapterSubject, start: string): () => Promise<void> {
  const checks = checksOf(subject);
  for (const [name, body] of checks) if (name.startsWith(start)) return body;
  throw new Error(`no check is named ${start}; there are: ${[...checks.keys()].join(', ')}`);
}

describe('a good adapter passes', () => {
  adapterConformance(memorySubject(), { describe, it });
});

/** A platform without edits. */
const asSent: Spoil = (good) => ({
  ...good,
  deliver: async (delivery, attempt) =>
    attempt.live === undefined
      ? await good.deliver(delivery, attempt)
      : { kind: 'not_surfaced', atMs: 0, reason: 'unsupported', cause: 'stays as sent' },
});
const noEdit = { excuse: 'editMs: 0', why: 'it cannot edit' } as const;
const kinds: readonly [string, MemoryOptions][] = [
  ['with keys, answering in new messages', { keyed: true, capabilities: { terminalAs: 'new' } }],
  ['that repeats with a mark', { reconcile: false }],
  [
    'that holds and never edits',
    {
      reconcile: false,
      spoil: asSent,
      capabilities: { unknownPolicy: 'hold', editMs: 0, terminalAs: 'new' },
      lacks: [
        { ability: 'edit', ...noEdit },
        { ability: 'delete_ours', ...noEdit },
      ],
    },
  ],
];
describe.each(kinds)('a good adapter %s passes', (_, options) => {
  const telling = /unknown outcomes|splitting|edits|restart/;
  adapterConformance(memorySubject(options), {
    describe: (name, body) => (telling.test(name) ? describe(name, body) : undefined),
    it,
  });
});

describe('an adapter that', () => {
  it.each(planted)('$fault is caught by "$check"', async ({ check, says, spoil, options }) => {
    const good = checkNamed(memorySubject(options), check);
    const bad = checkNamed(memorySubject({ ...options, spoil }), check);
    await expect(good()).resolves.toBeUndefined();
    await expect(bad()).rejects.toThrow(says);
  });
});

describe('what is not applicable', () => {
  it('is a check of its own, and is answered', async () => {
    const names: string[] = [];
    const left = adapterConformance(memorySubject(), {
      describe: (_, body) => body(),
      it: (name) => names.push(name),
    });
    const shown = names.filter((name) => name.startsWith('not applicable: '));
    expect(shown).toHaveLength(left.length);
    expect(shown).toContain(
      'not applicable: a file is seen; lacks files (files: false): it shows texts alone',
    );
  });

  it('fails when the adapter contradicts the excuse', async () => {
    const subject = memorySubject({
      lacks: [{ ability: 'streams', excuse: 'streams: false', why: 'so it is said' }],
    });
    await expect(checkNamed(subject, 'not applicable: streamed text')()).rejects.toThrow(
      /the adapter contradicts the excuse "streams: false"/,
    );
  });

  it('fails when nothing can excuse it', async () => {
    const subject = memorySubject({
      lacks: [{ ability: 'press', excuse: 'platform', why: 'no time' }],
    });
    await expect(checkNamed(subject, 'not applicable: buttons are seen')()).rejects.toThrow(
      /"platform" does not excuse the lack of "press"; allowed: buttons: false/,
    );
  });

  it('must be said: what is lacking in silence fails', async () => {
    const subject = memorySubject({ capabilities: { streams: false } });
    await expect(checkNamed(subject, 'it declares what is checked: streams')()).rejects.toThrow(
      /neither declared nor listed/,
    );
  });
});

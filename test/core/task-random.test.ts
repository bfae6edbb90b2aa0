import { describe, expect, it } from 'vitest';
import { FakePlatform, type Scripted } from '../support/fake-adapter.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

const minute = 60_000;
const seeds = 6;

/** The same numbers for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const ask = {
  kind: 'question',
  text: 'Which one?',
  options: [
    { id: 'a', label: 'A' },
    { id: 'b', label: 'B', refuses: true },
  ],
  freeText: true,
} as const;

/** What a platform does now and then; nothing that loses a message for good. */
function weather(roll: (sides: number) => number, atMs: number): Scripted | undefined {
  switch (roll(24)) {
    case 0:
      return { kind: 'deferred', atMs, reason: 'unavailable', cause: '503' };
    case 1:
      return { kind: 'deferred', atMs, reason: 'rate_limited', cause: '429', retryAfterMs: 3_000 };
    case 2:
      return { kind: 'unknown', atMs, phase: 'written', cause: 'reset' };
    case 3:
      return { kind: 'apply', answer: { kind: 'unknown', atMs, phase: 'written', cause: 'reset' } };
    case 4:
      return { kind: 'hang' };
    default:
      return undefined;
  }
}

async function act(h: Harness, roll: (sides: number) => number, dead: Set<unknown>): Promise<void> {
  const conversation = `c${roll(3)}`;
  const person = ['ada', 'bob'][roll(2)] ?? 'ada';
  const running = h.worker.calls.filter((call) => !call.settled && !dead.has(call));
  const call = running[roll(Math.max(1, running.length))];
  const buttons = h.platform.shown.flatMap((message) =>
    message.buttons.map((button) => ({ id: button.id, conversation: message.conversation })),
  );
  const button = buttons[roll(Math.max(1, buttons.length))];
  switch (roll(14)) {
    case 0:
    case 1:
    case 2:
    case 3:
      await h.settle(h.platform.say(`do ${roll(1_000)}`, { conversation, person }));
      return;
    case 4:
      await h.settle(h.platform.say('/cancel enough', { conversation, person }));
      return;
    case 5:
      if (button !== undefined)
        await h.settle(h.platform.press(button.id, { conversation: button.conversation, person }));
      return;
    case 6:
      call?.emit({ kind: 'progress', message: `step ${roll(100)}` });
      return;
    case 7:
      call?.finish(`result ${roll(100)}`);
      return;
    case 8:
      call?.fail(new Error('broke'));
      return;
    case 9:
      void call?.ask(ask);
      return;
    case 10:
      call?.ignoreAbort();
      return;
    case 11:
      await h.settle(
        h.platform.say(roll(2) === 0 ? '/retry' : '/status', { conversation, person }),
      );
      return;
    case 12:
      if (roll(3) !== 0) return;
      for (const one of h.worker.calls) dead.add(one);
      await h.crash(roll(5 * minute));
      return;
    default:
      await h.advance(roll(40_000));
  }
}

describe('a random life', () => {
  const overlaps = ['queue', 'interrupt', 'reject'] as const;
  it.each(Array.from({ length: seeds }, (_, seed) => seed + 1))(
    'of seed %i keeps every invariant and leaves nothing open',
    async (seed) => {
      const roll = dice(seed);
      const platform = new FakePlatform({
        reconcile: seed % 2 === 0,
        capabilities: seed % 3 === 0 ? { terminalAs: 'new' } : {},
      });
      const h = await startHarness({
        platform,
        overlap: overlaps[seed % 3] ?? 'queue',
        deadlines: { terminalMs: 8 * minute, answerMs: 3 * minute, queueMs: 6 * minute },
      });
      const dead = new Set<unknown>();
      platform.decide = ({ atMs }) => weather(roll, atMs);
      for (let step = 0; step < 60; step += 1) {
        await act(h, roll, dead);
        await h.advance(roll(2_000));
      }
      await expectInvariants(h, { quiet: false });
      platform.decide = undefined;
      await h.advance(30 * minute);
      await expectInvariants(h);
      expect(h.errors).toEqual([]);
    },
    60_000,
  );
});

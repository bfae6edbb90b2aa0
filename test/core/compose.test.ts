import { describe, expect, it } from 'vitest';
import type { Task } from '../../src/contracts/task.ts';
import { deadlineDefaults, TaskEnd } from '../../src/contracts/task.ts';
import type { Update } from '../../src/contracts/update.ts';
import { compose, parseButton } from '../../src/core/compose.ts';
import { words } from '../../src/core/words.ts';

const id = '01890a5d-ac96-774b-bcce-b302099a8057';
const task = {
  id,
  anchor: 'in1',
  deadlines: deadlineDefaults,
  state: 'running',
} as unknown as Task;
const ask = {
  id: '01890a5d-ac96-774b-bcce-b302099a8058',
  text: 'May I?',
  options: [
    { id: 'yes', label: 'Yes' },
    { id: 'no', label: 'No', refuses: true },
  ],
  freeText: false,
  untilMs: Date.UTC(2026, 0, 5, 9, 10),
} as unknown as Extract<Update, { kind: 'reminder' }>['ask'];
const standing = { words, label: '**“build”** · `8057`' };

describe('what is said', () => {
  const left = 10 * 60_000;
  const table: readonly (readonly [Update, string, RegExp])[] = [
    [{ kind: 'accepted', task }, 'ack', /^On it…$/],
    [{ kind: 'accepted', task, position: 2 }, 'ack', /position 2/],
    [{ kind: 'queued', task, position: 1 }, 'progress', /next/],
    [{ kind: 'queued', task, position: 3, elapsedMs: 60_000 }, 'progress', /position 3.*1 min/],
    [{ kind: 'started', task }, 'progress', /working/],
    [{ kind: 'progress', task, word: 'compiling', elapsedMs: 0 }, 'progress', /^compiling$/],
    [
      { kind: 'progress', task, word: 'linking', fraction: 0.5, elapsedMs: 0 },
      'progress',
      /^linking \(50 %\)$/,
    ],
    [{ kind: 'progress', task, elapsedMs: 30_000 }, 'progress', /^Still working \(30 s\)/],
    [{ kind: 'question', task, ask, leftMs: left }, 'question', /^May I\?\n\n.*10 min.*09:10 UTC/],
    [{ kind: 'reminder', task, ask, leftMs: left }, 'notice', /10 min.*09:10 UTC[\s\S]*May I\?$/],
    [{ kind: 'refused', reason: 'not_ended' }, 'notice', /not ended/],
    [{ kind: 'notified', text: 'hello' }, 'notice', /^hello$/],
    [{ kind: 'answered', text: 'nothing' }, 'notice', /^nothing$/],
  ];
  it.each(table.map(([update, kind, text]) => [update.kind, text, update, kind] as const))(
    'of %s: %s',
    (_, text, update, kind) => {
      const draft = compose(update, standing);
      expect(draft.kind).toBe(kind);
      expect(draft.content.text).toMatch(text);
    },
  );

  it.each(TaskEnd.options)(
    'an end as %s is never without words and offers what may help',
    (end) => {
      const cause = { end, reason: 'some reason' };
      const bare = compose({ kind: 'ended', task, cause }, standing);
      expect(bare).toMatchObject({
        kind: 'terminal',
        content: { end, notify: true, anchor: 'in1' },
      });
      expect(bare.content.text).not.toBe('');
      const full = compose({ kind: 'ended', task, cause, text: 'the answer' }, standing);
      expect(full.content.text).toContain('the answer');
      if (end !== 'completed') expect(full.content.text).toContain('some reason');
      else expect(full.content.text).toBe('the answer');
      const again = end === 'failed' || end === 'timed_out' || end === 'interrupted';
      expect(full.content.buttons.map(({ label }) => label)).toEqual(again ? ['Retry'] : []);
    },
  );

  it('after an absence the end says from when to when', () => {
    const away = { fromMs: Date.UTC(2026, 0, 5, 12, 3), toMs: Date.UTC(2026, 0, 5, 12, 10) };
    const cause = { end: 'interrupted', reason: 'restarted' } as const;
    const { content } = compose({ kind: 'ended', task, cause, away }, standing);
    expect(content.text).toMatch(/^I was away for 7 min.*12:10 UTC.*\n\nInterrupted/);
  });

  it('a question ends in words that say what was taken', () => {
    const finished = (more: object): string =>
      compose({ kind: 'finished', task, what: 'question', ask: { ...ask, ...more } }, standing)
        .content.text;
    expect(finished({ answer: { kind: 'option', index: 0 } })).toBe('May I?\n\nAnswered: Yes');
    expect(finished({ answer: { kind: 'text', text: 'sure' } })).toBe('May I?\n\nAnswered: sure');
    expect(finished({ reason: 'timed_out' })).toBe('May I?\n\nNo answer in time: taken as “No”.');
    expect(finished({ reason: 'superseded' })).toBe('May I?\n\nClosed without an answer.');
  });

  it('only what may call for somebody makes a sound', () => {
    const loud = (update: Update): boolean => compose(update, standing).content.notify;
    expect(loud({ kind: 'progress', task, elapsedMs: 1 })).toBe(false);
    expect(loud({ kind: 'finished', task, what: 'live' })).toBe(false);
    expect(loud({ kind: 'question', task, ask, leftMs: 1_000 })).toBe(true);
    expect(loud({ kind: 'ended', task, cause: { end: 'completed', reason: 'done' } })).toBe(true);
  });
});

describe('the id of a button', () => {
  it('comes back as what was meant, and fits every platform', () => {
    const { content } = compose({ kind: 'question', task, ask, leftMs: 1_000 }, standing);
    expect(content.buttons.map((button) => parseButton(button.id))).toEqual([
      { kind: 'answer', ask: ask.id, option: 0 },
      { kind: 'answer', ask: ask.id, option: 1 },
    ]);
    const ack = compose({ kind: 'accepted', task }, standing).content.buttons;
    expect(ack.map((button) => parseButton(button.id))).toEqual([{ kind: 'cancel', task: id }]);
    for (const button of [...content.buttons, ...ack])
      expect(Buffer.byteLength(button.id)).toBeLessThanOrEqual(64);
  });

  it.each(['', 'x', 'cancel', 'cancel:a:b', 'answer:a', 'answer:a:-1', 'answer:a:1234', 'other:a'])(
    'that is none of ours means nothing: %o',
    (text) => {
      expect(parseButton(text)).toBeUndefined();
    },
  );
});

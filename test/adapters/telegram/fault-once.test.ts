import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TelegramFault, TelegramMessage } from '../../../src/testing/telegram/index.ts';
import {
  answerAtOnce,
  close,
  crash,
  day,
  labels,
  minute,
  openStage,
  ours,
  receiptsOf,
  repeated,
  sent,
  tasks,
} from './fault-ground.ts';
import type { Stage, StageOptions } from './stage.ts';

// Hours of virtual time, with a real request every few seconds of it.
vi.setConfig({ testTimeout: 60_000 });

let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await openStage(options);
  return stage;
}
afterEach(async () => {
  await close(stage);
});

const texts = (): readonly string[] => stage.ann.chat.texts;
const answers = (): readonly string[] => texts().filter((text) => text.includes('forty-two'));

describe('F09 what was delivered long ago', () => {
  test('F09 shown, and dead before it was stored: after a week it is not sent again but told', async () => {
    await open();
    const planned = stage.telegram.fault('sendMessage', { kind: 'applied_then_hang' });
    await answerAtOnce(stage);
    await stage.advance(1_000);
    expect(planned.hits).toBe(1);
    await crash(stage, 7 * day);
    for (let n = 0; n < 3; n += 1) {
      await stage.advance(5 * minute);
      await crash(stage, minute);
    }
    expect(sent(stage)).toHaveLength(1);
    expect(texts()).toEqual(['forty-two']);
    expect((await receiptsOf(stage))[0]?.receipt.state).toBe('dead');
    expect(await stage.incidents()).toHaveLength(1);
  });

  test.each(['polling', 'webhook'] as const)(
    'F09 what is stored as shown is not sent again by any restart, nor what a person said answered again (%s)',
    async (mode) => {
      const reach = async (request: Request): Promise<Response> => {
        const { method, headers } = request;
        const body = await request.text();
        const inner = new Request('http://bot.example/webhook', { method, headers, body });
        return (await stage.adapter.fetch?.(inner)) ?? new Response(null, { status: 502 });
      };
      const webhook = { url: 'https://bot.example/telegram/webhook' };
      await open({
        config: mode === 'polling' ? {} : { mode: { webhook } },
        fake: { webhookFetch: reach },
      });
      await answerAtOnce(stage);
      await stage.advance(minute);
      const [update] = stage.telegram.calls.flatMap(({ answer }) =>
        answer?.ok === true && Array.isArray(answer.result) ? answer.result : [],
      ) as { update_id: number }[];
      for (let n = 0; n < 4; n += 1) {
        await crash(stage, n === 3 ? 7 * day : minute);
        stage.telegram.redeliver(update?.update_id ?? 100_000_001);
        await stage.advance(minute);
      }
      expect(texts()).toEqual(['forty-two']);
      expect(sent(stage)).toHaveLength(1);
      expect(await tasks(stage)).toHaveLength(1);
      expect(stage.telegram.pendingUpdates).toBe(0);
    },
  );
});

describe('F11 an answer of several messages', () => {
  const words = Array.from({ length: 1_300 }, (_, n) => `w${String(n).padStart(6, '0')}`);
  const wordsOf = (text: string): string[] => text.match(/w\d{6}/g) ?? [];
  const holding = (word: string): readonly string[] =>
    texts().filter((text) => text.includes(word));

  test.each<[string, TelegramFault, 'once' | 'marked']>([
    ['refused', { kind: 'refused' }, 'once'],
    ['429', { kind: 'rate_limited', retryAfterS: 5 }, 'once'],
    ['502', { kind: 'html' }, 'marked'],
    ['hung', { kind: 'hang' }, 'marked'],
    ['shown, its answer lost', { kind: 'applied_then_reset' }, 'marked'],
  ])('F11 part 2 is %s: it goes on there, part 1 is not sent again', async (_, fault, how) => {
    await open();
    const call = await stage.begin();
    stage.telegram.fault('sendMessage', fault);
    call.finish(words.join(' '));
    await stage.advance(2 * minute);
    const seen = texts().map(wordsOf);
    expect([...new Set(seen.flat())]).toEqual(words);
    const second = seen[1]?.[0];
    expect(sent(stage, words[0])).toHaveLength(1);
    expect(sent(stage, words.at(-1))).toHaveLength(1);
    const marks = texts().filter((text) => repeated.test(text));
    expect(marks).toHaveLength(how === 'marked' ? 1 : 0);
    for (const mark of marks) expect(mark).toContain(second);
    expect(holding(second ?? '')).toHaveLength(fault.kind === 'applied_then_reset' ? 2 : 1);
  });

  test.each<[string, TelegramFault, number]>([
    ['before it was shown', { kind: 'hang' }, 1],
    ['after it was shown', { kind: 'applied_then_hang' }, 2],
  ])('F11 dead at part 2, %s: it goes on there', async (_, fault, times) => {
    await open();
    const call = await stage.begin();
    const planned = stage.telegram.fault('sendMessage', fault);
    call.finish(words.join(' '));
    await stage.advance(2_000);
    expect(planned.hits).toBe(1);
    await crash(stage, minute);
    await stage.advance(2 * minute);
    const seen = texts().map(wordsOf);
    expect([...new Set(seen.flat())]).toEqual(words);
    expect(sent(stage, seen[0]?.[0])).toHaveLength(1);
    expect(holding(seen[1]?.[0] ?? '')).toHaveLength(times);
    expect(texts().filter((text) => repeated.test(text))).toHaveLength(1);
    expect(stage.calls).toHaveLength(1);
  });
});

const lost: readonly TelegramFault[] = [
  { kind: 'applied_then_reset' },
  { kind: 'applied_then_hang' },
];

describe('F13 Telegram took it and its answer is lost', () => {
  test.each(lost)(
    'F13 a message of its own ($kind): once more, marked and counted',
    async (fault) => {
      await open();
      stage.telegram.fault('sendMessage', fault);
      await answerAtOnce(stage);
      await stage.advance(2 * minute);
      expect(texts()).toEqual(['forty-two', expect.stringMatching(repeated)]);
      expect(answers()).toHaveLength(2);
      expect(await stage.harness.events('receipt.repeated')).toMatchObject([{ marked: true }]);
    },
  );

  test.each(lost)(
    'F13 a message of its own ($kind), to be held: not again, told',
    async (fault) => {
      await open({ config: { unknownPolicy: 'hold' } });
      stage.telegram.fault('sendMessage', fault);
      await answerAtOnce(stage);
      await stage.advance(2 * minute);
      expect(texts()).toEqual(['forty-two']);
      expect(sent(stage)).toHaveLength(1);
      expect(await stage.incidents()).toHaveLength(1);
    },
  );

  test.each(lost)(
    'F13 an edit ($kind): repeated, and Telegram says that it stands',
    async (fault) => {
      await open();
      const call = await stage.begin();
      const planned = stage.telegram.fault('editMessageText', fault);
      call.finish('forty-two');
      await stage.advance(2 * minute);
      expect(planned.hits).toBe(1);
      expect(answers()).toEqual(['forty-two']);
      const [, ...again] = sent(stage, 'forty-two');
      expect(again.length).toBeGreaterThan(0);
      for (const { answer } of again) expect(answer).toMatchObject({ ok: false, error_code: 400 });
      expect((await receiptsOf(stage))[0]?.receipt.state).toBe('surfaced');
      expect(await stage.harness.events('receipt.repeated')).toEqual([]);
    },
  );
});

describe('H12 dead after Telegram accepted and before its answer was read', () => {
  async function dieAt(method: string, act: () => void, withinMs = 3_000): Promise<void> {
    const planned = stage.telegram.fault(method, { kind: 'applied_then_hang' });
    act();
    await stage.advance(withinMs);
    expect(planned.hits).toBe(1);
    await crash(stage, minute);
    await stage.advance(2 * minute);
    expect(stage.calls).toHaveLength(1);
  }
  const atWork = (): number =>
    ours(stage.ann.chat).filter((one) => labels(one).includes('Cancel')).length;

  test('H12 at the placeholder: the end is told once, unmarked', async () => {
    await open();
    await dieAt('sendMessage', () => void stage.ann.say('go'));
    expect(texts().filter((text) => text.includes('Interrupted'))).toHaveLength(1);
    expect(texts().some((text) => repeated.test(text))).toBe(false);
  });

  test('H12 at a progress: one message, which says how it ended', async () => {
    await open();
    const call = await stage.begin();
    await dieAt('editMessageText', () => call.emit({ kind: 'progress', message: 'half of it' }));
    const [live, ...more] = texts();
    expect(live).toContain('Interrupted');
    expect(more.filter((text) => !text.endsWith('see above.'))).toEqual([]);
    expect(atWork()).toBe(0);
  });

  test('H12 at the answer, an edit: seen once', async () => {
    await open();
    const call = await stage.begin();
    await dieAt('editMessageText', () => void call.finish('forty-two'));
    expect(answers()).toEqual(['forty-two']);
    expect(atWork()).toBe(0);
  });

  test('H12 at the answer, a message of its own: the second says what it is', async () => {
    await open();
    await stage.say('go');
    await dieAt('sendMessage', () => void stage.work.finish('forty-two'));
    expect(texts()).toEqual(['forty-two', expect.stringMatching(repeated)]);
  });

  test('H12 at a question: the end is told, and who presses its buttons after all is answered', async () => {
    await open();
    const call = await stage.begin();
    const options = [
      { id: 'yes', label: 'Yes' },
      { id: 'no', label: 'No', refuses: true },
    ];
    await dieAt(
      'sendMessage',
      () => void call.ask({ kind: 'permission', text: 'Go on?', options }),
    );
    const asked = ours(stage.ann.chat).filter(({ history }) => history[0]?.includes('Go on?'));
    expect(asked).toHaveLength(1);
    const [question] = asked;
    expect(texts().some((text) => text.includes('Interrupted'))).toBe(true);
    expect(atWork()).toBe(0);
    // Its number was never learned, so its buttons stay: who presses one is told.
    expect(labels(question)).toEqual(['Yes', 'No']);
    const before = texts().length;
    const press = stage.ann.press(question as TelegramMessage, 'Yes');
    await stage.advance(5_000);
    expect(await press.answered).toBeDefined();
    expect(texts().slice(before)).toEqual([expect.stringContaining('Too late')]);
  });
});

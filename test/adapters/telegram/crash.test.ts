import { afterEach, describe, expect, test } from 'vitest';
import type { TelegramMessage } from '../../../src/testing/telegram/index.ts';
import { Stage, type StageOptions } from './stage.ts';

let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const ours = (): TelegramMessage[] =>
  stage.ann.chat.messages.filter(({ from }) => from.kind === 'bot');

/** Telegram shows it, and the process dies before it reads the answer. */
async function dieWhile(method: string, act: () => void, afterMs: number): Promise<void> {
  const planned = stage.telegram.fault(method, { kind: 'applied_then_hang' });
  act();
  await stage.advance(afterMs);
  expect(planned.hits).toBe(1);
  await stage.harness.crash(1_000);
  await stage.advance(60_000);
}

describe('a kill after Telegram accepted and before the answer was read', () => {
  test('H12 at the answer, as an edit of the placeholder: it is seen once', async () => {
    await open();
    const call = await stage.begin();
    await dieWhile('editMessageText', () => void call.finish('the answer'), 2_000);
    expect(ours().map(({ text }) => text)).toEqual(['the answer', 'Done, see above.']);
    expect(await stage.incidents()).toEqual([]);
  });

  test('H12 at the answer, as a message of its own: it is seen, and the second says so', async () => {
    await open();
    await stage.say('quick');
    await dieWhile('sendMessage', () => void stage.work.finish('the answer'), 1_000);
    const texts = ours().map(({ text }) => text);
    expect(texts).toHaveLength(2);
    expect(texts[0]).toBe('the answer');
    expect(texts[1]).toMatch(/may be a repetition/);
    expect(texts[1]).toContain('the answer');
  });

  test('H12 and held for an operator where that is wanted', async () => {
    await open({ config: { unknownPolicy: 'hold' } });
    await stage.say('quick');
    await dieWhile('sendMessage', () => void stage.work.finish('the answer'), 1_000);
    expect(ours().map(({ text }) => text)).toEqual(['the answer']);
    const { rows } = await stage.harness.relay.receipts.list({ state: 'dead' });
    expect(rows).toHaveLength(1);
  });

  test('H12 at the ack: the end is told, nothing stays at work', async () => {
    await open();
    const planned = stage.telegram.fault('sendMessage', { kind: 'applied_then_hang' });
    await stage.say('go');
    await stage.advance(2_000);
    expect(planned.hits).toBe(1);
    await stage.harness.crash(1_000);
    await stage.advance(60_000);
    expect(ours().some(({ text }) => text.includes('Interrupted'))).toBe(true);
  });

  test('F11 at part 2 of a long answer: it goes on there', async () => {
    await open();
    const words = Array.from({ length: 1_500 }, (_, n) => `w${String(n).padStart(6, '0')}`);
    const call = await stage.begin();
    stage.telegram.fault('sendMessage', { kind: 'server_error' });
    call.finish(words.join(' '));
    await stage.advance(2_500);
    await stage.harness.crash(1_000);
    await stage.advance(60_000);
    const seen = ours()
      .map(({ text }) => text)
      .join(' ')
      .match(/w\d{6}/g);
    expect([...new Set(seen)]).toEqual(words);
    expect(ours()[0]?.text.startsWith('w000000')).toBe(true);
    expect(ours().filter(({ text }) => text.includes('w000000'))).toHaveLength(1);
  });
});

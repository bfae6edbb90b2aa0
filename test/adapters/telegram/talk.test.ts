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

const ours = (messages: readonly TelegramMessage[]): TelegramMessage[] =>
  messages.filter(({ from }) => from.kind === 'bot');
const labels = (message: TelegramMessage | undefined): string[] =>
  message?.buttons.flat().map(({ text }) => text) ?? [];

describe('a private chat', () => {
  test('F32 placeholder at the ack, progress and answer by editing it, nothing else', async () => {
    const { ann } = await open();
    const said = await stage.say('count the files');
    expect(stage.work.task.text).toBe('count the files');
    await stage.advance(2_000);
    const [placeholder] = ours(ann.chat.messages);
    expect(placeholder?.text).toBe('On it…');
    expect(placeholder?.replyTo).toBe(said.messageId);
    expect(placeholder?.notified).toBe(false);
    expect(labels(placeholder)).toEqual(['Cancel']);
    stage.work.emit({ kind: 'progress', message: 'half of them' });
    await stage.advance(4_000);
    expect(placeholder?.text).toContain('half of them');
    stage.work.finish('There are **12**.');
    await stage.advance(5_000);
    expect(ours(ann.chat.messages)).toHaveLength(1);
    expect(placeholder?.text).toMatch(/There are .*12/);
    expect(labels(placeholder)).toEqual([]);
    expect(stage.telegram.limitsHit).toBe(0);
  });

  test('a quick answer is the only message, in reply, with a sound', async () => {
    const { ann } = await open();
    const said = await stage.say('1 + 1?');
    stage.work.finish('2');
    await stage.advance(3_000);
    const [answer, ...more] = ours(ann.chat.messages);
    expect(more).toEqual([]);
    expect(answer).toMatchObject({ text: '2', replyTo: said.messageId, notified: true });
  });

  test('after a minute of work a line in reply makes the sound that an edit does not', async () => {
    const { ann } = await open();
    await stage.begin();
    await stage.advance(70_000);
    stage.work.finish('the answer');
    await stage.advance(10_000);
    const [placeholder, line, ...more] = ours(ann.chat.messages);
    expect(more).toEqual([]);
    expect(placeholder?.text).toBe('the answer');
    expect(line).toMatchObject({
      text: 'Done, see above.',
      replyTo: placeholder?.messageId,
      notified: true,
    });
  });

  test.each([
    ['failed', 'Failed, see above.'],
    ['cancelled', 'Cancelled, see above.'],
  ] as const)('and says how it ended: %s', async (status, text) => {
    const { ann } = await open();
    await stage.begin();
    await stage.advance(70_000);
    stage.work.finish({ status, text: 'so it is', reason: 'no_result' });
    await stage.advance(10_000);
    expect(ann.chat.texts.at(-1)).toBe(text);
  });

  test('the line is lost without harm', async () => {
    const { ann, telegram } = await open();
    await stage.begin();
    await stage.advance(70_000);
    telegram.fault('sendMessage', { kind: 'server_error' });
    stage.work.finish('the answer');
    await stage.advance(60_000);
    expect(ann.chat.texts).toEqual(['the answer']);
    const { rows } = await stage.harness.relay.receipts.list({ open: true });
    expect(rows).toEqual([]);
  });

  test('an answer of less than a minute is followed by nothing', async () => {
    const { ann } = await open();
    await stage.begin();
    await stage.advance(30_000);
    stage.work.finish('the answer');
    await stage.advance(60_000);
    expect(ann.chat.texts).toEqual(['the answer']);
  });

  test('F31 typing while it works, and never after', async () => {
    const { ann, telegram } = await open();
    await stage.begin();
    await stage.advance(10_000);
    const typed = telegram.callsOf('sendChatAction').length;
    expect(typed).toBeGreaterThanOrEqual(3);
    expect(ann.chat.typing?.action).toBe('typing');
    stage.work.finish('done');
    await stage.advance(2_000);
    const after = telegram.callsOf('sendChatAction').length;
    await stage.advance(60_000);
    expect(telegram.callsOf('sendChatAction').length).toBe(after);
  });

  test('a hung call of typing holds up nothing', async () => {
    const { ann, telegram } = await open();
    telegram.fault('sendChatAction', { kind: 'hang' }, { times: 100 });
    await stage.begin();
    stage.work.finish('done');
    await stage.advance(3_000);
    expect(ann.chat.texts).toEqual(['done']);
  });

  test('Cancel ends the work; the press is answered', async () => {
    const { ann } = await open();
    await stage.begin();
    const [placeholder] = ours(ann.chat.messages);
    const press = ann.press(placeholder as TelegramMessage, 'Cancel');
    await stage.advance(3_000);
    expect(await press.answered).toMatchObject({ alert: false });
    expect(placeholder?.text).toContain('Cancelled');
    expect(labels(placeholder)).toEqual([]);
  });

  test('a question by buttons is answered by a press', async () => {
    const { ann } = await open();
    await stage.begin();
    const reply = stage.work.ask({
      kind: 'permission',
      text: 'Which one?',
      options: [
        { id: 'left', label: 'Left' },
        { id: 'right', label: 'Right', refuses: true },
      ],
    });
    await stage.advance(3_000);
    const question = ours(ann.chat.messages).at(-1) as TelegramMessage;
    expect(labels(question)).toEqual(['Left', 'Right']);
    expect(question.buttons).toHaveLength(1);
    ann.press(question, 'Right');
    await stage.advance(3_000);
    expect(await reply).toEqual({ outcome: 'selected', optionId: 'right' });
    expect(question.buttons).toEqual([]);
    expect(question.text).toContain('Right');
  });

  test('an edit changes what is queued', async () => {
    const { ann } = await open();
    await stage.begin('first');
    const second = await stage.say('second');
    await stage.advance(3_000);
    ann.edit(second, 'second, but better');
    await stage.advance(1_000);
    stage.calls[0]?.finish('done');
    await stage.advance(3_000);
    expect(stage.work.task.text).toBe('second, but better');
  });

  test.each([
    ['/start', /\/status/],
    ['/help', /\/cancel/],
    ['/status', /Nothing is open here/],
  ])('%s is answered from the store', async (text, expected) => {
    const { ann } = await open();
    await stage.say(text);
    await stage.advance(2_000);
    expect(ann.chat.texts.at(-1)).toMatch(expected);
    expect(stage.calls).toEqual([]);
  });

  test('the menu of commands is set, unless it is not wanted', async () => {
    await open();
    const names = stage.telegram.commands.get('default')?.map(({ command }) => command);
    expect(names).toEqual(['status', 'cancel', 'retry', 'help']);
    await stage.close();
    await open({ config: { commands: false } });
    expect(stage.telegram.commands.size).toBe(0);
  });
});

describe('files', () => {
  test('what a person sends is named, and loaded when it is asked for', async () => {
    await open();
    const bytes = new TextEncoder().encode('in the file');
    await stage.say('read this', {
      files: [{ kind: 'document', name: 'a b.txt', mimeType: 'text/plain', bytes }],
    });
    const [file] = stage.work.task.files;
    expect(file).toMatchObject({ name: 'a b.txt', mimeType: 'text/plain', sizeBytes: 11 });
    expect(file?.url).toMatch(/^telegram:/);
    expect(stage.telegram.callsOf('getFile')).toEqual([]);
    const loading = stage.adapter.file(file?.url ?? '');
    expect(new TextDecoder().decode(await stage.harness.settle(loading))).toBe('in the file');
  });

  test('a file that Telegram does not give, or that is none of its own, is an error without the token', async () => {
    const { telegram } = await open();
    await stage.say('read this', {
      files: [{ name: 'big', bytes: new Uint8Array(1), sizeBytes: 21 * 1_024 * 1_024 }],
    });
    const url = stage.work.task.files[0]?.url ?? '';
    await expect(stage.harness.settle(stage.adapter.file(url))).rejects.toMatchObject({
      code: 'file_too_big',
    });
    await expect(stage.adapter.file('https://example.org/x')).rejects.toMatchObject({
      code: 'file_url',
    });
    const gone = stage.harness.settle(stage.adapter.file('telegram:nothing-there'));
    const error: unknown = await gone.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'file_unavailable' });
    expect(String(error)).not.toContain(telegram.token);
  });

  test('an album is one message', async () => {
    await open();
    const photo = { kind: 'photo', bytes: new Uint8Array([1, 2, 3]) } as const;
    await stage.say('compare', { files: [photo, photo, photo] });
    await stage.advance(1_000);
    expect(stage.calls).toHaveLength(1);
    expect(stage.work.task.text).toBe('compare');
    expect(stage.work.task.files).toHaveLength(3);
  });

  test('an answer of very many messages is a file, and begins in the chat', async () => {
    const { ann } = await open();
    const text = Array.from({ length: 8_000 }, (_, n) => `line ${n}`).join('\n');
    await stage.begin();
    stage.work.finish(text);
    await stage.advance(10_000);
    const [beginning, file, ...more] = ours(ann.chat.messages);
    expect(more).toEqual([]);
    expect(beginning?.text.startsWith('line 0\nline 1\n')).toBe(true);
    expect(file?.files[0]?.name).toBe('answer.md');
    expect(new TextDecoder().decode(file?.files[0]?.bytes)).toBe(text);
  });
});

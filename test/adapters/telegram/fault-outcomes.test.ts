import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TelegramChat, TelegramFault } from '../../../src/testing/telegram/index.ts';
import {
  answerAtOnce,
  close,
  crash,
  hour,
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

const status = (code: number, description: string): TelegramFault => ({
  kind: 'status',
  code,
  description,
});
const half: TelegramFault = { kind: 'status', code: 200, description: '', body: '{"ok":true,"res' };
const notSent = { kind: 'deferred', reason: 'not_connected' };
const refusedToken = { kind: 'deferred', reason: 'unauthorized', scope: 'account' };
const nobodyKnows = { kind: 'unknown' };

/** What a person sees when a message of its own met it once. */
type Seen = 'once' | 'once, marked' | 'twice, the second marked' | 'nothing';
function asSeen(texts: readonly string[]): Seen | readonly string[] {
  const kinds = texts.map((text) => (repeated.test(text) ? 'marked' : 'plain'));
  if (!texts.every((text) => text.includes('forty-two'))) return texts;
  const known: Readonly<Record<string, Seen>> = {
    '': 'nothing',
    plain: 'once',
    marked: 'once, marked',
    'plain,marked': 'twice, the second marked',
  };
  return known[kinds.join()] ?? texts;
}

describe('F05 what an error of the network means', () => {
  test.each<[string, string, boolean, object, Seen]>([
    ['no connection', 'ECONNREFUSED', false, notSent, 'once'],
    ['no such name', 'ENOTFOUND', false, notSent, 'once'],
    ['names not to be had now', 'EAI_AGAIN', false, notSent, 'once'],
    ['no connection in time', 'UND_ERR_CONNECT_TIMEOUT', false, notSent, 'once'],
    ['a reset before it came', 'ECONNRESET', false, nobodyKnows, 'once, marked'],
    ['a reset after it came', 'ECONNRESET', true, nobodyKnows, 'twice, the second marked'],
    ['a socket that closed', 'UND_ERR_SOCKET', true, nobodyKnows, 'twice, the second marked'],
    ['no answer in time', 'UND_ERR_HEADERS_TIMEOUT', true, nobodyKnows, 'twice, the second marked'],
    ['something new', 'EWHATEVER', false, nobodyKnows, 'once, marked'],
  ])('F05 %s (%s): judged by its code, though all say the same', async (...row) => {
    const [, code, applied, outcome, seen] = row;
    let met = 0;
    stage = await openStage({}, async (send, method) => {
      if (method !== 'sendMessage' || met > 0) return await send();
      met += 1;
      if (applied) await send();
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('failed'), { code }) });
    });
    await answerAtOnce(stage);
    await stage.advance(2 * minute);
    const [terminal] = await receiptsOf(stage);
    expect(terminal?.outcomes[0]).toMatchObject({
      ...outcome,
      cause: expect.stringContaining(code),
    });
    expect(terminal?.receipt.state).toBe('surfaced');
    expect(asSeen(stage.ann.chat.texts)).toEqual(seen);
  });
});

describe('F05 what an answer of Telegram means', () => {
  const answers: readonly (readonly [string, TelegramFault, object, Seen])[] = [
    ['refused', { kind: 'refused' }, notSent, 'once'],
    ['reset', { kind: 'reset' }, nobodyKnows, 'once, marked'],
    ['shown, then reset', { kind: 'applied_then_reset' }, nobodyKnows, 'twice, the second marked'],
    ['hanging', { kind: 'hang' }, nobodyKnows, 'once, marked'],
    ['shown, then hanging', { kind: 'applied_then_hang' }, nobodyKnows, 'twice, the second marked'],
    ['a page of a gateway', { kind: 'html' }, nobodyKnows, 'once, marked'],
    ['not the JSON of a Bot API', { kind: 'wrong_json' }, nobodyKnows, 'once, marked'],
    ['half an answer', half, nobodyKnows, 'once, marked'],
    ['500', { kind: 'server_error', code: 500 }, nobodyKnows, 'once, marked'],
    ['503', { kind: 'server_error', code: 503 }, nobodyKnows, 'once, marked'],
    ['401', status(401, 'Unauthorized'), refusedToken, 'once'],
    ['404', status(404, 'Not Found'), refusedToken, 'once'],
    ['409', status(409, 'Conflict: …'), { kind: 'deferred', reason: 'unavailable' }, 'once'],
    ['400', status(400, 'Bad Request: …'), { kind: 'rejected', reason: 'invalid' }, 'nothing'],
    ['413', status(413, 'Too Large'), { kind: 'rejected', reason: 'invalid' }, 'nothing'],
    [
      '400 for its entities',
      status(400, "Bad Request: can't parse entities: …"),
      { kind: 'rejected', repair: 'plain' },
      'once',
    ],
  ];

  test.each(answers)('F05 to a message of its own: %s', async (_, fault, outcome, seen) => {
    await open();
    stage.telegram.fault('sendMessage', fault);
    await answerAtOnce(stage);
    await stage.advance(2 * minute);
    const [terminal] = await receiptsOf(stage);
    expect(terminal?.outcomes[0]).toMatchObject(outcome);
    expect(asSeen(stage.ann.chat.texts)).toEqual(seen);
  });

  const passing = answers.filter(([, , , seen]) => seen !== 'nothing');
  test.each(passing)(
    'F05 to the edit that is the answer: %s; seen once, unmarked',
    async (_, fault, outcome) => {
      await open();
      const call = await stage.begin();
      stage.telegram.fault('editMessageText', fault);
      call.finish('forty-two');
      await stage.advance(2 * minute);
      const [terminal] = await receiptsOf(stage);
      expect(terminal?.outcomes[0]).toMatchObject(outcome);
      expect(terminal?.receipt.state).toBe('surfaced');
      const [answer, ...more] = stage.ann.chat.texts;
      expect(answer).toBe('forty-two');
      // A line with a sound may follow, since it is not known how old what was edited is.
      expect(more.filter((text) => text !== 'Done, see above.')).toEqual([]);
    },
  );

  test('F05 429: the whole bot waits for as long as Telegram asks, and not longer', async () => {
    await open();
    const bob = stage.telegram.person({ name: 'Bob' });
    bob.say('hello');
    await stage.advance(1_000);
    stage.telegram.fault('sendMessage', { kind: 'rate_limited', retryAfterS: 17 });
    await answerAtOnce(stage);
    await stage.advance(0);
    stage.calls[0]?.finish('to Bob');
    await stage.advance(16_900);
    expect([...stage.ann.chat.texts, ...bob.chat.texts]).toEqual([]);
    expect(sent(stage)).toHaveLength(1);
    await stage.advance(3_000);
    expect([...stage.ann.chat.texts, ...bob.chat.texts]).toEqual(['forty-two', 'to Bob']);
  });
});

describe('F18 what is refused for good', () => {
  /** All that Telegram is asked for the answer, the state that it ends in, and what is told of it. */
  async function refused(chat: TelegramChat, withinMs = 5 * minute): Promise<void> {
    await stage.advance(withinMs);
    const tries = sent(stage, 'forty-two').length;
    await crash(stage, minute);
    await stage.advance(hour);
    expect(sent(stage, 'forty-two')).toHaveLength(tries);
    expect(chat.texts).toEqual([]);
    const [terminal] = await receiptsOf(stage);
    expect(terminal?.receipt).toMatchObject({ state: 'dead', attempts: tries });
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_failed');
    expect(await stage.incidents()).toHaveLength(1);
  }

  test.each([
    'chat not found',
    'PEER_ID_INVALID',
    'group chat was deactivated',
    'not enough rights to send text messages to the chat',
    'CHAT_WRITE_FORBIDDEN',
    'need administrator rights in the channel chat',
    'BUTTON_DATA_INVALID',
    'what nobody has seen before',
  ])('F18 400 %s: one attempt, then it is told, and never tried again', async (why) => {
    await open();
    const { telegram, ann } = stage;
    telegram.fault('sendMessage', status(400, `Bad Request: ${why}`), { times: 1_000 });
    await answerAtOnce(stage);
    await refused(ann.chat);
    expect(sent(stage)).toHaveLength(1);
    expect((await stage.incidents())[0]).toContain('400');
  });

  test.each([
    ["can't parse entities: unsupported start", 'entities'],
    ['message is too long', 'too_long'],
    ['message text is empty', 'empty'],
  ])('F18 400 %s: repaired once, then believed', async (why, code) => {
    await open();
    stage.telegram.fault('sendMessage', status(400, `Bad Request: ${why}`), { times: 1_000 });
    await answerAtOnce(stage);
    await refused(stage.ann.chat);
    expect(sent(stage)).toHaveLength(2);
    expect((await receiptsOf(stage))[0]?.outcomes).toMatchObject([
      { kind: 'rejected', code: `400 ${code}` },
      { kind: 'rejected', code: `400 ${code}` },
    ]);
  });

  test.each<[string, (stage: Stage) => void]>([
    ['who blocked the bot', ({ ann }) => ann.block()],
    ['who deleted the account', ({ ann }) => ann.deactivate()],
  ])('F18 403 %s: asked again after an hour, then believed', async (_, act) => {
    await open();
    await stage.say('go');
    act(stage);
    stage.work.finish('forty-two');
    await refused(stage.ann.chat, hour + 5 * minute);
    const [first, second, ...more] = sent(stage);
    expect(more).toEqual([]);
    const waitedMs = (second?.atMs ?? 0) - (first?.atMs ?? 0);
    expect(waitedMs).toBeGreaterThanOrEqual(hour);
    expect(waitedMs).toBeLessThan(hour + 5 * minute);
  });

  test('F18 403 a group that threw the bot out: so too, and other chats do not wait for it', async () => {
    await open();
    const { telegram, ann } = stage;
    const group = telegram.group({ members: [ann] });
    await stage.say(`@${telegram.username} go`, { to: group });
    group.kickBot();
    stage.work.finish('forty-two');
    await stage.advance(minute);
    await stage.say('and here?');
    stage.work.finish('here I am');
    await stage.advance(5_000);
    expect(ours(ann.chat).map(({ text }) => text)).toEqual(['here I am']);
    await stage.advance(hour + 5 * minute);
    expect(sent(stage, 'forty-two')).toHaveLength(2);
    expect(await stage.incidents()).toHaveLength(1);
  });
});

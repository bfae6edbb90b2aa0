import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DiscordFault, DiscordRoute } from '../../../src/testing/discord/index.ts';
import {
  type Asked,
  answerAtOnce,
  ask,
  begin,
  change,
  close,
  crash,
  create,
  day,
  deafen,
  hour,
  labels,
  minute,
  openStage,
  ours,
  receiptsOf,
  repeated,
  repetitions,
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

const answers = ({ room }: Asked): readonly string[] =>
  room.texts.filter((text) => text.includes('forty-two'));

describe('F03 Discord: nothing can be sent for an hour', () => {
  test('F03 Discord: refused connections and a restart among them: not sent, so all of it is sent later, unmarked', async () => {
    await open();
    const asked = await begin(stage);
    const down = stage.discord.fault('*', { kind: 'refused' }, { times: 100_000 });
    asked.call.finish('forty-two');
    await stage.advance(hour);
    expect(answers(asked)).toEqual([]);
    down.cancel();
    const again = stage.discord.fault(create, { kind: 'refused' }, { times: 100_000 });
    await crash(stage, minute);
    await stage.advance(hour);
    expect(answers(asked)).toEqual([]);
    again.cancel();
    await stage.advance(5 * minute);
    expect(answers(asked)).toEqual([expect.stringMatching(/forty-two$/)]);
    expect(asked.room.texts.filter((text) => repeated.test(text))).toEqual([]);
    expect((await receiptsOf(stage))[0]?.receipt.state).toBe('surfaced');
  });
});

describe('F09 Discord: what was delivered long ago', () => {
  test('F09 Discord: shown, and dead before it was stored: after a week it is found and not sent again', async () => {
    await open();
    const planned = stage.discord.fault(create, { kind: 'applied_then_hang' });
    const { room, call } = await ask(stage);
    deafen(stage);
    call.finish('forty-two');
    await stage.advance(1_000);
    expect(planned.hits).toBe(1);
    await crash(stage, 7 * day);
    for (let n = 0; n < 3; n += 1) {
      await stage.advance(5 * minute);
      await crash(stage, minute);
    }
    expect(room.texts).toEqual(['forty-two']);
    expect(sent(stage)).toHaveLength(1);
    expect((await receiptsOf(stage))[0]?.receipt.state).toBe('surfaced');
    expect(await stage.incidents()).toEqual([]);
  });

  test('F09 Discord: what is stored as shown is not sent again by any restart, nor what a person said answered again', async () => {
    await open();
    const { room, message } = await answerAtOnce(stage);
    await stage.advance(minute);
    for (let n = 0; n < 4; n += 1) {
      await crash(stage, n === 3 ? 7 * day : minute);
      stage.discord.gateway.repeat('MESSAGE_CREATE', message.id);
      await stage.brought();
      await stage.advance(minute);
    }
    expect(room.texts).toEqual(['forty-two']);
    expect(sent(stage)).toHaveLength(1);
    expect(await tasks(stage)).toHaveLength(1);
  });
});

describe('F11 Discord: an answer of several messages', () => {
  const words = Array.from({ length: 600 }, (_, n) => `w${String(n).padStart(6, '0')}`);
  const wordsIn = (texts: readonly string[]): readonly string[] =>
    texts.join(' ').match(/w\d{6}/g) ?? [];

  test.each<[string, DiscordFault]>([
    ['refused', { kind: 'refused' }],
    ['429', { kind: 'rate_limited', retryAfterS: 5 }],
    ['502', { kind: 'html' }],
    ['shown, and then 500', { kind: 'applied_then_server_error' }],
    ['hung', { kind: 'hang' }],
    ['shown, its answer lost', { kind: 'applied_then_reset' }],
    ['answered with what nobody can read', { kind: 'wrong_json' }],
  ])('F11 Discord: part 2 is %s: it goes on there, nothing is seen twice', async (_, fault) => {
    await open();
    const { room, call } = await ask(stage);
    call.finish(words.join(' '));
    await stage.advance(0);
    const planned = stage.discord.fault(create, fault);
    await stage.advance(2 * minute);
    expect(planned.hits).toBe(1);
    expect(wordsIn(room.texts)).toEqual(words);
    expect(sent(stage, words[0])).toHaveLength(1);
    expect(room.texts.filter((text) => repeated.test(text))).toEqual([]);
  });

  test.each<DiscordFault>([{ kind: 'hang' }, { kind: 'applied_then_hang' }])(
    'F11 Discord: dead at part 2 ($kind): it goes on there, nothing is seen twice',
    async (fault) => {
      await open();
      const { room, call } = await ask(stage);
      call.finish(words.join(' '));
      await stage.advance(0);
      const planned = stage.discord.fault(create, fault);
      await stage.advance(2_000);
      expect(planned.hits).toBe(1);
      await crash(stage, minute);
      await stage.advance(2 * minute);
      expect(wordsIn(room.texts)).toEqual(words);
      expect(sent(stage, words[0])).toHaveLength(1);
      expect(stage.calls).toHaveLength(1);
    },
  );
});

const lost: readonly DiscordFault[] = [
  { kind: 'applied_then_reset' },
  { kind: 'applied_then_hang' },
  { kind: 'applied_then_server_error' },
];

describe('F13 Discord: it took it and its answer is lost', () => {
  test.each(lost)(
    'F13 Discord: a message ($kind): known by its nonce, seen once',
    async (fault) => {
      await open();
      const planned = stage.discord.fault(create, fault);
      const asked = await answerAtOnce(stage);
      await stage.advance(2 * minute);
      expect(planned.hits).toBe(1);
      expect(asked.room.texts).toEqual(['forty-two']);
      expect((await receiptsOf(stage))[0]?.receipt.state).toBe('surfaced');
    },
  );

  test('F13 Discord: dead for so long that no nonce is known: found in the history', async () => {
    await open();
    stage.discord.fault(create, { kind: 'applied_then_hang' });
    const asked = await ask(stage);
    deafen(stage);
    asked.call.finish('forty-two');
    await stage.advance(100);
    await crash(stage, 10 * minute);
    await stage.advance(5 * minute);
    expect(asked.room.texts).toEqual(['forty-two']);
    expect(await repetitions(stage)).toEqual([]);
    expect((await receiptsOf(stage))[0]?.receipt.state).toBe('surfaced');
  });

  test.each(lost)('F13 Discord: a file ($kind): seen once', async (fault) => {
    await open({ config: { partsMax: 1 } });
    const asked = await ask(stage);
    asked.call.finish(`${'long '.repeat(800)}forty-two`);
    const planned = stage.discord.fault(create, fault, { times: 2 });
    await stage.advance(5 * minute);
    expect(planned.hits).toBe(2);
    expect(ours(asked.room).flatMap(({ files }) => files)).toHaveLength(1);
    expect(asked.room.texts.filter((text) => repeated.test(text))).toEqual([]);
  });

  test.each(lost)('F13 Discord: an edit ($kind): repeated without harm', async (fault) => {
    await open();
    const asked = await begin(stage);
    const planned = stage.discord.fault(change, fault);
    asked.call.emit({ kind: 'progress', message: 'half of it' });
    await stage.advance(minute);
    expect(planned.hits).toBe(1);
    expect(asked.room.texts).toEqual([expect.stringContaining('half of it')]);
    asked.call.finish('forty-two');
    await stage.advance(minute);
    expect(answers(asked)).toEqual(['forty-two']);
    expect(await repetitions(stage)).toEqual([]);
  });

  test.each([
    ['repeat', ['forty-two', expect.stringContaining('This may be a repetition')]],
    ['hold', ['forty-two']],
  ] as const)(
    'F13 Discord: where neither nonce nor history tells, as it is wanted: %s',
    async (unknownPolicy, texts) => {
      await open({ config: { unknownPolicy } });
      stage.discord.fault(create, { kind: 'applied_then_hang' });
      const { room, call } = await ask(stage);
      deafen(stage);
      call.finish('forty-two');
      await stage.advance(100);
      room.permit('bot', { deny: ['ReadMessageHistory'] });
      await crash(stage, 10 * minute);
      await stage.advance(20 * minute);
      expect(room.texts).toEqual(texts);
      expect(await stage.incidents()).toHaveLength(unknownPolicy === 'hold' ? 1 : 0);
    },
  );
});

describe('H12 Discord: dead after it accepted and before its answer was read', () => {
  async function dieAt(route: DiscordRoute, act: () => void): Promise<void> {
    const planned = stage.discord.fault(route, { kind: 'applied_then_hang' });
    deafen(stage);
    act();
    await stage.advance(3_000);
    expect(planned.hits).toBe(1);
    await crash(stage, minute);
    await stage.advance(2 * minute);
    expect(stage.calls).toHaveLength(1);
    expect(ours(stage.room).filter(({ shown }) => repeated.test(shown))).toEqual([]);
  }
  const counted = ({ room }: Asked, text: string): number =>
    room.texts.filter((one) => one.includes(text)).length;
  const atWork = ({ room }: Asked): number =>
    ours(room).filter((one) => labels(one).includes('Cancel') || one.shown.includes('On it'))
      .length;

  test('H12 Discord: at the placeholder: it is found and finished, the end is told once', async () => {
    await open();
    const asked = await ask(stage);
    await dieAt(create, () => undefined);
    expect([counted(asked, 'Interrupted'), atWork(asked)]).toEqual([1, 0]);
    expect(ours(asked.room)).toHaveLength(2);
  });

  test('H12 Discord: at a progress: the end is told once, nothing stays at work', async () => {
    await open();
    const asked = await begin(stage);
    const { call } = asked;
    await dieAt(change, () => call.emit({ kind: 'progress', message: 'half of it' }));
    expect([counted(asked, 'Interrupted'), counted(asked, 'half of it')]).toEqual([1, 0]);
    expect([ours(asked.room).length, atWork(asked)]).toEqual([2, 0]);
  });

  test('H12 Discord: at the answer: seen once', async () => {
    await open();
    const asked = await begin(stage);
    await dieAt(create, () => void asked.call.finish('forty-two'));
    expect([answers(asked), atWork(asked)]).toEqual([['forty-two'], 0]);
  });

  test('H12 Discord: at a question: it is found, its buttons go, the end is told once', async () => {
    await open();
    const asked = await begin(stage);
    const options = [
      { id: 'yes', label: 'Yes' },
      { id: 'no', label: 'No', refuses: true },
    ];
    const question = { kind: 'permission', text: 'Go on?', options } as const;
    await dieAt(create, () => void asked.call.ask(question));
    const shown = ours(asked.room).filter(({ history }) => history[0]?.includes('Go on?'));
    expect(shown.map(labels)).toEqual([[]]);
    expect([counted(asked, 'Interrupted'), atWork(asked)]).toEqual([1, 0]);
  });
});

import { afterEach, describe, expect, test, vi } from 'vitest';
import { createChance } from '../../../src/testing/chance.ts';
import type { TelegramPerson, TelegramTopic } from '../../../src/testing/telegram/index.ts';
import { ours } from '../../support/telegram.ts';
import { Stage, type StageOptions } from './stage.ts';

/** Goal: many at once get all in their order, within what Telegram allows, and nobody waits for others. */

vi.setConfig({ testTimeout: 60_000 });
let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  // Started when it stands: its requests look at it.
  stage = await Stage.open({ ...options, start: false });
  await stage.harness.start();
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const shows = new Set(['sendMessage', 'editMessageText', 'sendDocument']);
const methodOf = (url: unknown): string => new URL(String(url)).pathname.split('/').at(-1) ?? '';

/** A network on which each request takes its own time, there and back: mostly little, now and then much. */
function jittered(mostMs: number): typeof fetch {
  const chance = createChance(11);
  const wayMs = (): number => chance.below(chance.below(6) === 0 ? mostMs : 20);
  return async (input, init) => {
    const { telegram, harness } = stage;
    if (!shows.has(methodOf(input))) return await telegram.fetch(input, init);
    await harness.runtime.sleep(wayMs());
    const answer = await telegram.fetch(input, init);
    await harness.runtime.sleep(wayMs());
    return answer;
  };
}

describe('ten conversations at once', () => {
  const rounds = 3;
  const steps = 4;
  /** What a person is to see of one answer, in order: steps, then its first message and its last. */
  const tokens = (round: number): readonly string[] => [
    ...Array.from({ length: steps }, (_, step) => `[${round}.${step}]`),
    `[${round}.${steps}]`,
    `[${round}.${steps + 1}]`,
  ];
  /** Six messages long. */
  const filler = 'words and words and words '.repeat(850);

  /** All that was shown in a chat, sends and edits in their order, by its tokens; what is said again once. */
  function seen({ id }: TelegramPerson): readonly string[] {
    const said = stage.telegram.calls
      .filter(({ payload, applied }) => applied && payload['chat_id'] === id)
      .filter(({ method }) => shows.has(method))
      .flatMap(({ payload }) => String(payload['text']).match(/\[\d\.\d\]/g) ?? []);
    return said.filter((token, at) => token !== said[at - 1]);
  }

  async function work(): Promise<void> {
    const stepsOf = new Map<unknown, number>();
    for (let turn = 0; turn < 200 && ended() < 10 * rounds; turn += 1) {
      for (const call of stage.calls.filter(({ settled }) => !settled)) {
        const step = stepsOf.get(call) ?? 0;
        stepsOf.set(call, step + 1);
        const round = Number(call.task.text);
        const all = tokens(round);
        if (step < steps) call.emit({ kind: 'progress', message: `at ${all[step]}` });
        else call.finish(`${all[steps]} ${filler}\n\n${all[steps + 1]} end of ${round}`);
      }
      await stage.advance(2_500);
    }
    await stage.advance(60_000);
  }

  const ended = (): number => stage.calls.filter(({ settled }) => settled).length;

  test('each in its order and whole, however long the ways are; no limit is passed', async () => {
    const { telegram } = await open({ config: { fetch: jittered(3_000) } });
    const people = Array.from({ length: 10 }, (_, n) => telegram.person({ name: `P${n}` }));
    for (let round = 1; round <= rounds; round += 1)
      for (const person of people) person.say(String(round));
    await stage.advance(1_000);
    await work();
    for (const person of people) {
      const said = seen(person);
      expect(said).toEqual([...said].sort());
      // What is queued has its placeholder above the rest of the answer before it.
      const stands = ours(person.chat).flatMap(
        ({ text }) => text.match(/\[\d\.\d\]|end of \d/g) ?? [],
      );
      const wanted = Array.from({ length: rounds }, (_, n) => [
        ...tokens(n + 1).slice(steps),
        `end of ${n + 1}`,
      ]);
      expect([...stands].sort()).toEqual(wanted.flat().sort());
    }
    expect(telegram.limitsHit).toBe(0);
  });
});

describe('a flood in a group', () => {
  const ackDelayMs = 1_500;
  const topicsCount = 16;

  /** Everybody asks in every topic, and all of it tells of its progress every second. */
  async function flood(): Promise<{ topics: readonly TelegramTopic[]; step: () => Promise<void> }> {
    const { telegram } = stage;
    const members = Array.from({ length: topicsCount }, (_, n) =>
      telegram.person({ name: `M${n}` }),
    );
    const group = telegram.supergroup({ members, topics: true });
    const topics = members.map((_, n) => group.topic(`t${n}`));
    for (const [n, topic] of topics.entries())
      members[n]?.say(`@${telegram.username} go`, { to: topic });
    await stage.advance(1_000);
    let said = 0;
    return {
      topics,
      step: async () => {
        said += 1;
        for (const call of stage.calls.filter(({ settled }) => !settled))
          call.emit({ kind: 'progress', message: `step ${said}` });
        await stage.advance(1_000);
      },
    };
  }

  test('delays no ack of a private chat by more than a second, and passes no limit', async () => {
    const { telegram, ann } = await open({ config: { fetch: jittered(400) } });
    const { step } = await flood();
    const lateMs: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      for (let wait = 0; wait < 7; wait += 1) await step();
      const before = ours(ann.chat).length;
      const asked = ann.say(`question ${n}`);
      const call = stage.calls.length;
      for (let wait = 0; wait < 5; wait += 1) await step();
      const ack = ours(ann.chat)[before];
      lateMs.push((ack?.sentAtMs ?? Number.POSITIVE_INFINITY) - asked.sentAtMs - ackDelayMs);
      stage.calls[call]?.finish('answered');
    }
    expect(Math.max(...lateMs)).toBeLessThanOrEqual(1_000);
    expect(telegram.limitsHit).toBe(0);
  });

  test('keeps no answer of the group waiting for what only shows work', async () => {
    const { telegram } = await open({ config: { fetch: jittered(400) } });
    const { topics, step } = await flood();
    for (let n = 0; n < 70; n += 1) await step();
    // The others go on.
    const ending = stage.calls.slice(0, 4);
    for (const call of ending) call.finish('the answer');
    const answered = (): number =>
      topics.filter((topic) => topic.texts.some((text) => text === 'the answer')).length;
    let waitedS = 0;
    while (answered() < ending.length && waitedS < 300) {
      await step();
      waitedS += 1;
    }
    expect(waitedS).toBeLessThanOrEqual(20);
    for (const call of stage.calls) if (!call.settled) call.finish('the answer');
    await stage.advance(180_000);
    expect(answered()).toBe(topicsCount);
    expect(telegram.limitsHit).toBe(0);
  });
});

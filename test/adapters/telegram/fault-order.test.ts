import { afterEach, describe, expect, test, vi } from 'vitest';
import { createChance } from '../../../src/testing/chance.ts';
import type { TelegramMessage, TelegramPlace } from '../../../src/testing/telegram/index.ts';
import { close, hour, minute, openStage, ours, tasks } from './fault-ground.ts';
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

/** Everything that a message ever said, in the order in which it said it. */
const said = (place: TelegramPlace): string[] =>
  ours(place).flatMap(({ history }: TelegramMessage) => [...history]);

/** How much was under way at once in the chat with the most; and drafts beside the end. */
class UnderWay {
  most = 0;
  draftsAtEnd = 0;
  readonly #chats = new Map<string, number>();

  async count<T>({ chat, isEnd }: { chat: string; isEnd: boolean }, run: () => Promise<T>) {
    const now = (this.#chats.get(chat) ?? 0) + 1;
    this.#chats.set(chat, now);
    if (isEnd) this.draftsAtEnd += this.#chats.get(`${chat} draft`) ?? 0;
    if (!chat.endsWith('draft')) this.most = Math.max(this.most, now);
    try {
      return await run();
    } finally {
      this.#chats.set(chat, (this.#chats.get(chat) ?? 1) - 1);
    }
  }
}

const shows = new Set(['sendMessage', 'editMessageText', 'sendDocument', 'sendMessageDraft']);

describe('F32 the end comes last', () => {
  test.each([
    ['draft', 1],
    ['draft', 2],
    ['edit', 3],
    ['edit', 4],
  ] as const)(
    'F32 however late each request comes and each answer, the end stands last in all chats (streams: %s, seed %i)',
    async (streams, seed) => {
      const chance = createChance(seed);
      const underWay = new UnderWay();
      stage = await openStage({ config: { streams } }, async (send, method, { harness }, body) => {
        if (!shows.has(method)) return await send();
        const isDraft = method === 'sendMessageDraft';
        const chat = `${body['chat_id']}${isDraft ? ' draft' : ''}`;
        const isEnd = String(body['text']).includes('the end');
        return await underWay.count({ chat, isEnd }, async () => {
          await harness.runtime.sleep(chance.below(1_800));
          const answer = await send();
          await harness.runtime.sleep(chance.below(1_800));
          return answer;
        });
      });
      const people = Array.from({ length: 6 }, (_, n) => stage.telegram.person({ name: `P${n}` }));
      for (const person of people) person.say('go');
      await stage.advance(4_000);
      for (let step = 1; step <= 5; step += 1) {
        for (const call of stage.calls) {
          call.emit({ kind: 'progress', message: `step ${step}` });
          call.text(`piece ${step} `);
        }
        await stage.advance(3_000 + chance.below(2_000));
      }
      for (const call of stage.calls) call.finish(`the end ${'x'.repeat(5_000)} and its tail`);
      await stage.advance(2 * minute);
      expect(stage.calls).toHaveLength(6);
      for (const { chat } of people) {
        const steps = said(chat).flatMap((text) => /^(?:step|.*piece) (\d)/.exec(text)?.[1] ?? []);
        expect(steps.length).toBeGreaterThan(1);
        expect(steps).toEqual(steps.toSorted());
        expect(chat.texts[0]).toContain('the end');
        expect(chat.texts.at(-1)).toContain('and its tail');
        expect(chat.texts.join(' ').split('the end')).toHaveLength(2);
        expect(chat.texts.join()).not.toMatch(/step|piece/);
      }
      expect([underWay.most, underWay.draftsAtEnd]).toEqual([1, 0]);
      expect(stage.telegram.limitsHit).toBe(0);
    },
  );
});

describe('H08 a chat in which nothing can be shown', () => {
  const noRights = {
    kind: 'status',
    code: 400,
    description: 'Bad Request: not enough rights to send text messages to the chat',
  } as const;

  test('H08 is not asked again and again: one attempt, one incident, no warnings; the end is shown when it can be', async () => {
    await open({ relay: { deadlines: { terminalMs: 2 * hour } } });
    const { telegram, ann } = stage;
    const group = telegram.group({ members: [ann] });
    const plans = ['sendMessage', 'sendChatAction'].map((method) =>
      telegram.fault(method, noRights, { times: 10_000, chat: group }),
    );
    await stage.say(`@${telegram.username} go`, { to: group });
    const call = stage.work;
    for (let n = 0; n < 60; n += 1) {
      call.emit({ kind: 'progress', message: `step ${n}` });
      await stage.advance(10_000);
    }
    expect(telegram.callsOf('sendMessage')).toHaveLength(1);
    expect(telegram.callsOf('editMessageText')).toEqual([]);
    const { rows } = await stage.harness.relay.incidents.list();
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ kind: 'progress_dead', count: 1 });
    const loud = stage.logs.filter((line) => /^(warn|error)/.test(line));
    expect(loud.length).toBeLessThanOrEqual(1);
    for (const plan of plans) plan.cancel();
    call.finish('forty-two');
    await stage.advance(10_000);
    expect(group.texts.at(-1)).toContain('forty-two');
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_acked');
    expect(await stage.incidents()).toEqual([]);
  });

  test('H08 who blocked the bot: not asked before the hour is over', async () => {
    await open({ relay: { deadlines: { terminalMs: 3 * hour } } });
    const { telegram, ann } = stage;
    await stage.say('go');
    ann.block();
    await stage.advance(50 * minute);
    expect(telegram.callsOf('sendMessage')).toHaveLength(1);
    expect(await stage.incidents()).toEqual([]);
    await stage.advance(15 * minute);
    // The placeholder, and the one progress that waited behind it.
    expect(telegram.callsOf('sendMessage')).toHaveLength(3);
    await stage.advance(15 * minute);
    expect(telegram.callsOf('sendMessage')).toHaveLength(3);
    // A sign in ten minutes, though the work goes on.
    expect(telegram.callsOf('sendChatAction').length).toBeLessThanOrEqual(10);
    expect(await stage.incidents()).toHaveLength(1);
    stage.work.finish('forty-two');
    await stage.advance(minute);
  });
});

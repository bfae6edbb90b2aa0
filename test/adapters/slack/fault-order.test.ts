import { afterEach, describe, expect, test, vi } from 'vitest';
import { createChance } from '../../../src/testing/chance.ts';
import type { SlackMessage, SlackPlace } from '../../../src/testing/slack/index.ts';
import { ours } from '../../support/slack.ts';
import {
  ask,
  begin,
  close,
  minute,
  openStage,
  receiptsOf,
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

/** Everything that a message ever said, in the order in which it said it. */
const said = (place: SlackPlace): string[] =>
  ours(place).flatMap(({ history }: SlackMessage) => [...history]);

/** How much was under way at once in the thread with the most, by kind. */
class UnderWay {
  readonly most = new Map<string, number>();
  readonly #now = new Map<string, number>();

  async count<T>(kind: string, place: string, run: () => Promise<T>): Promise<T> {
    const key = `${kind} ${place}`;
    const now = (this.#now.get(key) ?? 0) + 1;
    this.#now.set(key, now);
    this.most.set(kind, Math.max(this.most.get(kind) ?? 0, now));
    try {
      return await run();
    } finally {
      this.#now.set(key, (this.#now.get(key) ?? 1) - 1);
    }
  }
}

const shows = new Set(['chat.postMessage', 'chat.update']);
const streamed = new Set(['chat.startStream', 'chat.appendStream', 'chat.stopStream']);

describe('F32 Slack: the end comes last', () => {
  test.each([
    ['native', 1],
    ['off', 3],
  ] as const)(
    'F32 Slack: however late each request comes and each answer, the end stands last in all threads (streams: %s, seed %i)',
    async (streams, seed) => {
      const chance = createChance(seed);
      const underWay = new UnderWay();
      stage = await openStage({ config: { streams } }, async (send, method, { harness }, body) => {
        const kind = shows.has(method) ? 'shows' : 'streams';
        if (kind === 'streams' && !streamed.has(method)) return await send();
        return await underWay.count(kind, body.get('channel') ?? '', async () => {
          await harness.runtime.sleep(chance.below(1_800));
          const answer = await send();
          await harness.runtime.sleep(chance.below(1_800));
          return answer;
        });
      });
      const asked = [];
      for (let n = 0; n < 4; n += 1)
        asked.push(await ask(stage, 'go', { person: stage.slack.person({ name: `P${n}` }) }));
      await stage.advance(6_000);
      for (let step = 1; step <= 4; step += 1) {
        for (const { call } of asked) {
          call.emit({ kind: 'progress', message: `step ${step}` });
          call.text(`piece ${step} `);
        }
        await stage.advance(5_000 + chance.below(3_000));
      }
      for (const { call } of asked) call.finish(`the end ${'x'.repeat(5_000)} and its tail`);
      await stage.advance(2 * minute);
      for (const { thread } of asked) {
        const steps = said(thread).flatMap((text) => /step (\d)/.exec(text)?.[1] ?? []);
        expect(steps.length).toBeGreaterThan(1);
        expect(steps).toEqual(steps.toSorted());
        const pieces = said(thread).filter((text) => text.startsWith('piece 1 piece'));
        if (streams === 'native') expect(pieces.length).toBeGreaterThan(1);
        expect(thread.texts.at(-1)).toContain('and its tail');
        expect(thread.texts.join(' ').split('the end')).toHaveLength(2);
        expect(thread.texts.join()).not.toMatch(/step|piece/);
      }
      expect(Math.max(...underWay.most.values())).toBe(1);
      expect(stage.slack.limitsHit).toBe(0);
    },
  );
});

describe('F33 Slack: nothing is lost around a start, and nothing is shown before it is stored', () => {
  test('F33 Slack: what could not be stored is not told to be: no status, no placeholder; then one task', async () => {
    await open();
    const { slack, ann, harness } = stage;
    const channel = slack.channel({ members: [ann] });
    harness.memory.database.pragma('query_only = ON');
    const thread = channel.thread(ann.mention('go', { to: channel }));
    await stage.advance(10_000);
    expect(slack.calls.filter(({ args }) => JSON.stringify(args).includes(channel.id))).toEqual([]);
    const told = slack.deliveries.filter(({ outcome }) => outcome === 'acked');
    expect(told.map(({ type }) => type)).not.toContain('message');
    expect(told.map(({ type }) => type)).not.toContain('app_mention');
    expect(thread.status).toBeUndefined();
    harness.memory.database.pragma('query_only = OFF');
    await stage.advance(2 * minute);
    expect(stage.calls).toHaveLength(1);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(thread.texts.at(-1)).toBe('forty-two');
    expect(await tasks(stage)).toHaveLength(1);
  });

  test('F33 Slack: what is said while nobody is there, and while it starts, comes once and in order', async () => {
    await open();
    const { slack, ann } = stage;
    const { thread, call } = await ask(stage, 'first');
    call.finish('first answer');
    await stage.advance(minute);
    const stopped = stage.harness.relay.stop({ now: true });
    await stage.advance(20_000);
    await stopped;
    for (const text of ['second', 'third']) ann.mention(text, { to: thread });
    await stage.advance(20 * minute);
    // Slack has given up on what it could not bring.
    expect(slack.pendingEvents).toBe(0);
    const started = stage.harness.start();
    ann.mention('fourth', { to: thread });
    await started;
    for (const text of ['second', 'third', 'fourth']) {
      await stage.advance(2_000);
      expect(stage.work.task.text).toBe(text);
      stage.work.finish(`${text} answer`);
    }
    await stage.advance(minute);
    const answers = thread.texts.flatMap((text) => /\w+ answer$/.exec(text) ?? []);
    expect(answers).toEqual(['first answer', 'second answer', 'third answer', 'fourth answer']);
    expect(await tasks(stage)).toHaveLength(4);
  });
});

describe('F36 Slack: a stop while a send is under way', () => {
  test.each([
    ['answered while it drains', { kind: 'slow', ms: 4_000 }],
    ['not answered any more, shown', { kind: 'applied_then_hang' }],
    ['not answered any more, not shown', { kind: 'hang' }],
  ] as const)('F36 Slack: %s: seen once', async (_, fault) => {
    await open();
    const asked = await ask(stage);
    const planned = stage.slack.fault('chat.postMessage', fault);
    asked.call.finish('forty-two');
    await stage.advance(100);
    expect(planned.hits).toBe(1);
    const stopped = stage.harness.relay.stop();
    await stage.advance(30_000);
    await stopped;
    await stage.harness.start();
    await stage.advance(2 * minute);
    expect(asked.thread.texts).toEqual(['forty-two']);
    expect((await receiptsOf(stage))[0]?.receipt.state).toBe('surfaced');
    expect(await repetitions(stage)).toEqual([]);
    expect(sent(stage, 'forty-two')).toHaveLength(fault.kind === 'hang' ? 2 : 1);
  });

  test('F36 Slack: while an answer takes the place of a stream: seen once, nothing stays at work', async () => {
    await open();
    const { thread, call } = await begin(stage);
    call.text('forty-');
    await stage.advance(5_000);
    const planned = stage.slack.fault('chat.update', { kind: 'applied_then_hang' });
    call.finish('forty-two');
    await stage.advance(500);
    expect(planned.hits).toBe(1);
    const stopped = stage.harness.relay.stop();
    await stage.advance(30_000);
    await stopped;
    await stage.harness.start();
    await stage.advance(2 * minute);
    expect(thread.texts.filter((text) => text.includes('forty'))).toEqual(['forty-two']);
    expect(ours(thread).filter(({ stream }) => stream === 'on')).toEqual([]);
    expect(await repetitions(stage)).toEqual([]);
  });
});

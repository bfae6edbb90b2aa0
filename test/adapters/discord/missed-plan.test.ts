import { beforeEach, expect, test } from 'vitest';
import { MissedPlan } from '../../../src/adapters/discord/missed-plan.ts';
import { snowflakeAt } from '../../../src/adapters/discord/snowflake.ts';
import { createFakeRuntime, type FakeRuntime } from '../../../src/testing/fake-runtime.ts';

const thread = '1190000000000000007';

let runtime: FakeRuntime;
let plan: MissedPlan;
let fromMs: number;
beforeEach(() => {
  runtime = createFakeRuntime();
  fromMs = runtime.wallMs() - 60_000;
  plan = new MissedPlan({
    config: { channels: 'mentioned' },
    host: { runtime },
    places: {
      noted: () => [{ id: thread, guildId: 'g1', parentId: 'g1 room' }],
      takesPart: () => false,
    },
  } as never);
});

/** A server tells of itself: one channel, in which somebody spoke just now. */
const server = (id: string, more: object = {}) => ({
  ...{ id, threads: [] },
  channels: [{ id: `${id} room`, type: 0, last_message_id: snowflakeAt(runtime.wallMs()) }],
  ...more,
});
const taken = (): string[] => plan.take().map(({ channelId }) => channelId);

test('a server that READY named is looked at when it tells of itself', () => {
  plan.since(fromMs);
  plan.begin(['g1', 'g2']);
  expect(taken()).toEqual([]);
  plan.sees(server('g1'));
  expect(taken()).toEqual(['g1 room', thread]);
  expect(plan.isWaiting()).toBe(true);
  plan.sees(server('g2', { unavailable: true }));
  expect([taken(), plan.isWaiting()]).toEqual([[], true]);
  plan.sees(server('g2'));
  expect([taken(), plan.isWaiting()]).toEqual([['g2 room'], false]);
});

test('one that the bot was invited to meanwhile is not: nothing was missed there', () => {
  plan.since(fromMs);
  plan.begin(['g1', 'g2']);
  plan.sees(server('new'));
  expect(taken()).toEqual([]);
});

test('one that tells again, after an outage, is', () => {
  plan.since(fromMs);
  plan.begin(['g1', 'g2']);
  plan.sees(server('g1', { channels: [] }));
  expect(taken()).toEqual([thread]);
  plan.sees(server('g1'));
  expect(taken()).toEqual(['g1 room']);
});

test('a thread counts as put away only when its server told of itself in this session', () => {
  plan.since(fromMs);
  plan.begin(['g1']);
  plan.sees(server('g1'));
  expect(taken()).toContain(thread);
  plan.begin(['g1']);
  expect(taken()).toEqual([]);
  plan.sees(server('g1', { threads: [{ id: thread, type: 11 }] }));
  expect(taken()).toEqual(['g1 room']);
});

test('after the end what servers tell was not missed, but for those that are late', () => {
  plan.since(fromMs);
  plan.begin(['g1', 'g2']);
  plan.sees(server('g1'));
  taken();
  plan.end();
  plan.sees(server('g2'));
  expect(taken()).toContain('g2 room');
  plan.end();
  plan.sees(server('g1'));
  expect(taken()).toEqual([]);
});

test('what was answered once is asked for again when it is to be looked at from before', () => {
  plan.since(fromMs);
  plan.begin(['g1']);
  plan.sees(server('g1'));
  expect(taken()).toEqual(['g1 room', thread]);
  expect(taken()).toEqual([]);
  plan.since(fromMs - 60_000);
  expect(taken()).toEqual(['g1 room', thread]);
});

test('a life that begins to look anew waits for the servers of its new session', () => {
  plan.begin(['g1']);
  plan.since(fromMs);
  expect(plan.isWaiting()).toBe(true);
});

import { describe, expect, test } from 'vitest';
import { readHandle, writeHandle } from '../../../src/adapters/discord/handle.ts';
import {
  beginLife,
  firstAnswerInMs,
  isAlive,
  Life,
  type LifeEvent,
  liveOn,
  wayOf,
} from '../../../src/adapters/discord/life.ts';
import { channelIdOf, refOf } from '../../../src/adapters/discord/place.ts';
import fc from '../../support/fast-check.ts';

const minute = 60_000;
const interaction = {
  id: '44444',
  token: 'tok',
  applicationId: '1',
  kind: 'command' as const,
  channelId: '22222',
  personId: '88888',
  reachable: true,
};
const begin = (more: { reachable?: boolean; ephemeral?: boolean } = {}): Life =>
  beginLife(
    { ...interaction, reachable: more.reachable ?? true },
    { nowMs: 1_000, ephemeral: more.ephemeral ?? false },
  );
const deferred = (more: Parameters<typeof begin>[0] = {}): Life =>
  liveOn(begin(more), { kind: 'deferred' });
const written = (more: Parameters<typeof begin>[0] = {}): Life =>
  liveOn(deferred(more), { kind: 'written', messageId: '66666' });
const at = (afterMs: number): number => 1_000 + afterMs;

describe('the life of an interaction', () => {
  test('the first answer has three seconds', () => {
    expect(firstAnswerInMs(begin(), at(0))).toBe(3_000);
    expect(firstAnswerInMs(begin(), at(2_999))).toBe(1);
    expect(firstAnswerInMs(begin(), at(4_000))).toBe(0);
    expect(firstAnswerInMs(deferred(), at(0))).toBe(0);
  });

  test('it is stored as it is', () => {
    expect(Life.parse(JSON.parse(JSON.stringify(written())))).toEqual(written());
    expect(written()).toMatchObject({ state: 'written', messageId: '66666', cameMs: 1_000 });
  });

  test('before it is promised nothing can be written; after its time neither', () => {
    expect(isAlive(begin(), at(0))).toBe(false);
    expect(isAlive(deferred(), at(13 * minute - 1))).toBe(true);
    expect(isAlive(deferred(), at(13 * minute))).toBe(false);
    expect(isAlive(liveOn(written(), { kind: 'over' }), at(0))).toBe(false);
  });

  test('where nothing but the token reaches the person it is used nearly to its end', () => {
    for (const one of [deferred({ reachable: false }), deferred({ ephemeral: true })]) {
      expect(isAlive(one, at(14.5 * minute))).toBe(true);
      expect(isAlive(one, at(15 * minute - 19_000))).toBe(false);
    }
  });

  test('property: it only goes on', () => {
    const event = fc.constantFrom<LifeEvent>(
      { kind: 'deferred' },
      { kind: 'written', messageId: '66666' },
      { kind: 'followed' },
      { kind: 'over' },
    );
    const order = ['open', 'deferred', 'written', 'over'];
    fc.assert(
      fc.property(fc.array(event), (events) => {
        let life = begin();
        for (const one of events) {
          const next = liveOn(life, one);
          expect(order.indexOf(next.state)).toBeGreaterThanOrEqual(order.indexOf(life.state));
          expect(next.followups).toBeGreaterThanOrEqual(life.followups);
          life = next;
        }
      }),
    );
  });
});

describe('how something leaves', () => {
  const kind = (life: Life | undefined, live?: string, afterMs = 0): string =>
    wayOf(life, live === undefined ? undefined : { messageId: live }, at(afterMs)).kind;

  test('what answers no interaction is a message of the channel', () => {
    expect(kind(undefined)).toBe('channel');
    expect(kind(undefined, '77777')).toBe('channel');
    // One that its token alone reached, of which nothing is known any more.
    const hidden = { messageId: '77777', interactionId: '44444' };
    expect(wayOf(undefined, hidden, at(0)).kind).toBe('none');
    expect(wayOf(written(), hidden, at(13 * minute)).kind).toBe('none');
  });

  test('first the message that was promised, then messages of the channel', () => {
    expect(kind(deferred())).toBe('original');
    expect(kind(written())).toBe('channel');
    expect(kind(written(), '66666')).toBe('original');
    // What the bot sent by itself the token does not know.
    expect(kind(written(), '77777')).toBe('channel');
    const hidden = { messageId: '77777', interactionId: '44444' };
    expect(wayOf(written({ ephemeral: true }), hidden, at(0))).toMatchObject({
      kind: 'followup',
      messageId: '77777',
    });
  });

  test('what nobody said was seen is kept, once, also behind its end', () => {
    const over = liveOn(written({ ephemeral: true }), { kind: 'over' });
    const once = liveOn(over, { kind: 'unseen', key: 'k1' });
    const twice = liveOn(liveOn(once, { kind: 'unseen', key: 'k1' }), {
      kind: 'unseen',
      key: 'k2',
    });
    expect(twice).toMatchObject({ state: 'over', unseen: ['k1', 'k2'] });
    let many = over;
    for (let n = 0; n < 150; n += 1) many = liveOn(many, { kind: 'unseen', key: `k${n}` });
    expect(many.unseen).toHaveLength(100);
    expect(Life.parse(many)).toEqual(many);
  });

  test('at thirteen minutes it moves to the channel, edits too', () => {
    expect(kind(deferred(), undefined, 13 * minute)).toBe('channel');
    expect(kind(written(), '66666', 13 * minute)).toBe('channel');
  });

  test('what one person alone sees stays so as long as the token holds', () => {
    const life = written({ ephemeral: true });
    expect(kind(life)).toBe('followup');
    expect(kind(life, undefined, 14 * minute)).toBe('followup');
    expect(kind(life, undefined, 15 * minute)).toBe('channel');
    // That message cannot be edited any more.
    expect(kind(life, '66666', 15 * minute)).toBe('none');
  });

  test('where the bot is not, five more messages and then nothing', () => {
    let life = written({ reachable: false });
    for (let n = 0; n < 5; n += 1) {
      expect(kind(life)).toBe('followup');
      life = liveOn(life, { kind: 'followed' });
    }
    expect(kind(life)).toBe('none');
    expect(kind(life, '66666')).toBe('original');
    expect(kind(life, '66666', 15 * minute)).toBe('none');
    expect(kind(begin({ reachable: false }))).toBe('none');
  });
});

describe('handles and channels', () => {
  test('are read as they were written', () => {
    for (const handle of [{ messageId: '77777' }, { messageId: '77777', interactionId: '44444' }])
      expect(readHandle(writeHandle(handle))).toEqual(handle);
    expect(writeHandle({ messageId: '77777', interactionId: '44444' })).toBe('44444@77777');
    const direct = { messageId: '77777', channelId: '55555' };
    expect(writeHandle(direct)).toBe('55555/77777');
    expect(readHandle('55555/77777')).toEqual(direct);
  });
  test.each(['', 'x', '77777@', '@77777', '1@2@3', '77777@x', '1.2', '55555/', '/77777', '5/7/9'])(
    '%j is none of ours',
    (text) => {
      expect(readHandle(text)).toBeUndefined();
    },
  );
  test('a thread is a channel of Discord by itself', () => {
    const ref = refOf('33333', { kind: 'thread', parentId: '22222' }, '1');
    expect(ref).toEqual({
      adapter: 'discord',
      account: '1',
      conversation: '22222',
      thread: '33333',
    });
    expect(channelIdOf(ref)).toBe('33333');
    expect(channelIdOf(refOf('22222', { kind: 'direct' }, '1'))).toBe('22222');
  });
});

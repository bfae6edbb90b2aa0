import { describe, expect, it } from 'vitest';
import type { Channel } from '../../src/contracts/channel.ts';
import type { DeliveryOutcomeInput, Part } from '../../src/contracts/delivery.ts';
import { channelKey } from '../../src/contracts/id.ts';
import type { Script } from '../../src/contracts/store.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';

const tell = (h: Harness, text: string) =>
  h.settle(h.relay.notify({ channel: h.platform.channel(), text, key: text }));

describe('an adapter that breaks its contract', () => {
  it('by throwing: the outcome is unknown, its cause kept', async () => {
    const h = await startHarness();
    h.platform.scripted.push({
      kind: 'throw',
      error: new Error('outer', { cause: new Error('inner') }),
    });
    await tell(h, 'one');
    await tell(h, 'two');
    await h.advance(2_000);
    expect(h.platform.texts()).toEqual(['This may be a repetition:\n\none', 'two']);
    const [cause] = (await h.events('receipt.unknown')).map((event) => event['cause']);
    expect(cause).toMatch(/fake\.deliver threw: Error: outer.*inner/);
    expect(h.errors).toEqual([]);
  });

  it.each([
    ['nothing', undefined],
    ['another kind', { kind: 'ok' }],
    [
      'an empty handle',
      { kind: 'surfaced', atMs: 1, handle: '', evidence: 'accepted', surface: 'durable' },
    ],
    [
      'more than is asked',
      { kind: 'not_surfaced', reason: 'no_audience', atMs: 1, cause: '', extra: 1 },
    ],
    [
      'a number of no use',
      { kind: 'deferred', reason: 'rate_limited', atMs: 1, cause: '', retryAfterMs: Number.NaN },
    ],
  ])('by answering with %s: nothing is believed, and the channel goes on', async (_, answer) => {
    const h = await startHarness();
    h.platform.scripted.push({ kind: 'raw' } as never);
    const deliver = answer as DeliveryOutcomeInput;
    h.platform.scripted[0] = (deliver ?? { kind: 'nothing' }) as DeliveryOutcomeInput;
    await tell(h, 'one');
    await tell(h, 'two');
    await h.advance(2_000);
    expect(h.platform.texts()).toEqual(['This may be a repetition:\n\none', 'two']);
    expect(h.errors).toHaveLength(1);
    expect(h.errors[0]).toContain('fake.deliver broke its contract');
    expect(h.errors[0]).not.toContain('one');
  });

  it.each([
    [
      'throwing',
      (): Part[] => {
        throw new TypeError('cannot cut');
      },
    ],
    ['making no part', (): Part[] => []],
    ['making a part of no shape', (): Part[] => [{} as Part]],
  ])(
    'in cut, by %s: that receipt is dead with an incident, the channel goes on',
    async (_, cut) => {
      const platform = new FakePlatform();
      const whole = platform.adapter();
      const h = await startHarness({
        platform,
        adapters: () => {
          const adapter = platform.adapter();
          return [
            {
              ...adapter,
              cut: (delivery, repairs) =>
                delivery.text === 'poison' ? cut() : whole.cut(delivery, repairs),
            },
          ];
        },
      });
      await tell(h, 'poison');
      await tell(h, 'food');
      await h.advance(1_000);
      expect(platform.texts()).toEqual(['food']);
      expect((await h.receipts()).map(({ state }) => state)).toEqual(['dead', 'surfaced']);
      expect((await h.relay.incidents.list({ open: true })).rows).toHaveLength(1);
      expect(h.errors).toHaveLength(1);
      expect(h.errors[0]).toContain('fake.cut failed');
    },
  );

  it('in show, by throwing: the work goes on', async () => {
    const platform = new FakePlatform();
    const logged: string[] = [];
    const h = await startHarness({
      platform,
      adapters: () => [
        {
          ...platform.adapter(),
          show: () => {
            throw new Error('no typing here');
          },
        },
      ],
      log: (level, message) => void logged.push(`${level} ${message}`),
    });
    await h.say('go');
    (await h.worker.next()).finish('done');
    await h.advance(100);
    expect(platform.texts()).toEqual(['done']);
    expect(logged.some((line) => line.startsWith('error'))).toBe(false);
  });
});

describe('a write with an old fence', () => {
  it('changes nothing and is counted', async () => {
    const h = await startHarness();
    let release = (): void => undefined;
    h.platform.scripted.push({
      kind: 'hold',
      until: new Promise<void>((resolve) => {
        release = resolve;
      }),
    });
    await tell(h, 'one');
    const key = channelKey(h.platform.channel());
    await h.settle(
      h.store.write('steal', function* (tx): Script<void> {
        const channel = (yield* tx.channel(key)) as Channel;
        tx.putChannel({ ...channel, fence: channel.fence + 1 });
      }),
    );
    release();
    await h.advance(0);
    expect((await h.relay.health()).staleWrites).toBe(1);
    expect(await h.events('write.stale')).toHaveLength(1);
    expect((await h.receipts())[0]?.state).toBe('claimed');
    // The lease runs out: it counts as sent, and nobody had to rescue it.
    await h.advance(20_000);
    expect((await h.receipts())[0]?.state).toBe('surfaced');
    expect(h.errors).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { FakePlatform, type Sent } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';
import { lost, rejected, unavailable, unknown } from '../support/outcome.ts';

const small = () => new FakePlatform({ capabilities: { lengthMax: 40 } });
const long = Array.from({ length: 12 }, (_, n) => `word${n} 👩‍👩‍👧‍👦`).join(' ');
const parts = (sent: readonly Sent[]): string[] =>
  sent.map(({ attempt }) => `${attempt.part}/${attempt.parts}`);

/** What parts say without the marks of their cuts. */
const joined = (texts: readonly string[]): string =>
  texts.map((text) => text.replaceAll('…', '').trim()).join(' ');

describe('F11 a send in parts that is partly done', () => {
  it('F11 goes on at the part that failed: no shown part is sent again', async () => {
    const platform = small();
    const h = await startHarness({ platform });
    let failures = 0;
    platform.decide = ({ attempt }) => {
      if (attempt.part !== 3 || failures === 4) return undefined;
      failures += 1;
      return unavailable;
    };
    await h.settle(h.relay.notify({ channel: platform.channel(), text: long, key: 'k' }));
    await h.advance(60_000);
    expect(failures).toBe(4);
    expect(joined(platform.texts())).toBe(long);
    expect(parts(platform.sent).filter((part) => part.startsWith('1/'))).toHaveLength(1);
    expect(parts(platform.sent).filter((part) => part.startsWith('2/'))).toHaveLength(1);
    expect(parts(platform.sent).filter((part) => part.startsWith('3/'))).toHaveLength(5);
    expect(h.errors).toEqual([]);
  });

  it('F11 after a crash it asks for the part in flight and goes on behind it', async () => {
    const platform = new FakePlatform({ capabilities: { lengthMax: 40 }, reconcile: true });
    const h = await startHarness({ platform });
    let died = false;
    platform.decide = ({ attempt }) => {
      if (attempt.part !== 2 || died) return undefined;
      died = true;
      return { kind: 'apply_and_hang' };
    };
    await h.settle(h.relay.notify({ channel: platform.channel(), text: long, key: 'k' }));
    await h.advance(1_000);
    expect(platform.shown).toHaveLength(2);
    await h.crash(1_000);
    await h.advance(20_000);
    expect(joined(platform.texts())).toBe(long);
    expect(platform.asked.map(({ part }) => part)).toEqual([2]);
    expect(new Set(platform.shown.map(({ key }) => key)).size).toBe(platform.shown.length);
    expect(h.errors).toEqual([]);
  });

  it('F11 what reconcile finds shown is a part like any other', async () => {
    const platform = new FakePlatform({ capabilities: { lengthMax: 40 }, reconcile: true });
    const h = await startHarness({ platform });
    platform.scripted.push(lost());
    await h.settle(h.relay.notify({ channel: platform.channel(), text: long, key: 'k' }));
    await h.advance(10_000);
    expect(joined(platform.texts())).toBe(long);
    const [receipt] = await h.receipts();
    expect(receipt?.state).toBe('surfaced');
    expect(receipt?.parts.every((part) => part.handle !== undefined)).toBe(true);
    expect(h.errors).toEqual([]);
  });

  it('F11 a part of unknown outcome is marked alone: the shown ones stay', async () => {
    const platform = small();
    const h = await startHarness({ platform });
    platform.decide = ({ attempt }) =>
      attempt.part === 2 && attempt.n === 2 ? unknown() : undefined;
    await h.settle(h.relay.notify({ channel: platform.channel(), text: long, key: 'k' }));
    await h.advance(10_000);
    const texts = platform.texts();
    expect(texts[0]).not.toContain('repetition');
    expect(texts[1]).toContain('This may be a repetition');
    expect(texts.slice(2).join()).not.toContain('repetition');
    expect(joined(texts).replace('This may be a repetition:', '').replaceAll(/\s+/g, ' ')).toBe(
      long,
    );
    expect(h.errors).toEqual([]);
  });

  it('F11 a repair cuts anew only what is not shown', async () => {
    const platform = new FakePlatform({ capabilities: { lengthMax: 80 } });
    const h = await startHarness({ platform });
    platform.decide = ({ attempt }) =>
      attempt.part === 2 && attempt.repairs.length === 0
        ? rejected({ repair: 'split' })
        : undefined;
    await h.settle(h.relay.notify({ channel: platform.channel(), text: long, key: 'k' }));
    await h.advance(1_000);
    const texts = platform.texts();
    expect(texts[0]?.length).toBeGreaterThan(40);
    for (const text of texts.slice(1)) expect(text.length).toBeLessThanOrEqual(40);
    expect(joined(texts)).toBe(long);
    expect(h.errors).toEqual([]);
  });
});

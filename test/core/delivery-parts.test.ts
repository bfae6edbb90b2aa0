import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';

const small = () => new FakePlatform({ capabilities: { lengthMax: 40 } });
const long = Array.from({ length: 12 }, (_, n) => `word${n} 👩‍👩‍👧‍👦`).join(' ');
/** What parts say without the marks of their cuts. */
const joined = (texts: readonly string[]): string =>
  texts.map((text) => text.replaceAll('…', '').trim()).join(' ');

describe('a text longer than the platform takes', () => {
  it('is cut between graphemes, shown in order, and nothing of it is lost', async () => {
    const h = await startHarness({ platform: small() });
    await h.settle(h.relay.notify({ channel: h.platform.channel(), text: long, key: 'k' }));
    await h.advance(1_000);
    const texts = h.platform.texts();
    expect(texts.length).toBeGreaterThan(3);
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(40);
    expect(joined(texts)).toBe(long);
    expect(await h.events('receipt.surfaced')).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('an edited terminal: part 1 edits the live message, the others are new', async () => {
    const h = await startHarness({ platform: small() });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    call.finish(long);
    await h.advance(1_000);
    expect(h.platform.shown[0]?.history[0]).toBe('On it…');
    expect(joined(h.platform.texts())).toBe(long);
    expect(h.platform.sent.slice(1).map(({ attempt }) => attempt.live)).toEqual([
      'm1',
      ...h.platform
        .texts()
        .slice(1)
        .map(() => undefined),
    ]);
    expect(h.errors).toEqual([]);
  });
});

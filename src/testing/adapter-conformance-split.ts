import assert from 'node:assert/strict';
import { type TextUnit, textSize } from '../adapters/shared/text-size.ts';
import type { Adapter } from '../contracts/adapter.ts';
import type { Part } from '../contracts/delivery.ts';
import type { ChannelRef } from '../contracts/id.ts';
import { type AdapterBench, type AdapterCheck, asText, longMs } from './adapter-conformance-kit.ts';
import { type Chance, createChance } from './chance.ts';

const scraps = [
  'word ',
  'a sentence. ',
  'x',
  '\n',
  '\n\n',
  '- item\n',
  '> quote\n',
  '```ts\nconst a = 1;\n',
  '```\n',
  '~~~\n',
  '`code`',
  '**bold** ',
  '😀',
  '👩‍👩‍👧‍👦',
  '🇪🇺',
  '\u00e9',
  'e\u0301\u0323',
  'नमस्ते',
  '漢字',
  '\t',
  '   ',
  'https://example.org/a/rather/long/path?with=things&and=more ',
] as const;

function randomText(chance: Chance, lengthMax: number): string {
  const length = chance.below(3 * lengthMax) + 1;
  const few = chance.below(10) < 4;
  const from = few ? [pickOne(chance), pickOne(chance)] : scraps;
  let text = '';
  while (text.length < length) text += from[chance.below(from.length)];
  return text;
}

const pickOne = (chance: Chance): string => scraps[chance.below(scraps.length)] ?? 'x';

function judgeCut(adapter: Adapter, text: string, parts: readonly Part[]): void {
  const { lengthMax, lengthUnit } = adapter.capabilities;
  assert.ok(parts.length > 0, 'no part');
  for (const part of parts) {
    const size = textSize(part.text, lengthUnit);
    assert.ok(size <= lengthMax, `a part of ${size} ${lengthUnit}, declared are ${lengthMax}`);
    assert.ok(!/\p{Surrogate}/u.test(part.text), 'half of a surrogate pair');
  }
  const whole = parts.map((part) => part.source ?? part.text).join('');
  assert.equal(whole, text, 'something of the text is lost, added or moved');
}

const sizeOf = (point: string, unit: TextUnit): number => textSize(point, unit);

/** So many words that they take several messages, each with its number. */
function manyWords(lengthMax: number): string[] {
  const words: string[] = [];
  for (let length = 0; length < lengthMax * 2.5; length += 9)
    words.push(`w${String(words.length).padStart(7, '0')}`);
  return words;
}

/** The work's answer to a person, before anything else was shown of it. */
async function answer(bench: AdapterBench, channel: ChannelRef, text: string): Promise<void> {
  await bench.settle(bench.platform.say(channel, 'go'));
  await bench.advance(500);
  const call = bench.worker.calls.at(-1);
  assert.ok(call, 'what the person said started no work');
  call.finish(text);
  await bench.advance(longMs);
}

const wordsSeen = (bench: AdapterBench, channel: ChannelRef): string[] =>
  bench
    .texts(channel)
    .join('')
    .replaceAll(/[\s…]/g, '')
    .match(/w\d{7}/g) ?? [];

export function splitChecks(check: AdapterCheck): void {
  check('cut keeps to lengthMax and loses nothing, whatever the text', [], async (bench) => {
    const channel = await bench.enter();
    const { adapter } = bench;
    const { lengthMax } = adapter.capabilities;
    const chance = createChance(7);
    for (let round = 0; round < Math.max(12, Math.min(50, 50_000 / lengthMax)); round += 1) {
      const text = randomText(chance, lengthMax);
      const { delivery } = bench.compose(channel, { text });
      judgeCut(adapter, text, adapter.cut(delivery, []));
      judgeCut(adapter, text, adapter.cut(delivery, ['split']));
    }
    judgeCut(adapter, '', adapter.cut(bench.compose(channel, { text: '' }).delivery, []));
  });

  check('cut is pure: the same Delivery gives the same parts', [], async (bench) => {
    const channel = await bench.enter();
    const text = randomText(createChance(9), bench.adapter.capabilities.lengthMax * 2);
    const { delivery } = bench.compose(channel, { text });
    assert.deepEqual(bench.adapter.cut(delivery, []), bench.adapter.cut(delivery, []));
  });

  for (const point of ['x', '"', '\u00e9', '漢', '😀']) {
    check(`a text of exactly lengthMax is one message: ${point}`, [], async (bench) => {
      const channel = await bench.enter();
      const { lengthMax, lengthUnit } = bench.adapter.capabilities;
      const text = point.repeat(Math.floor(lengthMax / sizeOf(point, lengthUnit)));
      const { delivery } = bench.compose(channel, { text });
      assert.equal(bench.adapter.cut(delivery, []).length, 1);
      const outcome = await bench.deliver(channel, { text });
      assert.equal(outcome.kind, 'surfaced', `answered ${asText(outcome)}`);
      assert.ok(bench.texts(channel).at(-1) === text, 'it is not seen whole');
      const longer = bench.compose(channel, { text: `${text}${point}` }).delivery;
      assert.ok(bench.adapter.cut(longer, []).length > 1, 'one more is not cut');
    });
  }

  check('a long text is seen whole, part by part', [], async (bench) => {
    const channel = await bench.enter();
    const words = manyWords(bench.adapter.capabilities.lengthMax);
    await answer(bench, channel, words.join(' '));
    const seen = bench.platform.shown(channel);
    assert.ok(seen.length > 1, 'it is one message');
    assert.ok(asText(wordsSeen(bench, channel)) === asText(words), 'words are lost or moved');
    assert.equal(new Set(seen.map(({ handle }) => handle)).size, seen.length);
    const kinds = bench.sends.map(({ outcome }) => outcome?.kind);
    const expected = [...seen.slice(1).map(() => 'partly_surfaced'), 'surfaced'];
    assert.deepEqual(kinds, expected, 'each part is one send');
    assert.deepEqual(
      bench.sends.map(({ attempt }) => attempt.part),
      seen.map((_, at) => at + 1),
    );
  });

  check('a part whose answer is lost is not seen twice', ['applied_then_reset'], async (bench) => {
    const { adapter } = bench;
    const channel = await bench.enter();
    const words = manyWords(adapter.capabilities.lengthMax);
    bench.platform.fault('applied_then_reset', channel);
    await answer(bench, channel, words.join(' '));
    await bench.advance(longMs);
    const seen = wordsSeen(bench, channel);
    const isExact =
      adapter.reconcile !== undefined || adapter.capabilities.unknownPolicy === 'repeat';
    if (isExact) assert.ok(asText(seen) === asText(words), 'words are lost, moved or repeated');
    else if (adapter.capabilities.unknownPolicy === 'mark')
      assert.ok(asText([...new Set(seen)]) === asText(words), 'words are lost or moved');
    else assert.ok(seen.length < words.length, 'the rest went out after a part that is held');
  });
}

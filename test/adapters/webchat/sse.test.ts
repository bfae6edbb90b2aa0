import { expect, test } from 'vitest';
import { EventStreamParser } from '../../../src/adapters/webchat/widget/sse.ts';
import fc from '../../support/fast-check.ts';

const text =
  ': ping\n\nid: e.1\nevent: delivery\ndata: {"a":1}\n\nevent:text\r\ndata:one\r\ndata: two\r\n\r\ndata\n\nevent: lost\n\nretry: 5\nfoo: bar\nid: x\0y\ndata: end\r\r';
const events = [
  { event: 'delivery', data: '{"a":1}', id: 'e.1' },
  { event: 'text', data: 'one\ntwo' },
  { event: 'message', data: '' },
  { event: 'message', data: 'end' },
];

test('events, whatever the line ends; comments and unknown fields are skipped', () => {
  expect([...new EventStreamParser().push(text), ...new EventStreamParser().push('')]).toEqual(
    events.slice(0, 3),
  );
  const parser = new EventStreamParser();
  expect([...parser.push(text), ...parser.push('\n')]).toEqual(events);
});

test('the same events, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
      const parser = new EventStreamParser();
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      const found = places.flatMap((place, at) =>
        parser.push(text.slice(place, places[at + 1] ?? text.length)),
      );
      expect([...found, ...parser.push('\n')]).toEqual(events);
    }),
  );
});

test('a line without an end is refused', () => {
  const parser = new EventStreamParser();
  expect(() => {
    for (let at = 0; at < 50; at += 1) parser.push('x'.repeat(100_000));
  }).toThrow(RangeError);
});

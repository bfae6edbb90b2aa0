import { describe, expect, test } from 'vitest';
import {
  type Entry,
  entriesMax,
  Transcript,
} from '../../../src/adapters/webchat/widget/transcript.ts';
import type { WireDelivery, WireEvent } from '../../../src/adapters/webchat/wire.ts';
import fc from '../../support/fast-check.ts';

function delivery(data: Partial<WireDelivery> & { id: string; seq: number }): WireEvent {
  const common = {
    receiptId: `r${data.seq}`,
    part: 1,
    parts: 1,
    kind: 'notice',
    text: `text ${data.seq}`,
    atMs: data.seq,
    working: false,
    buttons: [],
    files: [],
    notify: false,
    seen: false,
  } as const;
  return { event: 'delivery', data: { ...common, ...data } };
}
const message = (id: string, seq: number): WireEvent => ({
  event: 'message',
  data: { id, seq, text: `text ${id}`, atMs: seq },
});
const text = (id: string, seq: number, start: number, added: string): WireEvent => ({
  event: 'text',
  data: { id, seq, start, text: added },
});

/** What a person would read, in order. */
function shown(transcript: Transcript): string[] {
  return transcript.ordered().map((entry: Entry) => {
    if (entry.who === 'person')
      return `${entry.state === 'sent' ? '' : `${entry.state} `}${entry.id}`;
    return `${entry.id}=${entry.stream?.text ?? entry.data?.text}`;
  });
}

function afterAllOf(events: readonly WireEvent[]): string[] {
  const transcript = new Transcript();
  for (const event of events) transcript.apply(event);
  return shown(transcript);
}

const story: WireEvent[] = [
  message('m1', 1),
  delivery({ id: 'live', seq: 2, kind: 'ack', working: true, text: 'on it' }),
  message('m2', 3),
  delivery({ id: 'live', seq: 4, kind: 'progress', working: true, text: 'half' }),
  delivery({ id: 'q', seq: 5, kind: 'question', text: 'which?' }),
  delivery({ id: 'q', seq: 6, kind: 'amend', text: 'which? this' }),
  delivery({ id: 'live', seq: 7, kind: 'terminal', text: 'done' }),
  delivery({ id: 'long', seq: 8, part: 1, parts: 2, text: 'one' }),
  delivery({ id: 'long.2', seq: 8, part: 2, parts: 2, text: 'two' }),
  message('m3', 9),
];
const told = ['m1', 'live=done', 'm2', 'q=which? this', 'long=one', 'long.2=two', 'm3'];

describe('Transcript', () => {
  test('a message stands where it first stood and says what was said last', () => {
    expect(afterAllOf(story)).toEqual(told);
  });

  test('the same, in whatever order and however often the events come', () => {
    const orders = fc.array(fc.nat(story.length - 1), { maxLength: 30 });
    fc.assert(
      fc.property(
        orders,
        fc.shuffledSubarray(story, { minLength: story.length }),
        (repeats, shuffled) => {
          const events = [...shuffled, ...repeats.map((at) => story[at] as WireEvent)];
          expect(afterAllOf(events).filter((line) => !line.startsWith('long'))).toEqual(
            told.filter((line) => !line.startsWith('long')),
          );
        },
      ),
    );
  });

  test('streamed text is shown under its id and gives way to the durable text', () => {
    const transcript = new Transcript();
    transcript.apply(text('live', 1, 0, 'Hel'));
    transcript.apply(text('live', 2, 3, 'lo'));
    transcript.apply(text('live', 2, 3, 'lo'));
    expect(shown(transcript)).toEqual(['live=Hello']);
    transcript.apply(
      delivery({ id: 'live', seq: 2, kind: 'progress', working: true, text: 'working' }),
    );
    expect(shown(transcript)).toEqual(['live=Hello']);
    transcript.apply(text('live', 3, 0, 'Good day'));
    expect(shown(transcript)).toEqual(['live=Good day']);
    transcript.apply(delivery({ id: 'live', seq: 3, kind: 'terminal', text: 'Good day.' }));
    transcript.apply(text('live', 4, 0, 'late'));
    expect(shown(transcript)).toEqual(['live=Good day.']);
  });

  test('text after a gap is left out; a new connection streams from the beginning', () => {
    const transcript = new Transcript();
    transcript.apply(text('live', 5, 0, 'Hello'));
    transcript.apply(text('live', 6, 9, 'x'));
    expect(shown(transcript)).toEqual(['live=Hello']);
    transcript.restartStreams();
    transcript.apply(text('live', 1, 0, 'Hi'));
    expect(shown(transcript)).toEqual(['live=Hi']);
    transcript.restartStreams();
    transcript.dropStaleStreams();
    expect(shown(transcript)).toEqual([]);
  });

  test('an edit with fewer parts takes the others away', () => {
    expect(afterAllOf([...story, delivery({ id: 'long', seq: 10, text: 'short' })])).toEqual([
      'm1',
      'live=done',
      'm2',
      'q=which? this',
      'long=short',
      'm3',
    ]);
  });

  test('a message that is typed stands last until the server says where', () => {
    const transcript = new Transcript();
    transcript.apply(message('m1', 1));
    transcript.addLocal({ id: 'm2', text: 'x', atMs: 0 });
    transcript.addLocal({ id: 'm4', text: 'x', atMs: 0 });
    transcript.apply(delivery({ id: 'a', seq: 3 }));
    transcript.settleLocal('m4', { state: 'waiting' });
    expect(shown(transcript)).toEqual(['m1', 'a=text 3', 'sending m2', 'waiting m4']);
    transcript.settleLocal('m2', { state: 'sent', seq: 2 });
    transcript.settleLocal('m2', { state: 'waiting' });
    transcript.apply(message('m2', 2));
    expect(shown(transcript)).toEqual(['m1', 'm2', 'a=text 3', 'waiting m4']);
    transcript.reset();
    expect(shown(transcript)).toEqual(['waiting m4']);
    transcript.removeLocal('m4');
    expect(shown(transcript)).toEqual([]);
  });

  test('changes are told once; the oldest go when there are too many', () => {
    const transcript = new Transcript();
    for (let seq = 1; seq <= entriesMax + 3; seq += 1) transcript.apply(message(`m${seq}`, seq));
    const { changed, removed } = transcript.takeChanges();
    expect([changed.size, [...removed].map((entry) => entry.id)]).toEqual([
      entriesMax,
      ['m1', 'm2', 'm3'],
    ]);
    expect(transcript.takeChanges().changed.size).toBe(0);
  });
});

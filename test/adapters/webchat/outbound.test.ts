import { describe, expect, test } from 'vitest';
import {
  cutDelivery,
  deliveryFrame,
  frame,
  historyToWire,
  messageId,
  partMax,
  toWire,
} from '../../../src/adapters/webchat/outbound.ts';
import type { DeliveryAttempt, HistoryItem } from '../../../src/contracts/adapter.ts';
import type { Delivery } from '../../../src/contracts/delivery.ts';
import type { ReceiptId, TaskId } from '../../../src/contracts/id.ts';
import fc from '../../support/fast-check.ts';
import { uuidAt } from './fake-bot.ts';

const receiptId = uuidAt(1_700_000_000_123, 'r') as ReceiptId;
const liveId = uuidAt(1_700_000_000_000, 'l') as ReceiptId;
const channel = { adapter: 'webchat', account: 'main', conversation: 'c' };
const base = {
  receiptId,
  channel,
  taskId: uuidAt(0, 't') as TaskId,
  text: 'hello',
  buttons: [],
  files: [],
  notify: true,
};
const notice: Delivery = { kind: 'notice', ...base };

function attempt(patch: Partial<DeliveryAttempt> = {}): DeliveryAttempt {
  return {
    n: 1,
    part: 1,
    parts: 1,
    content: { text: 'hello' },
    key: 'k',
    repairs: [],
    seq: 7,
    signal: new AbortController().signal,
    ...patch,
  };
}

describe('the identity of a message', () => {
  test.each<[string, Delivery, { part: number; live?: string }, string]>([
    ['the receipt', notice, { part: 1 }, receiptId],
    ['a later part', notice, { part: 3 }, `${receiptId}.3`],
    ['the live message, first shown', { ...notice, kind: 'ack', liveId }, { part: 1 }, liveId],
    [
      'the live message, edited',
      { ...notice, kind: 'progress', liveId: receiptId },
      { part: 1, live: liveId },
      liveId,
    ],
    [
      'a later part of an edit',
      { kind: 'terminal', end: 'completed', ...base, liveId },
      { part: 2, live: liveId },
      `${liveId}.2`,
    ],
    ['a later part, by its own handle', notice, { part: 2, live: `${liveId}.2` }, `${liveId}.2`],
    [
      'the target of an amend',
      { kind: 'amend', ...base, target: `${liveId}.2` },
      { part: 1 },
      `${liveId}.2`,
    ],
  ])('%s', (_, delivery, at, expected) => {
    expect(messageId(delivery, at)).toBe(expected);
  });
});

describe('what goes out', () => {
  const kinds: [Delivery, object][] = [
    [
      { kind: 'ack', ...base, position: 2 },
      { kind: 'ack', working: true, position: 2 },
    ],
    [
      { kind: 'ack', ...base },
      { kind: 'ack', working: true },
    ],
    [
      { kind: 'progress', ...base },
      { kind: 'progress', working: true },
    ],
    [
      { kind: 'question', ...base, askId: uuidAt(0, 'a') as never, freeText: true, untilMs: 9 },
      { kind: 'question', working: false, question: { freeText: true, untilMs: 9 } },
    ],
    [
      { kind: 'terminal', ...base, end: 'timed_out' },
      { kind: 'terminal', working: false, end: 'timed_out' },
    ],
    [notice, { kind: 'notice', working: false }],
    [
      { kind: 'amend', ...base, target: receiptId },
      { kind: 'amend', working: false },
    ],
  ];
  test.each(kinds)('%j', (delivery, expected) => {
    const common = {
      id: receiptId,
      receiptId,
      seq: 7,
      part: 1,
      parts: 1,
      text: 'hello',
      atMs: 1_700_000_000_123,
      buttons: [],
      files: [],
      notify: true,
      seen: false,
    };
    expect(toWire(delivery, attempt())).toEqual({ ...common, ...expected });
  });

  test('buttons and files stand on the last part; a text file is named, not sent', () => {
    const buttons = [{ id: 'b', label: 'B', style: 'plain' as const }];
    const files = [
      { name: 'a', mimeType: 'text/plain', text: 'secret' },
      { name: 'b', mimeType: 'image/png', url: 'https://x.example/b' },
    ];
    const delivery: Delivery = { ...notice, buttons, files };
    expect(toWire(delivery, attempt({ parts: 2 }))).toMatchObject({ buttons: [], files: [] });
    const last = toWire(delivery, attempt({ part: 2, parts: 2 }));
    expect(last.files).toEqual([
      { name: 'a', mimeType: 'text/plain', index: 0 },
      { name: 'b', mimeType: 'image/png', url: 'https://x.example/b' },
    ]);
    expect(last.buttons).toEqual(buttons);
    expect(cutDelivery(delivery)).toEqual([{ text: 'hello', files }]);
  });

  test('nearly always one part; nothing of a longer text is lost', () => {
    expect(cutDelivery({ ...notice, text: 'x'.repeat(partMax) })).toHaveLength(1);
    const unit = fc.constantFrom('word ', '👩‍👩‍👧', '\n\n', 'ä');
    fc.assert(
      fc.property(fc.array(unit, { minLength: 30, maxLength: 60 }), (units) => {
        const text = units.join('').repeat(1_200).trim();
        const parts = cutDelivery({ ...notice, text });
        expect(parts.map((part) => part.source ?? part.text).join('')).toBe(text);
        for (const part of parts) expect(part.text.length).toBeLessThanOrEqual(partMax);
      }),
      { numRuns: 10 },
    );
  });

  test('the transcript says what the live event said', () => {
    const delivery: Delivery = { ...notice, kind: 'progress', liveId };
    const live = toWire(delivery, attempt({ live: liveId }));
    const item: HistoryItem = {
      kind: 'delivery',
      seq: 7,
      delivery,
      parts: [{ part: 1, text: 'hello', handle: liveId }],
      seen: false,
      openedAtMs: 0,
      live: liveId,
    };
    expect(historyToWire(item)).toEqual([{ event: 'delivery', data: live }]);
  });

  test('the transcript holds what may not have arrived, under the id that it will have', () => {
    const parts = [
      { part: 1, text: 'a', handle: receiptId },
      { part: 2, text: 'b' },
    ];
    const events = historyToWire({
      kind: 'delivery',
      seq: 7,
      delivery: notice,
      parts,
      seen: true,
      openedAtMs: 0,
    });
    expect(events.map(({ data }) => data)).toMatchObject([
      { id: receiptId, part: 1, parts: 2, seen: true },
      { id: `${receiptId}.2`, part: 2, parts: 2, seen: true },
    ]);
    const inbound = {
      kind: 'inbound',
      seq: 1,
      id: 'm',
      text: '',
      personId: 'p',
      sentAtMs: 3,
    } as const;
    expect(historyToWire(inbound)).toEqual([]);
    expect(historyToWire({ ...inbound, text: 'x', personName: 'Ann' })).toEqual([
      { event: 'message', data: { id: 'm', seq: 1, text: 'x', atMs: 3, name: 'Ann' } },
    ]);
  });
});

describe('frames', () => {
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

  test('text cannot break out of its event', () => {
    const event = frame({
      event: 'status',
      data: { id: 'x', text: 'a\n\nevent: reset\ndata: {}\n\n' },
    });
    expect(decode(event).split('\n')).toHaveLength(4);
  });

  test('only the last part of a delivery is a position', () => {
    const one = toWire(notice, attempt({ parts: 2 }));
    expect(decode(deliveryFrame(one, 'e'))).toMatch(/^event: delivery\n/);
    expect(decode(deliveryFrame({ ...one, part: 2 }, 'e'))).toMatch(/^id: e\.7\nevent: delivery\n/);
  });
});

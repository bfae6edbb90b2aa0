import { describe, expect, test } from 'vitest';
import { cutDelivery, lengthMax } from '../../../src/adapters/slack/outbound.ts';
import type { DeliveryFile } from '../../../src/contracts/delivery.ts';
import { compose, type Said } from './send.ts';

const inThread = {
  adapter: 'slack',
  account: 'T1',
  conversation: 'C1',
  thread: '1700000000.000100',
};
const textFile = (name: string): DeliveryFile => ({ name, mimeType: 'text/plain', text: 'T' });

describe('cutting', () => {
  const cut = (said: Said, partsMax = 10) =>
    cutDelivery(compose(inThread, said).delivery, said.repairs ?? [], { partsMax });
  const long = 'word and word. '.repeat(1_000);

  test('what fits is one message', () => {
    expect(cut({ text: 'x'.repeat(lengthMax) })).toEqual([{ text: 'x'.repeat(lengthMax) }]);
    expect(cut({ text: 'x'.repeat(lengthMax + 1) }).length).toBe(2);
  });

  test('nothing is lost', () => {
    const parts = cut({ kind: 'terminal', text: long });
    expect(parts.length).toBe(4);
    expect(parts.map(({ source, text }) => source ?? text).join('')).toBe(long);
    for (const { text } of parts) expect(text.length).toBeLessThanOrEqual(lengthMax);
  });

  test('too many parts are a file behind a short text', () => {
    const parts = cut({ kind: 'terminal', text: long }, 2);
    expect(parts.map(({ files }) => files?.[0]?.name)).toEqual([undefined, 'answer.md']);
    expect(parts.map(({ source, text }) => source ?? text).join('')).toBe(long);
    expect(parts[1]?.files?.[0]?.text).toBe(long);
  });

  test('split: halves, and no file however many there are', () => {
    const parts = cut({ kind: 'terminal', text: long, repairs: ['split'] }, 2);
    expect(parts.length).toBeGreaterThan(7);
    for (const { text, files } of parts) {
      expect(text.length).toBeLessThanOrEqual(lengthMax / 2);
      expect(files).toBeUndefined();
    }
    expect(parts.map(({ source, text }) => source ?? text).join('')).toBe(long);
  });

  test('a file is a message of its own; with a notice it stands together', () => {
    const files = [textFile('a'), textFile('b')];
    expect(cut({ kind: 'terminal', text: 'see', files })).toEqual([
      { text: 'see' },
      { text: '', source: '', files: [files[0]] },
      { text: '', source: '', files: [files[1]] },
    ]);
    expect(cut({ kind: 'notice', text: 'see', files })).toEqual([
      { text: 'see', files: [files[0]] },
      { text: '', source: '', files: [files[1]] },
    ]);
  });

  test('what is edited in place is one message, of which the end counts', () => {
    expect(cut({ kind: 'amend', text: long }).length).toBe(1);
    expect(cut({ kind: 'amend', text: long })[0]?.source).toBe(long);
    expect(cut({ kind: 'progress', text: long }, 2).every(({ files }) => files === undefined)).toBe(
      true,
    );
  });
});

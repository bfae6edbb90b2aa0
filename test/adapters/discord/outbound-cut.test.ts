import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/adapters/discord/config.ts';
import { contentOf } from '../../../src/adapters/discord/outbound.ts';
import { cutDelivery, tailOf } from '../../../src/adapters/discord/outbound-cut.ts';
import { sizeOf } from '../../../src/adapters/discord/render.ts';
import type { Delivery, Part } from '../../../src/contracts/delivery.ts';
import fc from '../../support/fast-check.ts';
import { markdown } from '../shared/markdown-arbitrary.ts';
import { compose, type Said } from './send.ts';

const token = [btoa('123456789012345678'), 'FakeFk', 'f'.repeat(38)].join('.');
const config = parseConfig({ token });
const channel = { adapter: 'discord', account: '1', conversation: '22222' };
const deliveryOf = (said: Said): Delivery => compose(channel, said).delivery;
const cut = (said: Said, options = config): readonly Part[] =>
  cutDelivery(deliveryOf(said), [], options);
const whole = (parts: readonly Part[]): string =>
  parts.map((part) => part.source ?? part.text).join('');

describe('cutting', () => {
  test.each(['x', '"', 'é', '漢', '😀'])(
    '2,000 of %s are one message, and one more is not',
    (point) => {
      const text = point.repeat(2_000 / point.length);
      expect(cut({ text })).toEqual([{ text }]);
      expect(cut({ text: text + point }).length).toBeGreaterThan(1);
    },
  );

  test('what escapes make longer is cut shorter', () => {
    const text = 'snake_case_name '.repeat(125);
    const parts = cut({ text });
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(sizeOf(part.text, 2_000)).toBeLessThanOrEqual(2_000);
    expect(whole(parts)).toBe(text);
    expect(cut({ text }, { ...config, embeds: true })).toHaveLength(1);
  });

  test('code goes on in the next message', () => {
    const code = Array.from({ length: 200 }, (_, at) => `const line${at} = ${at};`).join('\n');
    const text = `a\n\n\`\`\`ts\n${code}\n\`\`\`\n`;
    const parts = cut({ text });
    expect(parts.length).toBeGreaterThan(1);
    for (const { text: part } of parts) expect(part.match(/```/g)?.length).toBe(2);
    expect(parts[1]?.text).toMatch(/^…\n```ts\n/);
  });

  test('a text of too many messages is a file behind its beginning', () => {
    const text = 'word '.repeat(10_000);
    const [first, second, ...others] = cut({ kind: 'terminal', text });
    expect(others).toEqual([]);
    expect(first).toMatchObject({ source: '' });
    expect(first?.text).toMatch(/attached file\.$/);
    expect(second).toMatchObject({ text: '', source: text, files: [{ name: 'answer.md', text }] });
    const split = cutDelivery(deliveryOf({ text }), ['split'], config);
    expect(split.length).toBeGreaterThan(25);
    expect(split.every(({ files }) => files === undefined)).toBe(true);
  });

  test('what is edited in place is never a file, and an amend is one message', () => {
    const text = 'word '.repeat(10_000);
    expect(cut({ kind: 'progress', text }).length).toBeGreaterThan(10);
    const [only, ...none] = cut({ kind: 'amend', text });
    expect(none).toEqual([]);
    expect(only?.source).toBe(text);
  });

  test('files are messages of their own; the first of a notice stands below its text', () => {
    const files = ['a', 'b'].map((name) => ({ name, mimeType: 'text/plain', text: name }));
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

  test('the end of a long text fits, its fence opened again; a short one is as it is', () => {
    expect(tailOf('short', config)).toBe('short');
    const lines = Array.from({ length: 400 }, (_, at) => `line ${at}`);
    const tail = tailOf(`\`\`\`js\n${lines.join('\n')}`, config);
    expect(sizeOf(tail, 2_000)).toBeLessThanOrEqual(2_000);
    expect(tail).toMatch(/^(?:…\n)?```/);
    expect(tail).toContain('line 399');
  });

  test('property: nothing is lost, and every part fits as it is sent', () => {
    const dense = fc
      .array(fc.constantFrom('*_', '`a`', '\n> ', '\n- ', '[x](https://a.example) ', 'word '), {
        minLength: 100,
        maxLength: 500,
      })
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(markdown, dense), fc.boolean(), (text, embeds) => {
        const parts = cut({ text, kind: 'terminal' }, { ...config, embeds });
        const max = embeds ? 4_096 : 2_000;
        expect(whole(parts)).toBe(text);
        for (const part of parts) {
          expect(part.text.length).toBeLessThanOrEqual(max);
          expect(part.files !== undefined || sizeOf(part.text, max) <= max).toBe(true);
          const sent = contentOf({ content: part, repairs: [] }, { config: { ...config, embeds } });
          expect(sent.text.length).toBeLessThanOrEqual(max);
        }
      }),
      { numRuns: 20 },
    );
  });
});

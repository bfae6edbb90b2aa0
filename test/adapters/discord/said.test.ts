import { describe, expect, test } from 'vitest';
import { saidText } from '../../../src/adapters/discord/said.ts';
import { snowflakeAt, snowflakeMs } from '../../../src/adapters/discord/snowflake.ts';
import fc from '../../support/fast-check.ts';

const us = { userId: '111', roleIds: ['999'] };
const bob = { id: '222', username: 'bob', global_name: 'Bob B' };
const text = (content: string): string =>
  saidText(
    { content, mentions: [bob, { id: '333', username: 'eve', member: { nick: 'Evie' } }] },
    us,
    (kind, id) => (id === '5' ? `the ${kind}` : undefined),
  ).text;

describe('what people wrote', () => {
  test.each([
    ['hi <@222> and <@!333> and <@444>', 'hi @Bob B and @Evie and @444'],
    ['<@&5> in <#5>, not <#6>', '@the role in #the channel, not #6'],
    ['<:party:123> <a:wave:456>', ':party: :wave:'],
    ['at <t:1700000000:R> or <t:1700000000>', 'at 2023-11-14 22:13 UTC or 2023-11-14 22:13 UTC'],
    ['<t:9999999999999>', '<t:9999999999999>'],
    ['try </ask:123> or <id:guide>', 'try /ask or #guide'],
    ['a < b > c <@x>', 'a < b > c <@x>'],
    ['<@111>, do it', 'do it'],
    ['<@111><@!111> do it', 'do it'],
    ['please <@111> do it', 'please do it'],
    ['what does <@111>', 'what does'],
    ['<@&999> hi', 'hi'],
    ['\u0000 a', ' a'],
    ['**bold** `code`', '**bold** `code`'],
  ])('%s', (raw, expected) => {
    expect(text(raw)).toBe(expected);
  });

  test('whether it is addressed, and to whom', () => {
    const of = (content: string) => saidText({ content }, us);
    expect(of('a <@111>')).toMatchObject({ addressed: true, toOther: false });
    expect(of('<@222> <@111>')).toMatchObject({ addressed: true, toOther: true });
    expect(of('<@111> <@222>')).toMatchObject({ addressed: true, toOther: false });
    expect(of('a <@222>')).toMatchObject({ addressed: false, toOther: false });
    // Of what was forwarded nobody is addressed.
    const forwarded = { content: '', message_snapshots: [{ message: { content: '<@111> x' } }] };
    expect(saidText(forwarded, us)).toEqual({ text: 'x', addressed: false, toOther: false });
  });

  test('property: it never throws, and holds no sign of ours', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom('<@111>', '<@', '>', '\u0000', '<t:1:R>', '<#5>'),
            fc.string({ unit: 'binary' }),
          ),
        ),
        (pieces) => {
          expect(text(pieces.join(''))).not.toContain('\u0000');
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('times in ids', () => {
  test('as Discord documents it', () => {
    expect(snowflakeMs('175928847299117063')).toBe(1_462_015_105_796);
    expect(snowflakeMs('x')).toBe(0);
    expect(snowflakeAt(0)).toBe('0');
  });

  test('property: the smallest id of a time has it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_420_070_400_000, max: 3_000_000_000_000 }), (ms) => {
        expect(snowflakeMs(snowflakeAt(ms))).toBe(ms);
        expect(
          snowflakeMs(String(BigInt(snowflakeAt(ms)) - 1n + (ms > 1_420_070_400_000 ? 0n : 1n))),
        ).toBe(ms > 1_420_070_400_000 ? ms - 1 : ms);
      }),
    );
  });
});

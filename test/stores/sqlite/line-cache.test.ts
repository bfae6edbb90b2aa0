import { expect, it } from 'vitest';
import {
  frontMax,
  LineCache,
  type Place,
  places,
  type Standing,
} from '../../../src/stores/sqlite/line-cache.ts';
import type { SqlValues } from '../../../src/stores/sqlite/row-codec.ts';
import { receipts } from '../../../src/stores/sqlite/rows.ts';
import fc from '../../support/fast-check.ts';

/** Goal: whatever is put, the cache names who a look into the table would find first. Method: random puts beside a plain list. */

interface Standee {
  readonly id: string;
  readonly channel: string;
  readonly place: Place | null;
  readonly seq: number;
  readonly due: number | null;
}

function valuesOf({ id, channel, place, seq, due }: Standee): SqlValues {
  const named: Readonly<Record<string, string | number | null>> = {
    id,
    channel,
    place,
    seq,
    due_at_ms: due,
  };
  return receipts.columns.map((column) => named[column] ?? null);
}

const channels = ['a', 'b'];
const standing = fc.record({
  channel: fc.constantFrom(...channels),
  place: fc.constantFrom<Place | null>('line', 'line', 'parked', 'unripe', null),
  seq: fc.integer({ min: 0, max: 12 }),
  due: fc.option(fc.integer({ min: 0, max: 5 })),
});
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: standing.map((to) => ({ kind: 'new' as const, to })) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.nat(), standing)
        .map(([at, to]) => ({ kind: 'change' as const, at, to })),
    },
    {
      weight: 4,
      arbitrary: fc
        .constantFrom(...channels)
        .map((channel) => ({ kind: 'look' as const, channel })),
    },
  ),
  { maxLength: 60 },
);

/** The table, in the order in which its rows were made. */
function lookInto(rows: readonly Standee[], channel: string, place: Place): Standing[] {
  return rows
    .filter((row) => row.channel === channel && row.place === place)
    .map(({ id, seq, due }) => ({ id, order: place === 'line' ? seq : due }))
    .filter((one): one is Standing => one.order !== null)
    .sort((a, b) => a.order - b.order)
    .slice(0, frontMax);
}

it('names the first of every place, as the table would', () => {
  let looks = 0;
  let known = 0;
  fc.assert(
    fc.property(steps, (list) => {
      const cache = new LineCache();
      const rows: Standee[] = [];
      for (const step of list) {
        if (step.kind === 'new') {
          const row = { id: `r${rows.length}`, ...step.to };
          rows.push(row);
          cache.put(undefined, valuesOf(row));
        } else if (step.kind === 'change' && rows.length > 0) {
          const at = step.at % rows.length;
          const before = rows[at] as Standee;
          const after = { ...before, ...step.to };
          rows[at] = after;
          cache.put(valuesOf(before), valuesOf(after));
        } else if (step.kind === 'look') {
          let looked = false;
          const found = cache.read(step.channel, (place) => {
            looked = true;
            return lookInto(rows, step.channel, place);
          });
          looks += 1;
          if (!looked) known += 1;
          for (const place of places)
            expect(found[place]).toBe(lookInto(rows, step.channel, place)[0]?.id);
        }
      }
    }),
    { numRuns: 2_000 },
  );
  // It is of some use: a good part was known without a look.
  expect(known).toBeGreaterThan(looks / 10);
});

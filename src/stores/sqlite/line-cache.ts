import type { SqlValues } from './row-codec.ts';
import { receipts } from './rows.ts';

/** Where a Receipt may stand in its Channel; every place has an order of its own. */
export const places = ['line', 'parked', 'unripe'] as const;
export type Place = (typeof places)[number];

/** A Receipt and what its place is ordered by: the Channel's number, or when it is due. */
export interface Standing {
  readonly id: string;
  readonly order: number;
}

/** How many of a place are known; the next ones are looked up when these are gone. */
export const frontMax = 4;
/** Channels whose lines are kept; the longest known go first. */
const channelsMax = 1_024;

/** The first of a place. */
class Front {
  #known: Standing[];
  /** There are no others. */
  #isAll: boolean;

  constructor(found: readonly Standing[]) {
    this.#known = [...found];
    this.#isAll = found.length < frontMax;
  }

  get first(): string | undefined {
    return this.#known[0]?.id;
  }

  /** False when it is not known any more who comes first. */
  leave(id: string): boolean {
    this.#known = this.#known.filter((one) => one.id !== id);
    return this.#isAll || this.#known.length > 0;
  }

  /** Behind those of the same order, as a new row stands. */
  join(standing: Standing): void {
    const found = this.#known.findIndex(({ order }) => order > standing.order);
    if (found < 0 && !this.#isAll) return;
    this.#known.splice(found < 0 ? this.#known.length : found, 0, standing);
    if (this.#known.length <= frontMax) return;
    this.#known.length = frontMax;
    this.#isAll = false;
  }
}

type Fronts = Readonly<Record<Place, Front>>;

/**
 * Who stands first in a Channel's line, so that the line is not looked up in every script. It follows what is put.
 * Same rules as for rows: whoever changes Receipts otherwise clears it.
 */
export class LineCache {
  readonly #channels = new Map<string, Fronts>();

  /** The first of each place; `find` looks up at most `frontMax` of one, in order. */
  read(
    channel: string,
    find: (place: Place) => readonly Standing[],
  ): Readonly<Record<Place, string | undefined>> {
    const fronts = this.#channels.get(channel) ?? this.#load(channel, find);
    return {
      line: fronts.line.first,
      parked: fronts.parked.first,
      unripe: fronts.unripe.first,
    };
  }

  /** A Receipt was put; `before`: as it was. */
  put(before: SqlValues | undefined, after: SqlValues): void {
    if (before !== undefined) {
      if (watched.every((at) => before[at] === after[at])) return;
      this.#leave(before);
      // Where its old row lets it stand among those of the same order is the database's to say.
      if (after[columns.place] !== null) this.#channels.delete(String(after[columns.channel]));
      return;
    }
    const fronts = this.#channels.get(String(after[columns.channel]));
    const standing = standingOf(after);
    if (standing !== undefined) fronts?.[standing.place].join(standing);
  }

  clear(): void {
    this.#channels.clear();
  }

  #leave(before: SqlValues): void {
    const channel = String(before[columns.channel]);
    const fronts = this.#channels.get(channel);
    const standing = standingOf(before);
    if (fronts === undefined || standing === undefined) return;
    if (!fronts[standing.place].leave(standing.id)) this.#channels.delete(channel);
  }

  #load(channel: string, find: (place: Place) => readonly Standing[]): Fronts {
    const [line, parked, unripe] = places.map((place) => new Front(find(place))) as [
      Front,
      Front,
      Front,
    ];
    const fronts = { line, parked, unripe };
    this.#channels.set(channel, fronts);
    if (this.#channels.size > channelsMax) {
      const [first] = this.#channels.keys();
      this.#channels.delete(first as string);
    }
    return fronts;
  }
}

const column = (name: string): number => receipts.columns.indexOf(name);
const columns = {
  id: column('id'),
  channel: column('channel'),
  place: column('place'),
  seq: column('seq'),
  due: column('due_at_ms'),
};
const watched = [columns.channel, columns.place, columns.seq, columns.due];

/** Undefined: it stands nowhere, or has no time. */
function standingOf(values: SqlValues): (Standing & { readonly place: Place }) | undefined {
  const place = values[columns.place];
  const order = place === 'line' ? values[columns.seq] : values[columns.due];
  if (typeof place !== 'string' || typeof order !== 'number') return undefined;
  return { place: place as Place, id: String(values[columns.id]), order };
}

/** One event of an event stream. */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
  /** The position to resume from; absent when this event moves none. */
  readonly id?: string;
}

/** Longest line that is kept, in UTF-16 units: more is not our server. */
const lineMax = 4_000_000;

/**
 * Reads `text/event-stream` from pieces cut anywhere. Comments and unknown fields are skipped.
 * Throws `RangeError` on a line without an end.
 */
export class EventStreamParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #id: string | undefined;

  /** The events that this piece completes. */
  push(piece: string): StreamEvent[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > lineMax) throw new RangeError('an event stream without line ends');
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): StreamEvent | undefined {
    if (line === '') return this.#finish();
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#event = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    return undefined;
  }

  #finish(): StreamEvent | undefined {
    const event = this.#event;
    const data = this.#data;
    const id = this.#id;
    this.#event = '';
    this.#data = [];
    this.#id = undefined;
    if (data.length === 0) return undefined;
    return { event: event || 'message', data: data.join('\n'), ...(id !== undefined && { id }) };
  }
}

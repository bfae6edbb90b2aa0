import type { AdapterHost } from '../../contracts/adapter.ts';
import type { Place } from './place.ts';

const noteKey = 'places';
/** Threads, and as many other channels. Of a note no more than 64 KiB are kept; a place takes less than 70 bytes. */
const alikeMax = 450;

/** A channel of Discord's in which the bot takes part. */
export interface NotedPlace {
  readonly id: string;
  readonly guildId?: string;
  /** Of a thread. */
  readonly parentId?: string;
  /** Direct messages: no server tells of them. */
  readonly isDirect?: boolean;
}

/** The durable list of where the bot takes part: the oldest of many is forgotten. */
export class Noted {
  readonly #host: Pick<AdapterHost, 'state' | 'log'>;
  readonly #account: string;
  /** Newest last. */
  readonly #places = new Map<string, NotedPlace>();
  #loading: Promise<void> | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(host: Pick<AdapterHost, 'state' | 'log'>, account: string) {
    this.#host = host;
    this.#account = account;
  }

  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  get(id: string): NotedPlace | undefined {
    return this.#places.get(id);
  }

  list(): NotedPlace[] {
    return [...this.#places.values()];
  }

  /** What a note says of a channel; of a server's own channels too little. */
  placeOf(id: string): Place | undefined {
    const { guildId, parentId, isDirect } = this.#places.get(id) ?? {};
    if (isDirect === true) return { kind: 'direct' };
    if (parentId === undefined) return undefined;
    return { kind: 'thread', parentId, ...(guildId === undefined ? {} : { guildId }) };
  }

  /** Whether it is new. */
  add(place: NotedPlace): boolean {
    const isNew = !this.#places.has(place.id);
    this.#places.delete(place.id);
    this.#places.set(place.id, place);
    const alike = this.list().filter((one) => isThread(one) === isThread(place));
    const [oldest] = alike;
    if (alike.length > alikeMax && oldest !== undefined) this.#places.delete(oldest.id);
    return isNew;
  }

  delete(ids: readonly string[]): void {
    const gone = ids.filter((id) => this.#places.delete(id));
    if (gone.length > 0) void this.save();
  }

  /** One after the other: an older list never overwrites a newer one. Never rejects. */
  async save(): Promise<void> {
    const save = async (): Promise<void> => {
      await this.load();
      const rows = this.list().map(({ id, guildId = '', parentId = '', isDirect }) =>
        isDirect === true ? [id] : [id, guildId, parentId],
      );
      await this.#host.state.set(this.#account, noteKey, JSON.stringify(rows));
    };
    this.#saving = this.#saving.then(save).catch((error: unknown) => {
      const name = error instanceof Error ? error.name : 'error';
      this.#host.log('warn', 'a place was not noted', { error: name });
    });
    await this.#saving;
  }

  async #load(): Promise<void> {
    const text = await this.#host.state.get(this.#account, noteKey);
    const now = this.list();
    for (const place of [...parse(text), ...now]) this.add(place);
  }
}

const isThread = ({ parentId }: NotedPlace): boolean => parentId !== undefined;

/** What is no list of ours is none. */
function parse(text: string | undefined): NotedPlace[] {
  try {
    const rows: unknown = JSON.parse(text ?? '[]');
    return (Array.isArray(rows) ? rows : []).flatMap((row: unknown) => {
      const [id, guildId, parentId] = (Array.isArray(row) ? row : []) as unknown[];
      if (typeof id !== 'string') return [];
      if (guildId === undefined) return [{ id, isDirect: true }];
      return [{ id, ...given('guildId', guildId), ...given('parentId', parentId) }];
    });
  } catch {
    return [];
  }
}

function given(key: 'guildId' | 'parentId', value: unknown): Partial<NotedPlace> {
  return typeof value === 'string' && value !== '' ? { [key]: value } : {};
}

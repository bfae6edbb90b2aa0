import { randomBytes } from 'node:crypto';
import type { DiscordFile, DiscordFileInput } from './shape-part.ts';

/** A file of a bot in a guild without boosts. */
export const fileMax = 10 * 1024 * 1024;
/** All bytes that are kept; then the oldest files lose theirs and cannot be loaded any more. */
const keptMaxDefault = 256 * 1024 * 1024;
const filesMax = 10_000;
/** How long an address is good. */
const urlMs = 24 * 3_600_000;

const mimeTypes: Readonly<Record<string, string>> = {
  txt: 'text/plain; charset=utf-8',
  log: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  zip: 'application/zip',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A file on the shelf. Messages share the object, so that bytes that are let go are gone everywhere. */
export interface StoredFile extends Mutable<DiscordFile> {
  readonly sizeBytes: number;
  readonly description: string | undefined;
  readonly channelId: string;
}

/** The files of all messages. */
export class FileShelf {
  readonly #keptMax: number;
  readonly #files = new Map<string, StoredFile>();
  #secret = randomBytes(16).toString('hex');
  #kept = 0;

  constructor(keptMax = keptMaxDefault) {
    this.#keptMax = keptMax;
  }

  add(
    file: DiscordFileInput & { readonly description?: string | undefined },
    place: {
      readonly id: string;
      readonly channelId: string;
      readonly baseUrl: string;
      readonly nowMs: number;
    },
  ): StoredFile {
    const name = file.name.replace(/[^\w.-]+/g, '_') || 'unknown';
    const path = `attachments/${place.channelId}/${place.id}/${encodeURIComponent(name)}`;
    const until = Math.floor((place.nowMs + urlMs) / 1_000).toString(16);
    const since = Math.floor(place.nowMs / 1_000).toString(16);
    const stored: StoredFile = {
      id: place.id,
      name,
      mimeType: file.mimeType ?? mimeTypeOf(name),
      bytes: file.bytes,
      sizeBytes: file.sizeBytes ?? file.bytes.byteLength,
      description: file.description,
      channelId: place.channelId,
      url: `${place.baseUrl}/${path}?ex=${until}&is=${since}&hm=${this.#secret}`,
    };
    this.#files.set(stored.id, stored);
    this.#kept += file.bytes.byteLength;
    this.#forget();
    return stored;
  }

  /** The file of an address; undefined when it is gone, or the address is too old or not ours. */
  byUrl(url: URL, nowMs: number): StoredFile | undefined {
    const [, , channelId, id = ''] = url.pathname.split('/');
    const file = this.#files.get(id);
    const untilMs = Number.parseInt(url.searchParams.get('ex') ?? '', 16) * 1_000;
    const isGood = url.searchParams.get('hm') === this.#secret && untilMs > nowMs;
    return isGood && file?.channelId === channelId ? file : undefined;
  }

  clear(): void {
    this.#files.clear();
    this.#kept = 0;
  }

  #forget(): void {
    for (const [id, file] of this.#files) {
      if (this.#kept <= this.#keptMax && this.#files.size <= filesMax) return;
      this.#files.delete(id);
      this.#kept -= file.bytes.byteLength;
      file.bytes = new Uint8Array();
    }
  }
}

function mimeTypeOf(name: string): string {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return mimeTypes[ending] ?? 'application/octet-stream';
}

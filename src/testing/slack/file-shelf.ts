import { randomBytes } from 'node:crypto';
import type { SlackFile } from './shape-part.ts';

/** Slack takes files up to 1 GB; this server holds them in memory. */
export const uploadMax = 256 * 1024 * 1024;
/** All bytes that are kept; then the oldest files lose theirs and cannot be loaded any more. */
const keptMaxDefault = 256 * 1024 * 1024;
const filesMax = 10_000;

const mimeTypes: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  zip: 'application/zip',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
};

/** A file on the shelf. Messages share the object, so that bytes that are let go are gone everywhere. */
export interface StoredFile extends Omit<SlackFile, 'bytes' | 'title'> {
  bytes: Uint8Array;
  title: string;
  readonly teamId: string;
  /** Who uploaded it. */
  readonly userId: string;
  readonly createdMs: number;
  sizeBytes: number;
  /** Names the address for its bytes. */
  readonly uploadKey: string;
  /** `asked` for an address, `here` with its bytes, `shared` in a message. */
  stage: 'asked' | 'here' | 'shared';
  channelIds: string[];
  /** The messages that it was uploaded for, as `files.info` names them. */
  shares: {
    readonly channelId: string;
    readonly ts: string;
    readonly threadTs: string | undefined;
  }[];
}

/** The files of all messages. */
export class FileShelf {
  readonly #keptMax: number;
  readonly #files = new Map<string, StoredFile>();
  #kept = 0;

  constructor(keptMax = keptMaxDefault) {
    this.#keptMax = keptMax;
  }

  add(
    file: Pick<StoredFile, 'id' | 'name' | 'teamId' | 'userId' | 'createdMs' | 'sizeBytes'> & {
      readonly title?: string;
      readonly mimeType?: string | undefined;
    },
  ): StoredFile {
    const stored: StoredFile = {
      ...file,
      title: file.title ?? file.name,
      mimeType: file.mimeType ?? mimeTypeOf(file.name),
      bytes: new Uint8Array(),
      uploadKey: randomBytes(12).toString('hex'),
      stage: 'asked',
      channelIds: [],
      shares: [],
    };
    this.#files.set(stored.id, stored);
    this.#forget();
    return stored;
  }

  fill(file: StoredFile, bytes: Uint8Array): void {
    this.#kept += bytes.byteLength - file.bytes.byteLength;
    file.bytes = bytes;
    file.stage = 'here';
    this.#forget();
  }

  byId(id: string): StoredFile | undefined {
    return this.#files.get(id);
  }

  byUploadKey(key: string): StoredFile | undefined {
    for (const file of this.#files.values()) if (file.uploadKey === key) return file;
    return undefined;
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

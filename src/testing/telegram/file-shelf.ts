import { badRequest } from './refusal.ts';
import type { TelegramFile, TelegramFileKind } from './shape.ts';

/** A bot may load files up to here. */
const downloadMax = 20 * 1024 * 1024;
const photoMax = 10 * 1024 * 1024;
const uploadMax = 50 * 1024 * 1024;
/** All bytes that are kept; then the oldest files lose theirs and cannot be loaded any more. */
const keptMaxDefault = 256 * 1024 * 1024;
const filesMax = 10_000;

const folders: Readonly<Record<TelegramFileKind, string>> = {
  document: 'documents',
  photo: 'photos',
  audio: 'music',
  voice: 'voice',
  video: 'videos',
  sticker: 'stickers',
};
const mimeTypes: Readonly<Record<TelegramFileKind, string>> = {
  document: 'application/octet-stream',
  photo: 'image/jpeg',
  audio: 'audio/mpeg',
  voice: 'audio/ogg',
  video: 'video/mp4',
  sticker: 'image/webp',
};

export interface StoredFile extends Omit<TelegramFile, 'bytes'> {
  /** Messages and the shelf share one object, so that bytes that are let go are gone everywhere. */
  bytes: Uint8Array;
  readonly fileId: string;
  readonly uniqueId: string;
  readonly sizeBytes: number;
  readonly path: string;
}

export interface FileInput {
  readonly kind: TelegramFileKind;
  readonly name?: string;
  readonly mimeType?: string;
  readonly bytes: Uint8Array;
  readonly sizeBytes?: number;
  readonly url?: string;
}

/** The files of all messages, by the ids that the Bot API gives them. */
export class FileShelf {
  readonly #keptMax: number;
  readonly #files = new Map<string, StoredFile>();
  #kept = 0;
  #made = 0;

  constructor(keptMax = keptMaxDefault) {
    this.#keptMax = keptMax;
  }

  add(input: FileInput): StoredFile {
    const { kind, bytes } = input;
    this.#made += 1;
    const n = this.#made;
    const named = kind === 'document' || kind === 'audio' || kind === 'video';
    const name = named ? (input.name ?? `file_${n}`) : '';
    const extension = /\.[A-Za-z0-9]{1,8}$/.exec(input.name ?? '')?.[0] ?? '';
    const file: StoredFile = {
      kind,
      name,
      mimeType: input.mimeType ?? mimeTypes[kind],
      bytes,
      ...(input.url === undefined ? {} : { url: input.url }),
      fileId: `AgACAgIAAxkFake${kind}${String(n).padStart(8, '0')}`,
      uniqueId: `AQADFake${String(n).padStart(8, '0')}`,
      sizeBytes: input.sizeBytes ?? bytes.byteLength,
      path: `${folders[kind]}/file_${n}${extension}`,
    };
    this.#files.set(file.fileId, file);
    this.#kept += bytes.byteLength;
    this.#forget();
    return file;
  }

  /** What the bot uploads: checked as Telegram does. */
  upload(input: FileInput): StoredFile {
    const size = input.bytes.byteLength;
    if (size === 0) throw badRequest('file must be non-empty');
    if (input.kind === 'photo' && size > photoMax)
      throw badRequest(
        `file of size ${size} bytes is too big for a photo; the maximum size is ${photoMax} bytes`,
      );
    if (size > uploadMax)
      throw badRequest(
        `file of size ${size} bytes is too big; the maximum size is ${uploadMax} bytes`,
      );
    return this.add(input);
  }

  byId(fileId: string): StoredFile | undefined {
    return this.#files.get(fileId);
  }

  /** The same file for `getFile`. */
  forDownload(fileId: string): StoredFile {
    const file = this.#files.get(fileId);
    if (file === undefined)
      throw badRequest('wrong file_id or the file is temporarily unavailable');
    if (file.sizeBytes > downloadMax) throw badRequest('file is too big');
    return file;
  }

  byPath(path: string): StoredFile | undefined {
    for (const file of this.#files.values()) {
      if (file.path === path && file.sizeBytes <= downloadMax) return file;
    }
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

import type { IncomingMessage } from 'node:http';
import { splitMultipart } from '../multipart.ts';

/** Longest body that is read; Telegram takes files up to 50 MB. */
const bodyMax = 60 * 1024 * 1024;

/** A file in a request, as it stands in the payload. */
export interface Upload {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mimeType?: string;
}

export type Payload = Readonly<Record<string, unknown>>;

/** Parameters that are JSON in a form. */
const jsonFields = new Set([
  'allowed_updates',
  'caption_entities',
  'commands',
  'entities',
  'link_preview_options',
  'media',
  'reaction',
  'reply_markup',
  'reply_parameters',
  'scope',
]);
const numberFields = new Set([
  'chat_id',
  'draft_id',
  'from_chat_id',
  'limit',
  'max_connections',
  'message_id',
  'message_thread_id',
  'offset',
  'reply_to_message_id',
  'timeout',
  'user_id',
]);

/** Undefined when it is longer than the limit; throws when it cannot be understood. */
export async function readPayload(
  request: IncomingMessage,
  query: URLSearchParams,
): Promise<Payload | undefined> {
  const raw = await readAll(request);
  if (raw === undefined) return undefined;
  const named = fromForm(Object.fromEntries(query), new Map());
  return { ...named, ...parse(raw, request.headers['content-type'] ?? '') };
}

async function readAll(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size <= bodyMax) chunks.push(chunk);
  }
  return size > bodyMax ? undefined : Buffer.concat(chunks);
}

function parse(raw: Buffer, contentType: string): Payload {
  const type = contentType.toLowerCase();
  if (type.startsWith('multipart/form-data')) return multipart(raw, contentType);
  if (type.startsWith('application/x-www-form-urlencoded'))
    return fromForm(Object.fromEntries(new URLSearchParams(raw.toString('utf8'))), new Map());
  if (raw.byteLength === 0) return {};
  const value: unknown = JSON.parse(raw.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SyntaxError('the body is no JSON object');
  return value as Payload;
}

function multipart(raw: Buffer, contentType: string): Payload {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw new SyntaxError('the form has no boundary');
  const fields: Record<string, string> = {};
  const files = new Map<string, Upload>();
  for (const part of splitMultipart(raw, boundary)) {
    if (part.fileName === undefined) fields[part.name] = part.body.toString('utf8');
    else files.set(part.name, { name: part.fileName, bytes: new Uint8Array(part.body) });
  }
  return fromForm(fields, files);
}

/** Forms know only strings; what they mean is put back. Files stand where `attach://` names them, or under their field. */
function fromForm(
  fields: Readonly<Record<string, string>>,
  files: ReadonlyMap<string, Upload>,
): Payload {
  const payload: Record<string, unknown> = {};
  const left = new Map(files);
  const attach = (value: unknown): unknown => {
    if (typeof value !== 'string' || !value.startsWith('attach://')) return value;
    const id = value.slice('attach://'.length);
    left.delete(id);
    return files.get(id) ?? value;
  };
  for (const [name, value] of Object.entries(fields)) payload[name] = attach(typed(name, value));
  for (const [name, upload] of left) payload[name] ??= upload;
  return payload;
}

function typed(name: string, value: string): unknown {
  if (jsonFields.has(name)) return JSON.parse(value);
  if (numberFields.has(name) && /^-?\d{1,16}$/.test(value)) return Number(value);
  if (value === 'true' || value === 'false') return textual(name) ? value : value === 'true';
  return value;
}

/** A person may really say "true". */
function textual(name: string): boolean {
  return ['text', 'caption', 'url', 'name', 'description', 'secret_token'].includes(name);
}

export function isUpload(value: unknown): value is Upload {
  return typeof value === 'object' && value !== null && 'bytes' in value && 'name' in value;
}

/** How many bytes of files a request holds. */
export function bytesOf({ payload }: { readonly payload: Payload }): number {
  const uploads = Object.values(payload).filter(isUpload);
  return uploads.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}

import type { IncomingMessage } from 'node:http';
import { type Args, readable } from './args.ts';
import { isObject } from './block-check.ts';
import { Refusal } from './refusal.ts';

/** Longest body of a method; Slack names none. Files have their own bound. */
const argsMax = 4 * 1024 * 1024;

/** Reads a body; undefined when it is longer than `max` bytes. */
export async function readBody(request: IncomingMessage, max: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size <= max) chunks.push(chunk);
  }
  return size > max ? undefined : Buffer.concat(chunks);
}

/** The arguments of a call: of its query and of its body, a form or JSON. Throws a Refusal for what cannot be read. */
export async function readArgs(request: IncomingMessage, query: URLSearchParams): Promise<Args> {
  const raw = await readBody(request, argsMax);
  if (raw === undefined) throw new Refusal('request_too_large');
  return readable({
    ...Object.fromEntries(query),
    ...(await parse(raw, request.headers['content-type'] ?? '')),
  });
}

async function parse(raw: Buffer, contentType: string): Promise<Args> {
  const type = contentType.toLowerCase();
  if (type.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(raw.toString('utf8')));
  if (raw.byteLength === 0) return {};
  if (type.startsWith('multipart/form-data')) return await multipart(raw, contentType);
  if (!type.startsWith('application/json')) throw new Refusal('invalid_post_type');
  const value = parsed(raw.toString('utf8'));
  if (value === undefined) throw new Refusal('invalid_json');
  if (!isObject(value)) throw new Refusal('json_not_object');
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function multipart(raw: Buffer, contentType: string): Promise<Args> {
  try {
    const form = await formOf(raw, contentType);
    return Object.fromEntries([...form].filter(([, value]) => typeof value === 'string'));
  } catch {
    throw new Refusal('invalid_form_data');
  }
}

/** The bytes of an upload: the body itself, or the first file of a form. */
export async function uploaded(raw: Buffer, contentType: string): Promise<Uint8Array | undefined> {
  if (!contentType.toLowerCase().startsWith('multipart/form-data')) return new Uint8Array(raw);
  try {
    for (const [, value] of await formOf(raw, contentType))
      if (typeof value !== 'string') return new Uint8Array(await value.arrayBuffer());
  } catch {
    return undefined;
  }
  return undefined;
}

function formOf(raw: Buffer, contentType: string): Promise<FormData> {
  const headers = { 'content-type': contentType };
  return new Response(new Uint8Array(raw), { headers }).formData();
}

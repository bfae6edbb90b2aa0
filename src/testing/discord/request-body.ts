import type { IncomingMessage } from 'node:http';
import { type FormPart, splitMultipart } from './clock.ts';
import { isObject, objects, words } from './json-value.ts';
import { invalid, Refusal } from './refusal.ts';
import type { DiscordFileInput } from './shape-part.ts';
import type { Json } from './state.ts';

/** Longest body that is read. */
const bodyMax = 64 * 1024 * 1024;

/** A file of a request, with what the body says of it. */
export interface Upload extends DiscordFileInput {
  readonly description: string | undefined;
}

export interface Body {
  readonly json: Json;
  /** The body where it is a list: bulk commands. */
  readonly items: readonly unknown[] | undefined;
  readonly files: readonly Upload[];
}

/** Reads a body, JSON or a form with `payload_json` and `files[n]`. Throws a Refusal for what cannot be read. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size <= bodyMax) chunks.push(chunk);
  }
  if (size > bodyMax) throw new Refusal(40_005);
  const raw = Buffer.concat(chunks);
  if (raw.byteLength === 0) return { json: {}, items: undefined, files: [] };
  const type = request.headers['content-type'] ?? '';
  if (type.toLowerCase().startsWith('multipart/form-data')) return ofForm(raw, type);
  if (!type.toLowerCase().startsWith('application/json'))
    throw new Refusal(50_035, {
      message: 'Expected "Content-Type" header to be application/json.',
    });
  return ofJson(raw.toString('utf8'));
}

function ofJson(text: string): Body {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(50_109);
  }
  if (Array.isArray(value)) return { json: {}, items: value, files: [] };
  if (!isObject(value)) throw new Refusal(50_109);
  return { json: value, items: undefined, files: [] };
}

function ofForm(raw: Buffer, type: string): Body {
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  let parts: FormPart[];
  try {
    parts = splitMultipart(raw, boundary ?? '');
  } catch {
    throw new Refusal(50_035, { message: 'Invalid Form Body' });
  }
  const payload = parts.find(({ name }) => name === 'payload_json');
  const { json } = payload === undefined ? { json: {} } : ofJson(payload.body.toString('utf8'));
  return { json, items: undefined, files: filesOf(parts, json) };
}

/** Files by their number; `data.attachments` or `attachments` may name and describe them. */
function filesOf(parts: readonly FormPart[], json: Json): Upload[] {
  const inner = isObject(json['data']) ? json['data'] : json;
  const described = new Map(objects(inner['attachments']).map((one) => [words(one['id']), one]));
  return parts
    .filter(({ fileName }) => fileName !== undefined)
    .map(({ name, fileName = '', body }) => {
      const number = /^files\[(\d+)\]$/.exec(name)?.[1] ?? /^file$/.exec(name)?.[0];
      if (number === undefined) throw invalid(name, 'BASE_TYPE_CHOICES', 'It is no files[n].');
      const said = described.get(number) ?? {};
      return {
        name: words(said['filename']) || fileName,
        description: words(said['description']) || undefined,
        bytes: new Uint8Array(body),
      };
    });
}

import { ContractError } from '../../contracts/error.ts';
import type { BotApi } from './api.ts';
import type { TelegramConfig } from './config.ts';
import { readFailure } from './failure.ts';

/** More than that Telegram gives to no bot. */
const bytesMax = 20 * 1_024 * 1_024;
const limitMs = 60_000;
const scheme = 'telegram:';

/**
 * The bytes of a file that came in, by the `url` of its `InboundFile`; 20 MB at most. Throws `ContractError`:
 * `file_url` (not one of ours), `file_too_big`, `file_unavailable` (gone, or not to be had now).
 */
export async function loadFile(
  parts: { readonly api: BotApi; readonly config: TelegramConfig },
  url: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (!url.startsWith(scheme)) throw new ContractError('file_url', 'not a file of Telegram');
  const { api } = parts;
  const payload = { file_id: url.slice(scheme.length) };
  const info = await api
    .call({ method: 'getFile', payload }, { signal, limitMs })
    .catch((error: unknown) => {
      const { words } = readFailure(error);
      throw /too big/i.test(words) ? tooBig() : unavailable(words);
    });
  const { file_path, file_size } = (info ?? {}) as { file_path?: unknown; file_size?: unknown };
  if (typeof file_size === 'number' && file_size > bytesMax) throw tooBig();
  if (typeof file_path !== 'string') throw unavailable('no path');
  return await api.request({ signal, limitMs }, (bounded) => fetchBytes(parts, file_path, bounded));
}

async function fetchBytes(
  { config }: { readonly config: TelegramConfig },
  path: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const fetch = config.fetch ?? globalThis.fetch;
  const safe = path.split('/').map(encodeURIComponent).join('/');
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const response = await fetch(`${config.apiRoot}/file/bot${config.token}/${safe}`, { signal });
    if (!response.ok) throw unavailable(`status ${response.status}`);
    for await (const chunk of response.body ?? []) {
      size += (chunk as Uint8Array).byteLength;
      if (size > bytesMax) throw tooBig();
      chunks.push(chunk as Uint8Array);
    }
  } catch (error) {
    // The address holds the token: what failed is told by its code alone.
    throw error instanceof ContractError ? error : unavailable(readFailure(error).words);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const tooBig = (): ContractError =>
  new ContractError('file_too_big', 'Telegram gives bots files of 20 MB at most');
const unavailable = (why: string): ContractError =>
  new ContractError('file_unavailable', `the file could not be loaded: ${why}`);

import { ContractError } from '../../contracts/error.ts';
import { readFailure } from './failure.ts';
import type { Site } from './site.ts';

const limitMs = 60_000;
const scheme = 'slack:';
const filesOrigin = 'https://files.slack.com';

type FileSite = Pick<Site, 'api' | 'config'>;

interface Info {
  readonly url_private?: unknown;
  readonly url_private_download?: unknown;
  readonly size?: unknown;
  readonly mimetype?: unknown;
}

/**
 * The bytes of a file that came in, by the `url` of its `InboundFile` (`slack:F…`); `fileBytesMax` at most. Throws
 * `ContractError`: `file_url` (not one of ours), `file_too_big`, `file_unavailable` (gone, kept elsewhere, or not to be
 * had now).
 */
export async function loadFile(
  site: FileSite,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const id = url.startsWith(scheme) ? url.slice(scheme.length) : '';
  if (!/^\w{1,100}$/.test(id)) throw new ContractError('file_url', 'not a file of Slack');
  const bounded = { limitMs, ...(signal === undefined ? {} : { signal }) };
  const info = await site.api
    .call({ method: 'files.info', payload: { file: id } }, bounded)
    .catch((error: unknown) => {
      throw unavailable(readFailure(error).words);
    });
  const { file = {} } = (info ?? {}) as { file?: Info };
  const { size } = file;
  const max = site.config.fileBytesMax;
  if (typeof size === 'number' && size > max) throw tooBig(max);
  const address = file.url_private_download ?? file.url_private;
  if (typeof address !== 'string' || !isSlackFile(address, site.config.apiUrl))
    throw unavailable('it is not kept by Slack');
  const bytes = await site.api.request(bounded, (until) => fetchBytes(site, address, file, until));
  // A page to log in has another length.
  if (typeof size === 'number' && bytes.byteLength !== size)
    throw unavailable('what came was not the file');
  return bytes;
}

/** Pure: whether an address is one that the token may be shown to, and bytes may be given to. */
export function isSlackFile(address: string, apiUrl: string): boolean {
  if (!URL.canParse(address)) return false;
  const { origin } = new URL(address);
  return origin === filesOrigin || origin === new URL(apiUrl).origin;
}

async function fetchBytes(
  { config }: FileSite,
  address: string,
  { mimetype }: Info,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { fetch = globalThis.fetch, token, fileBytesMax } = config;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const response = await fetch(address, {
      headers: { authorization: `Bearer ${token}` },
      // Whoever it would lead to must not see the token.
      redirect: 'manual',
      signal,
    });
    checkAnswer(response, mimetype);
    for await (const chunk of response.body ?? []) {
      size += (chunk as Uint8Array).byteLength;
      if (size > fileBytesMax) throw tooBig(fileBytesMax);
      chunks.push(chunk as Uint8Array);
    }
  } catch (error) {
    throw error instanceof ContractError ? error : unavailable(readFailure(error).words);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Without the right to read files Slack answers a page to log in. */
function checkAnswer({ ok, status, headers }: Response, mimetype: unknown): void {
  if (status >= 300 && status < 400)
    throw unavailable('Slack wants a login: the token lacks files:read, or may not see it');
  if (!ok) throw unavailable(`status ${status}`);
  const isPage = headers.get('content-type')?.startsWith('text/html') === true;
  const mayBePage = typeof mimetype === 'string' && mimetype.startsWith('text/html');
  if (isPage && !mayBePage)
    throw unavailable('Slack answered a page: the token lacks files:read, or may not see it');
}

const tooBig = (max: number): ContractError =>
  new ContractError('file_too_big', `files of ${max} bytes at most are loaded (fileBytesMax)`);
const unavailable = (why: string): ContractError =>
  new ContractError('file_unavailable', `the file could not be loaded: ${why}`);

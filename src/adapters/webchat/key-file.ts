import { link, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError } from '../../contracts/error.ts';
import type { Runtime } from '../../contracts/runtime.ts';

const keyBytes = 32;

export interface KeySource {
  readonly key?: string | undefined;
  readonly keyFile: string;
}

/**
 * The secret that signs tokens: the configured one, else that of the key file, which is made when it is not there
 * (32 bytes of chance as hex, mode 0600). Two processes that start at once get the same one.
 * Throws `ConfigError` `key_file` when the file cannot be read, made or is too short.
 */
export async function loadKey(
  source: KeySource,
  runtime: Runtime,
): Promise<{ key: Uint8Array; warning?: string }> {
  if (source.key !== undefined) return { key: new TextEncoder().encode(source.key) };
  const path = resolve(source.keyFile);
  try {
    const hex = (await readIfThere(path)) ?? (await makeKey(path, runtime));
    return { key: parseKey(hex.trim(), path), ...(await warningOf(path)) };
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError('key_file', `webchat: keyFile: cannot read or make ${path}`, { cause });
  }
}

function parseKey(hex: string, path: string): Uint8Array {
  if (/^[0-9a-f]+$/i.test(hex) && hex.length >= 2 * keyBytes)
    return Uint8Array.from(Buffer.from(hex, 'hex'));
  throw new ConfigError(
    'key_file',
    `webchat: keyFile: ${path} must hold at least ${2 * keyBytes} hexadecimal digits; delete it to get a new one (visitors then begin anew)`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** Written beside and linked into place, so that nobody reads half a key and the first one stands. */
async function makeKey(path: string, runtime: Runtime): Promise<string> {
  const hex = Buffer.from(runtime.random(keyBytes)).toString('hex');
  const draft = `${path}.${Buffer.from(runtime.random(6)).toString('hex')}`;
  await writeFile(draft, `${hex}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
    return hex;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    return await readFile(path, 'utf8');
  } finally {
    await unlink(draft);
  }
}

async function warningOf(path: string): Promise<{ warning?: string }> {
  if (process.platform === 'win32') return {};
  const { mode } = await stat(path);
  if ((mode & 0o077) === 0) return {};
  return { warning: `others can read the key file ${path}: its mode should be 0600` };
}

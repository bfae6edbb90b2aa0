import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { CliContext } from './context.ts';
import { systemParts } from './parts.ts';
import { collectSecrets, createScrub, type Scrub } from './redact.ts';

/** The real process as commands see it. Nothing that the environment calls secret gets out. */
export function createSystemContext(): CliContext {
  const scrub = createScrub(collectSecrets(process.env));
  const out = openWriter(process.stdout);
  const err = openWriter(process.stderr);
  return {
    env: process.env,
    cwd: process.cwd(),
    out: (text) => out(scrub(text)),
    json: (document) => out(`${jsonText(document, scrub)}\n`),
    err: (text) => err(scrub(text)),
    user: userName(),
    version: packageVersion(),
    parts: systemParts,
    process,
  };
}

/** A reader that goes away (`readback tasks | head`) ends the writing, not the program. */
function openWriter(stream: NodeJS.WriteStream): (text: string) => void {
  let open = true;
  stream.on('error', () => {
    open = false;
  });
  return (text) => {
    if (open) stream.write(text);
  };
}

/** Scrubs the texts and leaves numbers and names alone, so that it stays the document it was. */
export function jsonText(document: unknown, scrub: Scrub): string {
  const clean = (_name: string, value: unknown): unknown =>
    typeof value === 'string' ? scrub(value) : value;
  return JSON.stringify(document, clean, 2);
}

function userName(): string {
  try {
    return userInfo().username || 'operator';
  } catch {
    // a user without an entry, as in a container
    return 'operator';
  }
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}

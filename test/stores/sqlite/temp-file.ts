import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A path in a folder of its own, which goes after the test. */
export function tempFile(): { readonly file: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'readback-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, file: join(folder, 'readback.sqlite') };
}

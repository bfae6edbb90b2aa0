import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TelegramConfig } from '../../../src/adapters/telegram/config.ts';
import { ensureBuilt } from '../../build.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/adapters/telegram.md'), 'utf8');

describe('docs/adapters/telegram.md', () => {
  let folder: string;

  beforeAll(async () => {
    await ensureBuilt();
    folder = mkdtempSync(join(tmpdir(), 'readback-telegram-page-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/readback'));
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('shows a test that passes as printed', { timeout: 60_000 }, () => {
    const code = /```js\n(\/\/ bot\.test\.mjs[\s\S]*?)```/.exec(page)?.[1] ?? '';
    writeFileSync(join(folder, 'bot.test.mjs'), code);
    const said = execFileSync(process.execPath, ['--test', '--test-reporter=tap', folder], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(said).toContain('# pass 1');
  });

  it('names every option, and no other', () => {
    const table = page.slice(page.indexOf('## Options'), page.indexOf('## Polling or webhook'));
    const names = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    );
    expect(names.sort()).toEqual(Object.keys(TelegramConfig.shape).sort());
  });
});

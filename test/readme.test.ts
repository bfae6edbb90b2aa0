import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureBuilt } from './build.ts';
import { killBots, startBot } from './cli/bot-process.ts';
import { Visitor } from './cli/visitor.ts';

const root = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

describe('the README', () => {
  let folder: string;
  let cli: string;

  beforeAll(async () => {
    cli = await ensureBuilt();
    folder = mkdtempSync(join(tmpdir(), 'readback-readme-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/readback'));
  }, 120_000);

  afterAll(() => {
    killBots();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows a bot that runs as printed', { timeout: 60_000 }, async () => {
    const code = /```js\n(\/\/ readback\.config\.mjs[\s\S]*?)```/.exec(readme)?.[1] ?? '';
    expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(17);
    writeFileSync(join(folder, 'readback.config.mjs'), code);
    const bot = await startBot(cli, join(folder, 'data'), folder);
    const visitor = new Visitor();
    await visitor.enter(bot.url);
    await visitor.say('hello');
    await vi.waitFor(() => expect(visitor.texts()).toContain('You said: hello'), 20_000);
    await visitor.say('deploy');
    await vi.waitFor(() => visitor.press('staging'), 20_000);
    await vi.waitFor(
      () => expect(visitor.texts().join()).toContain('Deployed to **staging**.'),
      30_000,
    );
    visitor.leave();
    await bot.end('SIGTERM');
  });

  it('names the two commands', () => {
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm ci && npm test');
  });

  it('links only to files that are there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? '');
    for (const link of links)
      expect(() => readFileSync(join(root, link)), link).not.toThrow(/ENOENT/);
  });
});

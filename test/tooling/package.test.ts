import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Goal: what is published works. Method: build into a folder of its own and use it by its name. */

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
let folder = '';

describe('the built package', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'package-'));
    await run(process.execPath, [join(root, 'scripts/build.mjs'), '--out', join(folder, 'dist')]);
    for (const name of ['package.json', 'LICENSE', 'CHANGELOG.md', 'drizzle']) {
      await cp(join(root, name), join(folder, name), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('has no fault that publint knows', async () => {
    const { messages } = await publint({ pkgDir: folder, pack: false });
    const pkg = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test.each([
    ['readback', 'createRelay'],
    ['readback/contracts', 'DeliveryOutcome'],
    ['readback/testing', 'createFakeRuntime'],
    ['readback/adapters/webchat', 'createWebchat'],
    ['readback/stores/sqlite', 'openSqlite'],
    ['readback/workers/function', 'defineWorker'],
  ])('%s can be imported and has %s', async (entry, name) => {
    const script = `console.log(${JSON.stringify(name)} in (await import(${JSON.stringify(entry)})))`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: folder,
    });
    expect(stdout.trim()).toBe('true');
  });

  test.each(['readback/core/clip', 'readback/adapters/shared', 'readback/dist/index.js'])(
    '%s cannot',
    async (entry) => {
      const script = `await import(${JSON.stringify(entry)})`;
      const failure = await run(process.execPath, ['--input-type=module', '-e', script], {
        cwd: folder,
      }).then(
        () => 'imported',
        (error: { stderr: string }) => error.stderr,
      );
      expect(failure).toMatch(/ERR_PACKAGE_PATH_NOT_EXPORTED|ERR_MODULE_NOT_FOUND/);
    },
  );

  test('its command starts', async () => {
    const { stdout } = await run(process.execPath, [join(folder, 'dist/cli.js'), '--version'], {
      cwd: folder,
    });
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    expect(stdout).toContain(version);
  });
});

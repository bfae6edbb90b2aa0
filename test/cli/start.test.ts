import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { askControl } from '../../src/cli/control-client.ts';
import type { Relay } from '../../src/contracts/relay.ts';
import { type FakeCli, type FakeCliOptions, fakeCli } from './fake-context.ts';

const worker =
  "export const w = { name: 'demo', capabilities: {}, ensureSession() {}, dispose() {} }";
const files = {
  'w.mjs': worker,
  'page.html': '<p>hi',
  'readback.config.json':
    '{"workers":["./w.mjs"],"page":"page.html","hint":"Try: slow 60\\n\\u001b[2Jdone","log":"silent"}',
};

const cliOf = (options: FakeCliOptions = {}): FakeCli =>
  fakeCli({ database: false, files, ...options });
const started = async (cli: FakeCli): Promise<void> =>
  expect.poll(() => cli.calls).toContain('start');

/** A promise to be resolved from outside. */
function openPromise(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('readback start', () => {
  test('starts in order, says where it is, drains on a signal and exits 0', async () => {
    const cli = cliOf();
    const run = cli.run('start');
    await started(cli);
    await expect.poll(() => existsSync(`${cli.file}.sock`)).toBe(true);
    expect(await askControl(`${cli.file}.sock`, { act: 'ping' })).toEqual({
      pid: process.pid,
      version: '0.1.0',
      url: 'http://127.0.0.1:8787',
    });
    expect(statSync(path.dirname(cli.file)).mode & 0o777).toBe(0o700);
    cli.events.emit('SIGTERM', 'SIGTERM');
    const { code, out } = await run;
    expect(code).toBe(0);
    expect(out).toContain('Readback 0.1.0 is at http://127.0.0.1:8787\n');
    expect(out).toContain('\nTry: slow 60\n␛[2Jdone\n');
    expect(cli.calls).toEqual(['lock', ['relay', 1, 1], 'start', 'stop', 'close server', 'unlock']);
    expect(existsSync(`${cli.file}.sock`)).toBe(false);
    expect(cli.events.eventNames()).toEqual([]);
  });

  test('a second signal is immediate: 130 for Ctrl+C', async () => {
    const drain = openPromise();
    const stops: unknown[] = [];
    const stop: Relay['stop'] = async (how) => {
      stops.push(how?.now === true);
      if (how?.now) drain.resolve();
      await drain.promise;
    };
    const cli = cliOf({ relay: { stop } });
    const run = cli.run('start');
    await started(cli);
    cli.events.emit('SIGINT', 'SIGINT');
    await expect.poll(() => stops).toEqual([false]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    cli.events.emit('SIGINT', 'SIGINT');
    expect((await run).code).toBe(130);
    expect(stops).toEqual([false, true]);
  });

  test('a Ctrl+C that npm hands on once more is one', async () => {
    const cli = cliOf();
    const run = cli.run('start');
    await started(cli);
    cli.events.emit('SIGINT', 'SIGINT');
    cli.events.emit('SIGINT', 'SIGINT');
    expect((await run).code).toBe(0);
    expect(cli.calls).toContain('stop');
  });

  test('what cannot be stopped is left behind after a second signal', async () => {
    const cli = cliOf({ relay: { stop: () => new Promise(() => {}) } });
    const run = cli.run('start');
    await started(cli);
    cli.events.emit('SIGTERM', 'SIGTERM');
    cli.events.emit('SIGTERM', 'SIGTERM');
    expect((await run).code).toBe(143);
  }, 10_000);

  test('an error that nobody caught stops at once and exits 1', async () => {
    const cli = cliOf();
    const run = cli.run('start');
    await started(cli);
    cli.events.emit('unhandledRejection', new Error('lost'));
    expect((await run).code).toBe(1);
    expect(cli.calls).toContain('stop now');
  });

  test('a signal during the start is heard at its end; a second one does not wait', async () => {
    const start = openPromise();
    const cli = cliOf({ relay: { start: () => start.promise } });
    const run = cli.run('start');
    await expect.poll(() => cli.calls).toContain('lock');
    cli.events.emit('SIGTERM', 'SIGTERM');
    start.resolve();
    expect((await run).code).toBe(0);
    const stuck = cliOf({ relay: { start: () => new Promise(() => {}) } });
    const never = stuck.run('start');
    await expect.poll(() => stuck.calls).toContain('lock');
    stuck.events.emit('SIGTERM', 'SIGTERM');
    stuck.events.emit('SIGINT', 'SIGINT');
    expect((await never).code).toBe(130);
  });
});

describe('what keeps it from starting', () => {
  test('a held lock names file and holder, and nothing was begun', async () => {
    const cli = cliOf({ locked: true });
    const { code, err } = await cli.run('start');
    expect(code).toBe(1);
    expect(err).toBe(`readback: ${cli.file} is written by process 4711 on box\n`);
    expect(cli.calls).toEqual([]);
  });

  test('a port in use: the relay was never started, the lock is given back', async () => {
    const cli = cliOf({ parts: { serve: () => Promise.reject(new Error('port')) } });
    expect((await cli.run('start')).code).toBe(1);
    expect(cli.calls).toEqual(['lock', ['relay', 1, 1], 'unlock']);
  });

  test('a recovery that fails: all is closed', async () => {
    const cli = cliOf({ relay: { start: () => Promise.reject(new Error('recovery')) } });
    expect((await cli.run('start')).code).toBe(1);
    expect(cli.calls).toEqual(['lock', ['relay', 1, 1], 'stop now', 'close server', 'unlock']);
  });

  test.each([
    [{}, 'There is no config file, so nothing can do any work. Make readback.config.mjs:'],
    [
      { 'readback.config.json': '{}' },
      'readback.config.json: workers: got nothing; allowed: a list of 1 to 100 Workers. A Worker is code, which JSON cannot hold: name an .mjs file',
    ],
    [{ 'readback.config.mjs': 'export default {}' }, 'readback.config.mjs: workers: got nothing'],
    [
      { 'w.mjs': worker, 'readback.config.json': '{"workers":["./w.mjs"],"page":"gone.html"}' },
      'gone.html, which cannot be read (ENOENT)',
    ],
    [
      { 'w.mjs': worker, data: 'a file', 'readback.config.json': '{"workers":["./w.mjs"]}' },
      'data, which cannot be made (EEXIST)',
    ],
  ])('%j', async (given: Record<string, string>, said) => {
    const { code, err } = await cliOf({ files: given }).run('start');
    expect(code).toBe(1);
    expect(err).toContain(said);
  });
});

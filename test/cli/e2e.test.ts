import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ensureBuilt } from '../build.ts';
import { type CliResult, killBots, runBuilt, startBot } from './bot-process.ts';
import { tempDir } from './temp-dir.ts';
import { Visitor } from './visitor.ts';

/** Goal: what a stranger types works. Method: the built command line as processes, the demo, a visitor over HTTP. */

vi.setConfig({ testTimeout: 90_000 });

let cli = '';
beforeAll(async () => {
  cli = await ensureBuilt();
}, 180_000);
afterEach(killBots);

interface World {
  readonly data: string;
  readonly visitor: Visitor;
  run(...args: string[]): Promise<CliResult>;
}

function world(): World {
  const data = path.join(tempDir(), 'data');
  return { data, visitor: new Visitor(), run: (...args) => runBuilt(cli, data, args) };
}

interface Listed {
  readonly items: readonly {
    readonly shortId: string;
    readonly state: string;
    readonly end?: string;
    readonly reason?: string;
    readonly title: string;
  }[];
}

async function tasksOf({ run }: World): Promise<Listed['items']> {
  return (JSON.parse((await run('tasks', '--json')).out) as Listed).items;
}

describe('the demo', () => {
  test('serves its page and the widget, says what to try, answers, and ends cleanly', async () => {
    const here = world();
    const bot = await startBot(cli, here.data);
    expect(bot.said()).toContain('slow 60     reports progress');
    const page = await (await fetch(bot.url)).text();
    expect(page).toContain('<readback-chat endpoint="/webchat"');
    const widget = await fetch(`${bot.url}/webchat/widget.js`);
    expect([widget.status, widget.headers.get('content-type')]).toEqual([
      200,
      'text/javascript; charset=utf-8',
    ]);
    expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${bot.url}/readyz`)).status).toBe(200);
    await here.visitor.enter(bot.url);
    await here.visitor.say('good morning');
    await expect
      .poll(() => here.visitor.texts().join(), { timeout: 30_000 })
      .toContain('You said: good morning');
    await here.visitor.say('slow many');
    await expect
      .poll(() => here.visitor.texts().join(), { timeout: 30_000 })
      .toContain('I got “many” and take a whole number from 1 to 1200');
    expect(await bot.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(existsSync(path.join(here.data, 'readback.db.sock'))).toBe(false);
    expect(statSync(here.data).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(here.data, 'webchat.key')).mode & 0o777).toBe(0o600);
  });

  test('asks, and goes on with the answers', async () => {
    const here = world();
    const bot = await startBot(cli, here.data);
    await here.visitor.enter(bot.url);
    await here.visitor.say('ask');
    await expect
      .poll(() => here.visitor.texts().join(), { timeout: 30_000 })
      .toContain('bike shed?');
    await here.visitor.press('yes');
    await expect
      .poll(() => here.visitor.texts().join(), { timeout: 30_000 })
      .toContain('Which colour?');
    await here.visitor.say('green');
    await expect
      .poll(() => here.visitor.texts().join(), { timeout: 30_000 })
      .toContain('The bike shed is **green** now.');
  });
});

describe('while it runs', () => {
  test('lists, stories and acts; a second start is refused and names the holder', async () => {
    const here = world();
    const bot = await startBot(cli, here.data);
    await here.visitor.enter(bot.url);
    await here.visitor.say('slow 600');
    await expect.poll(() => here.visitor.texts().join(), { timeout: 30_000 }).toContain('Counting');
    const [task] = await tasksOf(here);
    expect(task).toMatchObject({ state: 'running', title: 'slow 600' });
    expect((await here.run('tasks', '--open')).out).toContain('slow 600');
    const second = await here.run('start', '--config', 'examples/demo/readback.config.mjs');
    expect(second.code).toBe(1);
    expect(second.err).toContain(`readback.db is written by process ${bot.pid} on `);
    const cancelled = await here.run('cancel', task?.shortId ?? '', '--reason', 'enough');
    expect(cancelled).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Cancelled \w+: enough, by /),
    });
    await expect.poll(() => here.visitor.texts().join(), { timeout: 30_000 }).toContain('enough');
    expect((await here.run('cancel', task?.shortId ?? '')).out).toContain(
      'had already ended: cancelled (enough, by ',
    );
    const story = await here.run('inspect', task?.shortId ?? '');
    expect(story.out).toMatch(/End +cancelled \(enough, by .*\)/);
    expect((await here.run('receipts', '--json')).code).toBe(0);
    expect(
      (await here.run('doctor', '--config', 'examples/demo/readback.config.mjs')).out,
    ).toContain(`process ${bot.pid}`);
    expect((await here.run('migrate')).err).toContain(`process ${bot.pid}`);
  });

  test('a reader that goes away does not matter', async () => {
    const here = world();
    const bot = await startBot(cli, here.data);
    const child = spawn(process.execPath, [cli, 'tasks', '--json'], {
      env: { ...process.env, READBACK_DATA: here.data },
    });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += String(chunk);
    });
    const code = await new Promise((done) => child.once('exit', done));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect((await bot.end('SIGINT')).code).toBe(0);
  });
});

describe('kill -9', () => {
  test('in the middle of the work: after the next start the truth is told once, and inspect tells the story', async () => {
    const here = world();
    const bot = await startBot(cli, here.data);
    await here.visitor.enter(bot.url);
    await here.visitor.say('slow 60');
    await expect.poll(() => here.visitor.texts().join(), { timeout: 30_000 }).toContain('Counting');
    await bot.end('SIGKILL');
    here.visitor.leave();
    expect(await tasksOf(here)).toMatchObject([{ state: 'running' }]);
    const again = await startBot(cli, here.data);
    await here.visitor.enter(again.url);
    await expect
      .poll(() => here.visitor.texts().join(), { timeout: 30_000 })
      .toContain('nterrupted');
    const [task] = await tasksOf(here);
    expect(task).toMatchObject({ state: 'ended', end: 'interrupted' });
    const shown = [...here.visitor.shown.values()];
    expect(shown.filter((message) => message.kind === 'terminal')).toHaveLength(1);
    expect(shown.filter((message) => message.working)).toEqual([]);
    await expect
      .poll(async () => (await here.run('inspect', task?.shortId ?? '')).out, { timeout: 30_000 })
      .toMatch(/terminal: surfaced \(rendered\)/);
    const story = (await here.run('inspect', task?.shortId ?? '')).out;
    expect(story).toMatch(/Task \w{4} · interrupted · slow 60/);
    expect(story).toContain('Promise  terminal_acked: the end was seen');
    expect(story).toContain('try 1');
  });

  test('then cancel without a bot: stored, and told at the next start', async () => {
    const here = world();
    const bot = await startBot(cli, here.data);
    await here.visitor.enter(bot.url);
    await here.visitor.say('silent 60');
    await expect
      .poll(async () => (await tasksOf(here))[0]?.state, { timeout: 30_000 })
      .toBe('running');
    await bot.end('SIGKILL');
    here.visitor.leave();
    const [task] = await tasksOf(here);
    const stored = await here.run('cancel', task?.shortId ?? '', '-r', 'not needed any more');
    expect(stored).toMatchObject({
      code: 0,
      out: expect.stringContaining('No bot is running: it is told at the next start.'),
    });
    const again = await startBot(cli, here.data);
    await here.visitor.enter(again.url);
    await expect
      .poll(() => here.visitor.texts().join(), { timeout: 30_000 })
      .toContain('not needed any more');
    expect(await tasksOf(here)).toMatchObject([
      { state: 'ended', end: 'cancelled', reason: 'not needed any more' },
    ]);
  });
});

test('asked wrongly it exits 2, failing it exits 1, and neither leaves anything behind', async () => {
  const here = world();
  expect((await here.run('tasks', '--limit', '0')).code).toBe(2);
  expect(await here.run('tasks')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('There is no database at'),
  });
  expect(existsSync(here.data)).toBe(false);
});

import { EventEmitter } from 'node:events';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CliContext } from '../../src/cli/context.ts';
import { askControl } from '../../src/cli/control-client.ts';
import { type Parts, systemParts } from '../../src/cli/parts.ts';
import { runCli } from '../../src/cli/program.ts';
import type { Relay } from '../../src/contracts/relay.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { tempDir } from './temp-dir.ts';

/** Goal: the commands and the real relay and store understand each other. Method: all in this process, a fake platform, a real file. */

const workerModule = `
const session = (run) => ({ resumeToken: null, prompt: run, close: async () => {} });
const run = (task, io) => new Promise((resolve) => {
  if (task.text.startsWith('work')) {
    io.signal.addEventListener('abort', () => resolve({ status: 'cancelled', text: '' }));
  } else resolve({ status: 'completed', text: 'You said: ' + task.text });
});
export const worker = {
  name: 'echo',
  capabilities: { session: 'none', resume: 'none', reattach: false, steer: false, abort: 'cooperative', idempotentPrompt: false, asks: [], exclusiveDirectory: false },
  ensureSession: async () => session(run),
  dispose: async () => {},
};`;
const config = JSON.stringify({
  workers: ['./worker.mjs'],
  port: 0,
  log: 'silent',
  deadlines: { ackDelayMs: 10, graceMs: 300 },
  clocks: { drainMs: 300, backoffMs: 10 },
});

interface Bench {
  readonly platform: FakePlatform;
  readonly file: string;
  relay(): Relay;
  /** Runs a command beside what may be started. */
  run(...args: string[]): Promise<{ code: number; out: string; err: string }>;
  start(): Promise<() => Promise<number>>;
}

function bench(): Bench {
  const dir = tempDir({ 'worker.mjs': workerModule, 'readback.config.json': config });
  const platform = new FakePlatform();
  let relay: Relay | undefined;
  const parts: Parts = {
    ...systemParts,
    createWebchat: async () => platform.adapter(),
    createRelay: async (options) => {
      const made = await systemParts.createRelay(options);
      if (options.workers.length > 0) relay = made;
      return made;
    },
  };
  const file = path.join(dir, 'data', 'readback.db');
  const contextOf = (
    events: EventEmitter,
  ): { context: CliContext; said: { out: string; err: string } } => {
    const said = { out: '', err: '' };
    const context: CliContext = {
      env: {},
      cwd: dir,
      out: (text) => {
        said.out += text;
      },
      json: (document) => {
        said.out += JSON.stringify(document);
      },
      err: (text) => {
        said.err += text;
      },
      user: 'ann',
      version: '0.1.0',
      parts,
      process: events,
    };
    return { context, said };
  };
  return {
    platform,
    file,
    relay: () => relay as Relay,
    run: async (...args) => {
      const { context, said } = contextOf(new EventEmitter());
      return { code: await runCli(args, context), ...said };
    },
    start: async () => {
      const events = new EventEmitter();
      const { context, said } = contextOf(events);
      const ended = runCli(['start'], context);
      await expect
        .poll(() => said.out || said.err, { timeout: 10_000 })
        .toContain('Readback 0.1.0 is at');
      return async () => {
        events.emit('SIGTERM', 'SIGTERM');
        return await ended;
      };
    },
  };
}

interface Listed {
  readonly items: readonly {
    readonly id: string;
    readonly shortId: string;
    readonly state: string;
    readonly end?: string;
    readonly kind?: string;
  }[];
}
const items = async ({ run }: Bench, ...args: string[]): Promise<Listed['items']> =>
  (JSON.parse((await run(...args, '--json')).out) as Listed).items;

describe('the commands over the real relay and store', () => {
  test('a Task is submitted, listed, told and cancelled while the bot runs', async () => {
    const here = bench();
    const stop = await here.start();
    const channel = here.platform.channel();
    const { taskId } = await here
      .relay()
      .submit({ channel, text: 'work on this\u001B[2J', key: 'k1' });
    await expect.poll(async () => (await items(here, 'tasks', '--open'))[0]?.state).toBe('running');
    const [task] = await items(here, 'tasks');
    const shortId = task?.shortId ?? '';
    expect(taskId.replaceAll('-', '').endsWith(shortId)).toBe(true);
    const cancelled = await here.run('cancel', shortId, '--reason', 'enough');
    expect(cancelled).toEqual({ code: 0, out: `Cancelled ${shortId}: enough, by ann.\n`, err: '' });
    await expect
      .poll(async () => (await here.run('inspect', shortId)).out)
      .toMatch(/terminal: surfaced \(accepted\)/);
    const { out } = await here.run('inspect', shortId);
    expect(out).toContain('End      cancelled (enough, by ann)');
    expect(out).toContain('Promise  terminal_acked: the end was seen');
    expect(out).not.toContain('\u001B');
    expect((await here.run('cancel', shortId)).code).toBe(0);
    expect(await stop()).toBe(0);
  });

  test('a dead receipt is listed and redriven, in the running bot and without one', async () => {
    const here = bench();
    const stop = await here.start();
    here.platform.decide = ({ delivery }) =>
      delivery.kind === 'terminal'
        ? {
            kind: 'rejected',
            atMs: Date.now(),
            reason: 'blocked',
            code: '403',
            cause: 'blocked by the person',
          }
        : undefined;
    await here.relay().submit({ channel: here.platform.channel(), text: 'hello', key: 'k1' });
    await expect
      .poll(() => items(here, 'receipts', '--state', 'dead'), { timeout: 10_000 })
      .toHaveLength(1);
    expect((await here.run('incidents', '--open')).out).toContain('receipt_dead');
    expect((await here.run('doctor')).out).toContain('1 dead: readback receipts --state dead');
    const [dead] = await items(here, 'receipts', '--state', 'dead');
    const tail = dead?.id.slice(-6) ?? '';
    const again = await here.run('redrive', tail);
    expect(again).toMatchObject({
      code: 0,
      out: expect.stringMatching(new RegExp(`^Receipt ${dead?.id} is (pending|claimed) again`)),
    });
    await expect
      .poll(() => items(here, 'receipts', '--state', 'dead'), { timeout: 10_000 })
      .toHaveLength(1);
    expect(await stop()).toBe(0);
    expect((await here.run('redrive', tail)).out).toContain(`Receipt ${dead?.id} is pending again`);
    here.platform.decide = undefined;
    const stopAgain = await here.start();
    await expect
      .poll(() => here.platform.shown.map((message) => message.text).join(), { timeout: 10_000 })
      .toContain('You said: hello');
    const story = await here.run('inspect', (await items(here, 'tasks'))[0]?.shortId ?? '');
    expect(story.out).toContain('refused: blocked [403] (blocked by the person)');
    expect(await stopAgain()).toBe(0);
  });

  test('a queued Task is cancelled while no bot runs', async () => {
    const here = bench();
    const stop = await here.start();
    const channel = here.platform.channel();
    await here.relay().submit({ channel, text: 'work', key: 'k1' });
    await here.relay().submit({ channel, text: 'work more', key: 'k2' });
    await expect.poll(async () => (await items(here, 'tasks', '--state', 'queued')).length).toBe(1);
    expect(await stop()).toBe(0);
    const [queued] = await items(here, 'tasks', '--state', 'queued');
    const answer = await here.run('cancel', queued?.shortId ?? '', '-r', 'not now');
    expect(answer).toMatchObject({
      code: 0,
      out: expect.stringContaining(
        'not now, by ann. No bot is running: it is told at the next start.\n',
      ),
    });
    const stopAgain = await here.start();
    await expect
      .poll(() => here.platform.shown.map((message) => message.text).join(), { timeout: 10_000 })
      .toContain('not now');
    expect((await items(here, 'tasks')).map((task) => task.end)).toEqual([
      'interrupted',
      'cancelled',
    ]);
    expect(await stopAgain()).toBe(0);
  });

  test('two starts on one database: the second names the first; migrate does too', async () => {
    const here = bench();
    const stop = await here.start();
    for (const command of ['start', 'migrate']) {
      const { code, err } = await here.run(command);
      expect(code).toBe(1);
      expect(err).toMatch(/readback\.db is written by process \d+ on /);
    }
    expect(await askControl(`${here.file}.sock`, { act: 'ping' })).toMatchObject({
      pid: process.pid,
    });
    expect(await stop()).toBe(0);
    expect((await here.run('migrate')).out).toContain("has this version's schema already");
    expect((await here.run('doctor')).code).toBe(0);
  });
});

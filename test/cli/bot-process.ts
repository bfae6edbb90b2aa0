import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const demo = resolve(import.meta.dirname, '../../examples/demo/readback.config.mjs');

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command of the built command line. */
export function runBuilt(cli: string, data: string, args: readonly string[]): Promise<CliResult> {
  const env = { ...process.env, READBACK_DATA: data, READBACK_LOG: 'warn' };
  return new Promise((done) => {
    execFile(process.execPath, [cli, ...args], { env }, (error, out, err) => {
      done({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        out,
        err,
      });
    });
  });
}

export interface Bot {
  readonly url: string;
  readonly pid: number;
  /** What it printed so far. */
  said(): string;
  /** Sends a signal; resolves with how it ended. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const bots = new Set<ChildProcess>();

/** Ends what a failed test left running. */
export function killBots(): void {
  for (const bot of bots) bot.kill('SIGKILL');
}

/**
 * Starts a bot on a free port as a process of its own; resolves when it says where it is. The demo, or in `folder`
 * what its own `readback.config.mjs` says.
 */
export async function startBot(cli: string, data: string, folder?: string): Promise<Bot> {
  const env = { ...process.env, READBACK_DATA: data, PORT: '0', READBACK_LOG: 'warn' };
  const config = folder === undefined ? ['--config', demo] : [];
  const child = spawn(process.execPath, [cli, 'start', ...config], {
    env,
    ...(folder === undefined ? {} : { cwd: folder }),
  });
  bots.add(child);
  let text = '';
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once('exit', (code, signal) => {
      bots.delete(child);
      done({ code, signal });
    });
  });
  const url = await new Promise<string>((done, fail) => {
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /is at (http:\S+)/.exec(text)?.[1];
      if (found !== undefined) done(found);
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    void ended.then(() => fail(new Error(`it ended:\n${text}`)));
  });
  return {
    url,
    pid: child.pid ?? 0,
    said: () => text,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

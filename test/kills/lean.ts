import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeliveryAttempt } from '../../src/contracts/adapter.ts';
import type { CrashPoint } from '../../src/contracts/crash-point.ts';
import type { Delivery } from '../../src/contracts/delivery.ts';
import type { FakePlatform, Sent, Shown } from '../../src/testing/fake-platform.ts';
import { judge } from './invariants.ts';
import { library } from './library.ts';

/** Where a life ends: at the n-th passing of a point, or of any. */
export interface LeanDeath {
  readonly point?: CrashPoint;
  readonly nth: number;
}

/** Where a life ended; `anywhere` when it was killed from outside. */
export interface LeanKill {
  readonly point: CrashPoint | 'anywhere';
  readonly seed: number;
}

export interface LifeOptions {
  readonly die?: LeanDeath;
  /** Killed from outside so many real milliseconds after it was up, or when it has nothing to do any more, if it has not died until then. */
  readonly killAfterMs?: number;
  readonly messages?: number;
  /** Set for its process: the shim of the disk. */
  readonly env?: Readonly<Record<string, string>>;
  readonly durability?: 'power' | 'process';
}

/** A message as its process noted it before it answered. */
interface Noted {
  readonly key: string;
  readonly handle: string;
  readonly delivery: Delivery;
  readonly attempt: Omit<DeliveryAttempt, 'signal'>;
  readonly atMs: number;
}

/** How much faster than a clock its processes live: a poll of ten seconds comes five times a second. */
const speed = 50;

/** No life takes so long, in real milliseconds, whatever the machine does. */
const lifeMaxMs = 120_000;

export interface LeanFigures {
  /** Messages that the platform was told were taken on. */
  readonly accepted: number;
  /** Messages on the screen. */
  readonly shown: number;
  /** Of these, the ones that say what another one says. */
  readonly duplicates: number;
  /** How long the last life took until nothing was open, in milliseconds of its own time. */
  readonly restMs: number;
}

export interface LeanOptions {
  /** The platform can be asked what it shows; default true. */
  readonly askable?: boolean;
}

/** A file, the processes that lived on it one after the other, and what people saw of them. */
export class LeanBot {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'readback-lean-'));
  readonly terminalAs: 'edit' | 'new';
  readonly askable: boolean;
  #seed: number;

  /** The seed decides what is said and what the platform does; each life takes the next one. */
  constructor(seed: number, { askable = true }: LeanOptions = {}) {
    this.#seed = seed;
    this.askable = askable;
    this.terminalAs = Math.floor(seed / 1_000) % 2 === 0 ? 'edit' : 'new';
  }

  /** Lives once; true when it was killed. Its end in peace must be one. */
  async live(options: LifeOptions = {}): Promise<boolean> {
    const { die, killAfterMs, messages = 4, env, durability } = options;
    this.#seed += 1;
    const { folder, terminalAs, askable } = this;
    const mortal = die !== undefined || killAfterMs !== undefined;
    const doomed = killAfterMs !== undefined;
    const of = { folder, seed: this.#seed, terminalAs, askable, speed };
    const config = JSON.stringify({ ...of, die, mortal, doomed, messages, durability });
    const path = join(import.meta.dirname, 'lean-child.mjs');
    const child = spawn(process.execPath, [path, await library(), config], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let words = '';
    child.stderr.on('data', (chunk) => {
      words += String(chunk);
    });
    let late = false;
    const timers = [
      setTimeout(() => {
        late = child.kill('SIGKILL');
      }, lifeMaxMs),
    ];
    child.stdout.once('data', () => {
      if (doomed) timers.push(setTimeout(() => child.kill('SIGKILL'), killAfterMs));
    });
    const before = this.deaths.length;
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    for (const timer of timers) clearTimeout(timer);
    if (signal === 'SIGKILL' && !late) {
      if (doomed && this.deaths.length === before) this.#note('anywhere');
      return true;
    }
    if (code === 0) return false;
    const how = late ? `did not end in ${lifeMaxMs} ms` : `ended with ${code ?? signal}`;
    throw new Error(`seed ${this.#seed}: a life ${how}\n${words}`);
  }

  /** Where its processes were killed. */
  get deaths(): readonly LeanKill[] {
    return this.#noted('killed');
  }

  /** After `judge`. */
  get figures(): LeanFigures {
    const made = this.#noted<Noted>('shown').filter(({ attempt }) => attempt.live === undefined);
    return {
      accepted: new Set(this.#noted<string>('accepted')).size,
      shown: made.length,
      duplicates: made.length - new Set(made.map(({ key }) => key)).size,
      restMs: Math.max(0, ...this.#noted<number>('rest')),
    };
  }

  /** Lives until nothing is open, and tells what of the promise is broken. */
  async judge(): Promise<readonly string[]> {
    await this.live({ messages: 0 });
    const noted = this.#noted<Noted>('shown');
    const { broken } = await judge({
      file: join(this.folder, 'bot.db'),
      platform: screenOf(noted),
      accepted: this.#noted<string>('accepted').map((id) => ({ conversation: '', id })),
      askable: this.askable,
      effects: counted(this.#noted<string>('effects')),
    });
    const errors = this.#noted<{ message: string }>('errors').map((line) => JSON.stringify(line));
    return [...broken, ...errors];
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #note(point: LeanKill['point']): void {
    const line = JSON.stringify({ point, seed: this.#seed });
    appendFileSync(join(this.folder, 'killed'), `${line}\n`);
  }

  #noted<Line>(file: string): Line[] {
    const path = join(this.folder, file);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Line);
  }
}

function counted(list: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of list) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

/** What stands on the screen after all of it, in order. */
function screenOf(noted: readonly Noted[]): FakePlatform {
  const shown: Shown[] = [];
  const sent: Sent[] = [];
  for (const { key, handle, delivery, attempt, atMs } of noted) {
    sent.push({ delivery, attempt, atMs } as unknown as Sent);
    const { text } = attempt.content;
    const known = shown.find((message) => message.handle === handle);
    if (known !== undefined && attempt.live !== undefined) {
      Object.assign(known, { kind: delivery.kind, text, buttons: delivery.buttons });
      known.history.push(text);
      continue;
    }
    shown.push({
      handle,
      conversation: delivery.channel.conversation,
      receiptId: delivery.receiptId,
      key,
      kind: delivery.kind,
      text,
      buttons: attempt.part === attempt.parts ? delivery.buttons : [],
      history: [text],
      atMs,
      anchor: delivery.anchor,
    });
  }
  return { shown, sent } as unknown as FakePlatform;
}

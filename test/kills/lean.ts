import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

export interface LifeOptions {
  readonly die?: LeanDeath;
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

/** A file, the processes that lived on it one after the other, and what people saw of them. */
export class LeanBot {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'readback-lean-'));
  readonly terminalAs: 'edit' | 'new';
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.terminalAs = Math.floor(seed / 1_000) % 2 === 0 ? 'edit' : 'new';
  }

  /** Lives once; true when it was killed. Its end in peace must be one. */
  async live(options: LifeOptions = {}): Promise<boolean> {
    const { die, messages = 4, env, durability } = options;
    this.#seed += 1;
    const { folder, terminalAs } = this;
    const config = { folder, seed: this.#seed, die, messages, speed, durability, terminalAs };
    const path = join(import.meta.dirname, 'lean-child.mjs');
    const child = spawn(process.execPath, [path, await library(), JSON.stringify(config)], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr.on('data', (chunk) => {
      words += String(chunk);
    });
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (signal === 'SIGKILL') return true;
    if (code === 0) return false;
    throw new Error(`seed ${this.#seed}: a life ended with ${code ?? signal}\n${words}`);
  }

  /** Where its processes were killed. */
  get deaths(): readonly { readonly point: CrashPoint; readonly seed: number }[] {
    return this.#noted('killed');
  }

  /** Lives until nothing is open, and tells what of the promise is broken. */
  async judge(): Promise<readonly string[]> {
    await this.live({ messages: 0 });
    const noted = this.#noted<Noted>('shown');
    const { broken } = await judge({
      file: join(this.folder, 'bot.db'),
      platform: screenOf(noted),
      accepted: this.#noted<string>('accepted').map((id) => ({ conversation: '', id })),
      askable: true,
      effects: counted(this.#noted<string>('effects')),
    });
    const errors = this.#noted<{ message: string }>('errors').map((line) => JSON.stringify(line));
    return [...broken, ...errors];
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
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

import { EventEmitter } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CliContext } from '../../src/cli/context.ts';
import type { Parts } from '../../src/cli/parts.ts';
import { runCli } from '../../src/cli/program.ts';
import { ContractError, StoreError } from '../../src/contracts/error.ts';
import type { OwnerId } from '../../src/contracts/id.ts';
import type { Incident } from '../../src/contracts/incident.ts';
import type { Records, Relay, TaskStory } from '../../src/contracts/relay.ts';
import type {
  InvalidRow,
  ListedReceipt,
  Page,
  PageRequest,
  Store,
} from '../../src/contracts/store.ts';
import type { Task } from '../../src/contracts/task.ts';
import { createSystemRuntime } from '../../src/core/system-runtime.ts';
import { atMs, id } from './fake-rows.ts';
import { tempDir } from './temp-dir.ts';

/** What the fake database holds. */
export interface Held {
  readonly tasks?: readonly Task[];
  readonly receipts?: readonly ListedReceipt[];
  readonly incidents?: readonly Incident[];
  readonly story?: TaskStory;
  readonly invalid?: readonly InvalidRow[];
}

function pageOf<Row>(
  rows: readonly Row[],
  seqOf: (row: Row) => number,
  held: Held & { page: Partial<PageRequest> },
): Page<Row> {
  const { after = 0, limit = 200 } = held.page;
  const all = rows.filter((row) => seqOf(row) > after);
  const shown = all.slice(0, limit);
  const last = shown.at(-1);
  return {
    rows: shown,
    more: all.length > shown.length,
    invalid: held.invalid ?? [],
    lastSeq: last === undefined ? after : seqOf(last),
  };
}

/** The reading side over a few rows. */
export function fakeRecords(held: Held): Records {
  const { tasks = [], receipts = [], incidents = [], story } = held;
  return {
    tasks: {
      list: async (filter = {}, page = {}) =>
        pageOf(
          tasks.filter(
            (task) =>
              (filter.state === undefined || task.state === filter.state) &&
              (!filter.open || task.state !== 'ended'),
          ),
          (task) => task.seq,
          { ...held, page },
        ),
      inspect: async (wanted) => (story?.task.id === wanted ? story : undefined),
      find: async (text) => {
        const found = tasks.filter(
          (task) => task.id === text || task.id.replaceAll('-', '').endsWith(text),
        );
        const [only, other] = found;
        if (only === undefined) throw new ContractError('no_such_task', `no task ends in ${text}`);
        if (other !== undefined)
          throw new ContractError('ambiguous', `more than one task ends in ${text}`);
        return only.id;
      },
      shortId: async (wanted) => wanted.slice(-4),
    },
    receipts: {
      list: async (filter = {}, page = {}) =>
        pageOf(
          receipts.filter(
            (receipt) => filter.state === undefined || receipt.state === filter.state,
          ),
          (receipt) => receipt.listSeq,
          { ...held, page },
        ),
    },
    incidents: {
      list: async (filter = {}, page = {}) =>
        pageOf(
          incidents.filter((incident) => !filter.open || incident.closedAtMs === undefined),
          (incident) => incident.seq,
          { ...held, page },
        ),
    },
    figures: async () => ({
      tasksOpen: 1,
      receiptsOpen: 2,
      receiptsUnseen: 1,
      receiptsDead: 3,
      incidentsOpen: 4,
    }),
  };
}

export interface FakeCli {
  readonly context: CliContext;
  readonly dir: string;
  readonly file: string;
  readonly events: EventEmitter;
  /** Calls that a relay got. */
  readonly calls: unknown[];
  /** Runs one command line; what it printed and its exit code. */
  run(...args: string[]): Promise<{ code: number; out: string; err: string }>;
}

export interface FakeCliOptions extends Held {
  /** False: there is no database. */
  readonly database?: boolean;
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly relay?: Partial<Relay>;
  readonly parts?: Partial<Parts>;
  /** Another process holds the writer lock. */
  readonly locked?: boolean;
}

/** A command line over fakes, in a directory of its own with an (empty) database file in ./data. */
export function fakeCli(options: FakeCliOptions = {}): FakeCli {
  const dir = tempDir(options.files);
  const file = path.join(dir, 'data', 'readback.db');
  if (options.database !== false) {
    mkdirSync(path.dirname(file));
    writeFileSync(file, '');
  }
  const calls: unknown[] = [];
  const events = new EventEmitter();
  let [out, err] = ['', ''];
  const context: CliContext = {
    env: options.env ?? {},
    cwd: dir,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    json: (document) => {
      out += `${JSON.stringify(document, undefined, 2)}\n`;
    },
    user: 'ann',
    version: '0.1.0',
    process: events,
    parts: { ...fakeParts(options, calls), ...options.parts },
  };
  const run = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    [out, err] = ['', ''];
    const code = await runCli(args, context);
    return { code, out, err };
  };
  return { context, dir, file, events, calls, run };
}

const holder = { pid: 4_711, host: 'box', owner: id('0e'), sinceMs: atMs };

function fakeParts(options: FakeCliOptions, calls: unknown[]): Parts {
  const never = (): never => {
    throw new Error('this fake has none');
  };
  return {
    createRuntime: async () => ({ ...createSystemRuntime(), wallMs: () => atMs + 60_000 }),
    newOwner: async () => id<OwnerId>('0e'),
    openStore: async ({ file }) => {
      if (options.locked)
        throw new StoreError(
          'locked',
          `${file} is written by process ${holder.pid} on ${holder.host}`,
        );
      calls.push('lock');
      return { close: async () => void calls.push('unlock') } as unknown as Store;
    },
    readStore: async () => ({ read: never, close: () => {} }),
    lockHolder: async () => (options.locked ? holder : undefined),
    migrateStore: async () => [],
    createRelay: async ({ adapters, workers }) => {
      calls.push(['relay', adapters.length, workers.length]);
      return {
        ...fakeRecords(options),
        start: async () => void calls.push('start'),
        stop: async (how: { now?: boolean } = {}) => void calls.push(how.now ? 'stop now' : 'stop'),
        health: never,
        ...options.relay,
      } as unknown as Relay;
    },
    createRecords: async () => fakeRecords(options),
    createWebchat: async () => ({ name: 'webchat', accounts: ['main'] }) as never,
    adaptersFromEnv: async () => [],
    serve: async ({ port }) => ({
      url: `http://127.0.0.1:${port}`,
      port,
      close: async () => void calls.push('close server'),
    }),
  };
}

/** A relay whose two acts are given. */
export function acting(
  cancel: Relay['tasks']['cancel'],
  redrive?: Relay['receipts']['redrive'],
): Partial<Relay> {
  return {
    tasks: { cancel } as Relay['tasks'],
    receipts: { redrive } as unknown as Relay['receipts'],
  };
}

import type { Adapter } from './contracts/adapter.ts';
import { ConfigError } from './contracts/error.ts';
import { type ChannelRef, OwnerId } from './contracts/id.ts';
import type { Message } from './contracts/inbound.ts';
import type { Records, Relay, RelaySettings } from './contracts/relay.ts';
import type { Runtime } from './contracts/runtime.ts';
import type { Script, Store } from './contracts/store.ts';
import {
  Deadlines,
  deadlineDefaults,
  SendClocks,
  type SendClocksPatch,
  sendClockDefaults,
} from './contracts/task.ts';
import type { Worker } from './contracts/worker.ts';
import { Clock } from './core/clock.ts';
import { type Core, chanceOf, type RelayLog, type Settings } from './core/core.ts';
import { DueHeap } from './core/deadlines.ts';
import { Emitter } from './core/emitter.ts';
import { Engine } from './core/engine.ts';
import { limit } from './core/limit.ts';
import { errorText } from './core/port.ts';
import { createRecords } from './core/records.ts';
import type { Route } from './core/route.ts';
import { createSystemRuntime } from './core/system-runtime.ts';
import { createWrite } from './core/transact.ts';
import { uuidv7 } from './core/uuid.ts';
import { type Words, words } from './core/words.ts';

export type { RelayLog, Route, Words };
export { createRecords };

/** How a relay is put together. Everything is checked when it is made; a wrong value names its path, what came and what is allowed. */
export interface RelayOptions extends RelaySettings {
  readonly store: Store;
  readonly adapters: readonly Adapter[];
  readonly workers: readonly Worker[];
  /** This process; default a new one. Must be the owner that the store was opened with. */
  readonly owner?: OwnerId;
  /** Names the worker for a message; default the only one. */
  readonly pick?: (message: Message) => string;
  readonly clocks?: SendClocksPatch;
  /** Whether the Persons of a Channel share a Session; default `channel`: they do. */
  readonly sessionPer?: 'channel' | 'person';
  /** Other ways to the same person, tried in order when the origin cannot show a terminal, a question or a notice. */
  readonly routes?: (origin: {
    readonly channel: ChannelRef;
    readonly personId: string;
  }) => readonly Route[];
  /** Where incidents are told, besides row, log and health. */
  readonly operator?: { readonly channel: ChannelRef };
  /** Words that people see, over the defaults. */
  readonly words?: Partial<Words>;
  readonly runtime?: Runtime;
  readonly log?: RelayLog;
}

/** A new owner: one incarnation of one process. */
export function newOwner(runtime: Runtime = createSystemRuntime()): OwnerId {
  return OwnerId.parse(uuidv7(runtime));
}

/** Puts the pieces together. Nothing runs before `start`; reading, `tasks.cancel` and `receipts.redrive` work without it. */
export function createRelay(options: RelayOptions): Relay {
  const core = wire(options);
  const engine = new Engine(core);
  const records: Records = createRecords(core.store);
  return {
    start: async () => await engine.start(),
    stop: async (how) => await engine.stop(how?.now === true),
    reconfigure: (patch) => {
      const settings = settingsOf({ ...core.settings, ...defined(patch) });
      checkClocks(settings, core);
      Object.assign(core.settings, settings);
    },
    submit: async (request) => await engine.submit(request),
    notify: async (request) => await engine.notify(request),
    tasks: {
      ...records.tasks,
      cancel: async (id, how) => await engine.cancel(id, how),
      retry: async (id) => await engine.retry(id),
    },
    receipts: {
      ...records.receipts,
      redrive: async (id, how) => await engine.redrive(id, how?.by ?? 'operator'),
    },
    incidents: records.incidents,
    figures: records.figures,
    on: (name, listener) => core.emitter.on(name, listener),
    settled: async () => await engine.settled(),
    health: async () => await engine.health(),
  };
}

/** Before the start nothing leaves and nothing begins. */
function* nothingAtOnce(): Script<undefined> {}

function wire(options: RelayOptions): Core {
  const runtime = options.runtime ?? createSystemRuntime();
  const log = options.log ?? (() => undefined);
  const adapters = named('adapters', options.adapters);
  const workers = named('workers', options.workers);
  const emitter = new Emitter((name, error) =>
    log('error', 'a listener failed', { event: name, error: errorText(error) }),
  );
  const base = {
    owner: options.owner ?? newOwner(runtime),
    runtime,
    clock: new Clock(runtime),
    store: options.store,
    emitter,
    due: new DueHeap(),
    log,
    settings: settingsOf(options),
    clocks: checked('clocks', SendClocks, { ...sendClockDefaults, ...defined(options.clocks) }),
    words: { ...words, ...options.words },
    adapters,
    workers,
    sessionPer: options.sessionPer ?? 'channel',
    operator: options.operator?.channel,
    pick: options.pick ?? pickOnly(workers),
    routes: (channel: ChannelRef, personId: string) =>
      options.routes?.({ channel, personId }) ?? [],
    hooks: {
      claimAtOnce: nothingAtOnce,
      startAtOnce: nothingAtOnce,
      channelPut: () => undefined,
      sessionReady: () => undefined,
      latestWord: () => undefined,
    },
    chance: () => chanceOf(runtime),
    counts: { staleWrites: 0, detached: 0, unwritable: false, writing: 0 },
  } satisfies Omit<Core, 'write' | 'persist'>;
  checkClocks(base.settings, base);
  const core: Core = { ...base, ...createWrite(base, () => core) };
  return core;
}

/** Every set of clocks that a Task may get: an adapter's and a worker's over the relay's. */
function checkClocks(settings: Settings, parts: Pick<Core, 'adapters' | 'workers'>): void {
  const base = { ...deadlineDefaults, ...settings.deadlines };
  for (const [name, one] of [...parts.adapters, ...parts.workers])
    checked(`${name}.deadlines`, Deadlines, { ...base, ...one.deadlines });
  for (const [adapter, { deadlines }] of parts.adapters)
    for (const [worker, one] of parts.workers)
      checked(`${adapter}+${worker}.deadlines`, Deadlines, {
        ...base,
        ...deadlines,
        ...one.deadlines,
      });
}

/** The store's settings that may change while it runs, checked. */
function settingsOf(options: RelaySettings): Settings {
  const { overlap = 'queue', concurrency = limit.concurrency, queueMax = limit.queueMax } = options;
  const deadlines = { ...defined(options.deadlines) };
  checked('deadlines', Deadlines, { ...deadlineDefaults, ...deadlines });
  if (!['queue', 'interrupt', 'reject'].includes(overlap))
    throw invalid('overlap', overlap, '"queue", "interrupt" or "reject"');
  whole('concurrency', concurrency, [1, 10_000]);
  whole('queueMax', queueMax, [0, 1_000]);
  return { deadlines, overlap, concurrency, queueMax };
}

function whole(path: string, value: number, [least, most]: readonly [number, number]): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalid(path, value, `a whole number from ${least} to ${most}`);
}

function invalid(path: string, got: unknown, allowed: string): ConfigError {
  return new ConfigError(
    'invalid_option',
    `${path}: got ${JSON.stringify(got) ?? String(got)}; allowed is ${allowed}`,
  );
}

interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };
}

function checked<T>(path: string, schema: Schema<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const [key] = issue.path;
    const got = key === undefined ? undefined : (value as Record<PropertyKey, unknown>)[key];
    return `${[path, ...issue.path].map(String).join('.')}: ${issue.message}${issue.message.includes('got') ? '' : `; got ${String(got)}`}`;
  });
  throw new ConfigError('invalid_option', problems.join('\n'));
}

/** Without the keys that are there and undefined, so that a default stands. */
function defined<T extends object>(patch: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(patch ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

function named<T extends { readonly name: string }>(
  path: string,
  list: readonly T[],
): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const one of list) {
    if (map.has(one.name))
      throw new ConfigError(
        'duplicate_name',
        `${path}: two are named ${JSON.stringify(one.name)}; names must differ`,
      );
    map.set(one.name, one);
  }
  return map;
}

function pickOnly(workers: ReadonlyMap<string, Worker>): (message: Message) => string {
  if (workers.size > 1) {
    throw new ConfigError(
      'no_pick',
      `pick: there are ${workers.size} workers (${[...workers.keys()].join(', ')}); say which takes a message: pick: (message) => name`,
    );
  }
  const [only] = workers.keys();
  return () => only ?? '';
}

import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LoadedConfig, ResolvedConfig } from '../config.ts';
import type { Adapter } from '../contracts/adapter.ts';
import { ConfigError } from '../contracts/error.ts';
import type { Relay } from '../contracts/relay.ts';
import type { Store } from '../contracts/store.ts';
import type { Log } from '../log.ts';
import type { RelayOptions } from '../relay.ts';
import type { Served, ServeOptions } from '../serve.ts';
import type { CliContext } from './context.ts';
import { socketPath } from './control-protocol.ts';
import { type ControlServer, type ControlTarget, startControl } from './control-server.ts';
import { databaseFile } from './location.ts';

/** The running whole of one process, in the order in which it was made. */
export interface Assembly {
  readonly file: string;
  readonly url: string;
  /** Names of the platforms that it is on. */
  readonly platforms: readonly string[];
  readonly relay: Relay;
  /** Ends everything, last made first; what could not be ended is named. May be called twice: then `now` hurries the first. */
  stop(now: boolean): Promise<readonly string[]>;
}

/**
 * Puts store, relay, adapters, server and control socket together and starts them. What was begun is ended when a
 * later step fails. The lock comes first, then the port, then the recovery: a start that cannot serve changes nothing.
 */
export async function assemble(
  context: CliContext,
  loaded: LoadedConfig,
  log: Log,
): Promise<Assembly> {
  const { config } = loaded;
  const { parts } = context;
  needWorkers(loaded);
  const page = readPage(config);
  const file = databaseFile(config.data);
  const controlPath = socketPath(file, context.cwd);
  makeDataDirectory(config.data);
  const runtime = await parts.createRuntime();
  const owner = await parts.newOwner(runtime);
  const adapters = await createAdapters(context, config);
  const made: { store?: Store; relay?: Relay; served?: Served; control?: ControlServer } = {};
  try {
    const { durability } = config;
    made.store = await parts.openStore({
      file,
      runtime,
      owner,
      ...(durability === undefined ? {} : { durability }),
    });
    const relay = await parts.createRelay(
      relayOptions(config, { store: made.store, owner, runtime, adapters, log }),
    );
    const served = await parts.serve({
      adapters,
      relay,
      port: config.port,
      host: config.host,
      pages: pagesOf(config, page),
      log,
    });
    made.served = served;
    // from here on a failure must also stop what the relay started
    made.relay = relay;
    await relay.start();
    const target: ControlTarget = {
      cancel: (id, how) => relay.tasks.cancel(id, how),
      redrive: (id, how) => relay.receipts.redrive(id, how),
      ping: () => ({ pid: process.pid, version: context.version, url: served.url }),
    };
    made.control = await startControl({ path: controlPath, target, log });
    const platforms = adapters.map(({ name }) => name);
    return { file, url: served.url, platforms, relay, stop: createStop(made) };
  } catch (error) {
    await createStop(made)(true);
    throw error;
  }
}

const example = [
  "import { defineConfig, defineWorker } from 'readback';",
  'export default defineConfig({ workers: [defineWorker(async (task) => task.text.toUpperCase())] });',
].join('\n  ');

function needWorkers({ config, file }: LoadedConfig): void {
  if (config.workers.length > 0) return;
  if (file === undefined) {
    throw new ConfigError(
      'no_workers',
      `There is no config file, so nothing can do any work. Make readback.config.mjs:\n  ${example}`,
    );
  }
  const how = file.endsWith('.json')
    ? 'A Worker is code, which JSON cannot hold: name an .mjs file that exports one ("workers": ["./worker.mjs"]), or use an .mjs config'
    : `Example:\n  ${example}`;
  throw new ConfigError(
    'no_workers',
    `${path.basename(file)}: workers: got nothing; allowed: a list of 1 to 100 Workers. ${how}`,
  );
}

function readPage({ page }: ResolvedConfig): string | undefined {
  if (page === undefined) return undefined;
  try {
    return readFileSync(page, 'utf8');
  } catch (error) {
    throw new ConfigError(
      'page_unreadable',
      `page: got ${page}, which cannot be read (${(error as NodeJS.ErrnoException).code}); allowed: the path of an HTML file`,
      { cause: error },
    );
  }
}

/** Only its owner may look into it: it holds what people wrote, and a key. An existing directory keeps its mode. */
function makeDataDirectory(data: string): void {
  try {
    const first = mkdirSync(data, { recursive: true, mode: 0o700 });
    if (first !== undefined) chmodSync(data, 0o700);
  } catch (error) {
    throw new ConfigError(
      'data_unusable',
      `data: got ${data}, which cannot be made (${(error as NodeJS.ErrnoException).code}); allowed: a directory that this user may write. Set READBACK_DATA`,
      { cause: error },
    );
  }
}

async function createAdapters(
  context: CliContext,
  config: ResolvedConfig,
): Promise<readonly Adapter[]> {
  const { parts, env } = context;
  const configured = new Set(config.adapters.map(({ name }) => name));
  const others = [...config.adapters, ...(await parts.adaptersFromEnv(env, configured))];
  if (config.webchat === false) return others;
  const keyFile = path.join(config.data, 'webchat.key');
  return [await parts.createWebchat({ keyFile, ...config.webchat }), ...others];
}

function pagesOf(
  config: ResolvedConfig,
  html: string | undefined,
): NonNullable<ServeOptions['pages']> {
  if (html !== undefined) return { '/': { html } };
  if (config.webchat === false || config.webchat?.page === false) return {};
  return { '/': { redirect: '/webchat/chat' } };
}

type Given = Pick<RelayOptions, 'store' | 'owner' | 'runtime' | 'adapters' | 'log'>;

function relayOptions(config: ResolvedConfig, given: Given): RelayOptions {
  const {
    workers,
    pick,
    deadlines,
    clocks,
    overlap,
    sessionPer,
    concurrency,
    queueMax,
    routes,
    operator,
    words,
  } = config;
  const optional = {
    pick,
    deadlines,
    clocks,
    overlap,
    sessionPer,
    concurrency,
    queueMax,
    routes,
    operator,
    words,
  };
  const set = Object.fromEntries(
    Object.entries(optional).filter(([, value]) => value !== undefined),
  );
  return { ...(set as Partial<RelayOptions>), ...given, workers };
}

/** Adapters may need their connections to tell the last things: the server goes after the relay. */
function createStop(made: {
  store?: Store;
  relay?: Relay;
  served?: Served;
  control?: ControlServer;
}): Assembly['stop'] {
  let first: Promise<readonly string[]> | undefined;
  const end = async (now: boolean): Promise<readonly string[]> => {
    const steps: readonly (readonly [string, (() => Promise<void>) | undefined])[] = [
      ['relay', made.relay && (() => made.relay?.stop({ now }) ?? Promise.resolve())],
      ['control socket', made.control?.close],
      ['server', made.served?.close],
      ['store', made.store && (() => made.store?.close() ?? Promise.resolve())],
    ];
    const failed: string[] = [];
    for (const [name, step] of steps) {
      await step?.().catch((error: unknown) =>
        failed.push(`${name}: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
    return failed;
  };
  return (now) => {
    if (first !== undefined && now) void made.relay?.stop({ now: true }).catch(() => {});
    first ??= end(now);
    return first;
  };
}

import type { WebchatConfigInput } from '../adapters/webchat/config.ts';
import type { Adapter } from '../contracts/adapter.ts';
import type { OwnerId } from '../contracts/id.ts';
import type { Records, Relay } from '../contracts/relay.ts';
import type { Runtime } from '../contracts/runtime.ts';
import type { Script, Store, StoreReads } from '../contracts/store.ts';
import type { RelayOptions } from '../relay.ts';
import type { Served, ServeOptions } from '../serve.ts';
import type { LockHolder } from '../stores/sqlite/index.ts';

/** A database that is only read, also while another process writes it. */
export interface Reader {
  read<T>(script: (reads: StoreReads) => Script<T>): Promise<T>;
  close(): void;
}

export interface StoreOptions {
  readonly file: string;
  readonly runtime: Runtime;
  readonly owner: OwnerId;
  readonly durability?: 'power' | 'process';
}

/** What the commands are put together from. Tests hand in their own. */
export interface Parts {
  createRuntime(): Promise<Runtime>;
  newOwner(runtime: Runtime): Promise<OwnerId>;
  /** Takes the writer lock. */
  openStore(options: StoreOptions): Promise<Store>;
  readStore(file: string): Promise<Reader>;
  /** Who holds the writer lock, if anybody. */
  lockHolder(file: string): Promise<LockHolder | undefined>;
  /** The names of the steps that were taken. */
  migrateStore(file: string): Promise<readonly string[]>;
  createRelay(options: RelayOptions): Promise<Relay>;
  createRecords(reader: Reader): Promise<Records>;
  createWebchat(config: WebchatConfigInput): Promise<Adapter>;
  /** Those of platforms that are not `configured` and whose variables are set. */
  adaptersFromEnv(
    env: Readonly<Record<string, string | undefined>>,
    configured: ReadonlySet<string>,
  ): Promise<readonly Adapter[]>;
  serve(options: ServeOptions): Promise<Served>;
}

/** The real ones, each loaded when it is used: listing Tasks loads no HTTP server. */
export const systemParts: Parts = {
  createRuntime: async () => (await import('../core/system-runtime.ts')).createSystemRuntime(),
  newOwner: async (runtime) => (await import('../relay.ts')).newOwner(runtime),
  openStore: async (options) => (await import('../stores/sqlite/index.ts')).openSqlite(options),
  readStore: async (file) => (await import('../stores/sqlite/index.ts')).readSqlite({ file }),
  lockHolder: async (file) => (await import('../stores/sqlite/index.ts')).readLock(file),
  migrateStore: async (file) => (await import('../stores/sqlite/index.ts')).migrateSqlite({ file }),
  createRelay: async (options) => (await import('../relay.ts')).createRelay(options),
  createRecords: async (reader) => (await import('../relay.ts')).createRecords(reader),
  createWebchat: async (config) =>
    (await import('../adapters/webchat/index.ts')).createWebchat(config),
  adaptersFromEnv: async (env, configured) =>
    (await import('./adapters-from-env.ts')).adaptersFromEnv(env, configured),
  serve: async (options) => (await import('../serve.ts')).serve(options),
};

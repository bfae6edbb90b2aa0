import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRelay, createSystemRuntime, defineWorker, newOwner } from '../dist/index.js';
import { openSqlite } from '../dist/stores/sqlite/index.js';

/** A folder on a real disk, and how to take it away. `BENCH_DIR` names another place than the system's. */
export function folder() {
  const path = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'readback-bench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

const capabilities = {
  lengthMax: 4_000,
  lengthUnit: 'utf16',
  editMs: Number.POSITIVE_INFINITY,
  buttons: true,
  files: false,
  streams: false,
  terminalAs: 'edit',
  unknownPolicy: 'repeat',
  audience: 'always',
  evidence: 'accepted',
};

/** Channels of one Account: the core sends into 32 of an Account at once. */
const channelsPerAccount = 16;

/** The address of the n-th Channel. */
export function channelAt(n) {
  return {
    adapter: 'null',
    account: `bot${Math.floor(n / channelsPerAccount)}`,
    conversation: `c${n}`,
  };
}

/** An adapter to nowhere: shows everything at once. `decide` may answer something else. */
function nullAdapter({ channels, decide, onSend }) {
  let shown = 0;
  let host;
  const accounts = Array.from(
    { length: Math.ceil(channels / channelsPerAccount) },
    (_, n) => `bot${n}`,
  );
  return {
    get host() {
      return host;
    },
    name: 'null',
    accounts,
    capabilities,
    start: async (given) => {
      host = given;
    },
    cut: (delivery) => [{ text: delivery.text }],
    deliver: async (delivery, attempt) => {
      onSend?.(delivery);
      const other = decide?.(delivery);
      if (other !== undefined) return other;
      shown += 1;
      return {
        kind: 'surfaced',
        atMs: Date.now(),
        handle: attempt.live ?? `h${shown}`,
        evidence: 'accepted',
        surface: attempt.live === undefined ? 'durable' : 'edited',
      };
    },
    stop: async () => undefined,
  };
}

/** A relay over one database file at `synchronous=FULL`, started, with the adapter to nowhere and a worker that answers at once. */
export async function openStage(file, options = {}) {
  const runtime = createSystemRuntime();
  const owner = newOwner(runtime);
  const store = await openSqlite({ file, runtime, owner });
  const adapter = nullAdapter({ channels: options.channels ?? 1, ...options });
  const worker = defineWorker(options.work ?? (() => answer));
  const errors = [];
  const relay = createRelay({
    store,
    runtime,
    owner,
    adapters: [adapter],
    workers: [worker],
    concurrency: options.concurrency ?? 1_000,
    queueMax: options.queueMax ?? 20,
    ...(options.deadlines === undefined ? {} : { deadlines: options.deadlines }),
    log: (level, message, data) => {
      if (level === 'error') errors.push(`${message} ${JSON.stringify(data)}`);
    },
  });
  if (options.start !== false) await relay.start();
  return {
    relay,
    adapter,
    store,
    /** Stops it; throws for what was logged as an error meanwhile. */
    close: async () => {
      await relay.stop({ now: true });
      await store.close();
      if (errors.length > 0) throw new Error(`${errors.length} errors, the first: ${errors[0]}`);
    },
  };
}

/** What a person asks and what is answered: 250 characters, an ordinary message. */
export const question = 'What is the state of the migration of the second cluster? '
  .repeat(5)
  .slice(0, 250);
export const answer = 'The second cluster was moved at noon; its replicas follow now. '
  .repeat(5)
  .slice(0, 250);

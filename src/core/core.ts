import type { Adapter, AdapterCapabilities } from '../contracts/adapter.ts';
import type { Channel } from '../contracts/channel.ts';
import type { JournalEntry } from '../contracts/event.ts';
import type { ChannelKey, ChannelRef, OwnerId, SessionId, TaskId } from '../contracts/id.ts';
import type { Message } from '../contracts/inbound.ts';
import type { Overlap } from '../contracts/relay.ts';
import type { Runtime } from '../contracts/runtime.ts';
import type { Script, Store, Tx } from '../contracts/store.ts';
import type { DeadlinesPatch, SendClocks } from '../contracts/task.ts';
import type { Worker } from '../contracts/worker.ts';
import type { Clock } from './clock.ts';
import type { DueHeap } from './deadlines.ts';
import type { Emitter } from './emitter.ts';
import type { Route } from './route.ts';
import type { Words } from './words.ts';

export type RelayLog = (
  level: 'debug' | 'info' | 'warn' | 'error',
  message: string,
  data?: Readonly<Record<string, unknown>>,
) => void;

/** What may change while the relay runs; read anew at every use. */
export interface Settings {
  deadlines: DeadlinesPatch;
  overlap: Overlap;
  concurrency: number;
  queueMax: number;
}

/** What a transaction script works with: the transaction, its time, and the Journal. */
export interface Work extends Tx {
  /** The relay's time when the script began. */
  readonly now: number;
  /** Writes an event; listeners hear it after the commit. `atMs`: when, if not now. */
  note(entry: JournalEntry, atMs?: number): Script<void>;
}

/** The newest words of a running Task: what a pending progress says when it is claimed. */
export interface LatestWord {
  readonly word?: string | undefined;
  readonly fraction?: number | undefined;
  /** When it was said. */
  readonly atMs: number;
}

/** What a script took on for a loop beside its own work: begun after the commit, given back when nothing was committed. */
export interface Taken {
  readonly begin: () => void;
  readonly giveBack: () => void;
}

export interface Hooks {
  /** A script made a Channel due: what leaves next may be claimed in the same transaction. */
  claimAtOnce: (work: Work, key: ChannelKey) => Script<Taken | undefined>;
  /** A script made a Session ready: its next Task may be started in the same transaction. */
  startAtOnce: (work: Work, session: SessionId) => Script<Taken | undefined>;
  /** A Channel's row was committed: when it is due, and how urgent. */
  channelPut: (row: Channel) => void;
  /** A Session may start a Task. */
  sessionReady: () => void;
  latestWord: (task: TaskId) => LatestWord | undefined;
}

/** What the parts of the core share. Built once by `createRelay`. */
export interface Core {
  readonly owner: OwnerId;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly store: Store;
  readonly emitter: Emitter;
  readonly due: DueHeap;
  readonly log: RelayLog;
  readonly settings: Settings;
  readonly clocks: SendClocks;
  readonly words: Words;
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly workers: ReadonlyMap<string, Worker>;
  readonly sessionPer: 'channel' | 'person';
  readonly operator: ChannelRef | undefined;
  pick(message: Message): string;
  routes(channel: ChannelRef, personId: string): readonly Route[];
  /** One transaction; rejects when the store cannot write. */
  write<T>(name: string, script: (work: Work) => Script<T>): Promise<T>;
  /** The same, tried again until it is written: for what happened and must not be lost. Rejects only for faults of ours. */
  persist<T>(name: string, script: (work: Work) => Script<T>): Promise<T>;
  /** What the loops hear of committed rows; set by the engine. */
  readonly hooks: Hooks;
  /** In [0, 1). */
  chance(): number;
  /** Counted in health. */
  readonly counts: { staleWrites: number; detached: number; unwritable: boolean; writing: number };
}

/** The capabilities of a Channel's platform; a platform that is not configured any more can do nothing. */
export function capabilitiesOf(core: Core, channel: Pick<Channel, 'address'>): AdapterCapabilities {
  return core.adapters.get(channel.address.adapter)?.capabilities ?? absent;
}

const absent: AdapterCapabilities = {
  lengthMax: 2_000,
  lengthUnit: 'utf16',
  editMs: 0,
  buttons: false,
  files: false,
  streams: false,
  terminalAs: 'new',
  unknownPolicy: 'hold',
  audience: 'always',
  evidence: 'accepted',
};

/** A number in [0, 1) out of the runtime's chance. */
export function chanceOf(runtime: Runtime): number {
  const [a = 0, b = 0, c = 0, d = 0] = runtime.random(4);
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 2 ** 32;
}

import type { Channel } from '../contracts/channel.ts';
import { StoreError } from '../contracts/error.ts';
import type {
  EventContext,
  JournalEntry,
  RelayEventName,
  RelayEvents,
} from '../contracts/event.ts';
import type { Session } from '../contracts/session.ts';
import type { InvalidRow, Script, Tx } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import { backoffMs } from './backoff.ts';
import { clip } from './clip.ts';
import type { Core, Work } from './core.ts';
import { limit } from './limit.ts';
import { quarantine } from './quarantine.ts';

type Parts = Pick<
  Core,
  'store' | 'clock' | 'due' | 'emitter' | 'runtime' | 'log' | 'counts' | 'chance' | 'hooks'
>;

interface Outbox {
  readonly events: { readonly entry: JournalEntry; readonly context: EventContext }[];
  readonly tasks: Map<string, number | undefined>;
  readonly channels: Map<string, Channel>;
  ready: boolean;
}
const emptyOutbox = (): Outbox => ({
  events: [],
  tasks: new Map(),
  channels: new Map(),
  ready: false,
});

/**
 * Runs scripts: gives them their time, gathers what they note and what becomes due, and after the commit
 * (never before) arms the timer and tells the listeners. A row that cannot be read is taken out of the way
 * and the script runs again.
 */
export function createWrite(parts: Parts, core: () => Core): Pick<Core, 'write' | 'persist'> {
  const once = async <T>(name: string, script: (work: Work) => Script<T>): Promise<T> => {
    let outbox = emptyOutbox();
    parts.counts.writing += 1;
    const write = parts.store.write(name, function* (tx) {
      outbox = emptyOutbox();
      return yield* script(workOn(tx, parts.clock.now(), outbox));
    });
    const result = await write.finally(() => {
      parts.counts.writing -= 1;
    });
    parts.counts.unwritable = false;
    for (const [id, dueAtMs] of outbox.tasks) parts.due.set(`task:${id}`, dueAtMs);
    for (const row of outbox.channels.values()) parts.hooks.channelPut(row);
    if (outbox.ready) parts.hooks.sessionReady();
    for (const { entry, context } of outbox.events) {
      parts.emitter.emit(
        entry.name as RelayEventName,
        entry.data as RelayEvents[RelayEventName],
        context,
      );
    }
    return result;
  };
  const write = async <T>(name: string, script: (work: Work) => Script<T>): Promise<T> => {
    for (let round = 0; ; round++) {
      try {
        return await once(name, script);
      } catch (error) {
        const invalid = invalidRow(error);
        if (invalid === undefined || round >= limit.quarantines) {
          if (isUnwritable(error)) parts.counts.unwritable = true;
          throw error;
        }
        await once('quarantine', (work) => quarantine(work, core(), invalid));
      }
    }
  };
  const persist = async <T>(name: string, script: (work: Work) => Script<T>): Promise<T> => {
    for (let tries = 0; ; tries++) {
      try {
        return await write(name, script);
      } catch (error) {
        if (!isUnwritable(error)) throw error;
        if (tries === 0)
          parts.log('error', 'the store cannot write; trying again', {
            write: name,
            error: String(error),
          });
        const pace = { backoffMs: limit.rewriteMs, backoffCapMs: limit.rewriteCapMs };
        await parts.runtime.sleep(limit.rewriteMs + backoffMs(tries, parts.chance(), pace));
      }
    }
  };
  return { write, persist };
}

/** The write may work later: the disk is full, the queue is long. */
export function isUnwritable(error: unknown): boolean {
  return (
    error instanceof StoreError && (error.code === 'unwritable' || error.code === 'overloaded')
  );
}

function invalidRow(error: unknown): InvalidRow | undefined {
  if (!(error instanceof StoreError) || error.code !== 'row_invalid') return undefined;
  const { table, id } = error.ids;
  if (typeof table !== 'string' || id === undefined) return undefined;
  return { table, id: String(id), cause: error.message.slice(0, limit.errorChars) };
}

function workOn(tx: Tx, now: number, outbox: Outbox): Work {
  // Over the transaction, not a copy of it: every script gets one, and a transaction has fifty members.
  return Object.assign(Object.create(tx) as Tx, {
    now,
    putTask(row: Task) {
      tx.putTask(row);
      outbox.tasks.set(row.id, row.dueAtMs);
    },
    putChannel(row: Channel) {
      tx.putChannel(row);
      outbox.channels.set(row.key, row);
    },
    putSession(row: Session) {
      tx.putSession(row);
      if (row.readyAtMs !== undefined) outbox.ready = true;
    },
    *note(said: JournalEntry, atMs = now): Script<void> {
      const entry = bounded(said);
      const seq = yield* tx.journal(entry, atMs);
      outbox.events.push({ entry, context: contextOf(entry, seq, atMs) });
    },
  });
}

/** A platform's or a worker's words about a fault may be long; the Journal's rows are not. */
function bounded(entry: JournalEntry): JournalEntry {
  const data: Record<string, unknown> = { ...entry.data };
  for (const [name, value] of Object.entries(data)) {
    if (typeof value === 'string') data[name] = clip(value, limit.journalChars);
  }
  return { ...entry, data } as unknown as JournalEntry;
}

function contextOf(entry: JournalEntry, seq: number, atMs: number): EventContext {
  return {
    seq,
    atMs,
    ...(entry.taskId === undefined ? {} : { taskId: entry.taskId }),
    ...(entry.channel === undefined ? {} : { channel: entry.channel }),
    ...(entry.sessionId === undefined ? {} : { sessionId: entry.sessionId }),
  };
}

import type { Channel } from '../contracts/channel.ts';
import { StoreError } from '../contracts/error.ts';
import type {
  EventContext,
  JournalEntry,
  RelayEventName,
  RelayEvents,
} from '../contracts/event.ts';
import type { ChannelKey, SessionId } from '../contracts/id.ts';
import type { Session } from '../contracts/session.ts';
import type { InvalidRow, Script, Tx } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import { backoffMs } from './backoff.ts';
import { clip } from './clip.ts';
import type { Core, Hooks, Taken, Work } from './core.ts';
import { limit } from './limit.ts';
import { quarantine } from './quarantine.ts';

type Parts = Pick<
  Core,
  'store' | 'clock' | 'due' | 'emitter' | 'runtime' | 'log' | 'counts' | 'chance' | 'hooks'
>;

interface Outbox {
  readonly events: { readonly entry: JournalEntry; readonly context: EventContext }[];
  readonly tasks: Map<string, number | undefined>;
  readonly channels: Map<ChannelKey, Channel>;
  /** Sessions that may start a Task. */
  readonly ready: Set<SessionId>;
  readonly taken: Taken[];
}
const emptyOutbox = (): Outbox => ({
  events: [],
  tasks: new Map(),
  channels: new Map(),
  ready: new Set(),
  taken: [],
});

/**
 * Runs scripts: gives them their time, gathers what they note and what becomes due, and after the commit
 * (never before) arms the timer and tells the listeners. What a script makes due is started and claimed in its own
 * transaction, where a loop would do it next anyway: a commit less to wait for. A row that cannot be read is taken out
 * of the way and the script runs again.
 */
export function createWrite(parts: Parts, core: () => Core): Pick<Core, 'write' | 'persist'> {
  const { hooks } = parts;
  const once = async <T>(
    name: string,
    script: (work: Work) => Script<T>,
    beside: Beside = { wanted: false },
  ): Promise<T> => {
    let outbox = emptyOutbox();
    const giveBack = (): void => {
      for (const taken of outbox.taken.splice(0)) taken.giveBack();
    };
    parts.counts.writing += 1;
    const write = parts.store.write(name, function* (tx) {
      giveBack();
      outbox = emptyOutbox();
      const work = workOn(tx, parts.clock.now(), outbox);
      const result = yield* script(work);
      if (beside.wanted) yield* takeOn(work, hooks, { outbox, beside });
      return result;
    });
    const result = await write
      .catch((error: unknown) => {
        giveBack();
        throw error;
      })
      .finally(() => {
        parts.counts.writing -= 1;
      });
    parts.counts.unwritable = false;
    for (const [id, dueAtMs] of outbox.tasks) parts.due.set(`task:${id}`, dueAtMs);
    for (const row of outbox.channels.values()) hooks.channelPut(row);
    if (outbox.ready.size > 0) hooks.sessionReady();
    for (const { entry, context } of outbox.events) {
      parts.emitter.emit(
        entry.name as RelayEventName,
        entry.data as RelayEvents[RelayEventName],
        context,
      );
    }
    for (const taken of outbox.taken) taken.begin();
    return result;
  };
  /** Takes away what made a write fail, so that it can be done again; throws what cannot be helped. */
  const cure = async (error: unknown, beside: Beside, mayQuarantine: boolean): Promise<void> => {
    const invalid = invalidRow(error);
    if (invalid !== undefined && mayQuarantine) {
      await once('quarantine', (work) => quarantine(work, core(), invalid));
    } else if (isUnwritable(error)) {
      parts.counts.unwritable = true;
      throw error;
    } else if (beside.failed === error) {
      // It is not the script that failed: what it made due is left to the loops, which tell why.
      beside.wanted = false;
    } else throw error;
  };
  const write = async <T>(name: string, script: (work: Work) => Script<T>): Promise<T> => {
    const beside: Beside = { wanted: true };
    for (let round = 0; ; round++) {
      try {
        return await once(name, script, beside);
      } catch (error) {
        await cure(error, beside, round < limit.quarantines);
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

/** Whether more than the script itself is done in its transaction, and what failed of that. */
interface Beside {
  wanted: boolean;
  failed?: unknown;
}

/** What the script made ready and due, as far as a loop would take it on next. */
function* takeOn(
  work: Work,
  hooks: Hooks,
  { outbox, beside }: { readonly outbox: Outbox; readonly beside: Beside },
): Script<void> {
  const { ready, channels, taken } = outbox;
  try {
    for (const session of [...ready]) {
      const started = yield* hooks.startAtOnce(work, session);
      if (started !== undefined) taken.push(started);
    }
    for (const { key, dueAtMs } of [...channels.values()]) {
      if (dueAtMs === undefined || dueAtMs > work.now) continue;
      const claimed = yield* hooks.claimAtOnce(work, key);
      if (claimed !== undefined) taken.push(claimed);
    }
  } catch (error) {
    beside.failed = error;
    throw error;
  }
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
      if (row.readyAtMs === undefined) outbox.ready.delete(row.id);
      else outbox.ready.add(row.id);
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

import {
  type ChannelKey,
  ChannelRef,
  type SessionId,
  type TaskId,
} from '../../src/contracts/id.ts';
import type { InvalidRow } from '../../src/contracts/store.ts';
import type { EndCause, Task } from '../../src/contracts/task.ts';
import { isOpen, plain, type Rows, refused, type Table } from './model-rows.ts';

/* What the port does to many rows at once. */

/** The clock jumped: the times of what is open. */
export function shiftTimes(rows: Rows, deltaMs: number): void {
  const moved = <Row extends object>(row: Row, names: readonly string[]): Row => {
    const next = { ...row } as Record<string, unknown>;
    for (const name of names) {
      const time = next[name];
      if (typeof time === 'number') next[name] = Math.max(0, time + deltaMs);
    }
    return next as Row;
  };
  rows.each('tasks', (row) => {
    if (row.state === 'ended') return undefined;
    const clocks = Object.keys(row.contract).filter((name) => name.endsWith('AtMs'));
    const live = row.live && moved(row.live, ['shownAtMs']);
    const contract = moved(row.contract, clocks);
    return { ...moved(row, ['dueAtMs', 'leaseUntilMs']), contract, live };
  });
  rows.each('receipts', (row) => {
    if (!isOpen(row)) return undefined;
    const content = moved(row.content, ['untilMs']);
    const clocks = ['openedAtMs', 'dueAtMs', 'headSinceMs', 'expiresAtMs', 'evidenceDueAtMs'];
    return { ...moved(row, [...clocks, 'keyValidUntilMs']), content };
  });
  rows.each('asks', (row) =>
    row.state === 'open' ? moved(row, ['untilMs', 'remindAtMs']) : undefined,
  );
  rows.each('sessions', (row) => moved(row, ['readyAtMs']));
  const ofChannels = ['dueAtMs', 'headDueAtMs', 'leaseUntilMs', 'confirmUntilMs'];
  rows.each('channels', (row) => moved(row, [...ofChannels, 'absentSinceMs', 'lastSentAtMs']));
  rows.each('accounts', (row) => moved(row, ['pausedUntilMs']));
}

/** All of `from` moves behind what stands in `to`. */
export function mergeChannel(rows: Rows, from: ChannelKey, to: ChannelKey): void {
  if (from === to) return;
  const gone = rows.tables.channels.get(from)?.row;
  const stays = rows.tables.channels.get(to)?.row;
  if (gone === undefined || stays === undefined) throw refused('row_missing', `${from} ${to}`);
  const behind = (seq: number): number => (seq > 0 ? seq + stays.seq : 0);
  mergeSessions(rows, from, to);
  rows.each('inbounds', (row) =>
    row.channel === from ? { ...row, channel: to, seq: row.seq + stays.seq } : undefined,
  );
  rows.each('asks', (row) => (row.channel === from ? { ...row, channel: to } : undefined));
  rows.each('tasks', (row) => {
    if (row.channel !== from) return undefined;
    const live = row.live?.channel === from ? { ...row.live, channel: to } : row.live;
    return { ...row, channel: to, live };
  });
  rows.each('receipts', (row, { listed }) => {
    const [here, born] = [row.channel === from, row.originChannel === from];
    const origin = { originChannel: to, originSeq: behind(row.originSeq) };
    if (here) return { ...row, channel: to, seq: behind(row.seq), ...(born ? origin : {}) };
    return born && listed ? { ...row, ...origin } : undefined;
  });
  for (const [address, channel] of rows.aliases)
    if (channel === from) rows.aliases.set(address, to);
  rows.aliases.set(from, to);
  rows.each('channels', (row) => {
    if (row.key !== to) return undefined;
    const dues = [row.dueAtMs, gone.dueAtMs].filter((time) => time !== undefined);
    const dueAtMs = dues.length === 0 ? undefined : Math.min(...dues);
    return { ...row, seq: row.seq + gone.seq, dueAtMs };
  });
  rows.tables.channels.delete(from);
}

/** Of two for the same Worker and Person the older takes the memory of both. */
function mergeSessions(rows: Rows, from: ChannelKey, to: ChannelKey): void {
  const oldest = (worker: string, personId: string | undefined) =>
    rows
      .all('sessions')
      .map(({ row }) => row)
      .filter((row) => row.worker === worker && row.channel === to && row.personId === personId)
      .sort((one, other) => one.openedAtMs - other.openedAtMs)[0];
  for (const { row: moving } of rows.all('sessions')) {
    if (moving.channel !== from) continue;
    const there = oldest(moving.worker, moving.personId);
    rows.each('sessions', (row) => (row.id === moving.id ? { ...row, channel: to } : undefined));
    if (there === undefined) continue;
    const winner = there.openedAtMs < moving.openedAtMs ? there.id : moving.id;
    const loser = winner === moving.id ? there.id : moving.id;
    const lost = rows.transcripts.filter(({ session }) => session === loser);
    const kept = rows.transcripts.filter(({ session }) => session !== loser);
    rows.transcripts = [...kept, ...lost.map((one) => ({ ...one, session: winner }))];
  }
}

/** What the platform called the messages of a Channel. */
export function forgetHandles(rows: Rows, channel: ChannelKey): void {
  const routedHere = new Set(
    rows
      .all('receipts')
      .filter(({ row, listed }) => listed && row.channel === channel)
      .filter(({ row }) => row.originChannel !== channel)
      .map(({ row }) => row.task),
  );
  rows.each('receipts', (row) => {
    if (row.channel !== channel) return undefined;
    const parts = row.parts.map((part) => ({ ...part, handle: undefined }));
    const aimed = row.kind === 'amend' && isOpen(row);
    return { ...row, parts, content: aimed ? { ...row.content, target: undefined } : row.content };
  });
  rows.each('tasks', (row) =>
    row.live?.channel === channel && (row.channel === channel || routedHere.has(row.id))
      ? { ...row, live: undefined }
      : undefined,
  );
}

/**
 * Everything that is over since before then, with all that hangs on it. All of it goes at the first call and is told in
 * portions of `limit`: what stands between two calls is the store's own business.
 */
export function prune(rows: Rows, beforeMs: number, limit: number): number {
  let gone = 0;
  const drop = <Row>(all: readonly Row[], over: (row: Row) => boolean): readonly Row[] => {
    const left = all.filter((row) => !over(row));
    gone += all.length - left.length;
    return left;
  };
  const remove = <Name extends Table>(table: Name, ids: readonly string[]): void => {
    for (const id of ids) if (rows.tables[table].delete(id)) gone += 1;
  };
  const all = rows.all.bind(rows);
  const ofReceipts = (ids: readonly string[]): void => {
    const attempts = all('attempts').filter(({ row }) => ids.includes(row.receipt));
    remove(
      'attempts',
      attempts.map(({ row }) => `${row.receipt}:${row.n}`),
    );
    remove('receipts', ids);
  };
  const settled = all('receipts').filter(
    ({ row }) => !isOpen(row) && (row.settledAtMs ?? row.openedAtMs) < beforeMs,
  );
  const settledIds = settled.map(({ row }) => row.id as string);
  for (const { row: task } of all('tasks')) {
    const said = all('receipts').filter(({ row }) => row.task === task.id);
    const asked = all('asks').filter(({ row }) => row.task === task.id);
    const over = task.state === 'ended' && (task.endedAtMs ?? beforeMs) < beforeMs;
    if (!over || said.some(({ row }) => !settledIds.includes(row.id))) continue;
    if (asked.some(({ row }) => row.state === 'open')) continue;
    rows.journal = drop(rows.journal, (row) => row.taskId === task.id);
    ofReceipts(said.map(({ row }) => row.id));
    remove(
      'asks',
      asked.map(({ row }) => row.id),
    );
    remove('tasks', [task.id]);
  }
  ofReceipts(
    settled
      .filter(({ row }) => row.task === undefined && row.openedAtMs < beforeMs)
      .map(({ row }) => row.id),
  );
  const named = (id: string, task: string | undefined): boolean =>
    all('tasks').some(({ row }) => row.inbound === id || row.id === task) ||
    all('receipts').some(({ row }) => row.subject.kind === 'inbound' && row.subject.id === id);
  remove(
    'inbounds',
    all('inbounds')
      .filter(({ row }) => row.receivedAtMs < beforeMs && row.became !== 'open')
      .filter(({ row }) => !named(row.id, row.task))
      .map(({ row }) => row.id),
  );
  rows.journal = drop(rows.journal, (row) => row.taskId === undefined && row.atMs < beforeMs);
  rows.transcripts = drop(rows.transcripts, ({ item }) => item.atMs < beforeMs);
  const closed = all('incidents').filter(({ row }) => (row.closedAtMs ?? beforeMs) < beforeMs);
  remove(
    'incidents',
    closed.map(({ row }) => row.id),
  );
  rows.copies = drop(rows.copies, (atMs) => atMs < beforeMs);
  rows.untold += gone;
  const portion = Math.min(limit, rows.untold);
  rows.untold -= portion;
  return portion;
}

interface Keys {
  readonly channel?: ChannelKey;
  readonly task?: TaskId;
  readonly session?: SessionId;
}

/** Takes a row out of the way of all others. Answers whose it was; a Channel that is not there is nobody's. */
export function quarantine(rows: Rows, { table, id }: InvalidRow, atMs: number): Keys {
  const { channel, ...rest } = cure(rows, { table, id, atMs });
  if (channel === undefined) return plain(rest) as Keys;
  const heir = (rows.aliases.get(channel) ?? channel) as ChannelKey;
  const known = rows.tables.channels.has(heir);
  return plain(known ? { ...rest, channel: heir } : rest) as Keys;
}

function cure(
  rows: Rows,
  { table, id, atMs }: { readonly table: string; readonly id: string; readonly atMs: number },
): { readonly [Name in keyof Keys]: Keys[Name] | undefined } {
  if (table === 'journal') {
    const row = rows.journal.find(({ seq }) => String(seq) === id);
    if (row === undefined) return {};
    rows.copies = [...rows.copies, atMs];
    rows.journal = rows.journal.filter((other) => other !== row);
    return { channel: row.channel, task: row.taskId, session: row.sessionId };
  }
  const entry = rows.tables[table as Table]?.get(id);
  if (entry === undefined) return {};
  rows.copies = [...rows.copies, atMs];
  const mend = <Name extends Table>(name: Name): void => {
    const found = rows.tables[name].get(id);
    if (found !== undefined) rows.tables[name].set(id, { ...found, broken: false });
  };
  const { tables } = rows;
  switch (table as Table) {
    case 'receipts': {
      const found = tables.receipts.get(id);
      if (found === undefined) return {};
      const {
        place: _,
        dueAtMs: _due,
        headSinceMs: _since,
        evidenceDueAtMs: _e,
        ...row
      } = found.row;
      const dead = { state: 'dead', settledAtMs: atMs, reason: 'row_invalid' } as const;
      tables.receipts.set(id, { ...found, row: { ...row, ...dead }, listed: true });
      return { channel: row.channel, task: row.task };
    }
    case 'tasks': {
      const found = tables.tasks.get(id);
      if (found === undefined) return {};
      const { row, broken } = found;
      tables.tasks.set(id, { ...found, row: endedTask(row, broken, atMs), broken: false });
      return { channel: row.channel, task: row.id, session: row.session };
    }
    case 'channels': {
      const broken = entry.broken;
      mend('channels');
      rows.each('channels', (row) => {
        if (row.key !== id) return undefined;
        const address = broken ? firstAddress(row.key) : row.address;
        return { ...row, address, owner: undefined, leaseUntilMs: undefined };
      });
      return { channel: id as ChannelKey };
    }
    case 'sessions': {
      mend('sessions');
      rows.each('sessions', (row) => (row.id === id ? { ...row, resume: undefined } : undefined));
      return { channel: tables.sessions.get(id)?.row.channel, session: id as SessionId };
    }
    case 'accounts': {
      mend('accounts');
      rows.each('accounts', (row) =>
        row.key === id ? { ...row, pausedUntilMs: undefined, authorized: true } : undefined,
      );
      return {};
    }
    case 'inbounds': {
      rows.each('inbounds', (row) =>
        row.id === id && row.became === 'open' ? { ...row, became: 'note' } : undefined,
      );
      const row = tables.inbounds.get(id)?.row;
      return { channel: row?.channel, task: row?.task };
    }
    case 'asks': {
      const row = tables.asks.get(id)?.row;
      tables.asks.delete(id);
      return { channel: row?.channel, task: row?.task };
    }
    case 'attempts': {
      mend('attempts');
      rows.each('attempts', (row) =>
        `${row.receipt}:${row.n}` === id
          ? { ...row, outcome: undefined, finishedAtMs: undefined }
          : undefined,
      );
      return { channel: tables.attempts.get(id)?.row.channel };
    }
    case 'incidents':
      tables.incidents.delete(id);
      return {};
  }
}

/** It ends `failed`, with what of it can still be read. */
function endedTask(row: Task, broken: boolean, atMs: number): Task {
  const failed = { end: 'failed', reason: 'row_invalid' } satisfies EndCause;
  const over = row.state === 'ended';
  const terminal = row.contract.state.startsWith('terminal');
  const state = terminal ? row.contract.state : 'terminal_pending';
  return plain({
    ...row,
    state: 'ended',
    contract: broken ? { state } : { ...row.contract, state },
    cause: (over ? row.cause : undefined) ?? failed,
    endedAtMs: row.endedAtMs ?? atMs,
    dueAtMs: undefined,
    owner: undefined,
    leaseUntilMs: undefined,
    ask: undefined,
  });
}

function firstAddress(key: string): ChannelRef {
  const [adapter, account, conversation, thread] = key.split('/').map(decodeURIComponent);
  return ChannelRef.parse({ adapter, account, conversation, ...(thread ? { thread } : {}) });
}

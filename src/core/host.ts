import type {
  Adapter,
  AdapterHost,
  ConnectionState,
  History,
  HistoryItem,
} from '../contracts/adapter.ts';
import { ContractError } from '../contracts/error.ts';
import { accountKey, type ChannelRef, channelKey } from '../contracts/id.ts';
import type { Receipt } from '../contracts/receipt.ts';
import type { Script, StoreReads } from '../contracts/store.ts';
import { setAudience } from './audience.ts';
import type { ChannelLoop } from './channel-loop.ts';
import { restartSilence, setDue } from './contract.ts';
import type { Core, Work } from './core.ts';
import { deliveryOf, fullText } from './cut.ts';
import { takeEvidence } from './evidence.ts';
import { acceptInbound, parseInbound } from './inbox.ts';
import { closeIncident, raise } from './incident.ts';
import { limit } from './limit.ts';
import { Newest } from './newest.ts';
import { errorText } from './port.ts';

export interface HostParts {
  readonly core: Core;
  readonly loop: ChannelLoop;
  /** False while stopping: nothing is taken on. */
  readonly open: () => boolean;
}

/** What one adapter may ask of the relay. */
export function createHost(adapter: Adapter, parts: HostParts): AdapterHost {
  const { core, loop } = parts;
  const own = (ref: ChannelRef): void => {
    if (ref.adapter !== adapter.name) {
      throw new ContractError(
        'foreign_channel',
        `the adapter ${adapter.name} spoke of a channel of ${ref.adapter}`,
      );
    }
  };
  const failed = (what: string) => (error: unknown) =>
    core.log('error', `${what} failed`, { adapter: adapter.name, error: errorText(error) });
  const audiences = new Newest<{ readonly channel: ChannelRef; readonly present: boolean }>(
    async ({ channel, present }) =>
      await core.persist('audience', (work) => setAudience(work, core, channel, present)),
  );
  const connections = new Newest<Connected>(async (of) => {
    const account = accountKey(of);
    await core.persist('connection', (work) => connected(work, core, of));
    loop.pause(account, undefined, of.state !== 'unauthorized');
    if (of.state === 'connected') await wakeAccount(core, loop, account);
  });
  return {
    runtime: core.runtime,
    log: (level, message, data) => core.log(level, message, { adapter: adapter.name, ...data }),
    async accept(input) {
      const inbound = parseInbound(input);
      own(inbound.channel);
      if (!parts.open())
        throw new ContractError('stopping', 'the relay takes nothing on while it stops');
      try {
        const accepted = await core.write('accept', (work) => acceptInbound(work, core, inbound));
        core.runtime.crashPoint?.('inbound.stored');
        return accepted;
      } catch (error) {
        failed('accepting')(error);
        throw error;
      }
    },
    evidence: async (seen) =>
      await core.write('evidence', (work) => takeEvidence(work, core, seen)),
    shown(taskId) {
      // Not tried again: the next sighting says the same.
      core.write('shown', (work) => streamShown(work, taskId)).catch(failed('noting shown text'));
    },
    async audience(channel, present) {
      own(channel);
      await audiences.put(channelKey(channel), { channel, present });
    },
    async history(channel, afterSeq, atMost) {
      own(channel);
      const page = { after: afterSeq, limit: Math.min(Math.max(1, atMost), 500) };
      return await core.store.read((reads) => historyOf(reads, core, channel, page));
    },
    state: {
      get: async (account, key) =>
        await core.store.read((reads) => reads.adapterState(stateOf(adapter, account), key)),
      async set(account, key, value) {
        if (value.length > limit.adapterStateBytes)
          throw new ContractError(
            'too_large',
            `an adapter's note may have ${limit.adapterStateBytes} characters, got ${value.length}`,
          );
        await core.write('adapter-state', function* (work): Script<void> {
          work.setAdapterState(stateOf(adapter, account), key, value);
        });
      },
    },
    connection(account, state, cause = '') {
      connections
        .put(account, { adapter: adapter.name, account, state, cause })
        .catch(failed('noting a connection'));
    },
  };
}

const stateOf = (adapter: Adapter, account: string): string =>
  accountKey({ adapter: adapter.name, account });

/** Streamed text was seen: it restarts the silence clocks and settles nothing. */
function* streamShown(work: Work, taskId: Parameters<Work['task']>[0]): Script<void> {
  const task = yield* work.task(taskId);
  if (task?.state !== 'running' || task.contract.heartbeatDueAtMs === undefined) return;
  const ranMs = work.now + (task.deadlines.progressMs * 2) / 3 - task.contract.heartbeatDueAtMs;
  if (ranMs < task.deadlines.progressEveryMs) return;
  restartSilence(task, work.now);
  work.putTask(setDue(task));
}

interface Connected {
  readonly adapter: string;
  readonly account: string;
  readonly state: ConnectionState;
  readonly cause: string;
}

function* connected(work: Work, core: Core, of: Connected): Script<void> {
  const { adapter, account, cause } = of;
  const key = accountKey(of);
  const known = (yield* work.account(key)) ?? { key, adapter, account, authorized: true };
  switch (of.state) {
    case 'connected':
      // The time without authorization was a pause that ends now; a limit of the platform may go on.
      if (!known.authorized) {
        const pausedUntilMs = Math.max(known.pausedUntilMs ?? 0, work.now);
        work.putAccount({ ...known, authorized: true, pausedUntilMs });
      } else work.putAccount(known);
      yield* closeIncident(work, `account:${key}`);
      yield* closeIncident(work, `adapter:${key}`);
      yield* work.note({ name: 'adapter.connected', data: { account: key } });
      return;
    case 'misconfigured':
      yield* raise(work, core, { key: `adapter:${key}`, kind: 'adapter', reason: cause });
      yield* work.note({ name: 'adapter.disconnected', data: { account: key, cause } });
      return;
    case 'disconnected':
      yield* work.note({ name: 'adapter.disconnected', data: { account: key, cause } });
      return;
    case 'unauthorized':
      work.putAccount({ ...known, authorized: false });
      yield* raise(work, core, { key: `account:${key}`, kind: 'unauthorized', reason: cause });
      yield* work.note({ name: 'adapter.unauthorized', data: { account: key, cause } });
  }
}

async function wakeAccount(core: Core, loop: ChannelLoop, account: string): Promise<void> {
  for (const channel of await core.store.read((reads) =>
    reads.channelsOfAccount(account, 10_000),
  )) {
    if (channel.dueAtMs !== undefined) loop.put(channel);
  }
}

function* historyOf(
  reads: StoreReads,
  core: Core,
  ref: ChannelRef,
  page: { after: number; limit: number },
): Script<History> {
  const { epoch } = core.store;
  const channel = yield* reads.channelAt(channelKey(ref));
  if (channel === undefined) return { items: [], epoch, more: false };
  const { rows, more } = yield* reads.history(channel.key, page);
  const items: HistoryItem[] = [];
  for (const row of rows) {
    if (row.kind === 'receipt') {
      items.push(yield* shownItem(reads, core, { receipt: row.row, seq: row.seq, ref }));
      continue;
    }
    const { inbound } = row.row;
    // What code submitted was said by nobody here.
    if (inbound.kind !== 'message' || row.row.source === 'code') continue;
    const { id, text, person, sentAtMs } = inbound;
    items.push({
      kind: 'inbound',
      seq: row.seq,
      id,
      text,
      personId: person.id,
      sentAtMs,
      ...(person.name === undefined ? {} : { personName: person.name }),
    });
  }
  return { items, epoch, more };
}

function* shownItem(
  reads: StoreReads,
  core: Core,
  of: { receipt: Receipt; seq: number; ref: ChannelRef },
): Script<HistoryItem> {
  const { receipt, seq, ref } = of;
  const text = fullText(receipt, core.words);
  const parts = receipt.parts.map((part, index) => ({
    part: index + 1,
    text: part.text,
    ...(part.handle === undefined ? {} : { handle: part.handle }),
  }));
  const task = receipt.task === undefined ? undefined : yield* reads.task(receipt.task);
  const live = receipt.live ? task?.live?.handle : undefined;
  return {
    kind: 'delivery',
    seq,
    delivery: deliveryOf(receipt, { address: ref }, text),
    parts: parts.length === 0 ? [{ part: 1, text }] : parts,
    seen: receipt.state === 'surfaced',
    openedAtMs: receipt.openedAtMs,
    ...(live === undefined ? {} : { live }),
  };
}

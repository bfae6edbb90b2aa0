import { ContractError } from '../../contracts/error.ts';
import type { ChannelKey } from '../../contracts/id.ts';
import type { SqlRow } from './row-codec.ts';
import type { Source } from './source.ts';

/**
 * Two Channels turn out to be one. All of `from` moves to `to` behind what stands there, by one offset, so that its
 * order stays; `from` is then an alias. Rows of either that were read before must be read again.
 */
export function mergeChannel(source: Source, from: ChannelKey, to: ChannelKey): void {
  const { statements } = source;
  if (from === to) return;
  const [gone, stays] = [mustExist(source, from), mustExist(source, to)];
  const offset = Number(stays['seq']);
  const names = { from, to };
  const numbers = { from, to, offset };
  mergeSessions(source, from, to);
  statements.run('mergeInbounds', numbers);
  // Asks are found by their Tasks, so they go first.
  statements.run('mergeAsks', names);
  statements.run('mergeTasks', names);
  statements.run('mergeReceipts', numbers);
  statements.run('mergeReceiptsAway', numbers);
  statements.run('mergeAliases', to, from);
  statements.run('aliasPut', from, to);
  statements.run('mergeChannel', {
    to,
    offset: Number(gone['seq']),
    dueAtMs: gone['due_at_ms'] ?? null,
  });
  statements.run('channelDelete', from);
  source.forget();
}

function mustExist(source: Source, key: ChannelKey): SqlRow {
  const raw = source.statements.one('channel', key);
  if (raw === undefined)
    throw new ContractError('row_missing', `channel ${key} is not there`, {
      ids: { channel: key },
    });
  return raw;
}

/**
 * Sessions keep their id, for their Tasks name it. Where both Channels have one of the same Worker and Person, the
 * older is found from now on and takes the memory of the other, which only ends what it runs.
 */
function mergeSessions(source: Source, from: ChannelKey, to: ChannelKey): void {
  const { statements } = source;
  for (const { id, worker, person_id } of statements.all('sessionsOf', from)) {
    const other = statements.one('sessionFor', worker ?? null, to, person_id ?? null)?.['id'];
    statements.run('mergeSession', to, id ?? null);
    if (other === undefined) continue;
    const winner =
      statements.one('sessionFor', worker ?? null, to, person_id ?? null)?.['id'] ?? other;
    const loser = winner === id ? other : id;
    statements.run('mergeTranscript', { from: loser ?? null, to: winner });
  }
}

/** After a move the platform's ids of messages mean nothing, or something else. */
export function forgetHandles(source: Source, channel: ChannelKey): void {
  const { statements } = source;
  statements.run('forgetParts', channel);
  statements.run('forgetTargets', channel);
  statements.run('forgetLive', { channel });
  statements.run('forgetLiveAway', { channel });
  source.forget();
}

/** The clock jumped: what is open keeps its distance to now. */
export function shiftTimes(source: Source, deltaMs: number): void {
  const delta = Math.trunc(deltaMs);
  for (const name of [
    'shiftTasks',
    'shiftReceipts',
    'shiftAsks',
    'shiftSessions',
    'shiftChannels',
    'shiftAccounts',
  ] as const) {
    source.statements.run(name, { delta });
  }
  source.forget();
}

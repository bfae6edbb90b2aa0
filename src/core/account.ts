import type { Channel } from '../contracts/channel.ts';
import type { DeliveryOutcome } from '../contracts/delivery.ts';
import type { Script } from '../contracts/store.ts';
import type { Core, Work } from './core.ts';
import { raise } from './incident.ts';

/** The platform wants nothing of the whole Account before; a row, so that it survives a restart. */
export function* pauseAccount(
  work: Work,
  channel: Channel,
  untilMs: number,
  reason: string,
): Script<void> {
  const known = yield* accountOf(work, channel);
  work.putAccount({ ...known, pausedUntilMs: Math.max(known.pausedUntilMs ?? 0, untilMs) });
  const { account } = channel;
  yield* work.note({ name: 'account.paused', data: { account, untilMs, reason } });
}

/** The platform does not know the Account any more: held until the adapter reports it authorized. */
export function* refuseAccount(
  work: Work,
  core: Core,
  channel: Channel,
  cause: string,
): Script<void> {
  const { account, key } = channel;
  work.putAccount({ ...(yield* accountOf(work, channel)), authorized: false });
  yield* work.note({ name: 'account.paused', data: { account, reason: 'unauthorized' } });
  const incident = { key: `account:${account}`, kind: 'unauthorized', reason: cause } as const;
  yield* raise(work, core, { ...incident, channel: key });
}

/** What an answer says of the whole Account holds, also when its Receipt needs nothing any more. */
export function* heedAccount(
  work: Work,
  core: Core,
  channel: Channel,
  outcome: DeliveryOutcome | undefined,
): Script<void> {
  if (outcome?.kind !== 'deferred') return;
  const { reason, cause, scope, retryAfterMs } = outcome;
  if (reason === 'unauthorized') yield* refuseAccount(work, core, channel, cause);
  else if (scope === 'account' && retryAfterMs !== undefined)
    yield* pauseAccount(work, channel, work.now + retryAfterMs, `${reason}: ${cause}`);
}

function* accountOf(work: Work, channel: Channel): Script<Parameters<Work['putAccount']>[0]> {
  const { adapter, account } = channel.address;
  const known = yield* work.account(channel.account);
  return known ?? { key: channel.account, adapter, account, authorized: true };
}

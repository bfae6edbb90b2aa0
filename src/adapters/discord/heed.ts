import type { DeliveryOutcomeInput } from '../../contracts/delivery.ts';
import { breaksChannel } from './budget.ts';
import type { Failure } from './failure.ts';
import type { Site } from './site.ts';

type Shown = Extract<DeliveryOutcomeInput, { kind: 'surfaced' | 'partly_surfaced' }>;

/** Whether nothing can follow it: the part is not known to be shown. */
export function breaksOff(
  outcome: DeliveryOutcomeInput,
): outcome is Exclude<DeliveryOutcomeInput, Shown> {
  return outcome.kind !== 'surfaced' && outcome.kind !== 'partly_surfaced';
}

/** Where it was asked for: in a channel, by the bot itself or by the token of an interaction. */
export interface Asked {
  readonly channelId: string;
  readonly isByToken: boolean;
  readonly failure?: Failure;
}

/** What an answer of Discord's says of more than this one message. */
export function heed(
  site: Site,
  asked: Asked | undefined,
  outcome: DeliveryOutcomeInput,
): DeliveryOutcomeInput {
  const { budget, host, link } = site;
  const isByToken = asked?.isByToken === true;
  if (outcome.kind === 'deferred') {
    // The token of an interaction says nothing of the bot's own.
    if (outcome.reason === 'unauthorized' && isByToken)
      return { ...outcome, reason: 'unavailable', scope: 'part' };
    if (outcome.reason === 'unauthorized') link.refused(outcome.cause);
    if (outcome.reason === 'rate_limited') pause(site, asked, outcome);
    return outcome;
  }
  if (asked === undefined || isByToken) return outcome;
  const { channelId, failure } = asked;
  if (!breaksOff(outcome)) budget.heal(channelId);
  const isLasting = outcome.kind === 'rejected' && outcome.repair === undefined;
  if (isLasting && failure !== undefined && breaksChannel(failure))
    budget.break(channelId, host.runtime.monoMs());
  return outcome;
}

function pause(
  { limiter, passing, host }: Site,
  asked: Asked | undefined,
  { scope, retryAfterMs = 0 }: Extract<DeliveryOutcomeInput, { kind: 'deferred' }>,
): void {
  const nowMs = host.runtime.monoMs();
  if (scope === 'account') {
    limiter.pauseAll(retryAfterMs, nowMs);
    passing.pause(retryAfterMs);
  } else if (asked !== undefined && scope !== 'part') {
    limiter.pause(asked.channelId, retryAfterMs, nowMs);
  }
}

import type { DeliveryOutcomeInput } from '../../contracts/delivery.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import type { DiscordCall } from './call.ts';
import { type Failure, readFailure } from './failure.ts';
import { failureOutcome } from './outcome.ts';
import type { Site } from './site.ts';
import { openThreadCall, threadCall } from './thread-call.ts';

const alreadyMade = 160_004;

/** Makes the thread of a message. Answers what keeps the part from being sent; undefined: the thread is there. */
export async function makeThread(
  site: Site,
  channel: ChannelRef,
  signal: AbortSignal,
): Promise<DeliveryOutcomeInput | undefined> {
  const { places, config } = site;
  const { thread = '' } = channel;
  const failure = await callFor(
    site,
    threadCall(channel, places.beginning(thread) ?? '', config),
    signal,
  );
  if (failure !== undefined && failure.code !== alreadyMade) return notSent(site, failure);
  places.made(thread);
  return undefined;
}

/** A thread that was put away is opened again; false: it could not be. */
export async function openThread(
  site: Site,
  threadId: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await callFor(site, openThreadCall(threadId), signal)) === undefined;
}

async function callFor(
  { rest }: Site,
  call: DiscordCall,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  try {
    await rest.call(call, { signal });
    return undefined;
  } catch (error) {
    return readFailure(error);
  }
}

/** What had to come before the part failed: whatever became of that, the part itself was not sent. */
export function notSent({ host }: Pick<Site, 'host'>, failure: Failure): DeliveryOutcomeInput {
  const atMs = host.runtime.wallMs();
  const outcome = failureOutcome(failure, { atMs, sentAtMs: atMs, more: false });
  if (outcome.kind !== 'unknown') return outcome;
  const { cause } = outcome;
  return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'part', cause };
}

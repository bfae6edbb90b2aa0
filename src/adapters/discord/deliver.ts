import type { DeliveryAttempt } from '../../contracts/adapter.ts';
import type { Delivery, DeliveryOutcomeInput, Handle } from '../../contracts/delivery.ts';
import { weights } from '../shared/weight.ts';
import { sendDirect } from './direct.ts';
import { breaksOff } from './heed.ts';
import { leavingOf, type Sending } from './leaving.ts';
import { heldBack, tooLate, unreachable } from './outcome.ts';
import { needsAnotherWay, sendBy } from './send.ts';
import type { Site } from './site.ts';

/** Until the interaction is answered. */
const soonMs = 250;
/** The promised message, one by the token, another way. */
const waysMax = 3;

/** Sends or edits one part; what the last request shows or does not is the outcome. Never rejects for what Discord answered. */
export async function deliver(
  site: Site,
  delivery: Delivery,
  attempt: DeliveryAttempt,
): Promise<DeliveryOutcomeInput> {
  const { passing } = site;
  await passing.hold(delivery, attempt.signal);
  let handle: Handle | undefined;
  try {
    const outcome = await send(site, { delivery, attempt });
    if (!breaksOff(outcome)) handle = outcome.handle;
    return outcome;
  } finally {
    passing.release(delivery, handle, attempt);
  }
}

async function send(site: Site, sending: Sending): Promise<DeliveryOutcomeInput> {
  const { host, budget } = site;
  const { delivery, attempt } = sending;
  const retryAfterMs = budget.waitMs(host.runtime.monoMs());
  const weight = weights[delivery.kind];
  if (retryAfterMs > 0)
    return heldBack(host.runtime.wallMs(), { retryAfterMs, weight, whole: true });
  for (let ways = 1; ; ways += 1) {
    const atMs = host.runtime.wallMs();
    if (attempt.signal.aborted) return tooLate(atMs);
    const leaving = leavingOf(site, sending);
    switch (leaving.kind) {
      case 'none':
        return unreachable(atMs, attempt.live !== undefined);
      case 'soon':
        return soon(atMs);
      case 'direct':
        return await sendDirect(site, sending, leaving);
      case 'way': {
        const outcome = await sendBy(site, sending, leaving);
        if (ways >= waysMax || !needsAnotherWay(leaving, outcome)) return outcome;
      }
    }
  }
}

function soon(atMs: number): DeliveryOutcomeInput {
  const cause = 'the interaction is not answered yet';
  const retryAfterMs = soonMs;
  return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'part', retryAfterMs, cause };
}

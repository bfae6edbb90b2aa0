import type {
  DeliveryAttempt,
  ReconcileAnswer,
  ReconcileQuestion,
} from '../../contracts/adapter.ts';
import type { Delivery, DeliveryOutcomeInput } from '../../contracts/delivery.ts';
import type { Conversation } from './conversation.ts';
import { toWire } from './outbound.ts';
import { noAudience, reconcileAnswer, shownOutcome } from './outcome.ts';
import type { Site } from './site.ts';

/**
 * Sends one part to every connection of its conversation and waits, `ackWaitMs` at most, until a browser says
 * that it is on the screen. Without that word the outcome is `accepted` and a later word counts.
 */
export async function deliver(
  site: Site,
  delivery: Delivery,
  attempt: DeliveryAttempt,
): Promise<DeliveryOutcomeInput> {
  const { registry, host } = site;
  const { account, conversation: id } = delivery.channel;
  const conversation = account === site.config.account ? registry.open(id) : undefined;
  if (delivery.kind === 'terminal' && delivery.liveId !== undefined)
    conversation?.liveText.end(delivery.liveId);
  if (conversation === undefined || !conversation.present) {
    conversation?.deny();
    return noAudience(host.runtime.wallMs());
  }
  const data = toWire(delivery, attempt);
  const { receiptId, part, id: handle } = data;
  conversation.publish(data, registry.epoch);
  await rendered(site, conversation, { receiptId, part, signal: attempt.signal });
  const evidence = conversation.ledger.evidence(receiptId, part) ?? 'accepted';
  return shownOutcome(delivery, attempt, { handle, evidence, atMs: host.runtime.wallMs() });
}

/**
 * What is known of a part after an unknown outcome. Whoever came since was sent it with the transcript, so their word
 * is waited for before it counts as absent.
 */
export async function reconcile(site: Site, question: ReconcileQuestion): Promise<ReconcileAnswer> {
  const conversation = site.registry.at(question.channel);
  if (conversation?.present === true) await rendered(site, conversation, question);
  const shownAs = conversation?.ledger.renderedAs(question.receiptId, question.part);
  return reconcileAnswer({ shownAs, present: conversation?.present ?? false });
}

interface Awaited {
  readonly receiptId: string;
  readonly part: number;
  readonly signal: AbortSignal;
}

/** Waits for a browser's word that a part is on the screen, `ackWaitMs` at most; not at all for what was never sent. */
async function rendered(site: Site, { ledger }: Conversation, part: Awaited): Promise<void> {
  const { host, config } = site;
  const over = new AbortController();
  const stop = AbortSignal.any([part.signal, over.signal]);
  const timer = host.runtime.sleep(config.ackWaitMs, stop);
  await Promise.race([ledger.rendered(part.receiptId, part.part, stop), timer]);
  over.abort();
}

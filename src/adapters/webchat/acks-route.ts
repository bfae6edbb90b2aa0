import type { EvidenceAnswer } from '../../contracts/adapter.ts';
import type { ReceiptId } from '../../contracts/id.ts';
import type { Conversation } from './conversation.ts';
import { unavailable } from './events-route.ts';
import type { AcksBody } from './inbound.ts';
import { historyToWire } from './outbound.ts';
import { HttpProblem } from './problem.ts';
import type { Site } from './site.ts';

type Ack = AcksBody['receipts'][number];
export interface AckResult {
  readonly receiptId: ReceiptId;
  readonly part: number;
  readonly state: EvidenceAnswer | 'foreign_receipt';
}

/**
 * `POST /acks`: all of the batch are looked at. A receipt of another conversation or of none is refused when
 * the others are done: 403 and 404, with the state of each.
 */
export async function takeAcks(
  site: Site,
  conversation: Conversation,
  body: AcksBody,
): Promise<readonly AckResult[]> {
  const results: AckResult[] = [];
  for (const ack of body.receipts) {
    const state = await takeAck(site, conversation, ack).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    results.push({ receiptId: ack.receiptId, part: ack.part, state });
  }
  for (const id of body.streams) {
    const taskId = conversation.liveText.taskOf(id);
    if (taskId !== undefined) site.host.shown(taskId);
  }
  refuse(results, 'foreign_receipt', {
    status: 403,
    message: 'this receipt belongs to another conversation',
  });
  refuse(results, 'unknown_receipt', {
    status: 404,
    message: 'this receipt was never sent to this conversation',
  });
  return results;
}

function refuse(
  results: readonly AckResult[],
  code: AckResult['state'],
  how: { status: number; message: string },
): void {
  const at = results.findIndex((result) => result.state === code);
  if (at < 0) return;
  const got = results[at]?.receiptId ?? '';
  throw new HttpProblem(how.status, {
    code,
    message: how.message,
    path: `receipts[${at}].receiptId`,
    got,
  });
}

async function takeAck(
  site: Site,
  conversation: Conversation,
  ack: Ack,
): Promise<AckResult['state']> {
  const { receiptId, part, evidence } = ack;
  if (!(await isOurs(site, conversation, ack))) {
    return site.registry.isForeign(receiptId, conversation) ? 'foreign_receipt' : 'unknown_receipt';
  }
  if (conversation.ledger.take(receiptId, part, evidence)) return 'taken';
  const handle = conversation.ledger.handle(receiptId, part);
  return await site.host.evidence({
    receiptId,
    part,
    evidence,
    ...(handle !== undefined && { handle }),
  });
}

/** By what was lately sent, else by the transcript at the number that the client names. */
async function isOurs(site: Site, conversation: Conversation, ack: Ack): Promise<boolean> {
  if (conversation.ledger.knows(ack.receiptId)) return true;
  const { items } = await site.host.history(conversation.channel, ack.seq - 1, 1);
  const item = items[0];
  if (item?.kind !== 'delivery' || item.delivery.receiptId !== ack.receiptId) return false;
  for (const event of historyToWire(item))
    if (event.event === 'delivery') conversation.ledger.note(event.data);
  return true;
}

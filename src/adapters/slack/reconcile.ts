import type { ReconcileAnswer, ReconcileQuestion } from '../../contracts/adapter.ts';
import type { Found, Sought } from './lookup.ts';
import { settlesInMs } from './metadata.ts';
import type { Site } from './site.ts';

/** Between two tries to read the secret. */
const againMs = 1_000;

/** Whether a part whose answer was lost is there: looked for by its key, when Slack has had its time. Never rejects. */
export async function reconcile(site: Site, question: ReconcileQuestion): Promise<ReconcileAnswer> {
  const { host, lookup, passing } = site;
  const { channel, sentAtMs, signal, receiptId, part } = question;
  const sent = { channel, name: question.key };
  const send = { sentAtMs, lostAtMs: lookup.lostAt(sent, sentAtMs) };
  await passing.start();
  const waitMs = settlesInMs(send, host.runtime.wallMs());
  if (waitMs > 0) await host.runtime.sleep(waitMs, signal);
  const key = await keyOf(site, question);
  const found: Found =
    key === undefined
      ? unread
      : await lookFor(site, { ...send, channel, key, receiptId, part }, signal);
  if (found.kind === 'shown') passing.places.found(receiptId);
  if (found.kind === 'cannot_tell' && found.transient === true) lookup.doubt(sent, sentAtMs);
  else lookup.believe(sent);
  return answerOf(found);
}

const unread: Found = {
  kind: 'cannot_tell',
  cause: 'the secret of keys was not read in time',
  transient: true,
};

/** Tries until the secret can be read, or the signal aborts. */
async function keyOf(site: Site, question: ReconcileQuestion): Promise<string | undefined> {
  const { secret, host } = site;
  const { signal, channel } = question;
  while (!signal.aborted) {
    const signer = await secret.signer(signal);
    if (signer !== undefined) return signer.key(question, channel);
    await host.runtime.sleep(againMs, signal);
  }
  return undefined;
}

/** Whether that part is there. What took the place of a streamed message is older than its send. */
export async function lookFor(
  { lookup, passing }: Pick<Site, 'lookup' | 'passing'>,
  sought: Sought & Pick<ReconcileQuestion, 'receiptId' | 'part'>,
  signal: AbortSignal,
): Promise<Found> {
  const place = passing.places.taken(sought.receiptId, sought.part);
  if (place !== undefined) {
    const found = await lookup.findAt(sought, place, signal);
    if (found.kind !== 'absent') return found;
  }
  return await lookup.find(sought, signal);
}

function answerOf(found: Found): ReconcileAnswer {
  if (found.kind === 'cannot_tell') return { kind: 'cannot_tell', cause: found.cause };
  return found.kind === 'absent' ? { kind: 'absent' } : found;
}

import type { DeliveryOutcomeInput, Part } from '../../contracts/delivery.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import { readFailure } from './failure.ts';
import { breaksOff, heed } from './heed.ts';
import type { Leaving, Sending } from './leaving.ts';
import { cutDelivery } from './outbound-cut.ts';
import { sendBy } from './send.ts';
import type { Site } from './site.ts';
import { notSent } from './thread.ts';

/** As many rows of the conversation as stand for one number. */
const rowsMax = 5;

/** Sends a part, or all of a text that nobody said was seen, to the direct messages of the person. */
export async function sendDirect(
  site: Site,
  sending: Sending,
  { personId, isWhole }: Extract<Leaving, { kind: 'direct' }>,
): Promise<DeliveryOutcomeInput> {
  const opened = await openDirect(site, sending, personId);
  if (typeof opened !== 'string') return opened;
  const { anchor: _, ...delivery } = sending.delivery;
  const { adapter, account } = delivery.channel;
  const channel: ChannelRef = { adapter, account, conversation: opened };
  return isWhole
    ? await sendWhole(site, { ...sending, delivery }, channel)
    : await sendBy(site, { ...sending, delivery }, byDirect(channel));
}

const byDirect = (channel: ChannelRef) =>
  ({ kind: 'way', way: { kind: 'channel' }, channel, isElsewhere: true }) as const;

/** The key under which a part of a whole text is sent to the direct messages. */
export const partKey = (key: string, part: number): string => `${key}/${part}`;

/** The channel of a person's direct messages; or what keeps the part from being sent. */
export async function openDirect(
  site: Site,
  { attempt: { signal } }: { readonly attempt: { readonly signal: AbortSignal } },
  personId: string,
): Promise<string | DeliveryOutcomeInput> {
  const { sent, rest, host } = site;
  const known = sent.directOf(personId);
  if (known !== undefined) return known;
  try {
    const body = { recipient_id: personId };
    const call = { method: 'POST', route: '/users/@me/channels', body } as const;
    const { id } = (await rest.call(call, { signal })) as { id?: unknown };
    if (typeof id === 'string' && id !== '') {
      sent.direct(personId, id);
      return id;
    }
    const atMs = host.runtime.wallMs();
    const cause = 'an answer without the channel of the direct messages';
    return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'part', cause };
  } catch (error) {
    return heed(site, undefined, notSent(site, readFailure(error)));
  }
}

/** The parts that are there stay; the next attempt goes on behind them. */
async function sendWhole(
  site: Site,
  sending: Sending,
  channel: ChannelRef,
): Promise<DeliveryOutcomeInput> {
  const { sent } = site;
  const { delivery, attempt } = sending;
  const name = { channel: delivery.channel, key: attempt.key };
  const parts = await wholeOf(site, sending);
  for (let at = Math.min(sent.toldOf(name), parts.length - 1); ; at += 1) {
    const content = parts[at] ?? attempt.content;
    const part = { part: at + 1, parts: parts.length, content, key: partKey(attempt.key, at + 1) };
    const outcome = await sendBy(
      site,
      { delivery, attempt: { ...attempt, ...part }, part: attempt.part },
      byDirect(channel),
    );
    if (breaksOff(outcome)) return outcome;
    sent.told(name, at + 1);
    if (at + 1 >= parts.length) return { ...outcome, kind: 'surfaced' };
  }
}

/** The relay hands over one part; what the others said stands in the conversation's history. */
async function wholeOf(
  { host, config }: Site,
  { delivery, attempt }: Sending,
): Promise<readonly Part[]> {
  const { channel, receiptId } = delivery;
  try {
    const { items } = await host.history(channel, attempt.seq - 1, rowsMax);
    const found = items.find(
      (item) => item.kind === 'delivery' && item.delivery.receiptId === receiptId,
    );
    if (found?.kind === 'delivery') return cutDelivery(found.delivery, attempt.repairs, config);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'error';
    host.log('warn', 'the whole of an answer was not read', { error: name });
  }
  return [attempt.content];
}

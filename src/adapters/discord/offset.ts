import type { Site } from './site.ts';

const key = 'offset';
/** What differs less is not written again. */
const sameMs = 500;

type OffsetSite = Pick<Site, 'sent' | 'host' | 'account'>;

/** Keeps by how much Discord's clock is before ours, so that a restart knows it. Never rejects. */
export async function noteOffset({ sent, host, account }: OffsetSite): Promise<void> {
  const { offsetMs, notedMs } = sent;
  if (offsetMs === undefined) return;
  if (notedMs !== undefined && Math.abs(offsetMs - notedMs) < sameMs) return;
  sent.notedMs = offsetMs;
  try {
    await host.state.set(account, key, String(Math.round(offsetMs)));
  } catch {
    sent.notedMs = notedMs;
  }
}

/** As it was measured in this life, or in one before; undefined when nobody ever did. Never rejects. */
export async function offsetOf({ sent, host, account }: OffsetSite): Promise<number | undefined> {
  if (sent.offsetMs !== undefined) return sent.offsetMs;
  try {
    const ms = Number((await host.state.get(account, key)) ?? Number.NaN);
    return Number.isFinite(ms) ? ms : undefined;
  } catch {
    return undefined;
  }
}

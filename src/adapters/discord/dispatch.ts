import type { Accepted } from '../../contracts/adapter.ts';
import { ContractError } from '../../contracts/error.ts';
import type { InboundInput } from '../../contracts/inbound.ts';
import { writeHandle } from './handle.ts';
import { type InboundContext, type Incoming, toIncoming } from './inbound.ts';
import { nothing } from './inbound-context.ts';
import type { DiscordDeletion, DiscordDispatch, DiscordMessage } from './inbound-shape.ts';
import { locate } from './locate.ts';
import { recallDeleted } from './recall.ts';
import type { Sent } from './sent.ts';
import type { Identity, Site } from './site.ts';

/** A channel that cannot be asked for is taken for a plain one after so long: its words are answered, maybe not in their session. */
const unplacedMs = 45_000;

/** What taking something in needs. */
export type InSite = Pick<
  Site,
  'config' | 'account' | 'host' | 'rest' | 'budget' | 'places' | 'lives' | 'us'
> & { readonly sent: Pick<Sent, 'by'> };

/** Something that came in, and since when it waits (monotonic). */
export interface Coming {
  readonly us: Identity;
  readonly dispatch: DiscordDispatch;
  readonly atMs: number;
}

/** Whether all of it is stored now, or is nothing for the relay. False while that cannot be done. Never rejects. */
export async function store(site: InSite, coming: Coming): Promise<boolean> {
  const { host } = site;
  const { dispatch } = coming;
  try {
    await prepare(site, dispatch);
    const context = contextOf(site, coming.us);
    for (const incoming of await readPlaced(site, context, coming))
      await act(site, incoming, dispatch);
    return true;
  } catch (error) {
    const name = error instanceof Error ? error.name : 'error';
    host.log('debug', 'not stored', { ...about(dispatch), error: name });
    return false;
  }
}

/** Pure: what decides over something that came in, as far as it is known now. */
export function contextOf({ account, config, host, places }: InSite, us: Identity): InboundContext {
  return {
    account,
    us,
    config,
    placeOf: (channelId) => places.placeOf(channelId),
    takesPart: (threadId) => places.takesPart(threadId),
    taken: (messageId) => places.taken(messageId),
    standsFor: (messageId) => places.standsFor(messageId),
    nowMs: host.runtime.wallMs(),
  };
}

/** What the store alone knows. Rejects while it cannot be read. */
async function prepare({ places, host, account, config }: InSite, { t, d }: DiscordDispatch) {
  await places.load();
  const channelId = textOf(d, 'channel_id');
  if (channelId === undefined) return;
  if (t === 'MESSAGE_DELETE' || t === 'MESSAGE_DELETE_BULK')
    await recallDeleted({ places, host, account, config }, d as DiscordDeletion);
  else if (config.channels === 'mentioned') await places.find(channelId);
}

/** Asks for a channel that is not known. Rejects when it should be asked for again. */
async function readPlaced(
  site: InSite,
  context: InboundContext,
  { dispatch, atMs }: Coming,
): Promise<readonly Incoming[]> {
  const first = read(dispatch, context);
  if (first[0]?.kind !== 'unplaced') return first;
  const { channelId } = first[0];
  const isLast = site.host.runtime.monoMs() - atMs >= unplacedMs;
  const found = await locate(site, channelId, dispatch.d as DiscordMessage);
  if (found === 'later' && !isLast) throw new NotLocated();
  if (found === 'nowhere') return [nothing('in a channel that Discord does not show', 'info')];
  if (found === 'there') {
    if (context.config.channels === 'mentioned') await site.places.find(channelId);
    return read(dispatch, context);
  }
  site.host.log('warn', 'a channel that Discord did not tell of is taken for a plain one');
  const guildId = textOf(dispatch.d, 'guild_id');
  const plain = { kind: 'channel', ...(guildId === undefined ? {} : { guildId }) } as const;
  return read(dispatch, { ...context, placeOf: () => plain });
}

/** What has not Discord's shape is left out: it would come again for ever. */
export function read(dispatch: DiscordDispatch, context: InboundContext): readonly Incoming[] {
  try {
    return toIncoming(dispatch, context);
  } catch (error) {
    return [nothing(`of unknown shape (${error instanceof Error ? error.name : 'error'})`)];
  }
}

/** Rejects while the store cannot write. */
async function act(site: InSite, incoming: Incoming, dispatch: DiscordDispatch): Promise<void> {
  switch (incoming.kind) {
    case 'inbound':
      await accept(site, incoming.inbound);
      return;
    case 'ours':
      await observe(site, incoming);
      return;
    case 'nothing':
      site.host.log(incoming.level, `not taken: ${incoming.why}`, about(dispatch));
      return;
    case 'place':
    case 'gone':
    case 'left':
      settle(site, incoming);
      return;
    case 'dialog':
    case 'seen':
    case 'refused':
    case 'unplaced':
      return;
  }
}

/** What a channel is, or that it is gone. */
export function settle({ places }: Pick<InSite, 'places'>, incoming: Incoming): void {
  if (incoming.kind === 'place') places.learn(incoming.channelId, incoming.place);
  if (incoming.kind === 'gone') places.forget(incoming.channelId);
  if (incoming.kind === 'left') places.leave(incoming.guildId);
}

/** What the relay made of it; undefined: it cannot take it. A broken Inbound stays broken and is left out; rejects for a store that cannot write, or a stop. */
export async function accept(
  { host, places }: InSite,
  inbound: InboundInput,
): Promise<Accepted | undefined> {
  places.expects(inbound);
  try {
    const accepted = await host.accept(inbound);
    void places.saw(inbound);
    return accepted;
  } catch (error) {
    if (!(error instanceof ContractError) || error.code === 'stopping') throw error;
    const { kind, id } = inbound;
    host.log('warn', 'left out: the relay cannot take it', { kind, id, code: error.code });
    return undefined;
  }
}

/** Our own message came in: so it is there, whatever became of the answer. Never rejects. */
async function observe(
  { host, sent }: InSite,
  { nonce, messageId }: Extract<Incoming, { kind: 'ours' }>,
): Promise<void> {
  const known = sent.by(nonce);
  if (known === undefined) return;
  const { receiptId, part, elsewhere } = known;
  const handle = writeHandle({
    messageId,
    ...(elsewhere === undefined ? {} : { channelId: elsewhere }),
  });
  const seen = { receiptId, part, handle, evidence: 'observed' } as const;
  await host.evidence(seen).catch((error: unknown) => {
    const name = error instanceof Error ? error.name : 'error';
    host.log('debug', 'a message that was seen was not noted', { error: name });
  });
}

/**
 * Pure: a message as it is now, by the changes of it that came before it was stored; undefined when it was taken back.
 */
export function upToDate(
  dispatch: DiscordDispatch,
  behind: readonly DiscordDispatch[],
): DiscordDispatch | undefined {
  if (dispatch.t !== 'MESSAGE_CREATE') return dispatch;
  const message = dispatch.d as DiscordMessage;
  let newest = message;
  for (const { t, d } of behind) {
    const later = d as DiscordMessage & DiscordDeletion;
    if (t === 'MESSAGE_DELETE' && later.id === message.id) return undefined;
    if (t === 'MESSAGE_DELETE_BULK' && later.ids?.includes(message.id ?? '') === true)
      return undefined;
    if (t === 'MESSAGE_UPDATE' && later.id === message.id && later.content !== undefined)
      newest = {
        ...newest,
        content: later.content,
        ...(later.mentions && { mentions: later.mentions }),
      };
  }
  return newest === message ? dispatch : { ...dispatch, d: newest };
}

/** Never what somebody wrote. */
export function about({ t, d }: DiscordDispatch): Record<string, unknown> {
  const id = textOf(d, 'id');
  return id === undefined ? { kind: t } : { kind: t, id };
}

export function textOf(data: unknown, key: string): string | undefined {
  const value = ((data ?? {}) as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? value : undefined;
}

/** Discord could not be asked for a channel. */
class NotLocated extends Error {
  override readonly name = 'NotLocated';
}

import type { Update } from 'grammy/types';
import { ContractError } from '../../contracts/error.ts';
import type { Site } from './deliver.ts';
import { albumOf, type InboundContext, type Incoming, toAlbum, toIncoming } from './inbound.ts';
import type { Me } from './said.ts';

/** For telling Telegram that a press arrived: later it is refused. */
const pressMs = 10_000;

export type Taken =
  /** All is stored, or is nothing for the relay. */
  | { readonly kind: 'taken' }
  /** It could not be stored: this one and what follows must come again. */
  | { readonly kind: 'refused'; readonly updateId: number };

/** Hands updates to the relay, one after the other, each stored before the next; an album is one message. */
export async function takeUpdates(site: Site, me: Me, updates: readonly Update[]): Promise<Taken> {
  for (const group of grouped(updates)) {
    const [first] = group;
    if (first === undefined) continue;
    if (!(await takeOne(site, me, group))) return { kind: 'refused', updateId: first.update_id };
  }
  return { kind: 'taken' };
}

/** Each update by itself, and those of one album together at the place of the first. */
function grouped(updates: readonly Update[]): Update[][] {
  const groups: Update[][] = [];
  const albums = new Map<string, Update[]>();
  for (const update of updates) {
    const album = albumOf(update);
    const known = album === undefined ? undefined : albums.get(album);
    if (known !== undefined) {
      known.push(update);
      continue;
    }
    const group = [update];
    groups.push(group);
    if (album !== undefined) albums.set(album, group);
  }
  return groups;
}

/** Answers false when it must come again. What nobody can read is left out: it must not stop the others for ever. */
async function takeOne(site: Site, me: Me, updates: readonly Update[]): Promise<boolean> {
  const { host } = site;
  const [update] = updates;
  const incoming = read(site, me, updates);
  if (incoming === undefined || update === undefined) return true;
  if (incoming.kind === 'nothing') {
    host.log(incoming.level, `not taken: ${incoming.why}`, { update: update.update_id });
    answerPress(site, incoming.query);
    return true;
  }
  try {
    await host.accept(incoming.inbound);
  } catch (error) {
    // A broken Inbound stays broken; a store that cannot write, or a stop, passes.
    if (!(error instanceof ContractError) || error.code === 'stopping') return false;
    host.log('warn', 'an update was left out: the relay cannot take it', {
      update: update.update_id,
      code: error.code,
    });
  }
  if (incoming.inbound.kind === 'moved') warnOfMove(site, incoming.inbound);
  answerPress(site, incoming.query);
  return true;
}

function read(site: Site, me: Me, updates: readonly Update[]): Incoming | undefined {
  const { account, config, host } = site;
  const context: InboundContext = { account, me, config, nowMs: host.runtime.wallMs() };
  const [update] = updates;
  try {
    if (update === undefined) return undefined;
    return updates.length > 1 ? toAlbum(updates, context) : toIncoming(update, context);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'error';
    host.log('debug', 'an update of unknown shape', { update: update?.update_id, error: name });
    return undefined;
  }
}

/** The button stops spinning. Not waited for: what was pressed is stored already. */
function answerPress({ api, host }: Site, query: string | undefined): void {
  if (query === undefined) return;
  api
    .call(
      { method: 'answerCallbackQuery', payload: { callback_query_id: query } },
      { limitMs: pressMs },
    )
    .catch(() => host.log('debug', 'a press was not answered'));
}

function warnOfMove({ config, host }: Site, of: { channel: { conversation: string } }): void {
  if (config.allow.chats?.includes(of.channel.conversation) !== true) return;
  host.log('warn', 'a group that is allowed has a new number: add it to allow.chats', {
    chat: of.channel.conversation,
  });
}

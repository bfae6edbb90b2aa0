import { ContractError } from '../../contracts/error.ts';
import type { InboundInput } from '../../contracts/inbound.ts';
import { giveTitle, greet } from './assistant.ts';
import { openDialog } from './dialog.ts';
import { toIncoming } from './inbound.ts';
import { type InboundContext, type Incoming, isDirectId, nothing } from './inbound-context.ts';
import { ofCommand, ofInteraction } from './inbound-interaction.ts';
import type {
  SlackBody,
  SlackCommand,
  SlackEvent,
  SlackInteraction,
  SlackMessage,
} from './inbound-shape.ts';
import type { Identity, Site } from './site.ts';

/** What Slack hands over: an event, a press and the like, or a slash command. */
export type Envelope = SlackBody & SlackInteraction & Partial<SlackCommand>;

/** Whether all of it is stored now, or is nothing for the relay. False while the store cannot write. Never rejects. */
export async function store(site: Site, us: Identity, envelope: Envelope): Promise<boolean> {
  try {
    const context = await contextOf(site, us, envelope);
    await act(site, read(context, envelope), envelope);
    return true;
  } catch (error) {
    const name = error instanceof Error ? error.name : 'error';
    site.host.log('debug', 'not stored', { ...about(envelope), error: name });
    return false;
  }
}

/** The same for a message that history tells of. */
export async function storeMissed(site: Site, event: SlackEvent): Promise<boolean> {
  const us = site.us();
  if (us === undefined) return false;
  const body = { type: 'event_callback', event_id: `missed ${event.ts}`, event };
  return await store(site, us, body);
}

/**
 * Pure: a message as it is now, by the changes of it that came before it was stored; undefined when it was taken back.
 */
export function upToDate(envelope: Envelope, behind: readonly Envelope[]): Envelope | undefined {
  const { event } = envelope;
  if (event?.type !== 'message' && event?.type !== 'app_mention') return envelope;
  if (event.ts === undefined || event.message != null || event.deleted_ts != null) return envelope;
  let text = event.text;
  for (const { event: later } of behind) {
    if (later?.channel !== event.channel) continue;
    if (later?.deleted_ts === event.ts) return undefined;
    const changed: SlackMessage | undefined = later?.message;
    if (changed?.ts !== event.ts) continue;
    if (changed.subtype === 'tombstone') return undefined;
    text = changed.text;
  }
  return text === event.text ? envelope : { ...envelope, event: { ...event, text } as SlackEvent };
}

/** Rejects while the store cannot write. */
async function act(site: Site, incoming: Incoming, envelope: Envelope): Promise<void> {
  switch (incoming.kind) {
    case 'nothing':
      site.host.log(incoming.level, `not taken: ${incoming.why}`, about(envelope));
      break;
    case 'trouble':
      if (incoming.state === 'unauthorized') site.link.refused(incoming.cause);
      else site.link.lossy(incoming.cause);
      break;
    case 'opened':
      void greet(site, incoming);
      break;
    case 'dialog':
      void openDialog(site, incoming);
      break;
    case 'inbound':
      await accept(site, incoming.inbound, envelope);
  }
}

async function accept(site: Site, inbound: InboundInput, envelope: Envelope): Promise<void> {
  const { host, places } = site;
  try {
    await host.accept(inbound);
  } catch (error) {
    // A broken Inbound stays broken; a store that cannot write, or a stop, passes.
    if (!(error instanceof ContractError) || error.code === 'stopping') throw error;
    const { code } = error;
    host.log('warn', 'left out: the relay cannot take it', { ...about(envelope), code });
    return;
  }
  if (inbound.kind === 'moved') warnOfMove(site, inbound.channel.conversation);
  void places.saw(inbound);
  void giveTitle(site, inbound);
}

/** What has not Slack's shape is left out: it would come again for ever. */
function read(context: InboundContext, envelope: Envelope): Incoming {
  const { command, event, type } = envelope;
  try {
    if (command !== undefined) return ofCommand({ ...envelope, command }, context);
    if (event !== undefined || type === 'app_rate_limited') return toIncoming(envelope, context);
    return ofInteraction(envelope, context);
  } catch (error) {
    return nothing(`of unknown shape (${error instanceof Error ? error.name : 'error'})`);
  }
}

async function contextOf(site: Site, us: Identity, envelope: Envelope): Promise<InboundContext> {
  const { account, config, host } = site;
  const isPart = await takesPart(site, us, envelope);
  return { account, us, config, takesPart: () => isPart, nowMs: host.runtime.wallMs() };
}

/** A thread that begins with a message of ours is one of ours. */
async function takesPart(site: Site, us: Identity, { event }: Envelope): Promise<boolean> {
  const conversation = event?.channel;
  const message = event?.message ?? event?.previous_message ?? event;
  const thread = message?.thread_ts ?? message?.ts;
  if (event?.type !== 'message' || typeof conversation !== 'string' || typeof thread !== 'string')
    return false;
  if (site.config.channels !== 'mentioned' || isDirectId(conversation)) return false;
  // What begins a thread is in none yet; only a change of it may be of one that is known.
  if (thread === message?.ts && message === event) return false;
  if (message?.parent_user_id === us.userId) return true;
  return await site.places.takesPart(conversation, thread);
}

/**
 * Whether it is of our workspace. A person of another one that shares the channel presses too: there it counts whose
 * message it is.
 */
export function isOurs(envelope: Envelope, us: Identity): boolean {
  const { type, event, message, view, command, team, team_id: teamId } = envelope;
  if (event !== undefined || command !== undefined || type === 'app_rate_limited') {
    const heardIn = (envelope.authorizations ?? []).map((one) => one?.team_id);
    return isAmong([teamId, ...heardIn], us);
  }
  if (view != null) return isAmong([view.app_installed_team_id ?? team?.id], us);
  if (type === 'block_actions' && message?.bot_id !== undefined)
    return us.botId === undefined || message.bot_id === us.botId;
  return isAmong([team?.id], us);
}

/** What names no workspace is not held back. */
function isAmong(teams: readonly (string | undefined)[], { teamId }: Identity): boolean {
  const named = teams.filter((team) => typeof team === 'string');
  return named.length === 0 || named.includes(teamId);
}

/** Slack tells of our own messages too: where that was. */
export function echoIn(event: SlackEvent, us: Identity): string | undefined {
  const { type, user, bot_id: bot, channel } = event;
  const isOwn = user === us.userId || (bot !== undefined && bot === us.botId);
  return type === 'message' && isOwn ? channel : undefined;
}

/** Never what somebody wrote. */
export function about({ type, event, event_id: id, command }: Envelope): Record<string, unknown> {
  const kind = event?.type ?? (command === undefined ? type : 'command');
  return id === undefined ? { kind } : { kind, event: id };
}

function warnOfMove({ config, host }: Site, channel: string): void {
  if (config.allow.channels?.includes(channel) !== true) return;
  host.log('warn', 'a channel that is allowed has a new id: add it to allow.channels', { channel });
}

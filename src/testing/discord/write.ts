import { tellChannel, tellDeleted, tellMessage } from './event.ts';
import type { StoredFile } from './file-shelf.ts';
import { type AllowedMentions, mentionsIn, notifiedBy } from './mention.ts';
import { buttonsIn, selectsIn, shownOf } from './message-view.ts';
import type { DiscordAuthor, DiscordComponent, DiscordEmbed } from './shape-part.ts';
import {
  type ChannelRecord,
  type InteractionRecord,
  type Json,
  type MessageRecord,
  messagesMax,
  type PersonRecord,
  type World,
} from './state.ts';

const historyMax = 1_000;
const ephemeralsMax = 1_000;
/** What `history` keeps in all. */
const historyCharactersMax = 1_000_000;
export const flags = {
  suppressEmbeds: 4,
  hasThread: 32,
  ephemeral: 64,
  loading: 128,
  silent: 4_096,
  componentsV2: 32_768,
} as const;

export interface Draft {
  /** Undefined for the bot. */
  readonly author?: PersonRecord | undefined;
  /** Discord itself says it. */
  readonly isSystem?: boolean;
  readonly text: string;
  readonly embeds?: readonly DiscordEmbed[];
  readonly components?: readonly DiscordComponent[];
  readonly files?: readonly StoredFile[];
  readonly replyTo?: MessageRecord | undefined;
  readonly allowed: AllowedMentions;
  readonly type?: number;
  readonly flags?: number;
  readonly onlyFor?: PersonRecord | undefined;
  readonly interaction?: InteractionRecord | undefined;
  readonly nonce?: string | number | undefined;
  /** Chosen where a message and its thread have the same id. */
  readonly id?: string;
}

/** Puts a message into a channel and tells those who hear of it. Who may write is checked by the callers. */
export function write(world: World, home: ChannelRecord, draft: Draft): MessageRecord {
  const shown = visible(world, draft);
  const hidden = unlisted(unseen(home, draft));
  const message = Object.defineProperties(shown, hidden) as unknown as MessageRecord;
  look(world, message, draft.allowed);
  if (draft.onlyFor !== undefined) {
    home.ephemerals.push(message);
    if (home.ephemerals.length > ephemeralsMax) home.ephemerals.shift();
    world.tell(message);
    return message;
  }
  place(world, home, message);
  const nonce = draft.nonce === undefined ? {} : { nonce: draft.nonce };
  if (message.from.kind === 'bot') world.tell(message);
  tellMessage(world, 'MESSAGE_CREATE', message, nonce);
  return message;
}

function visible(world: World, draft: Draft): Json {
  const { author, files = [] } = draft;
  const name = author?.name ?? world.options.botName;
  const kind = draft.isSystem === true ? 'system' : author === undefined ? 'bot' : 'person';
  const from: DiscordAuthor = { kind, id: author?.id ?? world.botId, name };
  const bits = draft.flags ?? 0;
  return {
    id: draft.id ?? world.newId(),
    from,
    text: draft.text,
    shown: '',
    embeds: draft.embeds ?? [],
    components: draft.components ?? [],
    buttons: [],
    selects: [],
    files,
    mentions: [],
    notified: [],
    isLoading: (bits & flags.loading) !== 0,
    isSilent: (bits & flags.silent) !== 0,
    sentAtMs: world.nowMs(),
    editedAtMs: undefined,
    history: [],
    reactions: new Map(),
    isDeleted: false,
  };
}

function unseen(home: ChannelRecord, draft: Draft): Json {
  const { replyTo } = draft;
  return {
    channel: home.view,
    replyTo,
    onlyFor: draft.onlyFor?.view,
    thread: undefined,
    home,
    author: draft.author,
    stored: draft.files ?? [],
    type: draft.type ?? (replyTo === undefined ? 0 : 19),
    flags: draft.flags ?? 0,
    interaction: draft.interaction,
    replyToId: replyTo?.id,
    isEditClosed: false,
    oldEditsMs: [],
  };
}

/** What a person would not look at stays out of prints and comparisons. */
function unlisted(values: Readonly<Record<string, unknown>>): PropertyDescriptorMap {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      { value, writable: true, configurable: true, enumerable: false },
    ]),
  );
}

function place(world: World, home: ChannelRecord, message: MessageRecord): void {
  home.messages.set(message.id, message);
  home.sent += 1;
  if (home.messages.size > messagesMax) forgetOldest(home);
  const isQuiet = message.isSilent || message.isLoading || message.from.kind === 'system';
  message.notified = isQuiet ? [] : notifiedBy(home, message.mentions, message.author);
  if (home.kind === 'thread') follow(world, home, message);
  if (message.from.kind === 'bot') home.typingUntilMs = 0;
}

/** Who writes in a thread, or is mentioned there, follows it; a message wakes an archived one. */
function follow(world: World, thread: ChannelRecord, message: MessageRecord): void {
  if (message.from.kind !== 'system') thread.followers.add(message.author?.id ?? 'bot');
  for (const id of message.mentions) if (world.people.has(id)) thread.followers.add(id);
  if (message.mentions.includes(world.botId)) thread.followers.add('bot');
  if (!thread.isArchived || message.from.kind === 'system') return;
  thread.isArchived = false;
  thread.archiveChangedMs = world.nowMs();
  tellChannel(world, thread, 'UPDATE');
}

function forgetOldest(home: ChannelRecord): void {
  for (const oldest of home.messages.keys()) {
    home.messages.delete(oldest);
    return;
  }
}

/** Takes down what a person sees now. */
export function look(world: World, message: MessageRecord, allowed: AllowedMentions): void {
  const { home, text, author, components } = message;
  const replyTo = message.replyTo as MessageRecord | undefined;
  message.shown = shownOf(world, home.guild, message);
  const said = [text, ...(message.components.length > 0 ? [message.shown] : [])].join('\n');
  message.mentions = mentionsIn(world, { home, text: said, author, replyTo, allowed });
  message.buttons = buttonsIn(components);
  message.selects = selectsIn(components);
  if (message.history.at(-1) === message.shown) return;
  const history = [...message.history, message.shown].slice(-historyMax);
  let size = history.reduce((sum, one) => sum + one.length, 0);
  while (size > historyCharactersMax && history.length > 1) size -= (history.shift() ?? '').length;
  message.history = history;
}

export interface Change {
  readonly text?: string | undefined;
  readonly embeds?: readonly DiscordEmbed[] | undefined;
  readonly components?: readonly DiscordComponent[] | undefined;
  readonly files?: readonly StoredFile[] | undefined;
  readonly flags?: number | undefined;
  readonly allowed: AllowedMentions;
}

/** Changes what a message says. Nobody is notified. A deferred answer that comes is not an edit. */
export function rewrite(world: World, message: MessageRecord, change: Change): void {
  const wasLoading = message.isLoading;
  if (change.text !== undefined) message.text = change.text;
  if (change.embeds !== undefined) message.embeds = change.embeds;
  if (change.components !== undefined) message.components = change.components;
  if (change.files !== undefined)
    Object.assign(message, { files: change.files, stored: change.files });
  if (change.flags !== undefined) message.flags = change.flags;
  message.flags &= ~flags.loading;
  message.isLoading = false;
  if (!wasLoading) message.editedAtMs = world.nowMs();
  // "thinking" was nothing that a person read
  if (wasLoading) message.history = [];
  look(world, message, change.allowed);
  if (message.from.kind === 'bot') world.tell(message);
  if (message.onlyFor === undefined) tellMessage(world, 'MESSAGE_UPDATE', message);
}

export function erase(world: World, message: MessageRecord): void {
  const { home } = message;
  message.isDeleted = true;
  home.messages.delete(message.id);
  const place = home.ephemerals.indexOf(message);
  if (place >= 0) home.ephemerals.splice(place, 1);
  world.tell();
  if (message.onlyFor === undefined) tellDeleted(world, message);
}

/** Discord itself adds a preview of a link: nobody edited anything. */
export function preview(world: World, message: MessageRecord, link: string): void {
  message.embeds = [...message.embeds, { type: 'link', url: link, title: link }];
  message.shown = shownOf(world, message.home.guild, message);
  tellMessage(world, 'MESSAGE_UPDATE', message);
}

import type { ChannelRef } from '../../contracts/id.ts';
import { messageTextMax, type Person } from '../../contracts/inbound.ts';
import { optionNames } from './commands.ts';
import { dialogText } from './component.ts';
import { readCustomId } from './custom-id.ts';
import {
  type InboundContext,
  type Incoming,
  type Interaction,
  isAllowed,
  nothing,
  toPerson,
} from './inbound-context.ts';
import type { DiscordAttachment, DiscordInteraction } from './inbound-shape.ts';
import { channelIdOf, type Place, placeFrom, refOf } from './place.ts';
import { saidFiles, saidText } from './said.ts';
import { snowflakeMs } from './snowflake.ts';

const kinds: Readonly<Record<number, Interaction['kind']>> = {
  2: 'command',
  3: 'component',
  5: 'modal',
};
const chatInput = 1;
const stringOption = 3;
const fileOption = 11;
/** Of a message: one person alone sees it. */
const ephemeral = 64;

interface Act {
  readonly payload: DiscordInteraction;
  readonly interaction: Interaction;
  readonly channel: ChannelRef;
  readonly person: Person;
  readonly isDirect: boolean;
  readonly context: InboundContext;
}

/** Pure: a command, a press, a choice or a dialog. What completes a word while somebody types is not taken. */
export function ofInteraction(payload: DiscordInteraction, context: InboundContext): Incoming {
  const { id, token, application_id: applicationId, type } = payload;
  const { channel, channel_id: channelId = channel?.id } = payload;
  const kind = kinds[type ?? 0];
  const user = payload.member?.user ?? payload.user;
  if (kind === undefined) return nothing('an interaction of another kind');
  if (!id || !token || !applicationId || channelId === undefined || user === undefined)
    return nothing('an interaction without a place');
  const place = placeFor(payload, channelId, context);
  const messageId = payload.message?.id;
  const interaction: Interaction = {
    id,
    token,
    applicationId,
    kind,
    channelId,
    personId: user.id,
    ...(messageId === undefined ? {} : { messageId }),
    ...(((payload.message?.flags ?? 0) & ephemeral) === 0 ? {} : { ephemeral: true }),
    reachable: isReachable(payload, place),
  };
  const stood = messageId === undefined ? undefined : context.standsFor?.(messageId);
  // Who was told there by the bot itself may answer there.
  const isAsked = stood !== undefined && channelIdOf(stood) !== channelId;
  const where = { channelId, place, guildId: payload.guild_id };
  if (!isAsked && !isAllowed(user.id, where, context))
    return { kind: 'refused', why: 'by who is not allowed', interaction };
  const act: Act = {
    payload,
    interaction,
    channel: stood ?? refOf(channelId, place, context.account),
    person: toPerson(user, payload.member?.nick, context),
    isDirect: isOneToOne(payload, place),
    context,
  };
  if (kind === 'command') return ofCommand(act);
  return kind === 'component' ? ofPress(act) : ofDialog(act);
}

/** What comes along says most; an old cache may be all that knows a thread's parent. */
function placeFor(
  { channel, guild_id }: DiscordInteraction,
  channelId: string,
  context: InboundContext,
): Place {
  if (channel?.type !== undefined) return placeFrom(channel, context.us);
  return context.placeOf(channelId) ?? { kind: guild_id === undefined ? 'direct' : 'channel' };
}

const privateGroup = 3;

/** A group of people is no conversation of one person with the bot. */
const isOneToOne = ({ channel }: DiscordInteraction, { kind }: Place): boolean =>
  kind === 'direct' && channel?.type !== privateGroup;

/** An app that a person installed for themselves answers where its bot is not: by the token alone. */
function isReachable(payload: DiscordInteraction, place: Place): boolean {
  const owners = payload.authorizing_integration_owners;
  if (place.kind === 'direct') return isOneToOne(payload, place);
  return owners === undefined || owners['0'] !== undefined;
}

/** `/cancel` with a task is what `/cancel ab12` is elsewhere; the words of `/ask` are said to the bot. */
function ofCommand({ payload, interaction, channel, person, isDirect, context }: Act): Incoming {
  const { config } = context;
  const { name, type = chatInput } = payload.data ?? {};
  if (config.commands === false || type !== chatInput)
    return { kind: 'refused', why: 'a command of another kind', interaction };
  const { ask, status, cancel, retry, help } = config.commands;
  const said: Readonly<Record<string, string>> = {
    [status]: '/status',
    [cancel]: `/cancel ${optionOf(payload, optionNames.task)}`.trim(),
    [retry]: `/retry ${optionOf(payload, optionNames.task)}`.trim(),
    [help]: '/help',
  };
  const content = optionOf(payload, optionNames.text);
  const text =
    name === ask ? saidText({ content }, context.us, context.nameOf).text : said[name ?? ''];
  if (text === undefined)
    return { kind: 'refused', why: 'a command that is not ours', interaction };
  return {
    kind: 'inbound',
    inbound: {
      kind: 'message',
      id: interaction.id,
      channel,
      person,
      sentAtMs: snowflakeMs(interaction.id),
      text,
      files: saidFiles(attachmentsOf(payload)),
      private: isDirect,
    },
    interaction,
    answer: 'reply',
  };
}

function optionOf({ data }: DiscordInteraction, name: string): string {
  const found = data?.options?.find((one) => one.name === name && one.type === stringOption);
  return typeof found?.value === 'string' ? found.value : '';
}

function attachmentsOf({ data }: DiscordInteraction): DiscordAttachment[] {
  const { options = [], resolved } = data ?? {};
  return options
    .filter(({ type }) => type === fileOption)
    .flatMap(({ value }) => resolved?.attachments?.[String(value)] ?? []);
}

function ofPress({ payload, interaction, channel, person }: Act): Incoming {
  const found = readCustomId(payload.data?.custom_id);
  if (found === undefined)
    return { kind: 'refused', why: 'a press of nothing of ours', interaction };
  switch (found.kind) {
    case 'answer':
      return { kind: 'dialog', askId: found.askId, channel, interaction };
    case 'seen':
      return { kind: 'seen', receiptId: found.receiptId, part: found.part, channel, interaction };
    case 'dialog':
      return { kind: 'refused', why: 'a press of nothing of ours', interaction };
    case 'press':
    case 'choose': {
      const button = found.kind === 'press' ? found.button : payload.data?.values?.[0];
      if (button === undefined) return { kind: 'refused', why: 'a choice of nothing', interaction };
      const { id } = interaction;
      return {
        kind: 'inbound',
        inbound: { kind: 'press', id, channel, person, sentAtMs: snowflakeMs(id), button },
        interaction,
        answer: 'update',
      };
    }
  }
}

/** An answer in words to one question: when that is closed it is too late, and no message of its own. */
function ofDialog({ payload, interaction, channel, person }: Act): Incoming {
  const found = readCustomId(payload.data?.custom_id);
  if (found?.kind !== 'dialog')
    return { kind: 'refused', why: 'a dialog of another kind', interaction };
  const { id } = interaction;
  return {
    kind: 'inbound',
    inbound: {
      kind: 'press',
      id,
      channel,
      person,
      sentAtMs: snowflakeMs(id),
      button: found.askId,
      text: dialogText(payload.data?.components).slice(0, messageTextMax),
    },
    interaction,
    answer: 'update',
  };
}

import { botJson, chatJson, memberJson, personJson } from './api-json.ts';
import type { Methods } from './call.ts';
import { chatOf, list, object, whole, words } from './parameters.ts';
import { badRequest } from './refusal.ts';
import type { Payload } from './request-body.ts';

const commandsMax = 100;
const scopesMax = 10_000;
const scopes = new Set([
  'default',
  'all_private_chats',
  'all_group_chats',
  'all_chat_administrators',
  'chat',
  'chat_administrators',
  'chat_member',
]);

export const botMethods: Methods = {
  getMe: (_, { world }) => ({
    ...botJson(world),
    can_join_groups: true,
    can_read_all_group_messages: !world.bot.privacyMode,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  }),
  setMyCommands: (payload, { world }) => {
    const commands = list(payload, 'commands');
    if (commands === undefined) throw badRequest("can't parse commands JSON object");
    if (commands.length > commandsMax) throw badRequest('BOT_COMMANDS_TOO_MUCH');
    const set = commands.map((one) => ({
      command: words(one, 'command').replace(/^\//, ''),
      description: words(one, 'description'),
    }));
    for (const { command, description } of set) {
      if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID');
      if (description === '' || description.length > 256)
        throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
    }
    const scope = scopeOf(payload);
    if (!world.commands.has(scope) && world.commands.size >= scopesMax)
      throw badRequest('BOT_COMMANDS_TOO_MUCH');
    world.commands.set(scope, set);
    return true;
  },
  getMyCommands: (payload, { world }) => world.commands.get(scopeOf(payload)) ?? [],
  deleteMyCommands: (payload, { world }) => {
    world.commands.delete(scopeOf(payload));
    return true;
  },
  getChat: (payload, { world }) => {
    const chat = chatOf(world, payload);
    if (chat.deleted || chat.bot === 'never') throw badRequest('chat not found');
    const common = { accent_color_id: 0, max_reaction_count: 11, accepted_gift_types: {} };
    return { ...chatJson(chat), ...common };
  },
  getChatMember: (payload, { world }) => {
    const chat = chatOf(world, payload);
    const id = whole(payload, 'user_id');
    if (id === world.bot.id) return memberJson(botJson(world), botStatus(chat.bot, chat.type));
    const person = id === undefined ? undefined : world.people.get(id);
    if (person === undefined) throw badRequest('invalid user_id specified');
    const [owner] = chat.members;
    const status = chat.members.has(person) ? (owner === person ? 'creator' : 'member') : 'left';
    return memberJson(personJson(person), chat.type === 'private' ? 'member' : status);
  },
  getChatMemberCount: (payload, { world }) => {
    const chat = chatOf(world, payload);
    return chat.members.size + (chat.bot === 'in' ? 1 : 0);
  },
  getFile: (payload, { world }) => {
    const id = words(payload, 'file_id');
    if (id === '') throw badRequest('file_id not specified');
    // the small size of a photo is kept as the large one
    const file = world.files.forDownload(world.files.byId(id) ? id : id.replace(/s$/, ''));
    return {
      file_id: id,
      file_unique_id: file.uniqueId,
      file_size: file.sizeBytes,
      file_path: file.path,
    };
  },
};

function botStatus(place: string, type: string): string {
  if (place === 'in') return type === 'channel' ? 'administrator' : 'member';
  return place === 'kicked' || place === 'blocked' ? 'kicked' : 'left';
}

function scopeOf(payload: Payload): string {
  const scope = object(payload, 'scope');
  const type = scope === undefined ? 'default' : words(scope, 'type');
  if (!scopes.has(type))
    throw badRequest("can't parse BotCommandScope: Unsupported type specified");
  const ids = scope === undefined ? [] : [scope['chat_id'], scope['user_id']];
  const named = [type, ...ids.filter((id) => id !== undefined)].join(':');
  const language = words(payload, 'language_code');
  return language === '' ? named : `${named}/${language}`;
}

import { botJson, handleOf, personJson } from './api-json.ts';
import {
  type Args,
  channelOf,
  joinedChannelOf,
  messageOf,
  needed,
  threadIn,
  words,
} from './args.ts';
import { isObject, list } from './block-check.ts';
import { type CallContext, fixed, type Methods, none } from './call.ts';
import { tellReaction } from './event.ts';
import { invalidArguments, Refusal } from './refusal.ts';
import type { Json, MessageRecord, ThreadRecord } from './state.ts';

const statusMs = 120_000;
const promptsMax = 4;
const emojisMax = 23;
const assistant = fixed('assistant:write');

/** Who is who, reactions, and what an assistant shows beside its messages. */
export const moreMethods: Methods = {
  'auth.test': {
    run: (_, { team }) => ({
      url: `https://${team.domain}.slack.com/`,
      team: team.name,
      user: handleOf(team.botName),
      team_id: team.teamId,
      user_id: team.botUserId,
      bot_id: team.botId,
      is_enterprise_install: false,
    }),
    scopes: none,
  },
  'users.info': {
    run: (args, { world, team }) => {
      const id = needed(args, 'user');
      if (id === team.botUserId) return { user: botJson(world, team) };
      const person = team.people.get(id);
      if (person === undefined) throw new Refusal('user_not_found');
      return { user: personJson(person) };
    },
    scopes: fixed('users:read'),
  },
  'reactions.add': {
    run: (args, { world, team }) => {
      const message = reactedTo(args, team);
      react(message, team.botUserId, emojiOf(args));
      const change = { type: 'reaction_added', user: team.botUserId } as const;
      tellReaction(world, message, { ...change, reaction: emojiOf(args) });
      world.tell(message);
      return {};
    },
    scopes: fixed('reactions:write'),
  },
  'reactions.remove': {
    run: (args, { world, team }) => {
      const message = reactedTo(args, team);
      unreact(message, team.botUserId, emojiOf(args));
      const change = { type: 'reaction_removed', user: team.botUserId } as const;
      tellReaction(world, message, { ...change, reaction: emojiOf(args) });
      world.tell(message);
      return {};
    },
    scopes: fixed('reactions:write'),
  },
  'assistant.threads.setStatus': {
    run: (args, { world, team }) => {
      const thread = threadFor(args, team);
      if (args['status'] === undefined) throw invalidArguments('missing required field: status');
      const text = words(args, 'status');
      const loadingMessages = list(args['loading_messages']).map(String);
      const untilMs = world.nowMs() + statusMs;
      thread.status = text === '' ? undefined : { text, loadingMessages, untilMs };
      return {};
    },
    scopes: fixed('chat:write'),
  },
  'assistant.threads.setTitle': {
    run: (args, { team }) => {
      threadFor(args, team, true).title = needed(args, 'title');
      return {};
    },
    scopes: assistant,
  },
  'assistant.threads.setSuggestedPrompts': {
    run: (args, { team }) => {
      const place = promptedIn(args, team);
      const { prompts } = args;
      const isFine = Array.isArray(prompts) && prompts.every(isObject);
      if (!isFine || prompts.length === 0 || prompts.length > promptsMax)
        throw invalidArguments(`prompts must be 1 to ${promptsMax} objects`);
      place.prompts = prompts.map(({ title, message }: Json) => ({
        title: String(title),
        message: String(message),
      }));
      return {};
    },
    scopes: assistant,
  },
};

type Team = CallContext['team'];

function threadFor(args: Args, team: Team, isOnlyAssistant = false): ThreadRecord {
  const channel = joinedChannelOf(team, args, 'channel_id');
  const thread = threadIn(channel, args);
  if (isOnlyAssistant && !thread.isAssistant) throw new Refusal('invalid_thread_ts');
  return thread;
}

/** An assistant's thread; or, of an agent, its direct messages. */
function promptedIn(args: Args, team: Team): Pick<ThreadRecord, 'prompts'> {
  const channel = joinedChannelOf(team, args, 'channel_id');
  const isWhole = words(args, 'thread_ts') === '' && channel.type === 'im';
  return isWhole ? channel : threadFor(args, team, true);
}

function reactedTo(args: Args, team: Team): MessageRecord {
  const channel = channelOf(team, args);
  if (channel.isArchived) throw new Refusal('is_archived');
  if (!channel.hasBot) throw new Refusal('not_in_channel');
  return messageOf(channel, needed(args, 'timestamp'), 'message_not_found');
}

function emojiOf(args: Args): string {
  const name = needed(args, 'name').replaceAll(':', '');
  if (!/^[a-z0-9_+'-]+(?:::skin-tone-\d)?$/.test(name)) throw new Refusal('invalid_name');
  return name;
}

/** Throws what the API says to a second one of the same. */
export function react(message: MessageRecord, userId: string, emoji: string): void {
  const reactions = new Map(message.reactions);
  const users = reactions.get(emoji) ?? [];
  if (users.includes(userId)) throw new Refusal('already_reacted');
  if (users.length === 0 && reactions.size >= emojisMax) throw new Refusal('too_many_emoji');
  reactions.set(emoji, [...users, userId]);
  message.reactions = reactions;
}

export function unreact(message: MessageRecord, userId: string, emoji: string): void {
  const reactions = new Map(message.reactions);
  const users = reactions.get(emoji) ?? [];
  if (!users.includes(userId)) throw new Refusal('no_reaction');
  const left = users.filter((id) => id !== userId);
  if (left.length === 0) reactions.delete(emoji);
  else reactions.set(emoji, left);
  message.reactions = reactions;
}

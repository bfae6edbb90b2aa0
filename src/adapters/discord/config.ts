import { z } from 'zod';
import { ConfigError } from '../../contracts/error.ts';
import { DeadlinesPatch } from '../../contracts/task.ts';
import { problemText } from './config-problem.ts';

const shardsMax = 10_000;

const token = z
  .string()
  .regex(/^[\w-]{20,100}\.[\w-]{4,20}\.[\w-]{20,120}$/, 'must be a bot token, from "Bot"');
const id = z.string().regex(/^\d{5,20}$/, 'must be an id such as "175928847299117063"');

const word = z.string().min(1).max(200);
/** Discord's own limits: of a modal's title and labels, and of what a command says of itself. */
const short = z.string().min(1).max(45);
const description = z.string().min(1).max(100);

/** What the adapter itself says to people; everything else is in the relay's words. */
const words = z.strictObject({
  /** In front of the name of a file that is not sent along. */
  file: word.default('File:'),
  /** In a menu of options before one is chosen. */
  choose: word.max(150).default('Choose…'),
  /** The button that opens the dialog for an answer in one's own words, and what stands in the dialog. */
  answer: z.string().min(1).max(80).default('Answer in words'),
  answerTitle: short.default('Your answer'),
  answerLabel: short.default('Answer'),
  /** Below an answer that only one person sees. */
  seen: z.string().min(1).max(80).default('Seen'),
  /** To who presses or commands and may not. */
  refused: word.default('You may not use this bot here.'),
  /** In the place of an answer whose question could not be stored. */
  failed: word.default('This could not be taken. Please try again.'),
  /** The name of a thread whose question has no words. */
  thread: z.string().min(1).max(100).default('Question'),
  /** What the commands do, and what is written into them. */
  ask: description.default('Ask something'),
  askText: description.default('What to ask'),
  askFile: description.default('A file to it'),
  status: description.default('What is open here'),
  cancel: description.default('Stop a task'),
  retry: description.default('Run an ended task again'),
  task: description.default('Which one'),
  help: description.default('What I understand'),
});

/** Discord takes lower case letters of any script. */
const name = z
  .string()
  .regex(/^[-_\p{L}\p{N}]{1,32}$/u, 'must be a name of 1 to 32 letters')
  .refine((given) => given === given.toLowerCase(), 'must be in lower case');

const commands = z.strictObject({
  /** Where they are: in these servers at once, or everywhere (`global`). Default global. */
  in: z.union([z.literal('global'), z.array(id).min(1).max(100)]).default('global'),
  /** Whether people may install the app for themselves and ask where the bot is not. Global commands alone. */
  userInstall: z.boolean().default(false),
  ask: name.default('ask'),
  status: name.default('status'),
  cancel: name.default('cancel'),
  retry: name.default('retry'),
  help: name.default('help'),
});

const fields = z.strictObject({
  /** The bot's token. */
  token,
  /** The name of the bot's identity, part of every address; default the id of the application, which the token begins with. Renaming it orphans what is stored. */
  account: z.string().min(1).max(200).optional(),
  /** The REST API, without version and without a slash at the end. */
  apiUrl: z
    .string()
    .regex(/^https?:\/\/[^\s?#]*[^\s?#/]$/, 'must be a URL without a slash at the end')
    .default('https://discord.com/api'),
  /** Makes the requests; default the global `fetch`. */
  fetch: z
    .custom<typeof globalThis.fetch>((value) => typeof value === 'function', 'must be a function')
    .optional(),
  /** Whether the bot asks for the privileged intent "Message Content". Without it Discord gives the words of direct messages, of mentions and of commands alone. */
  messageContent: z.boolean().default(true),
  /** Where a message of a channel is answered: in the channel, which is one conversation (`channel`), or in a thread that is made for it (`thread`). What is said in a thread or a forum post is answered there. */
  sessions: z.enum(['thread', 'channel']).default('channel'),
  /** After how many minutes without a message Discord puts such a thread away. */
  threadMinutes: z
    .union([z.literal(60), z.literal(1_440), z.literal(4_320), z.literal(10_080)])
    .default(1_440),
  /** What is taken in servers: what mentions the bot or replies to it, and what is said in threads it takes part in; everything; nothing. */
  channels: z.enum(['mentioned', 'all', 'off']).default('mentioned'),
  /** Who may talk to the bot: these people anywhere, and anybody in these channels (their threads too) or servers. Default everybody. */
  allow: z
    .strictObject({
      users: z.array(id).max(10_000).optional(),
      channels: z.array(id).max(10_000).optional(),
      guilds: z.array(id).max(10_000).optional(),
    })
    .default({}),
  /** People who may act on everybody's tasks. */
  operators: z.array(id).max(1_000).default([]),
  /** Slash commands; `false`: none are registered and none taken. */
  commands: z.union([z.literal(false), commands]).prefault({}),
  /** Whether the answer to a command is seen by who gave it alone. */
  ephemeral: z.boolean().default(false),
  /** Whether texts stand in embeds: 4,096 characters instead of 2,000, but people can turn embeds off and then see nothing. */
  embeds: z.boolean().default(false),
  /** What happens to a message of which neither nonce nor history tell whether it is shown: sent again with a note (`repeat`), or held for an operator. */
  unknownPolicy: z.enum(['repeat', 'hold']).default('repeat'),
  /** A text of more messages becomes a file; 1 to 100, default 10. */
  partsMax: z.int().min(1).max(100).default(10),
  /** Streamed text by edits of the message that shows the work (`edit`), or not at all. */
  streams: z.enum(['edit', 'off']).default('edit'),
  /** Connections to the gateway: as many as Discord recommends (`auto`), or so many. */
  shards: z.union([z.literal('auto'), z.int().min(1).max(shardsMax)]).default('auto'),
  /** Clocks over the relay's. */
  deadlines: DeadlinesPatch.optional(),
  words: words.prefault({}),
});

/** The options of `createDiscord`. All but `token` have defaults; unknown ones are refused. */
export const DiscordConfig = fields.superRefine((config, context) => {
  const wrong = (path: string[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  if (config.channels === 'all' && !config.messageContent)
    wrong(['messageContent'], 'must be true for channels "all"');
  if (config.commands === false) return;
  const { in: where, userInstall, ask, status, cancel, retry, help } = config.commands;
  if (userInstall && where !== 'global')
    wrong(['commands', 'userInstall'], 'must be false unless the commands are "global"');
  if (new Set([ask, status, cancel, retry, help]).size < 5)
    wrong(['commands'], 'must be five different names');
});
export type DiscordConfig = z.infer<typeof DiscordConfig>;
export type DiscordConfigInput = z.input<typeof DiscordConfig>;
export type CommandsConfig = z.infer<typeof commands>;

/** Throws `ConfigError` `invalid_config` naming path, what came and what is allowed; never a token. */
export function parseConfig(input: unknown): DiscordConfig {
  const parsed = DiscordConfig.safeParse(input);
  if (parsed.success) return parsed.data;
  const problem = problemText(parsed.error.issues[0], input, Object.keys(fields.shape));
  throw new ConfigError('invalid_config', `discord: ${problem}`);
}

/**
 * The name of the bot's identity: as it was given, else the id of its application, which a bot token begins with (in
 * base64) and a new token of the same bot has too. No secret, and known before Discord is asked.
 */
export function accountOf({ account, token }: Pick<DiscordConfig, 'account' | 'token'>): string {
  if (account !== undefined) return account;
  const [first = ''] = token.split('.');
  const decoded = Buffer.from(first, 'base64').toString('latin1');
  return /^\d{5,20}$/.test(decoded) ? decoded : 'main';
}

import { z } from 'zod';
import { ConfigError } from '../../contracts/error.ts';
import { DeadlinesPatch } from '../../contracts/task.ts';

const gotMax = 120;
const fileBytesDefault = 20_000_000;
const fileBytesMax = 1_000_000_000;

const token = z
  .string()
  .regex(/^xoxb-[\w-]{4,300}$/, 'must be a bot token such as "xoxb-…", from "OAuth & Permissions"');
const appToken = z
  .string()
  .regex(/^xapp-[\w-]{4,300}$/, 'must be an app-level token such as "xapp-…"');
const signingSecret = z
  .string()
  .regex(/^[!-~]{16,200}$/, 'must be the signing secret, from "Basic Information"');
const user = z.string().regex(/^[UW][A-Z0-9]{1,40}$/, 'must be a member id such as "U012AB3CD"');
const channel = z
  .string()
  .regex(/^[CDG][A-Z0-9]{1,40}$/, 'must be a channel id such as "C012AB3CD"');

const word = z.string().min(1).max(200);
/** Slack's own limit of a modal's title and buttons. */
const short = z.string().min(1).max(24);

/** What the adapter itself says to people; everything else is in the relay's words. */
const words = z.strictObject({
  /** In front of the name of a file that is not sent along. */
  file: word.default('File:'),
  /** Behind the bot's name while it works, where Slack shows what it does. */
  working: z.string().min(1).max(50).default('is working…'),
  /** In a menu of options before one is chosen. */
  choose: word.default('Choose…'),
  /** The button that opens the dialog for an answer in one's own words, and what stands in the dialog. */
  answer: z.string().min(1).max(75).default('Answer in words'),
  answerTitle: short.default('Your answer'),
  answerLabel: word.default('Answer'),
  send: short.default('Send'),
  close: short.default('Close'),
});

const prompt = z.strictObject({ title: z.string().min(1).max(100), message: word });

const fields = z.strictObject({
  /** The bot's token. */
  token,
  /** For Socket Mode: Slack is asked for a connection, nothing must be reachable from outside. */
  appToken: appToken.optional(),
  /** For HTTP: proves that a request comes from Slack. */
  signingSecret: signingSecret.optional(),
  /** How events come in; default Socket Mode where there is an `appToken`. */
  mode: z.enum(['socket', 'http']).optional(),
  /** The name of the bot's identity in this workspace, part of every address; default the number of the workspace in the token. Renaming it orphans what is stored. */
  account: z.string().min(1).max(200).optional(),
  /** The Web API, with a slash at the end. */
  apiUrl: z
    .string()
    .regex(/^https?:\/\/[^\s?#]*\/$/, 'must be a URL with a slash at the end')
    .default('https://slack.com/api/'),
  /** Makes the requests; default the global `fetch`. */
  fetch: z
    .custom<typeof globalThis.fetch>((value) => typeof value === 'function', 'must be a function')
    .optional(),
  /** Where a message of a channel is answered: in a thread of its own (`thread`), or in the channel, which is one conversation then (`channel`). What is said in a thread is answered there. */
  sessions: z.enum(['thread', 'channel']).default('thread'),
  /** What is taken in channels and group messages: what mentions the bot, and what is said in threads it takes part in; everything; nothing. */
  channels: z.enum(['mentioned', 'all', 'off']).default('mentioned'),
  /** Who may talk to the bot: these people anywhere, and anybody in these channels. Default everybody. */
  allow: z
    .strictObject({
      users: z.array(user).max(10_000).optional(),
      channels: z.array(channel).max(10_000).optional(),
    })
    .default({}),
  /** People who may act on everybody's tasks. */
  operators: z.array(user).max(1_000).default([]),
  /** Whether an answer in a thread stands in the channel too. Default false. */
  broadcast: z.boolean().default(false),
  /** Whether the bot joins a public channel that it is not in and must answer in. Default true. */
  join: z.boolean().default(true),
  /** What happens to a message of which the history does not tell whether it is shown: sent again with a note (`mark`), or held for an operator. */
  unknownPolicy: z.enum(['mark', 'hold']).default('mark'),
  /** A text of more messages becomes a file; 1 to 100, default 10. */
  partsMax: z.int().min(1).max(100).default(10),
  /** Streamed text where the conversation allows it (`native`), or not at all. */
  streams: z.enum(['native', 'off']).default('native'),
  /** The largest file that is loaded, in bytes; default 20,000,000. */
  fileBytesMax: z.int().min(1).max(fileBytesMax).default(fileBytesDefault),
  /** What is suggested in a new assistant thread; four at most. */
  prompts: z.array(prompt).max(4).default([]),
  /** Clocks over the relay's. */
  deadlines: DeadlinesPatch.optional(),
  words: words.prefault({}),
});

/** The options of `createSlack`. All but `token` and one of `appToken` and `signingSecret` have defaults; unknown ones are refused. */
export const SlackConfig = fields
  .superRefine(({ appToken, signingSecret, mode }, context) => {
    const lacks = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (mode === 'http' && signingSecret === undefined)
      lacks('signingSecret', 'must be given for mode "http"');
    else if (mode === 'socket' && appToken === undefined)
      lacks('appToken', 'must be given for mode "socket"');
    else if (appToken === undefined && signingSecret === undefined)
      lacks('appToken', 'must be given for Socket Mode, or signingSecret for HTTP');
  })
  .transform((config) => ({
    ...config,
    mode: config.mode ?? (config.appToken === undefined ? ('http' as const) : ('socket' as const)),
  }));
export type SlackConfig = z.infer<typeof SlackConfig>;
export type SlackConfigInput = z.input<typeof SlackConfig>;

/** Throws `ConfigError` `invalid_config` naming path, what came and what is allowed; never a token or a secret. */
export function parseConfig(input: unknown): SlackConfig {
  const parsed = SlackConfig.safeParse(input);
  if (parsed.success) return parsed.data;
  const { path, message, allowed, got } = problemOf(parsed.error.issues[0], input);
  throw new ConfigError(
    'invalid_config',
    `slack: ${path || 'the options'}: ${message}; got ${got}, allowed: ${allowed}`,
  );
}

/**
 * The name of the bot's identity: as it was given, else the number of the workspace that a bot token begins with, which
 * a new token of the same workspace has too. No secret, and known before Slack is asked.
 */
export function accountOf({ account, token }: Pick<SlackConfig, 'account' | 'token'>): string {
  return account ?? /^xoxb-(\d+)-\d+-/.exec(token)?.[1] ?? 'main';
}

interface Problem {
  readonly path: string;
  readonly message: string;
  readonly allowed: string;
  readonly got: string;
}

function problemOf(issue: z.core.$ZodIssue | undefined, input: unknown): Problem {
  if (issue === undefined)
    return { path: '', message: 'not valid', allowed: '', got: kindOf(input) };
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0] ?? ''];
    const allowed =
      issue.path.length === 0
        ? Object.keys(fields.shape).join(', ')
        : `only what the documentation of ${pathText(issue.path)} names`;
    const got = kindOf(valueAt(input, path));
    return { path: pathText(path), message: 'unknown field', allowed, got };
  }
  const path = pathText(issue.path);
  const got = shown(path, valueAt(input, issue.path));
  return { path, message: issue.message, allowed: allowedOf(issue), got };
}

function allowedOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return issue.expected;
  if (issue.code === 'invalid_value') return issue.values.map(String).join(', ');
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  if (issue.code === 'too_small') return `at least ${issue.minimum}`;
  return issue.message.replace(/^must be /, '');
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, at) =>
      typeof key === 'number' ? `[${key}]` : `${at === 0 ? '' : '.'}${String(key)}`,
    )
    .join('');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    input,
  );
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  return value === null ? 'null' : `a value of type ${typeof value}`;
}

/** Whatever may hold a token or a secret is not shown, also where it stands in the wrong place. */
function shown(path: string, value: unknown): string {
  if (value === undefined) return 'nothing';
  if (/^(?:token|appToken|signingSecret)$/.test(path)) return 'a secret that is not shown';
  const text = String(JSON.stringify(value) ?? typeof value);
  if (/x(?:ox[a-z]|app)-|[\da-f]{24}/i.test(text)) return kindOf(value);
  return text.length <= gotMax ? text : `${text.slice(0, gotMax)}… (${text.length} characters)`;
}

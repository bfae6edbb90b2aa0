import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { ConfigError } from '../../contracts/error.ts';
import { DeadlinesPatch } from '../../contracts/task.ts';

const day = 86_400_000;
const gotMax = 120;

/** A chat or a person by its number; written as a number or as digits. */
const id = z
  .union([z.int(), z.string().regex(/^-?\d{1,20}$/, 'must be a number such as 123456789')])
  .transform(String);

const isLoopback = (host: string): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(host);

/** Telegram delivers to https alone; plain http is for tests on this machine. */
function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

const webhook = z.strictObject({
  /** Where Telegram reaches `/telegram/webhook` of this process: public, https, port 443, 80, 88 or 8443. */
  url: z
    .string()
    .max(2_000)
    .refine(isWebhookUrl, 'must be an https URL such as "https://bot.example/telegram/webhook"'),
  /** What Telegram sends along with every update; default derived from the token. */
  secret: z
    .string()
    .regex(/^[\w-]{16,256}$/, 'must be 16 to 256 of the characters A-Z a-z 0-9 _ -')
    .optional(),
});

const word = z.string().min(1).max(200);
const description = z.string().min(1).max(256);

/** What the adapter itself says to people; everything else is in the relay's words. */
const words = z.strictObject({
  /** The line that makes a sound when an answer came into a message that is older than `notifyAfterMs`, by how it ended. */
  completed: word.default('Done, see above.'),
  failed: word.default('Failed, see above.'),
  cancelled: word.default('Cancelled, see above.'),
  timed_out: word.default('Timed out, see above.'),
  interrupted: word.default('Interrupted, see above.'),
  /** In front of the name of a file that Telegram does not take. */
  file: word.default('File:'),
  /** Under a question in a group that may be answered in words. */
  reply: word.default('To answer in words, reply to this message.'),
  /** What the commands of the menu do. */
  status: description.default('What is open here'),
  cancel: description.default('Stop a task'),
  retry: description.default('Run an ended task again'),
  help: description.default('What I understand'),
});

/** The options of `createTelegram`. All but `token` have defaults; unknown ones are refused. */
export const TelegramConfig = z.strictObject({
  /** The bot's token, from @BotFather. */
  token: z
    .string()
    .regex(/^\d{1,20}:[\w-]{10,200}$/, 'must be a token of @BotFather such as "123456:ABC…"'),
  /** The bot identity's name, part of every address; default the bot's number. Renaming it orphans what is stored. */
  account: z.string().min(1).max(200).optional(),
  /** The Bot API server, without a slash at the end. */
  apiRoot: z
    .string()
    .regex(/^https?:\/\/[^\s?#]*[^\s?#/]$/, 'must be a URL without a slash at the end')
    .default('https://api.telegram.org'),
  /** Makes the requests; default the global `fetch`. */
  fetch: z
    .custom<typeof globalThis.fetch>((value) => typeof value === 'function', 'must be a function')
    .optional(),
  /** How updates come in: asked for (`polling`), or delivered by Telegram over the relay's HTTP server. */
  mode: z.union([z.literal('polling'), z.strictObject({ webhook })]).default('polling'),
  /** What is taken in groups: what is addressed to the bot (a mention, a reply to it, a command with its name), everything, nothing. */
  groups: z.enum(['mentioned', 'all', 'off']).default('mentioned'),
  /** Whether posts of channels are taken; default false. */
  channels: z.boolean().default(false),
  /** Who may talk to the bot: these people anywhere, and anybody in these chats. Default everybody. */
  allow: z
    .strictObject({
      users: z.array(id).max(10_000).optional(),
      chats: z.array(id).max(10_000).optional(),
    })
    .default({}),
  /** People who may act on everybody's tasks, by number. */
  operators: z.array(id).max(1_000).default([]),
  /** What happens to a new message whose outcome is unknown: sent again with a note (`mark`), or held for an operator. */
  unknownPolicy: z.enum(['mark', 'hold']).default('mark'),
  /** A text of more messages becomes a file; 1 to 100, default 10. */
  partsMax: z.int().min(1).max(100).default(10),
  /** An answer that is edited into a message older than this is followed by a line that makes a sound; default 60 s. */
  notifyAfterMs: z.int().min(0).max(day).default(60_000),
  /** Whether the menu of commands is set at the start; default true. */
  commands: z.boolean().default(true),
  /**
   * Streamed text: by edits of the message that shows the work (`edit`, the default), in private chats as a draft below
   * it (`draft`), or not at all. A draft flows more smoothly and costs nothing of the limits; but only a new message
   * takes it away, and the answer is an edit: what was drafted may stand below the answer for up to 30 s.
   */
  streams: z.enum(['draft', 'edit', 'off']).default('edit'),
  /** Clocks over the relay's. */
  deadlines: DeadlinesPatch.optional(),
  words: words.prefault({}),
});
export type TelegramConfig = z.infer<typeof TelegramConfig>;
export type TelegramConfigInput = z.input<typeof TelegramConfig>;

/** Throws `ConfigError` `invalid_config` naming path, what came and what is allowed; never a token or a secret. */
export function parseConfig(input: unknown): TelegramConfig {
  const parsed = TelegramConfig.safeParse(input);
  if (parsed.success) return parsed.data;
  const { path, message, allowed, got } = problemOf(parsed.error.issues, input);
  throw new ConfigError(
    'invalid_config',
    `telegram: ${path || 'the options'}: ${message}; got ${got}, allowed: ${allowed}`,
  );
}

/** The bot's number: what stands in front of the colon. */
export const botIdOf = (config: Pick<TelegramConfig, 'token'>): string =>
  config.token.slice(0, config.token.indexOf(':'));

/** Proves that an update comes from Telegram. The same after every restart; the token cannot be read out of it. */
export function webhookSecret(config: TelegramConfig): string | undefined {
  if (config.mode === 'polling') return undefined;
  const given = config.mode.webhook.secret;
  return given ?? createHmac('sha256', config.token).update('readback.webhook').digest('hex');
}

interface Problem {
  readonly path: string;
  readonly message: string;
  readonly allowed: string;
  readonly got: string;
}

function problemOf(issues: readonly z.core.$ZodIssue[], input: unknown): Problem {
  const issue = deepest(issues);
  if (issue === undefined)
    return { path: '', message: 'not valid', allowed: '', got: kindOf(input) };
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0] ?? ''];
    const allowed = issue.path.length === 0 ? Object.keys(TelegramConfig.shape).join(', ') : '';
    const got = kindOf(valueAt(input, path));
    const told =
      allowed === '' ? `only what the documentation of ${pathText(issue.path)} names` : allowed;
    return { path: pathText(path), message: 'unknown field', allowed: told, got };
  }
  const path = pathText(issue.path);
  const got = shown(path, valueAt(input, issue.path));
  return { path, message: issue.message, allowed: allowedOf(issue), got };
}

/** Of several forms the one is meant that got furthest. */
function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  const issue = issues[0];
  if (issue?.code !== 'invalid_union') return issue;
  const forms = issue.errors
    .map((errors) => deepest(errors))
    .filter((error) => error !== undefined)
    .sort((a, b) => b.path.length - a.path.length || rank(a) - rank(b));
  const form = forms[0];
  if (form === undefined) return issue;
  return { ...form, path: [...issue.path, ...form.path] };
}

/** A wrong value tells more than a wrong type. */
const rank = (issue: z.core.$ZodIssue): number => (issue.code === 'invalid_type' ? 1 : 0);

function allowedOf(issue: z.core.$ZodIssue): string {
  if (issue.path[0] === 'mode' && issue.path.length === 1)
    return '"polling", { webhook: { url, secret? } }';
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

/** Whatever may hold a token is not shown, also where it stands in the wrong place. */
function shown(path: string, value: unknown): string {
  if (value === undefined) return 'nothing';
  if (/(^|\.)(token|secret)$/.test(path)) return 'a secret that is not shown';
  const text = String(JSON.stringify(value) ?? typeof value);
  if (/\d:[\w-]{10}/.test(text)) return kindOf(value);
  return text.length <= gotMax ? text : `${text.slice(0, gotMax)}… (${text.length} characters)`;
}

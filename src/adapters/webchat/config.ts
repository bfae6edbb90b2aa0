import { z } from 'zod';
import { ConfigError } from '../../contracts/error.ts';
import { messageTextMax } from '../../contracts/inbound.ts';
import { DeadlinesPatch } from '../../contracts/task.ts';
import { problemOf } from './problem.ts';

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;
const KiB = 1_024;

/** `https://host[:port]`, as a browser sends it; `*` is every origin, `null` included. */
const origin = z.union([
  z.literal('*'),
  z
    .string()
    .regex(
      /^https?:\/\/[^/?#\s]+$/,
      'must be "*" or an origin such as "https://example.org", without a path',
    ),
]);

const limits = z.strictObject({
  /** Largest request body in bytes; 1 KiB to 1 MiB, default 64 KiB. */
  bodyBytes: z
    .int()
    .min(KiB)
    .max(KiB * KiB)
    .default(64 * KiB),
  /** Longest message of a person in UTF-16 units; 1 to 64,000, default 16,000. */
  textMax: z.int().min(1).max(messageTextMax).default(16_000),
  /** Open event streams of one conversation; 1 to 100, default 10. */
  connectionsPerConversation: z.int().min(1).max(100).default(10),
  /** Open event streams in all; 1 to 100,000, default 1,000. */
  connections: z.int().min(1).max(100_000).default(1_000),
  /** Bytes that may wait for one event stream; then it is closed and resumes. 512 KiB to 64 MiB, default 1 MiB. */
  queueBytes: z
    .int()
    .min(512 * KiB)
    .max(64 * KiB * KiB)
    .default(KiB * KiB),
  /** Requests of one conversation: so many at once, then so many a second; defaults 60 and 10. */
  requestBurst: z.int().min(1).max(100_000).default(60),
  requestsPerSecond: z.number().min(0.01).max(10_000).default(10),
  /** New visitors over all: so many at once, then so many a second; defaults 100 and 10. */
  sessionBurst: z.int().min(1).max(100_000).default(100),
  sessionsPerSecond: z.number().min(0.01).max(10_000).default(10),
  /** Conversations remembered in memory; the oldest without a connection is forgotten. 10 to 1,000,000, default 10,000. */
  conversations: z.int().min(10).max(1_000_000).default(10_000),
});

/** The options of `createWebchat`. All have defaults; unknown ones are refused. */
export const WebchatConfig = z.strictObject({
  /** The bot identity's name, part of every address; default `main`. Renaming it orphans what is stored. */
  account: z.string().min(1).max(200).default('main'),
  /** The secret that signs visitor tokens, at least 32 characters. Takes the place of `keyFile`. */
  key: z.string().min(32).max(1_000).optional(),
  /** Where the secret is kept; made at the first start with mode 0600. Default `readback-webchat.key` in the working directory. */
  keyFile: z.string().min(1).max(4_000).default('readback-webchat.key'),
  /** Life of a visitor token, from its last renewal; 1 min to 365 days, default 30 days. */
  tokenTtlMs: z
    .int()
    .min(minute)
    .max(365 * day)
    .default(30 * day),
  /** A token older than this is renewed when it is used; default 1 day. */
  tokenRenewMs: z
    .int()
    .min(second)
    .max(365 * day)
    .default(day),
  /** Pages of other origins that may talk to it. Default none: the same origin only. */
  allowedOrigins: z.array(origin).max(1_000).default([]),
  /** Whether `GET /chat` serves a page with the widget; default true. */
  page: z.boolean().default(true),
  /** Title of that page; default `Chat`. */
  heading: z.string().min(1).max(100).default('Chat'),
  /** How long a send waits for the acknowledgement of a browser; later ones count as well. Default 3 s. */
  ackWaitMs: z
    .int()
    .min(1)
    .max(minute)
    .default(3 * second),
  /** Distance of the comments that keep an event stream alive; default 15 s. */
  pingMs: z
    .int()
    .min(100)
    .max(5 * minute)
    .default(15 * second),
  /** An event stream whose client says nothing for so long is closed; default 3 min. */
  silenceMs: z
    .int()
    .min(second)
    .max(day)
    .default(3 * minute),
  /** Clocks over the relay's. */
  deadlines: DeadlinesPatch.optional(),
  limits: limits.prefault({}),
});
export type WebchatConfig = z.infer<typeof WebchatConfig>;
export type WebchatConfigInput = z.input<typeof WebchatConfig>;

/** Throws `ConfigError` `invalid_config` naming path, value and what is allowed; never the key. */
export function parseConfig(input: unknown): WebchatConfig {
  const parsed = WebchatConfig.safeParse(input);
  if (parsed.success) return parsed.data;
  const problem = problemOf(parsed.error, { schema: WebchatConfig, input });
  const got = problem.path === 'key' ? 'a secret that is not shown' : problem.got;
  throw new ConfigError(
    'invalid_config',
    `webchat: ${problem.path}: ${problem.message}; got ${got}, allowed: ${problem.allowed}`,
  );
}

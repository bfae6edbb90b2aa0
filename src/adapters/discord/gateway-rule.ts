import type { ConnectionState } from '../../contracts/adapter.ts';
import type { DiscordConfig } from './config.ts';

/** What events are asked for. */
const guilds = 1;
const guildMessages = 512;
const directMessages = 4_096;
const messageContent = 32_768;

/** Flags of an application: the intent is switched on, for many servers or for few. */
const contentFlags = 262_144 | 524_288;

type Asked = Pick<DiscordConfig, 'channels' | 'messageContent'>;

/** Pure: the intents of the gateway. In direct messages Discord gives the words without one. */
export function intentsOf({ channels, messageContent: isAsked }: Asked): number {
  if (channels === 'off') return guilds | directMessages;
  return guilds | guildMessages | directMessages | (isAsked ? messageContent : 0);
}

const contentCause =
  'Discord does not give the words of messages: switch on "Message Content Intent" for the app (Bot, Privileged Gateway Intents), or set messageContent to false';

/** Pure: what is missing, with its remedy, when the intent is asked for and the app does not have it. */
export function contentProblem(config: Asked, applicationFlags: number): string | undefined {
  const isAsked = (intentsOf(config) & messageContent) !== 0;
  return isAsked && (applicationFlags & contentFlags) === 0 ? contentCause : undefined;
}

/** What it means that Discord closed the gateway for good. */
export interface GatewayEnd {
  readonly state: Extract<ConnectionState, 'unauthorized' | 'misconfigured'>;
  readonly cause: string;
}

const wrong = (cause: string): GatewayEnd => ({ state: 'misconfigured', cause });

const ends: Readonly<Record<number, GatewayEnd>> = {
  4004: { state: 'unauthorized', cause: 'Discord does not know the token (4004)' },
  4010: wrong('the number of a shard is wrong (4010)'),
  4011: wrong(
    'the bot is in so many servers that it needs more shards (4011): set shards to "auto"',
  ),
  4012: wrong('the version of the gateway is not known to Discord (4012)'),
  4013: wrong('an intent is not known to Discord (4013)'),
  4014: wrong(`${contentCause} (4014)`),
};

/** Pure: undefined where the connection is made again: by RESUME or, when that is refused, anew. */
export function gatewayEnd(closeCode: number): GatewayEnd | undefined {
  return ends[closeCode];
}

import type { CommandsConfig, DiscordConfig } from './config.ts';

/** A slash command as Discord is told of it. */
export interface CommandBody {
  readonly type: 1;
  readonly name: string;
  readonly description: string;
  readonly options?: readonly CommandOption[];
  readonly integration_types?: readonly number[];
  readonly contexts?: readonly number[];
}
interface CommandOption {
  readonly type: 3 | 11;
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly max_length?: number;
}

/** Names of what is written into a command; the commands themselves have configured ones. */
export const optionNames = { text: 'text', file: 'file', task: 'task' } as const;

/** Longest text of an option. */
const textMax = 6_000;
const inGuild = 0;
const inBotDirect = 1;
const inPrivate = 2;

/** Pure: the commands to register; put as a whole, so that doing it again changes nothing. */
export function commandBodies(
  { ask, status, cancel, retry, help, in: where, userInstall }: CommandsConfig,
  words: DiscordConfig['words'],
): readonly CommandBody[] {
  const places =
    where === 'global'
      ? {
          integration_types: userInstall ? [0, 1] : [0],
          contexts: userInstall ? [inGuild, inBotDirect, inPrivate] : [inGuild, inBotDirect],
        }
      : {};
  const command = (
    name: string,
    description: string,
    options: readonly CommandOption[] = [],
  ): CommandBody => ({
    type: 1,
    name,
    description,
    ...(options.length === 0 ? {} : { options }),
    ...places,
  });
  const task: CommandOption = {
    type: 3,
    name: optionNames.task,
    description: words.task,
    required: false,
    max_length: 100,
  };
  return [
    command(ask, words.ask, [
      {
        type: 3,
        name: optionNames.text,
        description: words.askText,
        required: true,
        max_length: textMax,
      },
      { type: 11, name: optionNames.file, description: words.askFile, required: false },
    ]),
    command(status, words.status),
    command(cancel, words.cancel, [task]),
    command(retry, words.retry, [task]),
    command(help, words.help),
  ];
}

/** Pure: where they are put, one call each. */
export function commandRoutes(
  { in: where }: Pick<CommandsConfig, 'in'>,
  applicationId: string,
): readonly `/${string}`[] {
  const base = `/applications/${applicationId}` as const;
  if (where === 'global') return [`${base}/commands`];
  return where.map((guild) => `${base}/guilds/${guild}/commands` as const);
}

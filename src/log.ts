import { type DestinationStream, pino } from 'pino';
import { printable } from './cli/printable.ts';
import { createScrub, redact } from './cli/redact.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogOptions {
  /** What is written: this and what is worse. Default `info`; `silent` writes nothing. */
  readonly level?: LogLevel;
  /** Texts that must never be written, wherever they stand; shorter than 6 characters they are not looked for. */
  readonly secrets?: readonly string[];
  /** Takes whole lines, line end included. Default: stderr. */
  readonly write?: (line: string) => void;
  /** `json`: one JSON object per line. `human`: one line to read. Default: `human` on a terminal. */
  readonly form?: 'json' | 'human';
  /** Colours of the human form. Default: on a terminal, unless NO_COLOR is set. */
  readonly color?: boolean;
}

/** A structured log that fits `RelayOptions.log`. */
export interface Log {
  (
    level: Exclude<LogLevel, 'silent'>,
    message: string,
    data?: Readonly<Record<string, unknown>>,
  ): void;
  /** Resolves when what was logged is handed to the operating system. May be called twice; afterwards nothing is written. */
  close(): Promise<void>;
}

/**
 * Makes the process's log. Lines hold `level`, `time` (ISO), `pid`, `msg` and the data given. What stands under a
 * secret-like name (`token`, `authorization`, `cookie`, …) and every configured secret is replaced by `[redacted]`,
 * also in the messages, stacks and causes of errors. It never throws.
 */
export function createLog(options: LogOptions = {}): Log {
  const scrub = createScrub(options.secrets ?? []);
  const human = (options.form ?? (process.stderr.isTTY ? 'human' : 'json')) === 'human';
  const color = options.color ?? (process.stderr.isTTY === true && !process.env['NO_COLOR']);
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  let open = true;
  const destination: DestinationStream = {
    write: (line) => {
      if (open) write(human ? `${humanLine(line, color)}\n` : line);
    },
  };
  const logger = pino(
    {
      level: options.level ?? 'info',
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const log = (
    level: Exclude<LogLevel, 'silent'>,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
  ) => {
    try {
      logger[level](ownNames(redact(data, scrub) as Record<string, unknown>), scrub(message));
    } catch (error) {
      logger.error({ logError: scrub(String(error)) }, 'a log line could not be written');
    }
  };
  const close = async (): Promise<void> => {
    if (open && options.write === undefined)
      await new Promise<void>((done) => process.stderr.write('', () => done()));
    open = false;
  };
  return Object.assign(log, { close });
}

const taken = new Set(['level', 'time', 'pid', 'msg']);

/** Data may not take the place of what every line has. */
function ownNames(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [taken.has(name) ? `${name}_` : name, value]),
  );
}

const colors: Readonly<Record<string, string>> = {
  debug: '2',
  info: '36',
  warn: '33',
  error: '31',
};

/** One line to read of one JSON line: time, level, message, then `name=value`. */
function humanLine(json: string, color: boolean): string {
  const { level, time, pid: _, msg, ...data } = JSON.parse(json) as Record<string, unknown>;
  const clock = clockText(new Date(String(time)));
  const name = String(level).padEnd(5);
  const head = color
    ? `\u001B[2m${clock}\u001B[0m \u001B[${colors[String(level)] ?? '0'}m${name}\u001B[0m`
    : `${clock} ${name}`;
  const rest = Object.entries(data).map(([key, value]) => `${printable(key)}=${valueText(value)}`);
  return [head, printable(String(msg)), ...rest].join(' ');
}

/** Local time of day, to the millisecond. */
function clockText(date: Date): string {
  const digits = (n: number, size = 2): string => n.toString().padStart(size, '0');
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => digits(n));
  return `${parts.join(':')}.${digits(date.getMilliseconds(), 3)}`;
}

function valueText(value: unknown): string {
  if (isErrorData(value)) {
    const cause = value.cause === undefined ? '' : ` (cause: ${valueText(value.cause)})`;
    return `${printable(`${value.name}: ${value.message}`)}${cause}`;
  }
  if (typeof value === 'string' && /^[\w.:/@+-]+$/.test(value)) return value;
  return printable(JSON.stringify(value) ?? '');
}

function isErrorData(value: unknown): value is { name: string; message: string; cause?: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'message' in value &&
    'stack' in value
  );
}

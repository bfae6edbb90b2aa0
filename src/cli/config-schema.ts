import { z } from 'zod';
import type { Adapter } from '../contracts/adapter.ts';
import { ChannelRef } from '../contracts/id.ts';
import { DeadlinesPatch, SendClocksPatch } from '../contracts/task.ts';
import type { Worker } from '../contracts/worker.ts';

export const logLevelNames = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const path = z.string().min(1).max(1_000);

/** An object of a program's making, told by what it can do. */
function made<T>(
  members: Readonly<Record<string, 'function' | 'string' | 'object'>>,
  what: string,
): z.ZodType<T> {
  const fits = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(members).every(
      ([name, type]) => typeof Reflect.get(value, name) === type,
    );
  };
  return z.custom<T>(fits).meta({ description: what });
}

function callable<T>(what: string): z.ZodType<T> {
  return z.custom<T>((value) => typeof value === 'function').meta({ description: what });
}

export const workerLike = made<Worker>(
  { name: 'string', capabilities: 'object', ensureSession: 'function', dispose: 'function' },
  'a Worker (as defineWorker makes it; only an .mjs file can hold one)',
);
export const adapterLike = made<Adapter>(
  {
    name: 'string',
    accounts: 'object',
    capabilities: 'object',
    start: 'function',
    deliver: 'function',
    stop: 'function',
  },
  'an Adapter (only an .mjs file can hold one)',
);
const moduleName = z
  .string()
  .max(1_000)
  .regex(/\.mjs$/);

/** What a config file may hold. Nothing has a default here: `resolveConfig` sets them. */
export const ConfigSchema = z.strictObject({
  data: path.optional(),
  port: z.int().min(0).max(65_535).optional(),
  host: z.string().min(1).max(255).optional(),
  log: z.enum(logLevelNames).optional(),
  /** Looked at more closely by `detailSchemas`. */
  webchat: z
    .union([z.literal(false), z.record(z.string(), z.unknown())])
    .meta({ description: 'false, or an object with the options of createWebchat' })
    .optional(),
  workers: z
    .array(
      z.union([workerLike, moduleName]).meta({
        description:
          'a Worker (as defineWorker makes it), or the path of an .mjs file that exports Workers',
      }),
    )
    .min(1)
    .max(100)
    .meta({ description: 'a list of 1 to 100 Workers, or of paths of .mjs files that export them' })
    .optional(),
  pick: callable<(...args: never[]) => string>(
    'a function (message) => name of a Worker',
  ).optional(),
  deadlines: DeadlinesPatch.optional(),
  clocks: SendClocksPatch.optional(),
  overlap: z.enum(['queue', 'interrupt', 'reject']).optional(),
  sessionPer: z.enum(['channel', 'person']).optional(),
  concurrency: z.int().min(1).max(10_000).optional(),
  queueMax: z.int().min(0).max(1_000).optional(),
  routes: callable<(...args: never[]) => unknown>(
    'a function ({ channel, personId }) => list of { channel, private? }',
  ).optional(),
  operator: z.strictObject({ channel: ChannelRef }).optional(),
  /** Looked at more closely by `detailSchemas`. */
  words: z
    .record(z.string(), z.unknown())
    .meta({ description: 'an object with some of the words' })
    .optional(),
  adapters: z.array(adapterLike).max(100).optional(),
  page: path.optional(),
  hint: z.string().max(2_000).optional(),
  durability: z.enum(['power', 'process']).optional(),
});

/** The schemas of sections that other parts define: loaded only when there is such a section. */
export async function detailSchemas(raw: unknown): Promise<
  readonly {
    readonly name: 'webchat' | 'words';
    readonly value: object;
    readonly schema: z.ZodType;
  }[]
> {
  const { webchat, words: own } = (raw ?? {}) as Record<string, unknown>;
  const found: { name: 'webchat' | 'words'; value: object; schema: z.ZodType }[] = [];
  if (typeof webchat === 'object' && webchat !== null) {
    const { WebchatConfig } = await import('../adapters/webchat/config.ts');
    found.push({ name: 'webchat', value: webchat, schema: WebchatConfig });
  }
  if (typeof own === 'object' && own !== null) {
    const { words } = await import('../core/words.ts');
    found.push({ name: 'words', value: own, schema: z.strictObject(wordShape(words)).partial() });
  }
  return found;
}

function wordShape(words: object): Record<string, z.ZodType> {
  const entries = Object.entries(words).map(([name, word]): [string, z.ZodType] => {
    if (typeof word === 'function') return [name, callable('a function that returns a text')];
    if (typeof word === 'string') return [name, z.string().min(1).max(200)];
    return [name, z.strictObject(wordShape(word as object))];
  });
  return Object.fromEntries(entries);
}

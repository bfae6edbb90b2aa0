import { expect, vi } from 'vitest';
import type { DeliveryOutcome } from '../../../src/contracts/delivery.ts';
import type { Receipt } from '../../../src/contracts/receipt.ts';
import type { Task } from '../../../src/contracts/task.ts';
import { brokenInvariants } from '../../../src/testing/invariants.ts';
import type {
  TelegramCall,
  TelegramMessage,
  TelegramPlace,
} from '../../../src/testing/telegram/index.ts';
import { Stage, type StageOptions } from './stage.ts';

// Hours of virtual time, with a real request every few seconds of it.
vi.setConfig({ testTimeout: 60_000 });

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** How a new message says that it may stand there already. */
export const repeated = /^This may be a repetition:/;

/** What the bot has said there. */
export const ours = ({ messages }: TelegramPlace): TelegramMessage[] =>
  messages.filter(({ from }) => from.kind === 'bot');

export const labels = (message: TelegramMessage | undefined): string[] =>
  message?.buttons.flat().map(({ text }) => text) ?? [];

type Fetch = typeof globalThis.fetch;
/** What a request passes on its way to Telegram. */
type Way = (
  send: () => Promise<Response>,
  method: string,
  stage: Stage,
  payload: Readonly<Record<string, unknown>>,
) => Promise<Response>;

const lives = new WeakMap<Stage, { current: AbortController }>();

/** A stage whose processes can be killed. */
export async function openStage(options: StageOptions = {}, way?: Way): Promise<Stage> {
  const box: { stage?: Stage } = {};
  const life = { current: new AbortController() };
  const fetch: Fetch = async (input, init) => {
    const { stage } = box;
    if (stage === undefined) throw new Error('not open yet');
    const { signal } = life.current;
    const ends = AbortSignal.any([signal, ...(init?.signal ? [init.signal] : [])]);
    const send = (): Promise<Response> => stage.telegram.fetch(input, { ...init, signal: ends });
    const method = new URL(String(input)).pathname.split('/').at(-1) ?? '';
    return await (way?.(send, method, stage, payloadOf(init?.body)) ?? send());
  };
  const config = { ...options.config, fetch };
  const stage = await Stage.open({ ...options, config, start: false });
  box.stage = stage;
  lives.set(stage, life);
  await stage.harness.start();
  return stage;
}

function payloadOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'string' ? JSON.parse(body) : {};
}

/** The process dies as by a kill: its connections break, and another takes over. */
export async function crash(stage: Stage, downMs: number): Promise<void> {
  const life = lives.get(stage);
  if (life === undefined) throw new Error('not a stage of openStage');
  life.current.abort();
  life.current = new AbortController();
  await stage.harness.crash(downMs);
}

/** The last of a test: what is stored keeps to the promise, whatever happened. */
export async function close(stage: Stage): Promise<void> {
  const { memory, runtime } = stage.harness;
  const rows = { database: memory.database, nowMs: runtime.wallMs(), shown: [], sent: [] };
  const broken = brokenInvariants(rows);
  await stage.close();
  expect(broken).toEqual([]);
}

/** Work that ends before its placeholder was due: its answer is a message of its own. */
export async function answerAtOnce(stage: Stage, text = 'forty-two'): Promise<void> {
  await stage.say('go');
  stage.work.finish(text);
}

export async function tasks({ harness }: Stage): Promise<readonly Task[]> {
  return (await harness.relay.tasks.list()).rows;
}

/** The receipts of one kind of the only Task, and what came of each attempt, in order. */
export async function receiptsOf(
  stage: Stage,
  kind: Receipt['kind'] = 'terminal',
): Promise<
  readonly {
    readonly receipt: Receipt;
    readonly outcomes: readonly (DeliveryOutcome | undefined)[];
  }[]
> {
  const [task] = await tasks(stage);
  const story = task && (await stage.harness.relay.tasks.inspect(task.id));
  return (story?.receipts ?? [])
    .filter(({ receipt }) => receipt.kind === kind)
    .map(({ receipt, attempts }) => ({
      receipt,
      outcomes: attempts.map(({ outcome }) => outcome),
    }));
}

const shows = ['sendMessage', 'editMessageText', 'sendDocument'];

/** The requests that show something and reached Telegram, with what they say. */
export const sent = ({ telegram }: Stage, text = ''): readonly TelegramCall[] =>
  telegram.calls.filter(
    ({ method, payload }) => shows.includes(method) && String(payload['text']).includes(text),
  );

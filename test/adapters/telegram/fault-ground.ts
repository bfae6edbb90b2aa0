import type {
  TelegramCall,
  TelegramMessage,
  TelegramPlace,
} from '../../../src/testing/telegram/index.ts';
import { Stage, type StageOptions } from './stage.ts';

export * from '../../support/fault-ground.ts';

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

/** Work that ends before its placeholder was due: its answer is a message of its own. */
export async function answerAtOnce(stage: Stage, text = 'forty-two'): Promise<void> {
  await stage.say('go');
  stage.work.finish(text);
}

const shows = ['sendMessage', 'editMessageText', 'sendDocument'];

/** The requests that show something and reached Telegram, with what they say. */
export const sent = ({ telegram }: Stage, text = ''): readonly TelegramCall[] =>
  telegram.calls.filter(
    ({ method, payload }) => shows.includes(method) && String(payload['text']).includes(text),
  );

import type {
  DiscordCall,
  DiscordChannel,
  DiscordMessage,
  DiscordPerson,
} from '../../../src/testing/discord/index.ts';
import type { FakeCall } from '../../../src/testing/fake-worker.ts';
import { minute } from '../../support/fault-ground.ts';
import { Stage, type StageOptions } from './stage.ts';

export * from '../../support/fault-ground.ts';

export const create = 'POST /channels/:id/messages';
export const change = 'PATCH /channels/:id/messages/:id';
export const typing = 'POST /channels/:id/typing';

type Fetch = typeof globalThis.fetch;
/** What a request passes on its way to Discord. */
type Way = (
  send: () => Promise<Response>,
  request: { readonly method: string; readonly path: string },
  stage: Stage,
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
    const send = (): Promise<Response> => stage.discord.fetch(input, { ...init, signal: ends });
    const path = new URL(String(input)).pathname.replace(/^\/api\/v10/, '');
    return await (way?.(send, { method: init?.method ?? 'GET', path }, stage) ?? send());
  };
  const config = { ...options.config, fetch };
  const stage = await Stage.open({ ...options, config, start: false });
  box.stage = stage;
  lives.set(stage, life);
  await stage.start();
  return stage;
}

/** From now on the gateway tells nothing, until the process dies: no echo of a message proves that it is there. */
export function deafen({ discord }: Stage): void {
  discord.gateway.mute();
}

/** The process dies as by a kill: its connections break, and another takes over. */
export async function crash(stage: Stage, downMs: number): Promise<void> {
  const life = lives.get(stage);
  if (life === undefined) throw new Error('not a stage of openStage');
  life.current.abort();
  life.current = new AbortController();
  const { gateway } = stage.discord;
  gateway.drop();
  gateway.mute(false);
  await stage.harness.crash(downMs, minute);
  await stage.connected();
}

/** Lets time pass until it is so; two minutes at most. */
export async function until(stage: Stage, isSo: () => boolean): Promise<void> {
  await stage.brought();
  for (let ms = 0; !isSo() && ms < 2 * minute; ms += 500) await stage.advance(500);
  if (!isSo()) throw new Error('it is not so after two minutes');
}

/** What a person asked in a channel of its own. */
export interface Asked {
  readonly room: DiscordChannel;
  readonly message: DiscordMessage;
  /** The work on it. */
  readonly call: FakeCall;
}

/** Somebody asks, in a channel of its own unless one is named; what it starts has begun. */
export async function ask(
  stage: Stage,
  text = 'go',
  where: { readonly room?: DiscordChannel; readonly person?: DiscordPerson } = {},
): Promise<Asked> {
  const { person = stage.ann, room = stage.discord.channel() } = where;
  const before = stage.calls.length;
  const message = person.mention(text, { to: room });
  await stage.brought();
  const call = stage.calls[before];
  if (call === undefined) throw new Error('no work began');
  return { room, message, call };
}

/** Up to the placeholder. */
export async function begin(stage: Stage, text?: string): Promise<Asked> {
  const asked = await ask(stage, text);
  await stage.advance(2_500);
  return asked;
}

/** Work that ends before its placeholder was due. */
export async function answerAtOnce(stage: Stage, text = 'forty-two'): Promise<Asked> {
  const asked = await ask(stage);
  asked.call.finish(text);
  return asked;
}

/** The requests that show something and reached Discord, with what they say. */
export const sent = ({ discord }: Stage, text = ''): readonly DiscordCall[] =>
  discord.calls.filter(
    ({ route, args }) =>
      (route === create || route === change) && String(args['content']).includes(text),
  );

/** What the bot has said there. */
export const ours = ({ messages }: DiscordChannel): readonly DiscordMessage[] =>
  messages.filter(({ from }) => from.kind === 'bot');

export const labels = (message: DiscordMessage | undefined): readonly string[] =>
  message?.buttons.map(({ label }) => label) ?? [];

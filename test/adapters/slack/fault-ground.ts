import type { FakeCall } from '../../../src/testing/fake-worker.ts';
import type {
  SlackCall,
  SlackChannel,
  SlackPerson,
  SlackThread,
} from '../../../src/testing/slack/index.ts';
import { Stage, type StageOptions } from './stage.ts';

export * from '../../support/fault-ground.ts';

type Fetch = typeof globalThis.fetch;
/** What a request passes on its way to Slack. */
type Way = (
  send: () => Promise<Response>,
  method: string,
  stage: Stage,
  payload: URLSearchParams,
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
    const send = (): Promise<Response> => stage.slack.fetch(input, { ...init, signal: ends });
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

const payloadOf = (body: unknown): URLSearchParams =>
  new URLSearchParams(typeof body === 'string' || body instanceof URLSearchParams ? body : '');

/** The process dies as by a kill: its connections break, and another takes over. */
export async function crash(stage: Stage, downMs: number): Promise<void> {
  const life = lives.get(stage);
  if (life === undefined) throw new Error('not a stage of openStage');
  life.current.abort();
  life.current = new AbortController();
  await stage.harness.crash(downMs);
}

/** What a person asked in a channel: all that comes of it stands in a thread of its own. */
export interface Asked {
  readonly person: SlackPerson;
  readonly channel: SlackChannel;
  readonly thread: SlackThread;
  /** The work on it. */
  readonly call: FakeCall;
}

/** Somebody asks, in a channel of their own unless one is named; what it starts has begun. */
export async function ask(
  stage: Stage,
  text = 'go',
  where: { readonly channel?: SlackChannel; readonly person?: SlackPerson } = {},
): Promise<Asked> {
  const { person = stage.ann } = where;
  const channel = where.channel ?? stage.slack.channel({ members: [person] });
  const before = stage.calls.length;
  const thread = channel.thread(person.mention(text, { to: channel }));
  await stage.harness.runtime.settle();
  const call = stage.calls[before];
  if (call === undefined) throw new Error('no work began');
  return { person, channel, thread, call };
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

const shows = ['chat.postMessage', 'chat.update', 'files.completeUploadExternal'];

/** The requests that show something and reached Slack, with what they say. */
export const sent = ({ slack }: Stage, text = ''): readonly SlackCall[] =>
  slack.calls.filter(
    ({ method, args }) => shows.includes(method) && String(args['text']).includes(text),
  );

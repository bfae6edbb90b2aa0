import type { Transient } from '../../contracts/adapter.ts';
import type { TaskId } from '../../contracts/id.ts';
import { orAborted } from '../shared/aborted.ts';
import { BoundedMap } from '../shared/bounded.ts';
import type { MessageHandle } from './handle.ts';
import { wayOf } from './life.ts';
import { streamCall } from './outbound.ts';
import { tailOf } from './outbound-cut.ts';
import type { PassingAnswer, PassingCalls, PassingParts } from './passing-call.ts';
import { channelIdOf } from './place.ts';

const keptMax = 1_000;
/** Between two edits of one Task. */
const everyMs = 1_500;

/** The message of a Task that is edited while it runs, and what is streamed into it. */
interface Flow {
  readonly taskId: TaskId;
  readonly channel: Transient['channel'];
  /** Not known until something of the Task was shown. */
  live?: MessageHandle | undefined;
  /** The interaction that it answers. */
  lifeId?: string | undefined;
  /** All of it so far. */
  text: string;
  /** What of it was last brought there, or could not be. */
  tried: string;
  editedMs: number;
  /** Sends of the Task that are under way. */
  holds: number;
  /** Resolves when no edit is under way. */
  running: Promise<void> | undefined;
  /** Ends the pause before the next edit. */
  pause: AbortController;
}

/** Streamed text, in the message that shows the work: one edit at a time, always the newest text, the end of what is long. */
export class Streams {
  readonly #parts: PassingParts;
  readonly #calls: PassingCalls;
  readonly #flows = new BoundedMap<TaskId, Flow>(keptMax);

  constructor(parts: PassingParts, calls: PassingCalls) {
    this.#parts = parts;
    this.#calls = calls;
  }

  show({ taskId, channel }: Pick<Transient, 'taskId' | 'channel'>, text: string): void {
    const flow = this.#flows.get(taskId) ?? this.#open(taskId, channel);
    flow.text = text;
    this.#go(flow);
  }

  /** Nothing of the Task is on its way when this resolves, unless the signal aborts; and nothing begins until `release`. */
  async hold({ taskId, channel }: Pick<Flow, 'taskId' | 'channel'>, signal: AbortSignal) {
    const flow = this.#flows.get(taskId) ?? this.#open(taskId, channel);
    flow.holds += 1;
    flow.pause.abort('held');
    if (flow.running !== undefined) await orAborted(flow.running, signal);
  }

  /** `live`: the message that shows the work now, when the send showed one; `lifeId`: the interaction that it answers. */
  release(taskId: TaskId, live?: MessageHandle, lifeId?: string): void {
    const flow = this.#flows.get(taskId);
    if (flow === undefined) return;
    flow.holds = Math.max(0, flow.holds - 1);
    if (live !== undefined) {
      if (live.messageId !== flow.live?.messageId) flow.tried = '';
      Object.assign(flow, { live, lifeId: live.interactionId ?? lifeId });
    }
    this.#go(flow);
  }

  /** Nothing of the Task is shown any more. */
  end(taskId: TaskId): void {
    this.#flows.get(taskId)?.pause.abort('ended');
    this.#flows.delete(taskId);
  }

  /** Resolves when no edit is under way. */
  async stop(): Promise<void> {
    const flows = [...this.#flows.values()];
    this.#flows.clear();
    for (const { pause } of flows) pause.abort('stopped');
    await Promise.all(flows.map(({ running }) => running));
  }

  #open(taskId: TaskId, channel: Transient['channel']): Flow {
    const flow: Flow = {
      taskId,
      channel,
      text: '',
      tried: '',
      editedMs: Number.NEGATIVE_INFINITY,
      holds: 0,
      running: undefined,
      pause: new AbortController(),
    };
    this.#flows.set(taskId, flow);
    return flow;
  }

  #go(flow: Flow): void {
    if (flow.running !== undefined || !this.#isDue(flow)) return;
    flow.pause = new AbortController();
    flow.running = this.#run(flow).then(() => {
      flow.running = undefined;
      this.#go(flow);
    });
  }

  #isDue(flow: Flow): boolean {
    const { taskId, live, holds, text, tried } = flow;
    if (this.#flows.get(taskId) !== flow || holds > 0) return false;
    return live !== undefined && text !== tried && text.trim() !== '';
  }

  async #run(flow: Flow): Promise<void> {
    const { runtime, shown } = this.#parts.host;
    while (this.#isDue(flow)) {
      const waitMs = this.#waitMs(flow);
      if (waitMs > 0) {
        await runtime.sleep(waitMs, flow.pause.signal);
        continue;
      }
      flow.editedMs = runtime.monoMs();
      const { text } = flow;
      const answer = await this.#edit(flow, text);
      if (answer !== 'held') flow.tried = text;
      if (answer === 'refused') flow.live = undefined;
      if (answer === 'done') shown(flow.taskId);
    }
  }

  #waitMs({ taskId, channel, live, editedMs }: Flow): number {
    const nowMs = this.#parts.host.runtime.monoMs();
    const channelId = live?.channelId ?? channelIdOf(channel);
    const waitMs = Math.max(editedMs + everyMs - nowMs, this.#calls.waitMs(channelId));
    if (waitMs > 0) return waitMs;
    const wish = { channelId, key: `stream ${taskId}`, weight: 'work' } as const;
    return this.#parts.limiter.take(wish, nowMs);
  }

  async #edit({ channel, live, lifeId }: Flow, text: string): Promise<PassingAnswer> {
    const { lives, config, host } = this.#parts;
    if (live === undefined) return 'refused';
    const { channelId, messageId: liveId } = live;
    const where = channelId === undefined ? channel : { ...bare(channel), conversation: channelId };
    const life = lifeId === undefined || channelId !== undefined ? undefined : lives.get(lifeId);
    const way = wayOf(life, live, host.runtime.wallMs());
    if (way.kind === 'none') return 'refused';
    const said = { channel: where, text: tailOf(text, config), liveId };
    const call = streamCall(said, { way, config });
    return await this.#calls.call(call, { channelId: channelIdOf(where), live });
  }
}

const bare = ({ adapter, account }: Transient['channel']) => ({ adapter, account });

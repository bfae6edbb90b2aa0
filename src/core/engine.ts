import type { Adapter, AdapterHost } from '../contracts/adapter.ts';
import { ContractError } from '../contracts/error.ts';
import { type ReceiptId, TaskId } from '../contracts/id.ts';
import type { Receipt } from '../contracts/receipt.ts';
import type { CancelAnswer, Health, NotifyRequest, SubmitRequest } from '../contracts/relay.ts';
import type { EndCause, Task } from '../contracts/task.ts';
import { abortTask } from './abort.ts';
import { ChannelLoop } from './channel-loop.ts';
import type { Core } from './core.ts';
import { startTimer } from './deadlines.ts';
import { Dispatcher } from './dispatcher.ts';
import { fireTask } from './fire.ts';
import { createHost } from './host.ts';
import { limit } from './limit.ts';
import { callPort, errorText } from './port.ts';
import { present } from './present.ts';
import { redrive } from './redrive.ts';
import { type Attached, recover, recoverLost } from './resume.ts';
import { retryTask } from './retry.ts';
import { cancelCause } from './run-command.ts';
import { Runner } from './runner.ts';
import { notify, submit } from './say.ts';
import { Sweeper } from './sweeper.ts';
import { endTask } from './task-end.ts';

type Phase = 'new' | 'starting' | 'running' | 'stopping' | 'stopped';

/** The running whole: which loop hears what, in which order it starts and stops. It decides nothing about states. */
export class Engine {
  readonly #core: Core;
  readonly #loop: ChannelLoop;
  readonly #dispatcher: Dispatcher;
  readonly #runner: Runner;
  readonly #sweeper: Sweeper;
  #phase: Phase = 'new';
  #stopTimer: () => void = () => undefined;
  #hurry = new AbortController();
  #stopping: Promise<void> | undefined;
  readonly #firing = new Set<string>();
  #recovering = false;

  constructor(core: Core) {
    this.#core = core;
    this.#loop = new ChannelLoop(core);
    this.#runner = new Runner(core);
    this.#dispatcher = new Dispatcher(core, (task) => this.#runner.run(task));
    this.#sweeper = new Sweeper(core, this.#loop);
    core.hooks.latestWord = (id) => this.#runner.latest(id);
  }

  async start(): Promise<void> {
    if (this.#phase !== 'new')
      throw new ContractError('started', `a relay starts once; this one is ${this.#phase}`);
    this.#phase = 'starting';
    const core = this.#core;
    // Nothing leaves and nothing begins before the truth is known and the adapters are there: until then it only becomes due.
    core.hooks.channelPut = (row) => core.due.set(`channel:${row.key}`, row.dueAtMs);
    core.hooks.sessionReady = () => core.due.set('dispatch', core.clock.now());
    this.#runner.listen();
    await this.#loadPauses();
    const recovered = await recover(core, (one) => this.#adopt(one));
    await this.#startAdapters();
    if (this.#stopping !== undefined) return;
    core.due.set('prune', core.clock.now() + limit.pruneEveryMs);
    this.#phase = 'running';
    await core.persist('started', (work) =>
      work.note({ name: 'relay.started', data: { owner: core.owner, recovered } }),
    );
  }

  #adopt({ task, session }: Attached): void {
    this.#dispatcher.adopt(task, this.#runner.attach(task, session));
  }

  /** Once at a time: a worker that is attached may take its time. */
  async #recoverLost(): Promise<void> {
    if (this.#recovering || this.#phase !== 'running') return;
    this.#recovering = true;
    try {
      await recoverLost(this.#core, (one) => this.#adopt(one));
    } catch (error) {
      this.#core.log('error', 'looking for lost tasks failed', { error: errorText(error) });
    } finally {
      this.#recovering = false;
    }
  }

  async #startAdapters(): Promise<void> {
    const core = this.#core;
    const adapters = [...core.adapters.values()];
    const open = (): boolean => this.#phase === 'starting' || this.#phase === 'running';
    for (const adapter of adapters) {
      if (!open()) return;
      await this.#startAdapter(adapter, createHost(adapter, { core, loop: this.#loop, open }));
    }
    if (!open()) return;
    core.hooks.channelPut = (row) => this.#loop.put(row);
    core.hooks.claimAtOnce = (work, key) => this.#loop.claimAtOnce(work, key);
    core.hooks.startAtOnce = (work, session) => this.#dispatcher.startAtOnce(work, session);
    core.hooks.sessionReady = () => this.#dispatcher.wake();
    this.#stopTimer = startTimer({
      runtime: core.runtime,
      due: core.due,
      now: () => core.clock.now(),
      pollMs: limit.pollMs,
      fire: (keys, polls) => this.#fire(keys, polls),
    });
    for (const adapter of adapters)
      if (adapter.catchUp !== undefined)
        await this.#catchUp(adapter.name, adapter.catchUp.bind(adapter));
  }

  /** One that does not start leaves nothing half up: what was opened is closed again. */
  async #startAdapter(adapter: Adapter, host: AdapterHost): Promise<void> {
    const call = { name: `${adapter.name}.start`, limitMs: limit.startMs };
    const answer = await callPort(this.#core, call, () => adapter.start(host));
    if (answer.kind === 'answered') return;
    this.#phase = 'stopped';
    this.#runner.stop();
    await this.#closePorts();
    throw answer.error ?? new ContractError('not_started', answer.cause);
  }

  async #catchUp(
    name: string,
    catchUp: (options: { signal: AbortSignal }) => Promise<void>,
  ): Promise<void> {
    const answer = await callPort(
      this.#core,
      { name: `${name}.catchUp`, limitMs: limit.catchUpMs },
      (signal) => catchUp({ signal }),
    );
    if (answer.kind === 'failed')
      this.#core.log('error', 'catching up failed', { adapter: name, error: answer.cause });
  }

  async #loadPauses(): Promise<void> {
    for (const { accounts, name } of this.#core.adapters.values()) {
      for (const account of accounts) {
        const key = `${encodeURIComponent(name)}/${encodeURIComponent(account)}`;
        const row = await this.#core.store.read((reads) => reads.account(key));
        if (row !== undefined) this.#loop.pause(key, row.pausedUntilMs, row.authorized);
      }
    }
  }

  /** What is due is begun, not waited for: a slow one delays no other. */
  async #fire(keys: readonly string[], polls: boolean): Promise<void> {
    for (const key of keys) {
      this.#fireOne(key).catch((error: unknown) => {
        this.#core.log('error', 'firing a clock failed', { due: key, error: errorText(error) });
        this.#core.due.set(key, this.#core.clock.now() + limit.rewriteCapMs);
      });
    }
    if (!polls) return;
    await this.#sweeper.poll(this.#phase === 'running');
    void this.#recoverLost();
  }

  async #fireOne(key: string): Promise<void> {
    const at = key.indexOf(':');
    const [kind, id] = at < 0 ? [key, ''] : [key.slice(0, at), key.slice(at + 1)];
    if (kind === 'channel') this.#loop.wake(id as Parameters<ChannelLoop['wake']>[0]);
    else if (kind === 'account') this.#loop.resume(id);
    else if (kind === 'dispatch') this.#dispatcher.wake();
    else if (kind === 'renew') await this.#runner.renew();
    else if (kind === 'prune') await this.#sweeper.prune();
    // No clock fires while it stops.
    else if (kind === 'task' && this.#phase !== 'stopping') await this.#fireClocks(key, id);
  }

  /** Once at a time per Task: while the store cannot write, the polls add nothing. */
  async #fireClocks(key: string, id: string): Promise<void> {
    if (this.#firing.has(key)) return;
    this.#firing.add(key);
    const { runtime } = this.#core;
    runtime.crashPoint?.('clock.due');
    try {
      await this.#core.persist('fire', (work) => fireTask(work, this.#core, TaskId.parse(id)));
      runtime.crashPoint?.('clock.fired');
    } finally {
      this.#firing.delete(key);
    }
  }

  /** Drains: no new work, no clock; what runs may end, what can be told is told, the rest ends `interrupted`. */
  stop(now: boolean): Promise<void> {
    if (now || this.#stopping !== undefined) this.#hurry.abort();
    if (this.#phase === 'new') this.#phase = 'stopped';
    if (this.#phase === 'stopped') return Promise.resolve();
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const core = this.#core;
    this.#phase = 'stopping';
    this.#dispatcher.stop();
    const { runtime } = core;
    const until = runtime.monoMs() + core.clocks.drainMs;
    await this.#waitUntil(until, () => this.#runner.size === 0);
    runtime.crashPoint?.('stop.drained');
    const interrupted = this.#hurry.signal.aborted ? 0 : await this.#interruptRest();
    runtime.crashPoint?.('stop.interrupted');
    await this.#waitUntil(Math.max(until, runtime.monoMs() + limit.tellMs), () => this.#quiet());
    this.#loop.stop();
    this.#stopTimer();
    await this.#waitUntil(runtime.monoMs() + core.clocks.sendMs, () => this.#loop.busy === 0);
    this.#runner.stop();
    await this.#closePorts();
    if (!this.#hurry.signal.aborted)
      await core
        .write('stopped', (work) => work.note({ name: 'relay.stopped', data: { interrupted } }))
        .catch((error: unknown) =>
          core.log('error', 'noting the stop failed', { error: errorText(error) }),
        );
    this.#phase = 'stopped';
  }

  /** Nothing that could leave at once is left. */
  #quiet(): boolean {
    const nearest = this.#core.due.nearestMs();
    return (
      this.#loop.busy === 0 &&
      this.#core.counts.writing === 0 &&
      (nearest === undefined || nearest > this.#core.clock.now())
    );
  }

  /** Monotonic: a jump of the clock makes no stop longer. */
  async #waitUntil(untilMono: number, done: () => boolean): Promise<void> {
    const { runtime } = this.#core;
    while (!done() && runtime.monoMs() < untilMono && !this.#hurry.signal.aborted) {
      const leftMs = untilMono - runtime.monoMs();
      await runtime.sleep(Math.min(limit.drainStepMs, leftMs), this.#hurry.signal);
    }
  }

  /** Tasks whose worker can be attached to again stay `running`; the others end and are told. */
  async #interruptRest(): Promise<number> {
    const core = this.#core;
    const rest = this.#runner
      .tasks()
      .filter((task) => core.workers.get(task.worker)?.capabilities.reattach !== true);
    const cause = (task: Task): EndCause =>
      task.state === 'aborting' && task.cause !== undefined
        ? task.cause
        : { end: 'interrupted', reason: 'stopped' };
    const ended = rest.map(({ id }) =>
      core.write('interrupt', function* (work) {
        const task = present(yield* work.task(id), 'task', id);
        return yield* endTask(work, core, id, { cause: cause(task) });
      }),
    );
    const answers = await Promise.allSettled(ended);
    for (const answer of answers)
      if (answer.status === 'rejected')
        core.log('error', 'interrupting a task failed', { error: errorText(answer.reason) });
    return answers.filter((answer) => answer.status === 'fulfilled' && answer.value).length;
  }

  async #closePorts(): Promise<void> {
    const core = this.#core;
    const ports = [
      ...[...core.adapters.values()].map((adapter) => ({
        name: `${adapter.name}.stop`,
        close: () => adapter.stop(),
      })),
      ...[...core.workers.values()].map((worker) => ({
        name: `${worker.name}.dispose`,
        close: () => worker.dispose(),
      })),
    ];
    await Promise.all(
      ports.map(async ({ name, close }) => {
        const answer = await callPort(core, { name, limitMs: limit.closeMs }, close);
        if (answer.kind === 'failed')
          core.log('error', 'not closed', { port: name, error: answer.cause });
      }),
    );
  }

  /** Nothing new is taken on while it stops. */
  #open(): void {
    if (this.#phase === 'stopping' || this.#phase === 'stopped')
      throw new ContractError('stopping', 'the relay takes nothing on while it stops');
  }

  async submit(request: SubmitRequest): Promise<{ taskId: TaskId; duplicate: boolean }> {
    this.#open();
    return await this.#core.write('submit', (work) => submit(work, this.#core, request));
  }

  async notify(request: NotifyRequest): Promise<{ receiptId: ReceiptId; duplicate: boolean }> {
    this.#open();
    return await this.#core.write('notify', (work) => notify(work, this.#core, request));
  }

  async cancel(
    id: TaskId,
    how: { readonly reason?: string; readonly by?: string } = {},
  ): Promise<CancelAnswer> {
    const core = this.#core;
    const cause = cancelCause(core, how.reason, how.by);
    const ended = this.#ended(id);
    try {
      const aborted = await core.write('cancel', (work) => abortTask(work, core, id, cause));
      if (aborted.kind === 'ended') return { kind: 'cancelled', cause };
      if (aborted.kind === 'already_ended') return { kind: 'already_ended', cause: aborted.cause };
      if (this.#phase !== 'running') return { kind: 'stored', cause: aborted.cause };
      return await ended.answer;
    } finally {
      ended.forget();
    }
  }

  /** How a Task that is being aborted ended, told when it has. */
  #ended(id: TaskId): { answer: Promise<CancelAnswer>; forget: () => void } {
    const { emitter } = this.#core;
    let detached = false;
    let offs: (() => void)[] = [];
    const answer = new Promise<CancelAnswer>((resolve) => {
      offs = [
        emitter.on('task.detached', (_, { taskId }) => {
          detached ||= taskId === id;
        }),
        emitter.on('task.ended', ({ end, reason, by }, { taskId }) => {
          if (taskId !== id) return;
          const cause: EndCause = { end, reason, ...(by === undefined ? {} : { by }) };
          resolve({
            kind: detached ? 'detached' : end === 'cancelled' ? 'cancelled' : 'already_ended',
            cause,
          });
        }),
      ];
    });
    const forget = (): void => {
      for (const off of offs) off();
    };
    return { answer, forget };
  }

  async retry(id: TaskId): Promise<{ taskId: TaskId; duplicate: boolean }> {
    this.#open();
    const core = this.#core;
    const retried = await core.write('retry', function* (work) {
      return yield* retryTask(work, core, present(yield* work.task(id), 'task', id));
    });
    if (retried.kind === 'refused')
      throw new ContractError(retried.reason, `the task was not run again: ${retried.reason}`, {
        ids: { task: id },
      });
    return { taskId: retried.task, duplicate: retried.duplicate };
  }

  async redrive(id: ReceiptId, by: string): Promise<Receipt> {
    return await this.#core.write('redrive', (work) => redrive(work, this.#core, id, by));
  }

  /** Several quiet rounds in a row: nothing is written, sent or due. */
  async settled(): Promise<void> {
    const { runtime } = this.#core;
    for (let quiet = 0; quiet < limit.quietRounds; ) {
      await new Promise<void>((resolve) => runtime.soon(resolve));
      quiet = this.#quiet() && !this.#dispatcher.looking ? quiet + 1 : 0;
    }
  }

  async health(): Promise<Health> {
    const { counts, clock, store } = this.#core;
    const figures = await store.read((reads) => reads.figures());
    const reasons: string[] = [];
    if (counts.unwritable) reasons.push('the store cannot write');
    const oldest = figures.oldestOpenAtMs;
    const waitedMs = oldest === undefined ? 0 : clock.now() - oldest;
    if (waitedMs > limit.backlogMs)
      reasons.push(`something has waited to be shown for ${Math.round(waitedMs / 1_000)} s`);
    return {
      ok: reasons.length === 0,
      ready: this.#phase === 'running',
      reasons,
      figures,
      tasksRunning: this.#runner.size,
      tasksDetached: counts.detached,
      staleWrites: counts.staleWrites,
    };
  }
}

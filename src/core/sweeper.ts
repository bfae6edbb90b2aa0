import type { Script } from '../contracts/store.ts';
import type { ChannelLoop } from './channel-loop.ts';
import type { Core } from './core.ts';
import { limit } from './limit.ts';

/** What is looked after without being asked: the clock's drift, what the heap may have missed, old rows. */
export class Sweeper {
  readonly #core: Core;
  readonly #loop: ChannelLoop;

  constructor(core: Core, loop: ChannelLoop) {
    this.#core = core;
    this.#loop = loop;
  }

  async poll(clocksRun: boolean): Promise<void> {
    const core = this.#core;
    try {
      await this.#followWall();
      const now = core.clock.now();
      const [tasks, channels] = await core.store.read(function* (reads) {
        return [
          yield* reads.tasksDue(now, limit.batch),
          yield* reads.channelsDue(now, limit.batch),
        ] as const;
      });
      if (clocksRun) for (const { id, dueAtMs } of tasks) core.due.set(`task:${id}`, dueAtMs);
      for (const { key } of channels) this.#loop.wake(key);
      core.due.set('dispatch', now);
    } catch (error) {
      core.log('error', 'a poll failed', { error: String(error) });
    }
  }

  /** The wall clock left ours: ours follows, and every open time moves by the same in one transaction. */
  async #followWall(): Promise<void> {
    const core = this.#core;
    const deltaMs = core.clock.driftMs();
    if (deltaMs === 0) return;
    const offset = core.clock.offsetAfter(deltaMs);
    await core.persist('clock-jump', function* (work): Script<void> {
      yield* work.shiftTimes(deltaMs);
      // By the new time: a restart goes by the newest row to see whether the clock was set back.
      yield* work.note({ name: 'clock.jumped', data: { deltaMs } }, work.now + deltaMs);
      core.clock.anchor(offset);
    });
    core.runtime.crashPoint?.('clock.jumped');
    core.due.shift(deltaMs);
    this.#loop.shift(deltaMs);
    core.log('warn', 'the clock jumped', { deltaMs });
  }

  /** A small step; again soon while there is more. */
  async prune(): Promise<void> {
    const core = this.#core;
    const pruned = await core.persist('prune', (work) =>
      work.prune(work.now - core.clocks.retainMs, limit.pruneRows),
    );
    core.due.set(
      'prune',
      core.clock.now() + (pruned === 0 ? limit.pruneEveryMs : limit.pruneAgainMs),
    );
  }
}

import type { DeliveryAttempt, Transient } from '../../contracts/adapter.ts';
import type { Delivery, Handle } from '../../contracts/delivery.ts';
import { orAborted } from '../shared/aborted.ts';
import { BoundedSet } from '../shared/bounded.ts';
import { PassingCalls, type PassingParts } from './passing-calls.ts';
import { Status } from './status.ts';
import { StreamFlow } from './stream-flow.ts';
import { StreamNotes } from './stream-note.ts';
import { StreamPlaces } from './stream-place.ts';
import { StreamSweep } from './stream-sweep.ts';

const keptMax = 1_000;
const stopMs = 3_000;

/**
 * What passes: the status of a thread, and streamed text in messages of its own, until the end of their Task takes
 * their place. Best effort and silent; it settles nothing, and of a Task whose end is on its way nothing more is shown.
 * Everything kept is bounded.
 */
export class Passing {
  readonly places: StreamPlaces;
  readonly #parts: PassingParts;
  readonly #calls: PassingCalls;
  readonly #notes: StreamNotes;
  readonly #status: Status;
  readonly #flow: StreamFlow;
  readonly #sweep: StreamSweep;
  /** Tasks whose end is on its way. */
  readonly #ended = new BoundedSet<string>(keptMax);
  #loading: Promise<void> | undefined;
  #isLoaded = false;
  #stopped = false;

  constructor(parts: PassingParts) {
    const { host, lookup, us, account } = parts;
    this.#parts = parts;
    this.#calls = new PassingCalls(parts);
    this.#notes = new StreamNotes(host, account);
    this.#status = new Status(parts, this.#calls);
    const [calls, notes] = [this.#calls, this.#notes];
    const open = new Set<string>();
    const flow = { ...parts, calls, notes, open, lost: () => this.#sweep.kick() };
    this.#flow = new StreamFlow(flow);
    this.#sweep = new StreamSweep({
      ...{ host, calls, lookup, notes, open, us },
      found: (taskId, ts) => this.#flow.found(taskId, ts),
    });
    this.places = new StreamPlaces({ calls, notes, open, sweep: this.#sweep });
  }

  /** Reads what an earlier life left, and ends it. Never rejects. */
  start(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  show(transient: Transient): void {
    if (this.#stopped || this.#ended.has(transient.taskId)) return;
    if (transient.kind !== 'text') this.#status.show(transient);
    else if (this.#parts.config.streams !== 'off') {
      void this.start().then(() => {
        const isOver = this.#stopped || this.#ended.has(transient.taskId);
        if (this.#isLoaded && !isOver) this.#flow.show(transient);
      });
    }
  }

  /** Slack wants nothing for a while. */
  pause(ms: number): void {
    this.#calls.pause(ms);
  }

  /** How long it wants nothing. */
  pauseMs(): number {
    return this.#calls.pauseMs();
  }

  /** A send begins: nothing of the same Task is on its way when this resolves, unless the signal aborts. */
  async hold(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { kind, taskId } = delivery;
    if (kind === 'terminal' && taskId !== undefined) this.#ended.add(taskId);
    await orAborted(this.start(), signal);
    await this.#flow.hold(delivery, signal);
  }

  /** The send is over; `handle`: what is shown now. */
  release(delivery: Delivery, handle: Handle | undefined, attempt: DeliveryAttempt): void {
    const isShown = handle !== undefined;
    this.#flow.release(delivery, isShown);
    if (!isShown) return;
    const isNew = attempt.live === undefined && !this.places.isPlace(delivery, handle);
    if (delivery.kind === 'ack') this.#status.again(delivery);
    if (delivery.kind === 'question') this.#status.end(delivery, isNew);
    if (delivery.kind !== 'terminal') return;
    this.#status.end(delivery, isNew);
    this.places.shown(delivery, attempt);
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#flow.stop();
    this.#sweep.stop();
    const over = new AbortController();
    const cleared = this.#status.stop().finally(() => over.abort('cleared'));
    await Promise.race([cleared, this.#parts.host.runtime.sleep(stopMs, over.signal)]);
  }

  async #load(): Promise<void> {
    try {
      await this.#notes.load();
    } catch (error) {
      const name = error instanceof Error ? error.name : 'error';
      this.#parts.host.log('warn', 'the notes of streams were not read', { error: name });
      // Tried again with the next send; until then nothing is streamed, which would overwrite them.
      this.#loading = undefined;
      return;
    }
    this.#isLoaded = true;
    if (!this.#stopped) this.#sweep.begin();
  }
}

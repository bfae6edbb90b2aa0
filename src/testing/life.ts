import type { Adapter, AdapterHost } from '../contracts/adapter.ts';
import type { Runtime } from '../contracts/runtime.ts';
import type { Store } from '../contracts/store.ts';
import type { TaskIO, Worker, WorkerSession } from '../contracts/worker.ts';

/** A place at which a process may die: before a call through a port, or after it and before its answer is heard. */
export type LifeStep = (place: string) => void;

/**
 * One incarnation of a process. Everything it does goes through ports that are wrapped here; once it is dead they do
 * nothing and answer nothing, so that whatever code of it still runs can have no effect.
 */
export class Life {
  #alive = true;
  readonly #step: LifeStep;
  readonly #buried: (() => void)[] = [];

  /** `step` hears of every passing of a port and may kill this Life there. */
  constructor(step: LifeStep = () => undefined) {
    this.#step = step;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Dies at this instant, in the middle of whatever it does. May be called twice. */
  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const bury of this.#buried.splice(0)) bury();
  }

  /** Called at the death: a store drops what it had not committed. */
  onDeath(bury: () => void): void {
    this.#buried.push(bury);
  }

  runtime(runtime: Runtime): Runtime {
    return {
      crashPoint: (point) => this.#step(point),
      wallMs: () => runtime.wallMs(),
      monoMs: () => runtime.monoMs(),
      random: (bytes) => runtime.random(bytes),
      soon: (fn) => runtime.soon(() => (this.#alive ? fn() : undefined)),
      sleep: async (ms, signal) => {
        if (!this.#alive) return await never();
        await runtime.sleep(ms, signal);
        return this.#alive ? undefined : await never();
      },
    };
  }

  store(store: Store): Store {
    return {
      ...store,
      write: (name, script) => this.#call(`write ${name}`, () => store.write(name, script)),
      read: (script) => this.#silent(() => store.read(script)),
      close: () => this.#call('close', () => store.close()),
    };
  }

  adapter(adapter: Adapter): Adapter {
    const { name, reconcile, catchUp, show } = adapter;
    return {
      ...adapter,
      start: (host) => this.#call(`${name}.start`, () => adapter.start(this.host(host))),
      deliver: (delivery, attempt) =>
        this.#call(`${name}.deliver`, () => adapter.deliver(delivery, attempt)),
      ...(show === undefined
        ? {}
        : { show: (transient) => (this.#alive ? show.call(adapter, transient) : undefined) }),
      ...(reconcile === undefined
        ? {}
        : {
            reconcile: (question) =>
              this.#call(`${name}.reconcile`, () => reconcile.call(adapter, question)),
          }),
      ...(catchUp === undefined
        ? {}
        : {
            catchUp: (options) =>
              this.#call(`${name}.catchUp`, () => catchUp.call(adapter, options)),
          }),
      stop: () => this.#call(`${name}.stop`, () => adapter.stop()),
    };
  }

  /** What an adapter may ask of the relay, as long as that lives. */
  host(host: AdapterHost): AdapterHost {
    return {
      ...host,
      accept: (inbound) => this.#call('accept', () => host.accept(inbound)),
      evidence: (seen) => this.#call('evidence', () => host.evidence(seen)),
      shown: (taskId) => (this.#alive ? host.shown(taskId) : undefined),
      audience: (channel, present) => this.#call('audience', () => host.audience(channel, present)),
      connection: (account, state, cause) =>
        this.#alive ? host.connection(account, state, cause) : undefined,
    };
  }

  worker(worker: Worker): Worker {
    const { name } = worker;
    return {
      ...worker,
      ensureSession: async (spec, options) =>
        this.#session(
          name,
          await this.#call(`${name}.ensureSession`, () => worker.ensureSession(spec, options)),
        ),
      dispose: () => this.#call(`${name}.dispose`, () => worker.dispose()),
    };
  }

  #session(name: string, session: WorkerSession): WorkerSession {
    const { attach } = session;
    return {
      get resumeToken() {
        return session.resumeToken;
      },
      prompt: (task, io) =>
        this.#call(`${name}.prompt`, () => session.prompt(task, this.#io(name, io))),
      ...(attach === undefined
        ? {}
        : {
            attach: (task, io) =>
              this.#call(`${name}.attach`, () => attach.call(session, task, this.#io(name, io))),
          }),
      close: (options) => this.#call(`${name}.close`, () => session.close(options)),
    };
  }

  #io(name: string, io: TaskIO): TaskIO {
    return {
      signal: io.signal,
      emit: (event) => (this.#alive ? io.emit(event) : undefined),
      touch: () => (this.#alive ? io.touch() : undefined),
      ask: (request) => this.#call(`${name}.ask`, () => io.ask(request)),
    };
  }

  /** A call that the dead do not make, and whose answer the dead do not hear. */
  async #call<T>(place: string, call: () => Promise<T>): Promise<T> {
    if (this.#alive) this.#step(place);
    if (!this.#alive) return await never();
    try {
      return await call();
    } finally {
      if (this.#alive) this.#step(`${place} answered`);
      if (!this.#alive) await never();
    }
  }

  async #silent<T>(call: () => Promise<T>): Promise<T> {
    if (!this.#alive) return await never();
    const answer = await call();
    return this.#alive ? answer : await never();
  }
}

function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}

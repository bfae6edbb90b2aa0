import type { Runtime } from '../contracts/runtime.ts';
import type { Worker } from '../contracts/worker.ts';
import type { Scene } from './invariants.ts';
import { Ground } from './simulation-ground.ts';
import { Judge } from './simulation-judge.ts';
import { People } from './simulation-people.ts';
import type { Plan, Step } from './simulation-plan.ts';
import { Processes } from './simulation-process.ts';
import { lookOf, type Sky, weatherOf } from './simulation-weather.ts';
import { simulatedService, simulatedWorker, type WorkPlace } from './simulation-worker.ts';

export interface WorldOptions {
  /** A worker of your own instead of the simulated ones, made anew for every process. `healed` becomes true when the faults end: from then on it must end what it begins. */
  readonly worker?: (runtime: Runtime, healed: () => boolean) => Worker;
  /** What shall hold beside the promise, judged after every step: what is answered is a complaint. */
  readonly rules?: (scene: Scene) => readonly string[];
}

/** What happened in one run, in numbers. */
export interface Figures {
  readonly simulatedMs: number;
  readonly crashes: number;
  readonly tasks: number;
  readonly shown: number;
  /** Shown once more although it was there. */
  readonly duplicates: number;
  /** The latest that a clock was found while a process ran undisturbed. */
  readonly latestMs: number;
  readonly faults: Readonly<Record<string, number>>;
}

const minute = 60_000;
/** With every clock run out and everything retried, so long is enough to come to rest. */
const healMs = 90 * minute;

/** One run of a plan. */
export class World {
  readonly #plan: Plan;
  readonly #ground: Ground;
  readonly #judge: Judge;
  readonly #processes: Processes;
  readonly #people: People;

  constructor(plan: Plan, { worker, rules }: WorldOptions = {}) {
    this.#plan = plan;
    this.#ground = new Ground(plan);
    this.#judge = new Judge(this.#ground, rules);
    const jobs = new Map<string, number>();
    const place = this.#workPlace();
    this.#processes = new Processes({
      ground: this.#ground,
      judge: this.#judge,
      workers: (runtime) =>
        worker === undefined
          ? [simulatedWorker(place, runtime), simulatedService(place, jobs, runtime)]
          : [worker(runtime, place.healed)],
      pick:
        worker === undefined
          ? ({ text }) => (text.endsWith('3') ? 'elsewhere' : 'here')
          : undefined,
      catchUp: async (process) => await this.#people.catchUp(process),
    });
    this.#people = new People(
      this.#ground,
      this.#processes,
      worker === undefined ? 'here' : undefined,
    );
    const sky = this.#sky();
    const { platform } = this.#ground;
    platform.decide = (sent) => {
      this.#judge.send(sent);
      return weatherOf(sky, sent);
    };
    platform.decideLook = (question) => lookOf(sky, question);
  }

  /** The faults, then their end. */
  async run(): Promise<void> {
    await this.#processes.revive(0);
    for (const step of this.#plan.steps) {
      this.#ground.tell(`— ${JSON.stringify(step)}`);
      await this.#act(step);
      await this.#pass(step.afterMs);
      if (this.#isBroken) return;
    }
    await this.#heal();
  }

  complain(complaint: string): void {
    this.#ground.complain(complaint);
  }

  /** What came of it; everything is closed. */
  end(): { broken: readonly string[]; log: readonly string[]; figures: Figures } {
    const ground = this.#ground;
    this.#processes.end();
    const { shown } = ground.platform;
    const [tasks] = ground.rows<{ n: number }>('SELECT count(*) AS n FROM tasks');
    const figures: Figures = {
      simulatedMs: Math.round(ground.runtime.elapsedMs),
      crashes: this.#processes.crashes,
      tasks: tasks?.n ?? 0,
      shown: shown.length,
      duplicates: shown.length - new Set(shown.map((message) => message.key)).size,
      latestMs: this.#judge.latestMs,
      faults: Object.fromEntries([...ground.faults].sort()),
    };
    ground.disk.close();
    return { broken: ground.broken, log: ground.log, figures };
  }

  get #isBroken(): boolean {
    return this.#ground.broken.length > 0;
  }

  get #isAtRest(): boolean {
    return this.#judge.atRest && !this.#people.waits;
  }

  async #act(step: Step): Promise<void> {
    const people = this.#people;
    switch (step.kind) {
      case 'say':
        return people.say(step);
      case 'command':
        return people.command(step);
      case 'redeliver':
        return people.redeliver(step.pick);
      case 'press':
        return people.press(step);
      case 'change':
        return people.change(step);
      case 'move':
        return people.move(step);
      case 'submit':
      case 'notify':
        return people.byCode(step);
      case 'redrive':
        return people.redrive(step.pick);
      case 'echo':
        return people.echo(step.pick);
      case 'audience':
        return people.attend(step.conversation, step.present);
      default:
        return await this.#trouble(step);
    }
  }

  async #trouble(step: Step): Promise<void> {
    const ground = this.#ground;
    switch (step.kind) {
      case 'weather':
        ground.weather = step.weather;
        return;
      case 'disconnect':
        return await this.#disconnect();
      case 'disk':
        ground.diskFullUntilMs = ground.runtime.monoMs() + step.fullMs;
        return;
      case 'jump':
        ground.count('clock jump');
        ground.runtime.jumpWall(step.deltaMs);
        return;
      case 'crash':
        return await this.#crash(step.passings, step.downMs);
      case 'restart':
        return await this.#restart(step.now, step.downMs);
      default:
        return await this.#pass(30_000);
    }
  }

  async #disconnect(): Promise<void> {
    this.#ground.count('disconnect');
    this.#processes.any?.host?.connection('bot', 'disconnected', 'lost');
    await this.#pass(2_000);
    if (this.#ground.authorized) this.#people.authorize();
  }

  async #crash(passings: number, downMs: number): Promise<void> {
    const process = this.#processes.any;
    if (process === undefined) return;
    if (passings > 0) {
      process.fuse = passings;
      await this.#pass(5_000, downMs);
    }
    this.#processes.kill(process, 'rest');
    await this.#processes.revive(downMs);
  }

  async #restart(now: boolean, downMs: number): Promise<void> {
    const process = this.#processes.any;
    if (process === undefined) return;
    this.#ground.count('restart');
    await this.#processes.stop(process, now);
    await this.#processes.revive(downMs);
  }

  /** Time passes from one sleep to the next; after each everything is at rest, and judged. Who dies comes back after `downMs`. */
  async #pass(ms: number, downMs = 0): Promise<void> {
    const { runtime } = this.#ground;
    await runtime.settle();
    const untilMs = runtime.monoMs() + ms;
    for (;;) {
      const leftMs = Math.max(0, untilMs - runtime.monoMs());
      await runtime.advanceToNext(leftMs);
      this.#judge.step(this.#upForMs());
      if (this.#isBroken) return;
      if (this.#processes.someDied) await this.#processes.revive(downMs);
      if (leftMs === 0) return;
    }
  }

  /** How long the processes have run without a start or a full disk. */
  #upForMs(): number {
    const { runtime, diskFullUntilMs } = this.#ground;
    if (this.#processes.all.length === 0) return 0;
    return runtime.monoMs() - Math.max(this.#processes.upAtMs, diskFullUntilMs);
  }

  /** The faults are over. Everything that is open must come to rest, and a restart must find it so. */
  async #heal(): Promise<void> {
    const ground = this.#ground;
    ground.tell('— healed');
    ground.weather = 'healed';
    ground.diskFullUntilMs = Math.min(ground.diskFullUntilMs, ground.runtime.monoMs());
    for (const process of this.#processes.all) process.fuse = undefined;
    await this.#processes.revive(0);
    for (const conversation of ['c1', 'c2', 'c3', 'ops', 'dm-ada', 'dm-bob', 'dm-system'])
      this.#people.attend(conversation, true);
    this.#people.authorize();
    const untilMs = ground.runtime.monoMs() + healMs;
    do {
      this.#people.sendAgain();
      await this.#pass(10_000);
    } while (ground.runtime.monoMs() < untilMs && !this.#isBroken && !this.#isAtRest);
    if (!this.#isBroken) this.#judge.end();
    if (!this.#isBroken) await this.#judgeRestart();
  }

  /** A restart changes nothing of what is at rest, and nobody is told anything again. */
  async #judgeRestart(): Promise<void> {
    const ground = this.#ground;
    const before = this.#judge.dump();
    const sent = ground.platform.sent.length;
    for (const process of this.#processes.all) this.#processes.kill(process, 'rest');
    await this.#processes.revive(1_000);
    await this.#pass(30_000);
    if (ground.platform.sent.length !== sent) ground.complain('something was sent again at rest');
    for (const [table, rows] of this.#judge.dump())
      if (before.get(table) !== rows) ground.complain(`a restart at rest changed ${table}`);
  }

  #workPlace(): WorkPlace {
    return {
      seed: this.#plan.seed,
      runtime: this.#ground.runtime,
      healed: () => this.#ground.healed,
      begun: (task) => this.#judge.begun(task),
      count: (fault) => this.#ground.count(fault),
    };
  }

  #sky(): Sky {
    const ground = this.#ground;
    return {
      seed: this.#plan.seed,
      weather: () => ground.weather,
      count: (fault) => ground.count(fault),
      watched: (conversation) =>
        this.#plan.settings.platform.audience === 'always' || ground.present.has(conversation),
      movedTo: (conversation) => ground.moved.get(conversation),
      limit: (scope, untilMs) => this.#judge.limited(scope, untilMs),
      vanish: (handle) => {
        const { shown } = ground.platform;
        const at = shown.findIndex((message) => message.handle === handle);
        if (at >= 0) shown.splice(at, 1);
      },
      unauthorized: () => {
        if (!ground.authorized) return;
        ground.authorized = false;
        void ground.runtime.sleep(20_000).then(() => this.#people.authorize());
      },
    };
  }
}

import type { Runtime } from '../contracts/runtime.ts';
import type { TaskInput, TaskIO, TaskResult, Worker, WorkerSession } from '../contracts/worker.ts';
import { type Chance, createChance } from './chance.ts';
import { pick } from './simulation-plan.ts';

/** What the work of all processes shares: it outlives them, as files and other services do. */
export interface WorkPlace {
  readonly seed: number;
  /** Time that goes on whoever is dead. */
  readonly runtime: Runtime;
  /** The faults are over: everything that is begun now ends soon. */
  healed(): boolean;
  /** The work of a Task was begun: what it does is done. */
  begun(task: string): void;
  /** Something of the kind happened; for the figures. */
  count(fault: string): void;
}

/** How one Task goes. */
interface Course {
  readonly words: number;
  readonly stepMs: number;
  readonly asks: boolean;
  readonly ignoresAbort: boolean;
  readonly end: 'done' | 'long' | 'empty' | 'fails' | 'throws' | 'nothing' | 'hangs' | 'late';
}

const long = Array.from({ length: 7 }, (_, n) => `Part ${n}: ${'words '.repeat(90)}`).join('\n\n');

/** A number that stands for a text: the same everywhere. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

function courseOf(place: WorkPlace, task: TaskInput): Course {
  const chance = createChance(hashOf(`${place.seed} ${task.text} ${task.attempt}`));
  if (place.healed())
    return { words: 1, stepMs: chance.below(3_000), asks: false, ignoresAbort: false, end: 'done' };
  return {
    words: chance.below(12) === 0 ? 300 : chance.below(5),
    stepMs: chance.below(pick(chance, [1, 1_000, 20_000, 120_000])),
    asks: chance.below(5) === 0,
    ignoresAbort: chance.below(6) === 0,
    end: endOf(chance),
  };
}

function endOf(chance: Chance): Course['end'] {
  const roll = chance.below(100);
  if (roll < 58) return 'done';
  if (roll < 68) return 'long';
  if (roll < 72) return 'empty';
  if (roll < 78) return 'fails';
  if (roll < 84) return 'throws';
  if (roll < 88) return 'nothing';
  if (roll < 95) return 'hangs';
  return 'late';
}

/** Does its Tasks in this process: they die with it. */
export function simulatedWorker(place: WorkPlace, runtime: Runtime): Worker {
  return {
    name: 'here',
    capabilities: {
      session: 'none',
      resume: 'transcript',
      reattach: false,
      steer: false,
      abort: 'cooperative',
      idempotentPrompt: false,
      asks: ['permission', 'question'],
      exclusiveDirectory: false,
    },
    ensureSession: async () => ({
      resumeToken: null,
      prompt: async (task, io) => {
        place.begun(task.id);
        return await doWork({ place, runtime, task, io });
      },
      close: async () => undefined,
    }),
    dispose: async () => undefined,
  };
}

/** A service elsewhere: its jobs go on when we die and can be watched again. */
export function simulatedService(
  place: WorkPlace,
  jobs: Map<string, number>,
  runtime: Runtime,
): Worker {
  return {
    name: 'elsewhere',
    capabilities: {
      session: 'durable',
      resume: 'native',
      reattach: true,
      steer: false,
      abort: 'cooperative',
      idempotentPrompt: true,
      asks: [],
      exclusiveDirectory: false,
    },
    ensureSession: async ({ resume }) => watching(place, jobs, { runtime, resume }),
    dispose: async () => undefined,
  };
}

function watching(
  place: WorkPlace,
  jobs: Map<string, number>,
  of: { runtime: Runtime; resume: WorkerSession['resumeToken'] | undefined },
): WorkerSession {
  const watch = async (task: TaskInput, io: TaskIO): Promise<TaskResult> => {
    const endsAtMs = jobs.get(task.id);
    if (endsAtMs === undefined) throw new Error('no such job');
    await of.runtime.sleep(Math.max(0, endsAtMs - place.runtime.monoMs()), io.signal);
    if (io.signal.aborted) return { status: 'cancelled', text: '', reason: 'aborted' };
    return { status: 'completed', text: `${task.text} is done elsewhere.` };
  };
  return {
    resumeToken: of.resume ?? { v: 1, worker: 'elsewhere', data: jobs.size },
    prompt: async (task, io) => {
      place.begun(task.id);
      const chance = createChance(hashOf(`${place.seed} ${task.text} ${task.attempt}`));
      const takesMs = chance.below(place.healed() ? 3_000 : pick(chance, [2_000, 60_000, 900_000]));
      jobs.set(task.id, place.runtime.monoMs() + takesMs);
      return await watch(task, io);
    },
    attach: watch,
    close: async () => undefined,
  };
}

interface Doing {
  readonly place: WorkPlace;
  readonly runtime: Runtime;
  readonly task: TaskInput;
  readonly io: TaskIO;
}

async function doWork(doing: Doing): Promise<TaskResult> {
  const { place, runtime, task, io } = doing;
  const course = courseOf(place, task);
  if (course.ignoresAbort) place.count('worker ignores aborts');
  const over = (): boolean => io.signal.aborted && !course.ignoresAbort;
  const rest = (ms: number): Promise<void> =>
    runtime.sleep(ms, course.ignoresAbort ? undefined : io.signal);
  if (course.words > 100) {
    place.count('worker talks too much');
    for (let word = 0; word < course.words; word += 1) say(io, `word ${word}`, word);
  }
  for (let word = 0; word < Math.min(course.words, 5) && !over(); word += 1) {
    await rest(course.stepMs);
    say(io, `${task.text}: step ${word}`, word);
  }
  if (course.asks && !over()) {
    const options = [
      { id: 'y', label: 'Yes' },
      { id: 'n', label: 'No', refuses: true },
    ];
    const reply = await io.ask({
      kind: 'question',
      text: `${task.text}?`,
      options,
      freeText: true,
    });
    io.emit({ kind: 'progress', message: `answered: ${reply.outcome}` });
  }
  await rest(course.stepMs);
  if (over()) return { status: 'cancelled', text: '', reason: 'aborted' };
  return await endWork(doing, course);
}

function say(io: TaskIO, words: string, n: number): void {
  io.emit({ kind: 'progress', message: words });
  io.emit({ kind: 'text', partId: 'answer', delta: `${words}. ` });
  if (n % 2 === 0)
    io.emit({ kind: 'tool_call', call: { id: `t${n}`, name: 'look', status: 'in_progress' } });
}

async function endWork({ place, runtime, task, io }: Doing, course: Course): Promise<TaskResult> {
  switch (course.end) {
    case 'done':
      return { status: 'completed', text: `${task.text} is done.` };
    case 'long':
      return { status: 'completed', text: `${task.text}\n\n${long}` };
    case 'empty':
      return { status: 'completed', text: '' };
    case 'fails':
      place.count('worker fails');
      return { status: 'failed', text: '', reason: 'worker_failed' };
    case 'throws':
      place.count('worker throws');
      throw new Error(`${task.text} broke`);
    case 'nothing':
      place.count('worker returns nothing');
      return undefined as unknown as TaskResult;
    case 'hangs':
      place.count('worker hangs');
      return await new Promise(() => undefined);
    case 'late':
      place.count('worker is late');
      await runtime.sleep(600_000);
      io.emit({ kind: 'progress', message: 'talking after the end' });
      return { status: 'completed', text: `${task.text} is done late.` };
  }
}

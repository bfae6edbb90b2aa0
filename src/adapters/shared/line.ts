import type { Runtime } from '../../contracts/runtime.ts';

/** Before what could not be stored is tried again. */
const firstMs = 500;
const lastMs = 5_000;
/** What cannot be stored for so long, although the store writes, keeps nothing back any more. */
const keptMs = 60_000;
/** What waits in all lines together. */
const waitingMax = 1_000;

/** `taken`: all is stored, or is nothing for the relay. `refused`: it is not stored yet, and must come again. */
export type Taken = 'taken' | 'refused';

interface LineParts<T> {
  readonly runtime: Runtime;
  readonly stopping: AbortSignal;
  /** Whether it is stored now. `behind`: what came after it. Never rejects. */
  store(item: T, behind: () => readonly T[]): Promise<boolean>;
  canWrite(): Promise<boolean>;
  /** It is left out: it alone cannot be stored. */
  leftOut(item: T): void;
}

interface Waiting<T> {
  readonly id: string;
  readonly item: T;
  readonly answers: ((taken: Taken) => void)[];
}

interface Line<T> {
  readonly waiting: Waiting<T>[];
  /** Ends the pause before the next try. */
  hurry: AbortController;
}

/**
 * What comes, in one line per conversation: nothing is stored before what came earlier is. While the store cannot write
 * the first of a line is tried again and again, and whoever brought something is told that it must come again.
 */
export class Lines<T> {
  readonly #parts: LineParts<T>;
  readonly #lines = new Map<string, Line<T>>();
  #count = 0;

  constructor(parts: LineParts<T>) {
    this.#parts = parts;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Of what waits already by that id it is the same. Undefined when too much waits: it is not kept. */
  enter(conversation: string, id: string, item: T): Promise<Taken> | undefined {
    const known = this.#lines.get(conversation);
    const line = known ?? { waiting: [], hurry: new AbortController() };
    const same = line.waiting.find((one) => one.id === id);
    if (same === undefined && this.#count >= waitingMax) return undefined;
    const at = same ?? { id, item, answers: [] };
    const answer = new Promise<Taken>((resolve) => at.answers.push(resolve));
    if (same === undefined) {
      line.waiting.push(at);
      this.#count += 1;
    }
    line.hurry.abort('hurry');
    if (known === undefined) {
      this.#lines.set(conversation, line);
      void this.#work(conversation, line);
    }
    return answer;
  }

  async #work(conversation: string, line: Line<T>): Promise<void> {
    for (let [first] = line.waiting; first !== undefined; [first] = line.waiting) {
      const taken = await this.#insist(line, first);
      line.waiting.shift();
      this.#count -= 1;
      answer(first, taken);
    }
    this.#lines.delete(conversation);
  }

  async #insist(line: Line<T>, first: Waiting<T>): Promise<Taken> {
    const { runtime, stopping, store, canWrite, leftOut } = this.#parts;
    const sinceMs = runtime.monoMs();
    const behind = (): readonly T[] => line.waiting.slice(1).map(({ item }) => item);
    for (let waitMs = firstMs; !stopping.aborted; waitMs = Math.min(waitMs * 2, lastMs)) {
      line.hurry = new AbortController();
      if (await store(first.item, behind)) return 'taken';
      for (const one of line.waiting) answer(one, 'refused');
      if (runtime.monoMs() - sinceMs > keptMs && (await canWrite())) {
        leftOut(first.item);
        break;
      }
      await runtime.sleep(waitMs, AbortSignal.any([line.hurry.signal, stopping]));
    }
    return 'refused';
  }
}

function answer<T>({ answers }: Waiting<T>, taken: Taken): void {
  for (const tell of answers.splice(0)) tell(taken);
}

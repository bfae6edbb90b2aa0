const plansMax = 1_000;

interface Plan<F> {
  readonly method: string;
  readonly fault: F;
  readonly place: string | undefined;
  left: number;
  hits: number;
  readonly spend: () => void;
}

/** A fault that waits for its requests. */
interface Planned {
  readonly hits: number;
  readonly spent: Promise<void>;
  cancel(): void;
}

/** The faults of a fake that wait for their requests, in the order in which they were planned. */
export class Faults<F extends { readonly kind: string }> {
  readonly #spared: ReadonlySet<string>;
  #plans: Plan<F>[] = [];

  /** A fault for all methods (`*`) leaves the spared ones alone: an app that cannot start is a test of its own. */
  constructor(spared: readonly string[]) {
    this.#spared = new Set(spared.map((method) => method.toLowerCase()));
  }

  /** `place`: only requests to that channel or chat. */
  plan(
    method: string,
    fault: F,
    {
      times = 1,
      place,
    }: { readonly times?: number | undefined; readonly place?: string | undefined },
  ): Planned {
    if (!(times >= 1)) throw new RangeError(`fault: times must be 1 or more, got ${times}`);
    if (this.#plans.length >= plansMax) throw new Error(`more than ${plansMax} faults are planned`);
    let spend = (): void => undefined;
    const spent = new Promise<void>((resolve) => {
      spend = resolve;
    });
    const plan: Plan<F> = {
      method: method.toLowerCase(),
      fault,
      place,
      left: times,
      hits: 0,
      spend,
    };
    this.#plans.push(plan);
    return {
      get hits() {
        return plan.hits;
      },
      spent,
      cancel: () => {
        this.#plans = this.#plans.filter((other) => other !== plan);
      },
    };
  }

  /**
   * The fault that this request meets, used up by one. A refused connection is met before the server, by the fake's
   * `fetch` alone: whoever asks says on which side it stands.
   */
  take(method: string, place: unknown, side: 'client' | 'server'): F | undefined {
    const plan = this.#plans.find((one) => this.#meets(one, method.toLowerCase(), place));
    if (plan === undefined) return undefined;
    if ((plan.fault.kind === 'refused') !== (side === 'client')) return undefined;
    plan.hits += 1;
    plan.left -= 1;
    if (plan.left <= 0) {
      this.#plans = this.#plans.filter((other) => other !== plan);
      plan.spend();
    }
    return plan.fault;
  }

  clear(): void {
    this.#plans = [];
  }

  #meets(plan: Plan<F>, method: string, place: unknown): boolean {
    const named = plan.method === '*' ? !this.#spared.has(method) : plan.method === method;
    return named && (plan.place === undefined || plan.place === String(place));
  }
}

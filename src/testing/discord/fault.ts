import type { DiscordFault, DiscordFaultOptions, DiscordPlannedFault } from './shape-server.ts';

const plansMax = 1_000;
/** A fault for all routes leaves this one alone: an app that cannot start is a test of its own. */
const spared = 'GET /gateway/bot';

interface Plan {
  readonly route: string;
  readonly fault: DiscordFault;
  readonly channelId: string | undefined;
  left: number;
  hits: number;
  readonly spend: () => void;
}

/** The faults that wait for their requests, in the order in which they were planned. */
export class Faults {
  #plans: Plan[] = [];

  plan(route: string, fault: DiscordFault, options: DiscordFaultOptions): DiscordPlannedFault {
    const times = options.times ?? 1;
    if (!(times >= 1)) throw new RangeError(`fault: times must be 1 or more, got ${times}`);
    if (this.#plans.length >= plansMax) throw new Error(`more than ${plansMax} faults are planned`);
    let spend = (): void => undefined;
    const spent = new Promise<void>((resolve) => {
      spend = resolve;
    });
    const channelId = options.channel?.id;
    const plan: Plan = { route, fault, channelId, left: times, hits: 0, spend };
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
   * The fault that this request meets, used up by one. A refused connection is met before the server, by `discord.fetch`
   * alone: whoever asks says on which side it stands.
   */
  take(route: string, channel: unknown, side: 'client' | 'server'): DiscordFault | undefined {
    const plan = this.#plans.find((one) => meets(one, route, channel));
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
}

function meets(plan: Plan, route: string, channel: unknown): boolean {
  const named = plan.route === '*' ? route !== spared : plan.route === route;
  return named && (plan.channelId === undefined || plan.channelId === channel);
}

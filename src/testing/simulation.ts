import type { Plan, PlanOptions } from './simulation-plan.ts';
import { planOf } from './simulation-plan.ts';
import { type Figures, World, type WorldOptions } from './simulation-world.ts';

export type {
  Act,
  PlanOptions,
  SimulatedPlatform,
  SimulatedSettings,
  Step,
  Weather,
} from './simulation-plan.ts';
export type { Figures, Plan, WorldOptions };

export interface SimulationOptions extends PlanOptions, WorldOptions {
  readonly seed: number;
}

/** What came of one run. */
export interface SimulationResult {
  readonly plan: Plan;
  /** Which invariants broke, and when; empty: all held after every step, and everything came to rest. */
  readonly broken: readonly string[];
  /** All that happened, line by line; the same seed gives the same lines. */
  readonly log: readonly string[];
  readonly figures: Figures;
}

/**
 * Lives through one seed: the real core on the real SQL in memory, on virtual time, with a platform, workers, a disk
 * and a clock that fail by chance and processes that die at any call. After every step all invariants are judged. Then
 * the faults end, and everything must come to rest. Never rejects for what it found: see `broken`.
 */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  return await simulatePlan(planOf(options.seed, options), options);
}

/** The same for a plan that was made shorter. */
export async function simulatePlan(
  plan: Plan,
  options: WorldOptions = {},
): Promise<SimulationResult> {
  const world = new World(plan, options);
  try {
    await world.run();
  } catch (error) {
    world.complain(`the simulation itself failed: ${String((error as Error)?.stack ?? error)}`);
  }
  const { broken, log, figures } = world.end();
  return { plan, broken, log, figures };
}

/**
 * Takes steps out of a plan as long as it still breaks the same rule: what is left is the shortest story of the fault
 * that was found in `runsMax` runs.
 */
export async function shrink(
  result: SimulationResult,
  options: WorldOptions & { readonly runsMax?: number } = {},
): Promise<SimulationResult> {
  const rule = ruleOf(result);
  if (rule === undefined) return result;
  let best = result;
  let runs = options.runsMax ?? 200;
  for (let size = Math.ceil(best.plan.steps.length / 2); size >= 1; ) {
    let shorter: SimulationResult | undefined;
    for (let at = 0; at < best.plan.steps.length && runs > 0 && shorter === undefined; at += size) {
      const steps = best.plan.steps.filter((_, n) => n < at || n >= at + size);
      runs -= 1;
      const tried = await simulatePlan({ ...best.plan, steps }, options);
      if (ruleOf(tried) === rule) shorter = tried;
    }
    if (shorter !== undefined) best = shorter;
    else if (size === 1) break;
    else size = Math.ceil(size / 2);
    if (runs <= 0) break;
  }
  return best;
}

/** What the first complaint is about, without the names in it. */
function ruleOf({ broken }: SimulationResult): string | undefined {
  return broken[0]
    ?.replace(/^\S+ \S+ /, '')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
    .replace(/\d+/g, 'n');
}

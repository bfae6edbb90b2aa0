import { ContractError } from '../../contracts/error.ts';
import type { Script } from '../../contracts/store.ts';

/** A port with its scripts as plain functions: what a synchronous driver implements. */
export type Now<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (...args: infer Args) => Script<infer Result>
    ? (...args: Args) => Result
    : Port[Name];
};

/** On a synchronous driver nothing is ever waited for. */
function* script<Args extends readonly unknown[], Result>(
  work: (...args: Args) => Result,
  args: Args,
): Script<Result> {
  return work(...args);
}

/** Makes each function a script that does its work when it is iterated. */
export function asScripts<Port>(now: Now<Port>): Port {
  const port: Record<string, unknown> = {};
  for (const [name, work] of Object.entries(
    now as Record<string, (...args: unknown[]) => unknown>,
  )) {
    port[name] = (...args: unknown[]) => script(work, args);
  }
  return port as Port;
}

/** Runs a script to its end. It can yield only what a store's own reads yield, and these never do. */
export function runScript<Result>(name: string, running: Script<Result>): Result {
  const step = running.next();
  if (step.done === true) return step.value;
  throw new ContractError(
    'yielded',
    `script ${name} yielded: only a store's own reads may be waited for in one`,
    { ids: { script: name } },
  );
}

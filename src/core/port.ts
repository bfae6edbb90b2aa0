import type { Core } from './core.ts';
import { limit } from './limit.ts';

export type PortAnswer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  /** It threw, or took longer than it may: names port and call. */
  | { readonly kind: 'failed'; readonly cause: string; readonly error?: unknown };

/** Calls through a port: one time limit for the whole call and a signal. What ignores the signal is left behind, never awaited. */
export async function callPort<T>(
  core: Pick<Core, 'runtime'>,
  call: { readonly name: string; readonly limitMs: number },
  run: (signal: AbortSignal) => Promise<T>,
): Promise<PortAnswer<T>> {
  const abort = new AbortController();
  const over = new AbortController();
  const late = async (): Promise<PortAnswer<T>> => {
    await core.runtime.sleep(call.limitMs, over.signal);
    // Answered: nobody looks at this side of the race any more.
    if (over.signal.aborted) return { kind: 'failed', cause: 'answered' };
    abort.abort(new Error(`${call.name} took longer than ${call.limitMs} ms`));
    await core.runtime.sleep(limit.portGraceMs, over.signal);
    return { kind: 'failed', cause: `${call.name} gave no answer within ${call.limitMs} ms` };
  };
  const answered = async (): Promise<PortAnswer<T>> => {
    try {
      return { kind: 'answered', value: await run(abort.signal) };
    } catch (error) {
      const cause = `${call.name} threw: ${errorText(error)}`.slice(0, limit.errorChars);
      return { kind: 'failed', cause, error };
    } finally {
      // With a reason: without one an exception with its stack is made, at every call.
      over.abort('answered');
    }
  };
  return await Promise.race([answered(), late()]);
}

/** An error in words, its causes included; bounded. */
export function errorText(error: unknown): string {
  const words: string[] = [];
  for (let at = error, depth = 0; at !== undefined && depth < 4; depth++) {
    words.push(at instanceof Error ? `${at.name}: ${at.message}` : String(at));
    at = at instanceof Error ? at.cause : undefined;
  }
  return words.join(' ← ').slice(0, limit.errorChars);
}

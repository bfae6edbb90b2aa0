import type { Log } from '../log.ts';
import type { Assembly } from './assemble.ts';
import { type CliContext, type ExitCode, exitDone, exitFailed } from './context.ts';

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof exitCodes;
const signals = Object.keys(exitCodes) as readonly Signal[];

/** `npm start` hands on the Ctrl+C that the terminal has sent us already: two within this time are one. */
const echoMs = 250;
/** What is not stopped so long after a second signal or a crash is left behind. */
const hurryMs = 5_000;
/** The relay bounds its own drain (`drainMs`, at most an hour); this is for what is closed after it. */
const drainMs = 3_600_000 + hurryMs;

export interface ProcessWatch {
  /** Resolves with the exit code when a signal or a crash has ended the assembly. */
  stopped(assembly: Assembly): Promise<ExitCode>;
  /** Resolves when nothing may be waited for any longer. */
  readonly abandoned: Promise<ExitCode>;
  /** Stops listening. */
  end(): void;
}

/**
 * Hears what should end the process. The first signal drains and exits 0, a second one is immediate and exits
 * 128 + its number. An error that nobody caught is logged, stops at once and exits 1. A first signal during the
 * start waits for its end; a second one does not.
 */
export function watchProcess(events: CliContext['process'], log: Log): ProcessWatch {
  let assembly: Assembly | undefined;
  let code: ExitCode | undefined;
  let timer: NodeJS.Timeout | undefined;
  let interruptedAtMs = Number.NEGATIVE_INFINITY;
  const abandoned = openPromise();
  const stopped = openPromise();

  const stop = async (now: boolean): Promise<void> => {
    clearTimeout(timer);
    timer = setTimeout(() => abandoned.resolve(code || exitFailed), now ? hurryMs : drainMs);
    if (assembly === undefined) {
      if (now) abandoned.resolve(code ?? exitFailed);
      return;
    }
    const failures = await assembly.stop(now);
    for (const failure of failures) log('error', 'could not be closed', { failure });
    stopped.resolve(code || (failures.length > 0 ? exitFailed : exitDone));
  };
  const onSignal = (signal: Signal): void => {
    const nowMs = performance.now();
    if (signal === 'SIGINT' && nowMs - interruptedAtMs < echoMs) return;
    if (signal === 'SIGINT') interruptedAtMs = nowMs;
    const again = code !== undefined;
    code = again ? code || exitCodes[signal] : exitDone;
    log('info', again ? 'stopping at once' : 'stopping: open work gets its time', { signal });
    void stop(again);
  };
  const onCrash = (error: unknown): void => {
    code = exitFailed;
    log('error', 'an error that nobody caught: stopping', { error });
    void stop(true);
  };

  for (const signal of signals) events.on(signal, onSignal);
  for (const crash of ['uncaughtException', 'unhandledRejection']) events.on(crash, onCrash);
  return {
    abandoned: abandoned.promise,
    stopped: (given) => {
      assembly = given;
      if (code !== undefined) void stop(false);
      return stopped.promise;
    },
    end: () => {
      clearTimeout(timer);
      for (const signal of signals) events.off(signal, onSignal);
      for (const crash of ['uncaughtException', 'unhandledRejection']) events.off(crash, onCrash);
    },
  };
}

interface OpenPromise {
  readonly promise: Promise<ExitCode>;
  readonly resolve: (code: ExitCode) => void;
}

function openPromise(): OpenPromise {
  let resolve: OpenPromise['resolve'] = () => {};
  const promise = new Promise<ExitCode>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

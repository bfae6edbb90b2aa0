const timeoutDefaultMs = 5_000;
const shownMax = 20;

/** What a fake tells of: its messages as they are sent and change, until it is stopped. */
interface World<M> {
  readonly over: AbortController;
  listen(listener: (message: M | undefined) => void): () => void;
}

interface Wait {
  readonly timeoutMs: number | undefined;
  /** For the error. */
  readonly shown: () => readonly string[];
}

/** The next message of the bot, sent, appended to or edited, that fits. */
export function waitForMessage<M extends object>(
  world: World<M>,
  wait: Wait & { readonly fits: (message: M) => boolean },
): Promise<M> {
  return waitFor(world, wait, (settle) =>
    world.listen((message) => {
      settle(() => (message !== undefined && wait.fits(message) ? message : undefined));
    }),
  );
}

/** Waits until `find` finds something; asked at once, and whenever something happens. */
export function waitUntil<T>(
  world: World<object>,
  wait: Wait,
  find: () => T | undefined,
): Promise<T> {
  return waitFor(world, wait, (settle) => {
    queueMicrotask(() => settle(find));
    return world.listen(() => settle(find));
  });
}

type Settle<T> = (find: () => T | undefined) => void;

/** Waits on the real clock for what `listen` brings; ends with the world. */
export function waitFor<T>(
  world: Pick<World<object>, 'over'>,
  { timeoutMs = timeoutDefaultMs, shown }: Wait,
  listen: (settle: Settle<T>) => () => void,
): Promise<T> {
  const { signal } = world.over;
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stopped);
      unlisten();
    };
    const fail = (why: string): void => {
      end();
      reject(new Error(`${why}; shown is: ${list(shown())}`));
    };
    const stopped = (): void => fail('the server was stopped before it came');
    const timer = setTimeout(() => fail(`not so within ${timeoutMs} ms`), timeoutMs);
    const unlisten = listen((find) => {
      try {
        const found = find();
        if (found === undefined) return;
        end();
        resolve(found);
      } catch (error) {
        end();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    signal.addEventListener('abort', stopped, { once: true });
    if (signal.aborted) stopped();
  });
}

function list(texts: readonly string[]): string {
  if (texts.length === 0) return 'nothing';
  return texts
    .slice(-shownMax)
    .map((text) => JSON.stringify(text.slice(0, 200)))
    .join(', ');
}

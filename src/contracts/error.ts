type Ids = Readonly<Record<string, string | number>>;

/** What every error of ours carries: a code to switch on, the ids concerned, the cause. Never a token or a message's text. */
abstract class ReadbackError extends Error {
  readonly code: string;
  readonly ids: Ids;
  constructor(code: string, message: string, options: { ids?: Ids; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.ids = options.ids ?? {};
    this.name = new.target.name;
  }
}

/** The program was set up wrongly: the message names path, value and what is allowed. */
export class ConfigError extends ReadbackError {}

/** A caller, an adapter or a worker broke the rules of a port. */
export class ContractError extends ReadbackError {}

/** The store could not do what was asked, or holds something that cannot be read. */
export class StoreError extends ReadbackError {}

/** A worker could not start or continue. `retryable` says whether the same input may work later. */
export class WorkerError extends ReadbackError {
  readonly retryable: boolean;
  constructor(
    code: 'unavailable' | 'session_lost' | 'busy' | 'bad_config' | 'aborted',
    message: string,
    options: { retryable?: boolean; ids?: Ids; cause?: unknown } = {},
  ) {
    super(code, message, options);
    this.retryable = options.retryable ?? false;
  }
}

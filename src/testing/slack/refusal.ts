/** An answer `ok: false` of the Web API, which comes with status 200. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(error: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(error);
    this.extra = extra;
  }
}

/** 429 with `Retry-After`. */
export class TooMany extends Error {
  override readonly name = 'TooMany';
  readonly retryAfterS: number;

  constructor(retryAfterMs: number) {
    super('ratelimited');
    this.retryAfterS = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  }
}

/** What Slack says of an argument that it cannot take. */
export function invalidArguments(what: string): Refusal {
  return new Refusal('invalid_arguments', {
    response_metadata: { messages: [`[ERROR] ${what}`] },
  });
}

/** An answer `ok: false` of the Bot API. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly parameters: Readonly<Record<string, unknown>> | undefined;

  constructor(code: number, description: string, parameters?: Readonly<Record<string, unknown>>) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

export const badRequest = (what: string): Refusal => new Refusal(400, `Bad Request: ${what}`);
export const forbidden = (what: string): Refusal => new Refusal(403, `Forbidden: ${what}`);
export const conflict = (what: string): Refusal => new Refusal(409, `Conflict: ${what}`);

export function tooMany(retryAfterS: number): Refusal {
  const seconds = Math.max(1, Math.ceil(retryAfterS));
  return new Refusal(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
}

/** Status and words of Discord's JSON error codes, as far as a bot that sends and reads can meet them. */
const codes: Readonly<Record<number, readonly [status: number, message: string]>> = {
  0: [401, '401: Unauthorized'],
  10003: [404, 'Unknown Channel'],
  10004: [404, 'Unknown Guild'],
  10007: [404, 'Unknown Member'],
  10008: [404, 'Unknown Message'],
  10013: [404, 'Unknown User'],
  10014: [400, 'Unknown Emoji'],
  10015: [404, 'Unknown Webhook'],
  10062: [404, 'Unknown interaction'],
  10063: [404, 'Unknown application command'],
  20009: [400, 'Explicit content cannot be sent to the desired recipient(s)'],
  20012: [403, 'You are not authorized to perform this action on this application'],
  20016: [429, 'This action cannot be performed due to slowmode rate limit.'],
  20022: [429, 'This message cannot be edited due to announcement rate limits'],
  20028: [429, 'The write action you are performing on the channel has hit the write rate limit.'],
  20029: [429, 'The write action you are performing on the server has hit the write rate limit'],
  30007: [400, 'Maximum number of webhooks reached (15)'],
  30010: [400, 'Maximum number of reactions reached (20)'],
  30015: [400, 'Maximum number of attachments in a message reached (10)'],
  30032: [400, 'Maximum number of application commands reached (100).'],
  30046: [429, 'Maximum number of edits to messages older than 1 hour reached. Try again later'],
  40001: [401, 'Unauthorized. Provide a valid token and try again'],
  40002: [403, 'You need to verify your account in order to perform this action'],
  40003: [429, 'You are opening direct messages too fast'],
  40004: [403, 'Send messages has been temporarily disabled'],
  40005: [413, 'Request entity too large'],
  40006: [403, 'This feature has been temporarily disabled server-side'],
  40007: [403, 'The user is banned from this guild'],
  40041: [400, 'An application command with that name already exists'],
  40058: [400, 'Cannot send messages in a forum channel'],
  40060: [400, 'Interaction has already been acknowledged.'],
  40062: [429, 'Service resource is being rate limited.'],
  40067: [400, 'A tag is required to create a forum post in this channel'],
  40094: [400, 'This interaction has hit the maximum number of follow up messages'],
  50001: [403, 'Missing Access'],
  50003: [403, 'Cannot execute action on a DM channel'],
  50005: [403, 'Cannot edit a message authored by another user'],
  50006: [400, 'Cannot send an empty message'],
  50007: [403, 'Cannot send messages to this user'],
  50008: [400, 'Cannot send messages in a non-text channel'],
  50009: [403, 'Channel verification level is too high for you to gain access'],
  50013: [403, 'Missing Permissions'],
  50014: [401, 'Invalid authentication token provided'],
  50021: [403, 'Cannot execute action on a system message'],
  50024: [400, 'Cannot execute action on this channel type'],
  50027: [401, 'Invalid Webhook Token'],
  50033: [400, 'Invalid Recipient(s)'],
  50035: [400, 'Invalid Form Body'],
  50041: [400, 'Invalid API version'],
  50045: [400, 'File uploaded exceeds the maximum size'],
  50068: [400, 'Invalid message type'],
  50083: [400, 'Thread is archived'],
  50109: [400, 'The request body contains invalid JSON.'],
  50278: [403, 'Cannot send messages to this user due to having no mutual guilds'],
  130000: [503, 'API resource is currently overloaded. Try again a little later'],
  160002: [400, 'Cannot reply without permission to read message history'],
  160004: [400, 'A thread has already been created for this message'],
  160005: [403, 'Thread is locked'],
  160006: [400, 'Maximum number of active threads reached'],
  200000: [400, 'Message was blocked by automatic moderation'],
  200001: [400, 'Title was blocked by automatic moderation'],
};

interface RefusalExtra {
  readonly status?: number | undefined;
  readonly message?: string | undefined;
  /** For codes that come with 429. */
  readonly retryAfterS?: number | undefined;
  readonly errors?: Readonly<Record<string, unknown>>;
}

/** An answer of 4xx or 5xx with Discord's JSON error code. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly status: number;
  readonly retryAfterS: number | undefined;
  readonly errors: Readonly<Record<string, unknown>> | undefined;

  constructor(code: number, extra: RefusalExtra = {}) {
    const [status, message] = codes[code] ?? [400, `Error ${code}`];
    super(extra.message ?? message);
    this.code = code;
    this.status = extra.status ?? status;
    this.retryAfterS = extra.retryAfterS ?? (this.status === 429 ? 1 : undefined);
    this.errors = extra.errors;
  }
}

/** What Discord says of one field of a body: `invalid('embeds.0.title', 'BASE_TYPE_MAX_LENGTH', 'Must be …')`. */
export function invalid(path: string, code: string, message: string): Refusal {
  const leaf: Record<string, unknown> = { _errors: [{ code, message }] };
  const errors = path
    .split('.')
    .toReversed()
    .reduce<Record<string, unknown>>((inner, name) => ({ [name]: inner }), leaf);
  return new Refusal(50_035, { errors });
}

export function tooLong(path: string, max: number): Refusal {
  return invalid(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${max} or fewer in length.`);
}

export function required(path: string): Refusal {
  return invalid(path, 'BASE_TYPE_REQUIRED', 'This field is required');
}

/** What stands where a secret stood. */
export const redacted = '[redacted]';

/** Shortest secret that is looked for inside other text: shorter ones would blot out ordinary words. */
export const secretLengthMin = 6;
const depthMax = 8;
const nodesMax = 2_000;

const secretWords = new Set(
  'authorization cookie cookies token tokens secret secrets password passwords passwd passphrase credential credentials jwt bearer apikey privatekey'.split(
    ' ',
  ),
);
const secretEndings = new Set(['key', 'keys', 'pat', 'dsn', 'signature']);
/** Names that end like a secret's and are data of ours. */
const plainNames = new Set([
  'channel_key',
  'account_key',
  'idempotency_key',
  'input_tokens',
  'output_tokens',
]);

/** Whether a name says that what it holds is secret: `token`, `botToken`, `API_KEY`, `set-cookie`, `clientSecret`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  if (plainNames.has(words.join('_'))) return false;
  return words.some((word) => secretWords.has(word)) || secretEndings.has(words.at(-1) ?? '');
}

const tokenShapes: readonly RegExp[] = [
  // a signed token (JWS): three base64url parts
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g,
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
  /(?<=[?&](?:token|key|secret|signature|access_token|api_key)=)[^&\s#"']+/gi,
  // user and password in an address
  /(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/:@]{1,200}:[^\s/@]{1,200}(?=@)/gi,
];

/** Takes secrets out of a text. */
export type Scrub = (text: string) => string;

/** Makes a Scrub for these secrets: also as JSON, in an address and in base64, and for all that looks like a token. */
export function createScrub(secrets: Iterable<string>): Scrub {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < secretLengthMin) continue;
    forms.add(secret);
    forms.add(JSON.stringify(secret).slice(1, -1));
    forms.add(encodeURIComponent(secret.replace(/\p{Surrogate}/gu, '\uFFFD')));
    forms.add(Buffer.from(secret).toString('base64'));
    forms.add(Buffer.from(secret).toString('base64url'));
  }
  // the longest first: a secret may hold another
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const form of ordered) if (clean.includes(form)) clean = clean.split(form).join(redacted);
    for (const shape of tokenShapes) clean = clean.replace(shape, redacted);
    return clean;
  };
}

/**
 * A copy of `value` as plain data that may be written: what stands under a secret-like name is replaced, every text
 * is scrubbed, errors become data with their causes. Bounded in depth and size; cycles end.
 */
export function redact(value: unknown, scrub: Scrub): unknown {
  return copy(value, { scrub, above: [], budget: { nodes: nodesMax } });
}

interface Walk {
  readonly scrub: Scrub;
  readonly above: readonly object[];
  readonly budget: { nodes: number };
}

function copy(value: unknown, walk: Walk): unknown {
  walk.budget.nodes -= 1;
  switch (typeof value) {
    case 'string':
      return walk.scrub(value);
    case 'number':
    case 'bigint': {
      const text = String(value);
      return walk.scrub(text) === text ? (typeof value === 'number' ? value : text) : redacted;
    }
    case 'object':
      return value === null ? null : copyObject(value, walk);
    case 'function':
    case 'symbol':
      return `(${typeof value})`;
    default:
      return value;
  }
}

function copyObject(value: object, walk: Walk): unknown {
  if (walk.above.includes(value)) return '(again)';
  if (walk.above.length >= depthMax || walk.budget.nodes <= 0) return '(more)';
  const inner: Walk = { ...walk, above: [...walk.above, value] };
  if (value instanceof Error) return copyError(value, inner);
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL || value instanceof RegExp) return walk.scrub(value.toString());
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return `(${value.byteLength} bytes)`;
  if (value instanceof Map)
    return copyEntries(
      [...value].map(([name, item]) => [String(name), item]),
      inner,
    );
  if (Array.isArray(value) || value instanceof Set) return copyItems([...value], inner);
  return copyEntries(Object.entries(value), inner);
}

function copyItems(items: readonly unknown[], walk: Walk): unknown[] {
  const kept: unknown[] = [];
  for (const item of items) {
    if (walk.budget.nodes <= 0) return [...kept, `(and ${items.length - kept.length} more)`];
    kept.push(copy(item, walk));
  }
  return kept;
}

function copyEntries(
  entries: readonly (readonly [string, unknown])[],
  walk: Walk,
): Record<string, unknown> {
  const kept = new Map<string, unknown>();
  for (const [name, value] of entries) {
    if (walk.budget.nodes <= 0) {
      kept.set('…', `(and ${entries.length - kept.size} more)`);
      break;
    }
    const harmless = value === undefined || value === null || typeof value === 'boolean';
    kept.set(walk.scrub(name), isSecretName(name) && !harmless ? redacted : copy(value, walk));
  }
  return Object.fromEntries(kept);
}

function copyError(error: Error, walk: Walk): Record<string, unknown> {
  const kept = copyEntries(Object.entries(error), walk);
  kept['name'] = walk.scrub(String(error.name));
  kept['message'] = walk.scrub(String(error.message));
  if (typeof error.stack === 'string') kept['stack'] = walk.scrub(error.stack);
  if (error.cause !== undefined) kept['cause'] = copy(error.cause, walk);
  if (error instanceof AggregateError) kept['errors'] = copyItems(error.errors, walk);
  return kept;
}

/** The texts that stand under secret-like names in settings or an environment; looks into plain objects and lists only. */
export function collectSecrets(...sources: readonly unknown[]): string[] {
  const found = new Set<string>();
  const seen = new Set<object>();
  const visit = (value: unknown, secret: boolean): void => {
    if (typeof value === 'string') {
      if (secret && value.length >= secretLengthMin) found.add(value);
      return;
    }
    if (typeof value !== 'object' || value === null || seen.has(value) || seen.size >= nodesMax)
      return;
    if (!Array.isArray(value) && !isPlain(value)) return;
    seen.add(value);
    for (const [name, inner] of Object.entries(value)) visit(inner, secret || isSecretName(name));
  };
  for (const source of sources) visit(source, false);
  return [...found];
}

function isPlain(value: object): boolean {
  const proto: unknown = Object.getPrototypeOf(value);
  // an environment handed to us by Node is not a plain object by its prototype
  return proto === Object.prototype || proto === null || value === process.env;
}

import type { z } from 'zod';

const gotMax = 120;

/** One problem of a configuration in a line: path, what is wrong, what came and what is allowed. Shows no token. */
export function problemText(
  issue: z.core.$ZodIssue | undefined,
  input: unknown,
  names: readonly string[],
): string {
  const { path, message, allowed, got } = problemOf(issue, input, names);
  return `${path || 'the options'}: ${message}; got ${got}, allowed: ${allowed}`;
}

interface Problem {
  readonly path: string;
  readonly message: string;
  readonly allowed: string;
  readonly got: string;
}

function problemOf(
  issue: z.core.$ZodIssue | undefined,
  input: unknown,
  names: readonly string[],
): Problem {
  if (issue === undefined)
    return { path: '', message: 'not valid', allowed: '', got: kindOf(input) };
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0] ?? ''];
    const allowed =
      issue.path.length === 0
        ? names.join(', ')
        : `only what the documentation of ${pathText(issue.path)} names`;
    const got = kindOf(valueAt(input, path));
    return { path: pathText(path), message: 'unknown field', allowed, got };
  }
  const deeper = innerOf(issue, input);
  if (deeper !== undefined) return problemOf(deeper, input, names);
  const path = pathText(issue.path);
  const got = shown(path, valueAt(input, issue.path));
  return { path, message: issue.message, allowed: allowedOf(issue), got };
}

/** Of a choice of shapes the one of the kind that came: what is wrong inside of it says more. */
function innerOf(issue: z.core.$ZodIssue, input: unknown): z.core.$ZodIssue | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  const value = valueAt(input, issue.path);
  if (typeof value !== 'object' || value === null) return undefined;
  const found = issue.errors
    .flat()
    .find(({ path, code }) => path.length > 0 || code === 'unrecognized_keys');
  return found === undefined ? undefined : { ...found, path: [...issue.path, ...found.path] };
}

function allowedOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union')
    return [...new Set(issue.errors.flat().map(allowedOf))].join(', ');
  if (issue.code === 'invalid_type') return issue.expected;
  if (issue.code === 'invalid_value') return issue.values.map(String).join(', ');
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  if (issue.code === 'too_small') return `at least ${issue.minimum}`;
  return issue.message.replace(/^must be /, '');
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, at) =>
      typeof key === 'number' ? `[${key}]` : `${at === 0 ? '' : '.'}${String(key)}`,
    )
    .join('');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    input,
  );
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  return value === null ? 'null' : `a value of type ${typeof value}`;
}

/** Whatever may hold a token is not shown, also where it stands in the wrong place. */
function shown(path: string, value: unknown): string {
  if (value === undefined) return 'nothing';
  if (path === 'token') return 'a secret that is not shown';
  const text = String(JSON.stringify(value) ?? typeof value);
  if (/[\w-]{20,}\.[\w-]{4,}\.[\w-]{8,}/.test(text)) return kindOf(value);
  return text.length <= gotMax ? text : `${text.slice(0, gotMax)}… (${text.length} characters)`;
}

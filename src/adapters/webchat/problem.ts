import type { z } from 'zod';
import type { WireError } from './wire.ts';

const gotMax = 120;

/** A request that is refused: what the client is told. Thrown inside the routes only, and answered there. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly body: WireError;
  readonly retryAfterMs: number | undefined;
  constructor(status: number, body: WireError, retryAfterMs?: number) {
    super(body.code);
    this.name = 'HttpProblem';
    this.status = status;
    this.body = body;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The first thing wrong with an input: where, what it was, what it may be. */
export interface SchemaProblem {
  readonly path: string;
  readonly message: string;
  readonly got: string;
  readonly allowed: string;
}

/** Pure: an error of a schema, told so that it can be repaired. */
export function problemOf(
  error: z.ZodError,
  about: { schema: z.ZodType; input: unknown },
): SchemaProblem {
  const issue = error.issues[0];
  if (issue === undefined)
    return { path: '', message: 'is not valid', got: shown(about.input), allowed: '' };
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0] ?? ''];
    const keys = Object.keys(shapeAt(about.schema, issue.path));
    return {
      path: pathText(path),
      message: 'unknown field',
      got: shown(valueAt(about.input, path)),
      allowed: keys.join(', '),
    };
  }
  const got = shown(valueAt(about.input, issue.path));
  return { path: pathText(issue.path), message: issue.message, got, allowed: allowedOf(issue) };
}

function allowedOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'invalid_format':
      return issue.format === 'regex' ? String(issue.pattern) : issue.format;
    default:
      return issue.message;
  }
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
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
}

/** A short, printable form; long texts are cut, since errors are logged. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(JSON.stringify(value));
  return text.length <= gotMax ? text : `${text.slice(0, gotMax)}… (${text.length} characters)`;
}

/** The fields that an object schema knows at a path: through arrays, optionals and defaults. */
function shapeAt(schema: unknown, path: readonly PropertyKey[]): Record<string, unknown> {
  let at = unwrap(schema);
  for (const key of path)
    at = unwrap(typeof key === 'number' ? at.element : at.shape?.[String(key)]);
  return at.shape ?? {};
}

interface SchemaNode {
  readonly shape?: Record<string, unknown>;
  readonly element?: unknown;
  readonly def?: { readonly innerType?: unknown };
}

function unwrap(schema: unknown): SchemaNode {
  let node = (schema ?? {}) as SchemaNode;
  while (node.def?.innerType !== undefined) node = node.def.innerType as SchemaNode;
  return node;
}

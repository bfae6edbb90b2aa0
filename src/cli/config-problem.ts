import { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { printable } from './printable.ts';
import { isSecretName, redacted } from './redact.ts';

/** One thing that is wrong in the settings. */
export interface ConfigProblem {
  /** `deadlines.ackMs`, `workers[1]`, `PORT (environment)`. */
  readonly path: string;
  /** What came, redacted where it may be secret. */
  readonly got: string;
  readonly allowed: string;
}

export type Path = readonly PropertyKey[];

/** What a node of `z.toJSONSchema` says, as far as it is read here. */
interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/** The problems that `schema` finds in `value`, each with what came and all that is allowed there. `under` is put before the paths. */
export function findProblems(schema: z.ZodType, value: unknown, under: Path = []): ConfigProblem[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  const root = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as SchemaNode;
  return result.error.issues.flatMap((issue) => issueProblems(issue, { root, value, under }));
}

interface Checked {
  readonly root: SchemaNode;
  readonly value: unknown;
  readonly under: Path;
}

function issueProblems(issue: z.core.$ZodIssue, checked: Checked): ConfigProblem[] {
  const node = nodeAt(checked.root, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const names = Object.keys(objectNode(node)?.properties ?? {});
    return issue.keys.map((key) => unknownKey([...checked.under, ...issue.path, key], key, names));
  }
  const path = [...checked.under, ...issue.path];
  const got = describeValue(valueAt(checked.value, issue.path), path);
  return [{ path: pathText(path), got, allowed: ownWords(issue) ?? allowedText(node) }];
}

/** What a schema of ours says itself; the library's own words name less than the schema does. */
function ownWords(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === 'custom' && issue.message !== 'Invalid input') return issue.message;
  if (issue.code === 'invalid_format' && !issue.message.startsWith('Invalid')) return issue.message;
  if (issue.code !== 'invalid_union') return undefined;
  const said = issue.errors
    .flat()
    .map(ownWords)
    .filter((words) => words !== undefined);
  return said.length === 0 ? undefined : said.join(' or ');
}

function unknownKey(path: Path, key: string, names: readonly string[]): ConfigProblem {
  const meant = didYouMean(key, names);
  const hint = meant === undefined ? '' : `did you mean ${meant}? `;
  return {
    path: pathText(path),
    got: 'a key that is not known',
    allowed: `${hint}${names.join(', ')}`,
  };
}

function objectNode(node: SchemaNode | undefined): SchemaNode | undefined {
  if (node?.properties !== undefined) return node;
  return node?.anyOf?.find((member) => member.properties !== undefined);
}

function nodeAt(root: SchemaNode, path: Path): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const step of path) {
    if (typeof step === 'number') node = node?.items;
    else node = objectNode(node)?.properties?.[String(step)];
  }
  return node;
}

function valueAt(value: unknown, path: Path): unknown {
  let inner = value;
  for (const step of path) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    inner = (inner as Record<PropertyKey, unknown>)[step];
  }
  return inner;
}

/** All that may stand there, in words. */
function allowedText(node: SchemaNode | undefined): string {
  if (node === undefined) return 'nothing';
  if (node.description !== undefined) return node.description;
  if (node.anyOf !== undefined) return node.anyOf.map(allowedText).join(' or ');
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return node.enum.map((word) => JSON.stringify(word)).join(', ');
  switch (node.type) {
    case 'integer':
      return `a whole number${rangeText(node.minimum, node.maximum)}`;
    case 'number':
      return `a number${rangeText(node.minimum, node.maximum)}`;
    case 'string':
      return node.maxLength === undefined
        ? 'a text'
        : `a text of ${node.minLength ?? 0} to ${node.maxLength} characters`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
      return node.properties === undefined
        ? 'an object'
        : `an object with ${Object.keys(node.properties).join(', ')}`;
    default:
      return 'something else';
  }
}

function rangeText(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}

const textShownMax = 80;

/** What came, in words; nothing of it where the path sounds secret. */
export function describeValue(value: unknown, path: Path = []): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'boolean') return String(value);
  if (path.some((step) => typeof step === 'string' && isSecretName(step))) return redacted;
  if (typeof value === 'string') {
    return value.length > textShownMax
      ? `a text of ${value.length} characters`
      : printable(JSON.stringify(value));
  }
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** `deadlines.ackMs`, `workers[1].name`. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return printable(text === '' ? '(all)' : text);
}

/** The problems as lines of one message. */
export function problemLines(problems: readonly ConfigProblem[]): string {
  return problems.map((one) => `  ${one.path}: got ${one.got}; allowed: ${one.allowed}`).join('\n');
}

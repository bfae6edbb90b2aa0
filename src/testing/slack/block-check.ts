import { Refusal } from './refusal.ts';
import type { SlackBlock } from './shape-part.ts';
import type { Json } from './state.ts';

export const blocksMax = { message: 50, view: 100 } as const;
/** Characters of all `markdown` blocks of one message. */
const markdownMax = 12_000;
const types = new Set(
  'actions alert card carousel container context context_actions data_table divider file header image input markdown plan rich_text section table task_card video'.split(
    ' ',
  ),
);
const onlyInViews = new Set(['input']);

const optionsMax: Readonly<Record<string, number>> = {
  static_select: 100,
  multi_static_select: 100,
  radio_buttons: 10,
  checkboxes: 10,
  overflow: 5,
};

/** What is wrong with blocks, as Slack says it. */
class Findings {
  readonly messages: string[] = [];

  add(path: string, what: string): void {
    this.messages.push(`[ERROR] ${what} [json-pointer:/blocks/${path}]`);
  }

  text(path: string, value: unknown, rule: { max: number; plain?: boolean }): void {
    if (!isObject(value)) return this.add(path, 'missing required field: text');
    const { type, text } = value;
    if (rule.plain === true && type !== 'plain_text')
      return this.add(`${path}/type`, 'must be a plain_text object');
    if (type !== 'plain_text' && type !== 'mrkdwn')
      return this.add(`${path}/type`, `unsupported type: ${String(type)}`);
    this.words(`${path}/text`, text, rule.max);
  }

  words(path: string, value: unknown, max: number): void {
    if (typeof value !== 'string' || value === '')
      return this.add(path, 'must be more than 0 characters');
    if (value.length > max) this.add(path, `must be less than ${max + 1} characters`);
  }
}

/** The blocks of a message or a view. Throws `invalid_blocks` for what Slack would not show. */
export function checkBlocks(value: unknown, where: 'message' | 'view'): SlackBlock[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw new Refusal('invalid_blocks_format');
  const found = new Findings();
  if (value.length > blocksMax[where])
    found.add('', `no more than ${blocksMax[where]} items allowed`);
  const ids = value.map(({ block_id: id }) => id).filter((id) => id !== undefined && id !== '');
  if (new Set(ids).size < ids.length) found.add('', 'block_id is used more than once');
  const markdown = value.filter(({ type }) => type === 'markdown');
  const length = markdown.reduce((sum, { text }) => sum + String(text ?? '').length, 0);
  if (length > markdownMax) throw new Refusal('msg_blocks_too_long');
  value.forEach((block: Json, n) => {
    const known = types.has(String(block['type'])) && (where === 'view' || !isViewOnly(block));
    if (!known) found.add(`${n}/type`, `unsupported type: ${String(block['type'])}`);
    else checkBlock(found, String(n), block);
  });
  if (found.messages.length > 0) {
    const messages = found.messages;
    throw new Refusal('invalid_blocks', { errors: messages, response_metadata: { messages } });
  }
  return value.map((block: Json, n) => ({ block_id: `b${n}`, ...block }) as unknown as SlackBlock);
}

function isViewOnly(block: Json): boolean {
  return onlyInViews.has(String(block['type']));
}

type Check = (found: Findings, path: string, block: Json) => void;

const checks: Readonly<Record<string, Check>> = {
  section: checkSection,
  actions: checkActions,
  header: (found, path, { text }) => found.text(`${path}/text`, text, { max: 150, plain: true }),
  markdown: (found, path, { text }) => found.words(`${path}/text`, text, markdownMax),
  context: (found, path, { elements }) => {
    const { length } = list(elements);
    if (length === 0 || length > 10) found.add(`${path}/elements`, 'must have 1 to 10 items');
  },
  rich_text: (found, path, { elements }) => {
    if (!Array.isArray(elements)) found.add(path, 'missing required field: elements');
  },
  input: (found, path, { label, element }) => {
    found.text(`${path}/label`, label, { max: 2_000, plain: true });
    checkElement(found, `${path}/element`, element);
  },
};

function checkBlock(found: Findings, path: string, block: Json): void {
  if (block['block_id'] !== undefined) found.words(`${path}/block_id`, block['block_id'], 255);
  checks[String(block['type'])]?.(found, path, block);
}

function checkSection(found: Findings, path: string, block: Json): void {
  const { text, fields, accessory } = block;
  if (text === undefined && fields === undefined)
    found.add(path, 'missing required field: text or fields');
  if (text !== undefined) found.text(`${path}/text`, text, { max: 3_000 });
  for (const [n, field] of list(fields).entries())
    found.text(`${path}/fields/${n}`, field, { max: 2_000 });
  if (list(fields).length > 10) found.add(`${path}/fields`, 'no more than 10 items allowed');
  if (accessory !== undefined) checkElement(found, `${path}/accessory`, accessory);
}

function checkActions(found: Findings, path: string, { elements }: Json): void {
  const all = list(elements);
  if (all.length === 0 || all.length > 25) found.add(`${path}/elements`, 'must have 1 to 25 items');
  const ids = all.map((one) => (isObject(one) ? one['action_id'] : undefined));
  const named = ids.filter((id) => id !== undefined);
  if (new Set(named).size < named.length)
    found.add(`${path}/elements`, 'action_id is used more than once');
  for (const [n, element] of all.entries()) checkElement(found, `${path}/elements/${n}`, element);
}

function checkElement(found: Findings, path: string, element: unknown): void {
  if (!isObject(element)) return found.add(path, 'must be an element');
  const { type, text, value, url } = element;
  if (element['action_id'] !== undefined)
    found.words(`${path}/action_id`, element['action_id'], 255);
  if (type === 'button') {
    found.text(`${path}/text`, text, { max: 75, plain: true });
    if (value !== undefined) found.words(`${path}/value`, value, 2_000);
    if (url !== undefined) found.words(`${path}/url`, url, 3_000);
    if (![undefined, 'primary', 'danger'].includes(element['style'] as string | undefined))
      found.add(`${path}/style`, 'must be primary or danger');
  }
  const max = optionsMax[String(type)];
  if (max !== undefined) checkOptions(found, path, { element, max });
}

function checkOptions(
  found: Findings,
  path: string,
  { element, max }: { readonly element: Json; readonly max: number },
): void {
  const groups = list(element['option_groups']).filter(isObject);
  const all = [...list(element['options']), ...groups.flatMap((group) => list(group['options']))];
  if (all.length === 0 || all.length > max)
    found.add(`${path}/options`, `must have 1 to ${max} items`);
  for (const [n, option] of all.entries()) {
    if (!isObject(option)) return found.add(`${path}/options/${n}`, 'must be an option');
    found.text(`${path}/options/${n}/text`, option['text'], { max: 75 });
    found.words(`${path}/options/${n}/value`, option['value'], 150);
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

import { isObject, list } from './block-check.ts';
import { mentionsIn, nameOf, readable, unescaped } from './mrkdwn.ts';
import type { SlackBlock, SlackButton, SlackSelect } from './shape-part.ts';
import type { Json, TeamRecord } from './state.ts';

/** What a person reads of blocks, line by line. Of a `markdown` block its source: Slack renders it, this does not. */
export function shownBlocks(team: TeamRecord, blocks: readonly SlackBlock[]): string {
  return blocks
    .map((block) => shownBlock(team, block))
    .filter((line) => line !== '')
    .join('\n');
}

function shownBlock(team: TeamRecord, block: Json): string {
  const { type, text, fields, elements, label, element, accessory, rows } = block;
  switch (type) {
    case 'divider':
      return '---';
    case 'markdown':
      return readable(team, String(text));
    case 'rich_text':
      return list(elements)
        .map((one) => richText(team, one))
        .join('\n');
    case 'table':
    case 'data_table':
      return list(rows)
        .map((row) =>
          list(row)
            .map((cell) => shownCell(team, cell))
            .join(' | '),
        )
        .join('\n');
    default:
      return [
        text,
        label,
        block['title'],
        ...list(fields),
        ...textsOf(elements),
        accessory,
        element,
      ]
        .map((one) => shownText(team, one))
        .filter((line) => line !== '')
        .join('\n');
  }
}

/** Buttons and menus are seen as such: `buttons` and `selects`. */
function textsOf(elements: unknown): readonly unknown[] {
  return list(elements).filter((one) => isObject(one) && isTextObject(one));
}

function isTextObject(value: Json): boolean {
  return value['type'] === 'mrkdwn' || value['type'] === 'plain_text';
}

function shownText(team: TeamRecord, value: unknown): string {
  if (!isObject(value) || !isTextObject(value)) return '';
  const text = String(value['text']);
  return value['type'] === 'mrkdwn' ? readable(team, text) : unescaped(text);
}

function shownCell(team: TeamRecord, cell: unknown): string {
  if (!isObject(cell)) return '';
  if (cell['type'] === 'rich_text') return shownBlock(team, cell);
  return String(cell['text'] ?? '');
}

function richText(team: TeamRecord, value: unknown): string {
  if (!isObject(value)) return '';
  switch (value['type']) {
    case 'rich_text_section':
    case 'rich_text_preformatted':
    case 'rich_text_quote':
      return list(value['elements'])
        .map((one) => richText(team, one))
        .join('');
    case 'rich_text_list':
      return list(value['elements'])
        .map((one) => `• ${richText(team, one)}`)
        .join('\n');
    case 'user':
      return `@${nameOf(team, String(value['user_id']))}`;
    case 'broadcast':
      return `@${String(value['range'])}`;
    case 'channel':
      return `#${team.channels.get(String(value['channel_id']))?.name ?? ''}`;
    case 'emoji':
      return `:${String(value['name'])}:`;
    case 'link':
      return String(value['text'] ?? value['url']);
    default:
      return String(value['text'] ?? '');
  }
}

/** Whom blocks mention: in mrkdwn, in Markdown and in rich text; never in plain text. */
export function blockMentions(blocks: readonly SlackBlock[]): string[] {
  return [...new Set(blocks.flatMap(mentionsOf))];
}

function mentionsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(mentionsOf);
  if (!isObject(value)) return [];
  const within = Object.values(value).flatMap(mentionsOf);
  const { type, text } = value;
  switch (type) {
    case 'user':
      return [String(value['user_id']), ...within];
    case 'broadcast':
      return [String(value['range']), ...within];
    case 'mrkdwn':
    case 'markdown':
      return [...mentionsIn(String(text ?? ''), false), ...within];
    default:
      return within;
  }
}

interface Placed {
  readonly blockId: string;
  readonly element: Json;
}

/** The elements that a person can use. */
export function elementsOf(blocks: readonly SlackBlock[]): Placed[] {
  return blocks.flatMap((block) => {
    const { elements, accessory, element } = block;
    return [...(block.type === 'rich_text' ? [] : list(elements)), accessory, element]
      .filter(isObject)
      .filter((one) => !isTextObject(one) && one['type'] !== 'image')
      .map((one) => ({ blockId: String(block['block_id']), element: one }));
  });
}

export function buttonsIn(blocks: readonly SlackBlock[]): SlackButton[] {
  return elementsOf(blocks)
    .filter(({ element }) => element['type'] === 'button')
    .map(({ blockId, element }) => ({
      text: plain(element['text']),
      actionId: String(element['action_id'] ?? ''),
      blockId,
      ...(typeof element['value'] === 'string' ? { value: element['value'] } : {}),
      ...(typeof element['url'] === 'string' ? { url: element['url'] } : {}),
      ...(typeof element['style'] === 'string' ? { style: element['style'] } : {}),
    }));
}

export function selectsIn(blocks: readonly SlackBlock[]): SlackSelect[] {
  return elementsOf(blocks)
    .filter(({ element }) => Array.isArray(element['options'] ?? element['option_groups']))
    .map(({ blockId, element }) => ({
      type: String(element['type']),
      actionId: String(element['action_id'] ?? ''),
      blockId,
      placeholder: plain(element['placeholder']),
      options: optionsOf(element).map((one) => ({
        text: plain(one['text']),
        value: String(one['value']),
      })),
    }));
}

/** The options of a menu, in groups or not. */
export function optionsOf(element: Json): Json[] {
  const groups = list(element['option_groups']).filter(isObject);
  return [...list(element['options']), ...groups.flatMap((group) => list(group['options']))].filter(
    isObject,
  );
}

function plain(value: unknown): string {
  return isObject(value) ? unescaped(String(value['text'] ?? '')) : '';
}

import { neutralInPlace, neutralText } from '../shared/neutral.ts';
import { childrenOf, parseText, type TextNode, type TextRoot } from '../shared/parse-text.ts';
import { type Rendered, toRendered } from './render-entity.ts';
import { type Definition, renderBlocks } from './render-node.ts';
import { cleanText, TextWriter } from './render-writer.ts';

/** Longest message, in UTF-16 units. */
const messageMax = 4_096;

/**
 * A CommonMark text as Telegram shows it: plain text and its `entities` (offsets in UTF-16 units), for a call
 * without `parse_mode`. Nobody is mentioned by it and no command in it can be clicked. Trimmed; not empty when
 * `markdown` has anything but white space.
 *
 * A text that fits into `max` (4,096; captions: 1,024) before is never longer than that after: where tables,
 * tabs or joiners would make it so, tables are not aligned, and when that is not enough the source itself goes
 * out, without entities.
 */
export function renderText(markdown: string, { max = messageMax } = {}): Rendered {
  const root = parseText(markdown);
  const full = renderRoot(root, false);
  if (full.text !== '' && full.text.length <= max) return full;
  const compact = renderRoot(root, true);
  if (compact.text !== '' && compact.text.length <= max) return compact;
  const plain = renderPlain(markdown, { max });
  return plain.text.length <= max || full.text === '' ? plain : full;
}

/** The source as it is, trimmed, without entities: when Telegram refuses them. As harmless, and as long, as `renderText`. */
export function renderPlain(markdown: string, { max = messageMax } = {}): Rendered {
  const text = cleanText(markdown).replace(/^[ \n]+|[ \n]+$/g, '');
  const joined = neutralText(text);
  return { text: joined.length <= max ? joined : neutralInPlace(text), entities: [] };
}

function renderRoot(root: TextRoot, compact: boolean): Rendered {
  const writer = new TextWriter();
  const definitions = new Map<string, Definition>();
  const referred = new Set<string>();
  collect(root.children, definitions, referred);
  for (const identifier of definitions.keys())
    if (!referred.has(identifier)) definitions.delete(identifier);
  renderBlocks(root.children, { writer, definitions, compact });
  return toRendered(writer.text, writer.marks);
}

/** The first definition of every name, and the names that something refers to. */
function collect(
  nodes: readonly TextNode[],
  definitions: Map<string, Definition>,
  referred: Set<string>,
): void {
  for (const node of nodes) {
    if (node.type === 'definition' && !definitions.has(node.identifier))
      definitions.set(node.identifier, node);
    if (node.type === 'linkReference' || node.type === 'imageReference')
      referred.add(node.identifier);
    collect(childrenOf(node), definitions, referred);
  }
}

import { fromMarkdown, type Options } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { parseCostly } from './parse-cost.ts';

/** An mdast tree. */
export type TextRoot = ReturnType<typeof fromMarkdown>;
/** Any node of it, blocks and inlines. */
export type TextNode = TextRoot['children'][number];

/** Longest text that is parsed, in UTF-16 units. */
export const parseMax = 64_000;
/** Deepest tree that is given out: who walks it may recurse. */
export const depthMax = 100;

type Extensions = NonNullable<Options['extensions']>;

const extensions: Extensions = [
  gfm({ singleTilde: false }),
  { disable: { null: ['htmlFlow', 'htmlText'] } },
];
/** Without the transforms, which look for addresses once more in every text: the tokenizer has found them. */
const mdastExtensions = gfmFromMarkdown().map(({ transforms: _, ...extension }) => extension);

/**
 * The tree of a CommonMark text with GFM tables, strikethrough (two tildes), task lists, footnotes and bare
 * addresses as links. HTML is text like any other. Positions are offsets into `markdown`.
 *
 * Never throws and never takes long: a text of more than 64,000 UTF-16 units, one that is nested deeper than
 * 100 or that was made to be slow comes back as plain paragraphs.
 */
export function parseText(markdown: string): TextRoot {
  if (markdown.length > parseMax || parseCostly(markdown)) return plainRoot(markdown);
  try {
    const root = fromMarkdown(markdown, { extensions, mdastExtensions });
    return isDeep(root) ? plainRoot(markdown) : root;
  } catch {
    return plainRoot(markdown);
  }
}

/** The nodes inside a node; none in a leaf. */
export function childrenOf(node: TextNode | TextRoot): readonly TextNode[] {
  return 'children' in node ? node.children : [];
}

function isDeep(root: TextRoot): boolean {
  let level: readonly TextNode[] = root.children;
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > depthMax) return true;
    level = level.flatMap(childrenOf);
  }
  return false;
}

/** Its paragraphs without any markup. */
function plainRoot(markdown: string): TextRoot {
  const paragraphs = markdown.split(/\n(?:[ \t]*\r?\n)+/).filter((text) => text.trim() !== '');
  return {
    type: 'root',
    children: paragraphs.map((value) => ({
      type: 'paragraph',
      children: [{ type: 'text', value }],
    })),
  };
}

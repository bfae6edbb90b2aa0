/** What Discord's client would show of a message, as far as it is known: its rules, written anew for tests. */
export interface Shown {
  /** The words, without any mark. Blocks end with a line feed. */
  readonly text: string;
  /** What it made of marks: `bold`, `link https://…`, `heading1`, in order. */
  readonly kinds: readonly string[];
}

interface Where {
  readonly quoted: boolean;
  readonly lists: number;
  /** Something stands before it on its line. */
  readonly behind: boolean;
}

type Rule = readonly [RegExp, (match: RegExpExecArray, where: Where) => Shown];

const top: Where = { quoted: false, lists: 0, behind: false };
const said = (text: string, ...kinds: string[]): Shown => ({ text, kinds });
const inside = (kind: string, text: string, where: Where): Shown => {
  const shown = readDiscord(text, where);
  return said(shown.text, kind, ...shown.kinds);
};
const styled =
  (kind: string, group = 1) =>
  (match: RegExpExecArray, where: Where): Shown =>
    inside(kind, match[group] ?? '', where);

const lineRules: readonly Rule[] = [
  [
    /^ *(#{1,3})\s+(?!#)([^\n]*)\n?/,
    ([, marks = '', words = ''], where) => {
      if (where.lists > 0) return said(`${marks} ${words}`, 'heading in a list');
      const title = words.trimEnd().replace(/#+$/, '').trimEnd();
      const shown = inside(`heading${marks.length}`, title, { ...where, behind: false });
      return said(`${shown.text}\n`, ...shown.kinds);
    },
  ],
  [
    /^ *>>> ([\s\S]*)/,
    ([, words = ''], where) => inside('quote', words, { ...where, quoted: true }),
  ],
  [
    /^(?: *> [^\n]*(?:\n|$))+/,
    ([all = ''], where) => {
      const words = all.replace(/\n$/, '').replace(/^ *> /gm, '');
      const shown = inside('quote', words, { ...where, quoted: true, behind: false });
      return said(`${shown.text}\n`, ...shown.kinds);
    },
  ],
  [
    /^ *(?:(?:[*+-]|\d+\.) +[^\n]+(?:\n [^\n]*)*(?:\n|$))+/,
    ([all = ''], where) => {
      const items = [...all.matchAll(/ *((?:[*+-]|\d+\.) +)([^\n]+(?:\n [^\n]*)*)(?:\n|$)/gy)];
      const kind = /^ *\d/.test(all) ? 'ordered' : 'bullets';
      const shown = items.map(([, mark = '', body = '']) => {
        const words = body.replace(new RegExp(`^ {1,${mark.length}}`, 'gm'), '');
        const item = inside('item', words, { ...where, lists: where.lists + 1, behind: false });
        const number = kind === 'ordered' ? mark.trim() : '';
        return said(`${number}${item.text}\n`, ...item.kinds);
      });
      return said(
        shown.map(({ text }) => text).join(''),
        kind,
        ...shown.flatMap(({ kinds }) => kinds),
      );
    },
  ],
  [/^-# +([^\n]+)\n?/, styled('small')],
];

const rules: readonly Rule[] = [
  [/^\\([^0-9A-Za-z\s])/, ([, letter = '']) => said(letter)],
  [
    /^```(?:([\w+.-]*)\n)?([\s\S]*?[^\n][\s\S]*?)```/,
    ([, language = '', code = '']) =>
      said(`${code.replace(/^\n+|\n+$/g, '')}\n`, `block ${language}`),
  ],
  [
    /^(`+)([\s\S]+?)(?<!`)\1(?!`)/,
    ([, , code = '']) => said(code.replace(/^ (?= *`)|(?<=` *) $/g, ''), 'code'),
  ],
  [/^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/, styled('bold')],
  [/^__((?:\\[\s\S]|[^\\])+?)__(?!_)/, styled('underline')],
  [/^\*(?!\s)((?:\\[\s\S]|\*\*|[^*\\])+?)(?<!\s) {0,2}\*(?!\*)/, styled('italic')],
  [/^_((?:\\[\s\S]|__|[^_\\])+?)_(?![A-Za-z0-9_])/, styled('italic')],
  [/^~~([\s\S]+?)~~(?!_)/, styled('strike')],
  [/^\|\|([\s\S]+?)\|\|/, styled('spoiler')],
  [/^<(?:@[!&]?|#)\d+>/, ([all = '']) => said(all, 'mention')],
  [/^@(?:everyone|here)/, ([all = '']) => said(all, 'mention')],
  [/^<t:-?\d+(?::[A-Za-z])?>/, ([all = '']) => said(all, 'time')],
  [/^<a?:\w+:\d+>/, ([all = '']) => said(all, 'emoji')],
  [/^:[\w+-]+:/, ([all = '']) => said(all, 'emoji')],
  [/^<\/[^>]+:\d+>/, ([all = '']) => said(all, 'command')],
  [/^<([^: >]+:\/[^ >]+)>/, ([, url = '']) => said(url, `link ${url}`)],
  [/^(?:https?|steam):\/\/[^\s<]+[^<.,:;"'\]\s]/, ([all = '']) => said(all, `link ${all}`)],
  [
    /^\[([^[\]]*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\[^\n])*?)>?\s*\)/,
    ([all = '', name = '', url = '']) => {
      const shown = /^https?:\/\/[^\s<]+[^<.,:;"')\]\s]$/.test(url) && /\S/.test(name);
      // In a name no escape is read.
      return shown ? said(name.replace(/^`(.*)`$/s, '$1'), `link ${url}`) : said(all);
    },
  ],
];

/** Reads a message from its beginning. */
export function readDiscord(message: string, where: Where = top): Shown {
  let rest = message;
  let isBehind = where.behind;
  let text = '';
  const kinds: string[] = [];
  while (rest !== '') {
    const { shown, length } = next(rest, { ...where, behind: isBehind });
    text += shown.text;
    kinds.push(...shown.kinds);
    const line = rest.slice(0, length);
    isBehind = line.endsWith('\n')
      ? false
      : isBehind || /[^ \n]/.test(line.split('\n').at(-1) ?? '');
    rest = rest.slice(length);
  }
  return { text, kinds };
}

function next(rest: string, where: Where): { shown: Shown; length: number } {
  const open = where.behind ? [] : lineRules.filter((_, at) => isOpen(at, where));
  for (const [pattern, make] of [...open, ...rules]) {
    const match = pattern.exec(rest);
    if (match !== null && match[0] !== '')
      return { shown: make(match, where), length: match[0].length };
  }
  const letter = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  return { shown: said(letter), length: letter.length };
}

const isOpen = (at: number, { quoted, lists }: Where): boolean =>
  at === 1 || at === 2 ? !quoted : at !== 3 || lists < 11;

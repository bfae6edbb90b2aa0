import type { Json, TeamRecord } from './state.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const unescapes: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };
const broadcasts = new Set(['channel', 'here', 'everyone']);

export function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => escapes[sign] as string);
}

export function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => unescapes[entity] as string);
}

/** What a person typed, as the apps send it: the text and its blocks. */
export function typed(team: TeamRecord, words: string): { text: string; blocks: Json[] } {
  const elements: Json[] = [];
  let text = '';
  let at = 0;
  for (const found of words.matchAll(signs(team))) {
    const link = linkOf(team, found[0]);
    if (link === undefined) continue;
    plain(words.slice(at, found.index));
    text += link.text;
    elements.push(link.element);
    at = found.index + found[0].length;
  }
  plain(words.slice(at));
  const section = { type: 'rich_text_section', elements };
  return { text, blocks: [{ type: 'rich_text', block_id: 'typed', elements: [section] }] };

  function plain(piece: string): void {
    if (piece === '') return;
    text += escaped(piece);
    elements.push({ type: 'text', text: piece });
  }
}

/** What the apps make links of: longer names first, so that `@Ann Lee` is not `@Ann`. */
function signs(team: TeamRecord): RegExp {
  const names = [team.botName, ...[...team.people.values()].map(({ name }) => name)]
    .toSorted((a, b) => b.length - a.length)
    .map((name) => `@${literal(name)}(?![\\w-])`);
  const all = [...names, '@(?:channel|here|everyone)\\b', '#[\\w-]+', 'https?://[^\\s<>]+'];
  return new RegExp(all.join('|'), 'g');
}

function literal(words: string): string {
  return words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function linkOf(team: TeamRecord, sign: string): { text: string; element: Json } | undefined {
  const name = sign.slice(1);
  if (sign.startsWith('http'))
    return { text: `<${escaped(sign)}>`, element: { type: 'link', url: sign } };
  if (sign.startsWith('#')) {
    const channel = [...team.channels.values()].find((one) => one.name === name);
    if (channel === undefined) return undefined;
    const element = { type: 'channel', channel_id: channel.id };
    return { text: `<#${channel.id}|${channel.name}>`, element };
  }
  const id =
    name === team.botName
      ? team.botUserId
      : [...team.people.values()].find((person) => person.name === name)?.id;
  if (id !== undefined) return { text: `<@${id}>`, element: { type: 'user', user_id: id } };
  return { text: `<!${name}>`, element: { type: 'broadcast', range: name } };
}

/** What a person reads of mrkdwn. Its stars and ticks stay as they are. */
export function readable(team: TeamRecord, text: string): string {
  return unescaped(
    text.replace(/<([^<>]*)>/g, (_, inside: string) => {
      const [what, label] = splitAt(inside, '|');
      if (what.startsWith('@')) return `@${label ?? nameOf(team, what.slice(1))}`;
      if (what.startsWith('#'))
        return `#${label || (team.channels.get(what.slice(1))?.name ?? what.slice(1))}`;
      if (what.startsWith('!')) return label ?? `@${what.slice(1).split('^')[0]}`;
      return label ?? what;
    }),
  );
}

/** Whom mrkdwn mentions. With `names` also what only looks like a mention, as `link_names` and `parse: full` do. */
export function mentionsIn(text: string, names: boolean): string[] {
  const found = [...text.matchAll(/<(?:@([UW]\w+)|!(\w+))[^<>]*>/g)]
    .map(([, user, special]) => user ?? (broadcasts.has(special ?? '') ? special : undefined))
    .filter((one) => one !== undefined);
  if (!names) return found;
  const bare = [...text.matchAll(/@(channel|here|everyone)\b/g)].map(([, name]) => name as string);
  return [...found, ...bare];
}

function splitAt(text: string, sign: string): [string, string | undefined] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

export function nameOf(team: TeamRecord, userId: string): string {
  if (userId === team.botUserId) return team.botName;
  return team.people.get(userId)?.name ?? userId;
}

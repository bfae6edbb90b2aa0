import { type InboundFile, messageTextMax } from '../../contracts/inbound.ts';
import type { SlackFile } from './inbound-shape.ts';

export interface SaidText {
  /** As people read it, without the bot's name where it was mentioned. */
  readonly text: string;
  /** It names the bot. */
  readonly addressed: boolean;
  /** It begins with the name of somebody else. */
  readonly toOther: boolean;
}

/** Slack's own marks: `<@U1|ann>`, `<#C1|general>`, `<!here>`, `<https://a.example|text>`. */
const token = /<([^<>\n]+)>/g;
/** Stands for the bot's name until it is taken out; people cannot write it. */
const ourselves = '\u0000';

/** Pure: what a person wrote, with Slack's marks as people read them. */
export function saidText(raw: string | undefined, botUserId: string): SaidText {
  const marked = (raw ?? '').replaceAll(ourselves, '');
  const text = decoded(marked.replace(token, (_, mark: string) => markText(mark, botUserId)));
  const addressed = text.includes(ourselves);
  const toOther = /^\s*<(?:@|!subteam\^)/.test(marked) && !/^\s*\0/.test(text);
  return { text: withoutUs(text).slice(0, messageTextMax), addressed, toOther };
}

function markText(mark: string, botUserId: string): string {
  const at = mark.indexOf('|');
  const target = at === -1 ? mark : mark.slice(0, at);
  const label = at === -1 ? '' : mark.slice(at + 1);
  const rest = target.slice(1);
  switch (target[0]) {
    case '@':
      return rest === botUserId ? ourselves : `@${label.replace(/^@/, '') || rest}`;
    case '#':
      return `#${label.replace(/^#/, '') || rest}`;
    case '!':
      return commandText(rest, label);
    default:
      return linkText(target, label);
  }
}

/** `here`, `channel`, `everyone`, `subteam^S1`, `date^1700000000^{date}^link`. */
function commandText(command: string, label: string): string {
  const [name = ''] = command.split('^');
  if (name === 'date') return label || name;
  return `@${label.replace(/^@/, '') || (name === 'subteam' ? command.slice(name.length + 1) : name)}`;
}

function linkText(address: string, label: string): string {
  const shown = address.replace(/^(?:mailto|tel):/, '');
  const bare = shown.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const isSame = label === '' || [address, shown, bare, `${bare}/`].includes(label);
  return isSame ? shown : `${label} (${shown})`;
}

const decoded = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** The name is taken out with the blank and the comma that set it off. */
function withoutUs(text: string): string {
  if (!text.includes(ourselves)) return text;
  return text
    .replace(/^[\s\0]*\0\s*[,:]?\s*/, '')
    .replace(/(\s)\0[ \t]+/g, '$1')
    .replaceAll(ourselves, '')
    .trim();
}

const filesMax = 20;

/** Pure: the files of a message, named and not loaded. What Slack hides or has deleted is none. */
export function saidFiles(files: readonly SlackFile[] | undefined): InboundFile[] {
  return (files ?? [])
    .filter(
      ({ id, mode }) => id !== undefined && mode !== 'tombstone' && mode !== 'hidden_by_limit',
    )
    .slice(0, filesMax)
    .map(({ id, name, title, mimetype, size }) => ({
      name: (name || title || 'file').slice(0, 500),
      mimeType: (mimetype || 'application/octet-stream').slice(0, 200),
      ...(typeof size === 'number' && size >= 0 ? { sizeBytes: size } : {}),
      url: `slack:${id}`,
    }));
}

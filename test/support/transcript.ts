/** A message as people saw it over time, as every fake platform shows it. */
export interface ToldMessage {
  readonly from: { readonly name: string };
  /** All that it said, oldest first. */
  readonly history: readonly string[];
  readonly files: readonly { readonly name: string }[];
}

/** A message with all that it said before; long texts without their middle. */
export function told({ from, history, files }: ToldMessage): string {
  const versions = files.length > 0 ? files.map((file) => `[${file.name}]`) : history;
  return versions
    .map((text, n) => hanging(n === 0 ? `${from.name}: ` : '  ↻  ', short(text)))
    .join('\n');
}

function short(text: string): string {
  const lines = text.replace(/\d\d:\d\d UTC/, '12:05 UTC').split('\n');
  const full = lines.filter((line) => line !== '');
  if (full.length <= 8) return full.join('\n');
  return [...full.slice(0, 2), '…', ...full.slice(-2)].join('\n');
}

const hanging = (head: string, text: string): string =>
  `${head}${text.replaceAll('\n', '\n     ')}`;

export const indented = (text: string, by: number): string => text.replace(/^/gm, ' '.repeat(by));

/**
 * What stands there in the end. How often a message was edited on the way depends on the machine, and so does which
 * answer took long enough for a message that shows the work.
 */
export function ends(talk: string): readonly string[] {
  const messages = talk.split(/\n(?= {0,2}\S+: )/).map((message) => {
    const [head = '', ...rest] = message.split(/\n {2,4}↻ {2}/);
    const who = /^ *\S+: /.exec(head)?.[0] ?? '';
    return rest.length === 0 ? head : `${who}${rest.at(-1)}`;
  });
  return messages.filter((message) => !message.endsWith('see the answer below.'));
}

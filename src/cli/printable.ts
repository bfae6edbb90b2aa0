const shortNames: Readonly<Record<string, string>> = { '\t': '→', '\n': '↵', '\r': '␍' };

/**
 * Controls, what turns the direction of text, what breaks lines, what is not a character, what hides text.
 * The zero-width space stays: our titles hold it.
 */
const unsafe =
  /[\p{Control}\u061C\u200E\u200F\u2028-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\uFFF9-\uFFFB\p{Surrogate}\u{E0000}-\u{E0FFF}]/gu;

function visible(char: string): string {
  const named = shortNames[char];
  if (named !== undefined) return named;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  if (code >= 0xd800 && code <= 0xdfff) return '\uFFFD';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/**
 * One line of untrusted text as a terminal may show it: controls, escape sequences and direction marks become
 * visible signs, so that a title can neither move the cursor nor pretend to be another row. Cuts nothing.
 */
export function printable(text: string): string {
  return text.replace(unsafe, visible);
}

/** Untrusted text of several lines: each line is made printable, line ends stay. */
export function printableLines(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/u).map(printable);
}

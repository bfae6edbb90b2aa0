/** Word joiner: without width, and no part of a name. */
export const joiner = '\u2060';

const mention = /(?<![\p{L}\p{N}_])@(?=\w{2})/gu;
const command = /(?<![\p{L}\p{N}_/<>])\/(?=\w{1,64}(?:@\w{3,32})?(?![\p{L}\p{N}_/<>]))/gu;

/**
 * Where a word joiner goes so that a platform makes neither a mention of `@name` nor a command of `/name`:
 * the indices right behind those `@` and `/`, in order. Addresses of mail and paths of several names have none.
 *
 * Every command counts, also those that nobody knows: a click sends it in the person's name, the text is not
 * ours, and which words a bot understands may change after the message was sent. What is meant to be clicked
 * is a button, what is meant to be typed stands in code, where platforms link nothing.
 */
export function joinersIn(text: string): number[] {
  const places = [...text.matchAll(mention), ...text.matchAll(command)];
  return places.map(({ index }) => index + 1).sort((a, b) => a - b);
}

/** The text without mentions and commands; longer by one for each. */
export function neutralText(text: string): string {
  return text.replace(mention, `@${joiner}`).replace(command, `/${joiner}`);
}

/** The same by letters that look alike, for a text that must not become longer. */
export function neutralInPlace(text: string): string {
  return text.replace(mention, '\uff20').replace(command, '\uff0f');
}

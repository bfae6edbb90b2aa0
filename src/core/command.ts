/** A chat command, answered from the store alone. */
export type Command =
  | { readonly kind: 'status' | 'help' }
  | { readonly kind: 'cancel'; readonly words: string }
  | { readonly kind: 'retry'; readonly words: string };

const known = ['status', 'cancel', 'retry', 'help'] as const;

/** Pure: `/cancel ab12 wrong file` and the like, also addressed (`/status@bot`). Anything else is a message. */
export function parseCommand(text: string): Command | undefined {
  const match = /^\/([a-z]+)(?:@[\w-]+)?(?:\s+([\s\S]*))?$/i.exec(text.trim());
  const kind = known.find((name) => name === match?.[1]?.toLowerCase());
  if (kind === undefined) return undefined;
  const words = (match?.[2] ?? '').trim();
  if (kind === 'cancel' || kind === 'retry') return { kind, words };
  return words === '' ? { kind } : undefined;
}

const safe = /^(?:https?:\/\/[^\s/]|mailto:[^\s])/i;

/** The address when a click on it can do no harm to the page: http, https and mailto. Undefined otherwise. */
export function safeHref(address: string): string | undefined {
  const trimmed = address.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop them from addresses, so they could hide a scheme
  if (/[\u0000-\u0020\u007f]/.test(trimmed) || !safe.test(trimmed)) return undefined;
  try {
    return new URL(trimmed) && trimmed;
  } catch {
    return undefined;
  }
}

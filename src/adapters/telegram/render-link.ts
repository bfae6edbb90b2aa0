/**
 * The address as Telegram takes it for a link, or undefined: it drops, without a word, links that are not
 * http or https, and those whose host has no dot (`http://localhost`).
 */
export function linkUrl(address: string): string | undefined {
  const trimmed = address.trim();
  if (!/^https?:\/\//i.test(trimmed)) return undefined;
  try {
    const url = new URL(trimmed);
    if (!url.hostname.includes('.') && !url.hostname.startsWith('[')) return undefined;
    return /^[!-~]+$/.test(trimmed) ? trimmed : url.href;
  } catch {
    return undefined;
  }
}

/** The address as people read it: without `mailto:` and `tel:`. */
export function shownAddress(address: string): string {
  return address.trim().replace(/^(?:mailto|tel):/i, '');
}

/** Whether a text is the address that it links to. */
export function isAddress(text: string, address: string): boolean {
  return [address, shownAddress(address)].some(
    (shown) => shown === text || shown === `http://${text}`,
  );
}

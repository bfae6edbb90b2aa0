const urlMax = 3_000;

/** The address as a link may lead to it, or undefined: http, https and mailto alone, readable as a URL. */
export function linkUrl(address: string): string | undefined {
  const trimmed = address.trim();
  if (!/^(?:https?:\/\/|mailto:)[^\s]/i.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const { href } = new URL(trimmed);
  const url = /^[!-~]+$/.test(trimmed) ? trimmed : href;
  return url.length <= urlMax ? url : undefined;
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

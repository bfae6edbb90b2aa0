const urlMax = 1_500;

/** What ends an address in Discord's eyes, or stands for a mark where an address is inside of a style. */
const unsafe = /[\\()*~|`<>"'\][]/g;

/** The address as a link may lead to it, or undefined: http and https alone (Discord links no other), readable as a URL. */
export function linkUrl(address: string): string | undefined {
  const trimmed = address.trim();
  if (!/^https?:\/\/[^\s]{2}/i.test(trimmed) || !URL.canParse(trimmed)) return undefined;
  const { href, hostname } = new URL(trimmed);
  // An address by number in brackets: Discord reads none.
  if (hostname.startsWith('[')) return undefined;
  const url = href.replace(unsafe, percent).replace(/[.,:;]$/, percent);
  return url.length <= urlMax ? url : undefined;
}

const percent = (letter: string): string =>
  `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

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

const otherAddress = /:\/\/|\bwww\.|\bdiscord(?:app)?\.(?:gg|com)\b/i;
const domain = /^(?:[\w-]+\.)+\p{L}{2,}(?:[/?#:]\S*)?$/u;
const emoji = /\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/u;

/**
 * Whether Discord shows a text as the name of a link. It reads no escapes there, and takes neither brackets, mentions
 * and emoji nor what looks like another address; a name that is one would also say something else than where it leads.
 */
export function isLinkName(text: string): boolean {
  if (text.trim() === '' || /[\\*~`|<>[\]@\n]/.test(text)) return false;
  if (text.indexOf('_') !== text.lastIndexOf('_') || /:[\w+-]+:/.test(text)) return false;
  return !emoji.test(text) && !otherAddress.test(text) && !domain.test(text.trim());
}

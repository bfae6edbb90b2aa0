/** How a platform counts the length of a text. */
export type TextUnit = 'utf16' | 'codepoint' | 'byte';

/** The length of a text as a platform counts it; bytes are those of UTF-8. */
export function textSize(text: string, unit: TextUnit): number {
  if (unit === 'utf16') return text.length;
  let size = 0;
  for (const point of text) size += pointSize(point, unit);
  return size;
}

/** How far `room` units lead from `start`: the greatest index that is within them and not inside a code point. */
export function textReach(
  text: string,
  start: number,
  limit: { room: number; unit: TextUnit },
): number {
  let rest = limit.room;
  let at = start;
  while (at < text.length) {
    const point = String.fromCodePoint(text.codePointAt(at) ?? 0);
    rest -= pointSize(point, limit.unit);
    if (rest < 0) break;
    at += point.length;
  }
  return at;
}

function pointSize(point: string, unit: TextUnit): number {
  if (unit === 'codepoint') return 1;
  if (unit === 'utf16') return point.length;
  const code = point.codePointAt(0) ?? 0;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

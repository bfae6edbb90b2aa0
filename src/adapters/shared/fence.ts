/** An open code fence of CommonMark: how to close it and how to open it again. */
export interface Fence {
  readonly open: string;
  readonly close: string;
  readonly marker: string;
  readonly quoted: boolean;
}

/** Indentation, quote marks and list marks; the fence; what follows it. */
const fenceLine = /^((?:[ \t>]|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))*)(`{3,}|~{3,})([^\r\n]*)/;

/**
 * The fence that is open after `line`, when `before` was open before it. One that takes more than `lengthMax`
 * characters (all ASCII) to open or close counts as text: it is not worth repeating.
 */
export function fenceAfter(
  line: string,
  before: Fence | undefined,
  lengthMax: number,
): Fence | undefined {
  const [, prefix = '', marker = '', info = ''] = fenceLine.exec(line) ?? [];
  if (before !== undefined && !leavesQuote(line, before)) {
    const closes =
      /^[ \t>]*$/.test(prefix) && marker.startsWith(before.marker) && info.trim() === '';
    return closes ? undefined : before;
  }
  if (marker === '' || prefix.length + marker.length > lengthMax) return undefined;
  if (marker.startsWith('`') && info.includes('`')) return undefined;
  const indent = prefix.replace(/[^\s>]/g, ' ');
  const quoted = indent.includes('>');
  /** Deeper it would be no fence in a message of its own. */
  const open = (quoted || indent.length <= 3 ? indent : '') + marker;
  const language = /^[\w+#.-]*/.exec(info.trim())?.[0] ?? '';
  const named = open.length + language.length <= lengthMax;
  return { open: named ? open + language : open, close: indent + marker, marker, quoted };
}

/** Whether the line may begin or end a fence, so that it must stay whole. */
export function isFenceLine(line: string): boolean {
  return fenceLine.test(line);
}

/** A quoted fence ends with its quote. */
function leavesQuote(line: string, fence: Fence): boolean {
  return fence.quoted && !/^[ \t]*>/.test(line);
}

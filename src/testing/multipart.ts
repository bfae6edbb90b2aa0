const partsMax = 1_000;
const headersMax = 8_192;

export interface FormPart {
  readonly name: string;
  /** Present for a file. */
  readonly fileName: string | undefined;
  readonly body: Buffer;
}

/**
 * Splits a multipart body by hand: clients of the Bot API write headers in lower case, without the space after the
 * colon and with file names that are not quoted, which the parser of `Response.formData` refuses.
 */
export function splitMultipart(raw: Buffer, boundary: string): FormPart[] {
  const mark = Buffer.from(`--${boundary}`);
  const parts: FormPart[] = [];
  let at = raw.indexOf(mark);
  while (at >= 0) {
    const start = at + mark.byteLength;
    if (raw.subarray(start, start + 2).toString('latin1') === '--') return parts;
    const next = raw.indexOf(Buffer.concat([Buffer.from('\r\n'), mark]), start);
    if (next < 0) break;
    if (parts.length >= partsMax) throw new SyntaxError(`the form has more than ${partsMax} parts`);
    parts.push(onePart(raw.subarray(start + 2, next)));
    at = next + 2;
  }
  throw new SyntaxError('the form ends before its last boundary');
}

function onePart(part: Buffer): FormPart {
  const end = part.indexOf('\r\n\r\n');
  if (end < 0 || end > headersMax) throw new SyntaxError('a part of the form has no headers');
  const headers = part.subarray(0, end).toString('utf8');
  const disposition = headers
    .split('\r\n')
    .find((line) => line.toLowerCase().startsWith('content-disposition:'));
  const name = /[;:\s]name="([^"]*)"/i.exec(disposition ?? '')?.[1];
  if (name === undefined) throw new SyntaxError('a part of the form has no name');
  const file = /filename="((?:[^"\\]|\\.)*)"|filename=([^;\r\n]*)/i.exec(disposition ?? '');
  return { name, fileName: file?.[1] ?? file?.[2], body: part.subarray(end + 4) };
}

import path from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { ConfigError } from '../contracts/error.ts';
import { ReceiptId, TaskId } from '../contracts/id.ts';
import { ReceiptState } from '../contracts/receipt.ts';
import { EndCause } from '../contracts/task.ts';

/** Longest line, in bytes, its end not counted. */
export const lineBytesMax = 16 * 1_024;
/** Longest path of a unix socket that every system takes. */
const socketPathMax = 103;

const v = z.literal(1);
const id = z.int().nonnegative();
const by = z.string().min(1).max(200);

/** One line to the running process. */
export const ControlRequest = z.discriminatedUnion('act', [
  z.strictObject({ v, id, act: z.literal('ping') }),
  z.strictObject({
    v,
    id,
    act: z.literal('cancel'),
    task: TaskId,
    reason: z.string().max(500).optional(),
    by,
  }),
  z.strictObject({ v, id, act: z.literal('redrive'), receipt: ReceiptId, by }),
]);
export type ControlRequest = z.infer<typeof ControlRequest>;

export const PingResult = z.strictObject({
  pid: z.int(),
  version: z.string(),
  url: z.string().optional(),
});
export type PingResult = z.infer<typeof PingResult>;
export const CancelResult = z.strictObject({
  kind: z.enum(['cancelled', 'already_ended', 'detached', 'stored']),
  cause: EndCause,
});
export type CancelResult = z.infer<typeof CancelResult>;
/** Of the Receipt only what is no text. */
export const RedriveResult = z.strictObject({
  id: ReceiptId,
  state: ReceiptState,
  channel: z.string(),
});
export type RedriveResult = z.infer<typeof RedriveResult>;

/** One line back. `id` is 0 when the request could not be read. */
export const ControlAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ v, id, ok: z.literal(true), result: z.unknown() }),
  z.strictObject({
    v,
    id,
    ok: z.literal(false),
    error: z.strictObject({ code: z.string(), message: z.string() }),
  }),
]);
export type ControlAnswer = z.infer<typeof ControlAnswer>;

/** Stands in the place of a line that is longer than `lineBytesMax`, and is the last. */
export const lineTooLong = Symbol('line too long');

/**
 * Whole lines of a stream, one after the other; what stands after the last line end is not given. Whoever stops
 * listening ends the stream.
 */
export async function* readLines(stream: Readable): AsyncGenerator<string | typeof lineTooLong> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let end = rest.indexOf(0x0a);
    while (end >= 0 && end <= lineBytesMax) {
      yield rest.subarray(0, end).toString('utf8');
      rest = rest.subarray(end + 1);
      end = rest.indexOf(0x0a);
    }
    if (rest.length > lineBytesMax) {
      yield lineTooLong;
      return;
    }
  }
}

/** The socket beside a database file; by its path from the working directory where the whole path is too long. */
export function socketPath(file: string, cwd: string): string {
  const full = `${file}.sock`;
  const fits = Buffer.byteLength(full) <= socketPathMax;
  const short = fits ? full : path.relative(cwd, full);
  const bytes = Buffer.byteLength(short);
  if (bytes <= socketPathMax) return short;
  const allowed = `at most ${socketPathMax} bytes, as sockets have it. Set READBACK_DATA to a shorter path`;
  throw new ConfigError(
    'data_path_long',
    `data: got a path that makes the control socket's ${bytes} bytes long; allowed: ${allowed}.`,
    { ids: { file } },
  );
}

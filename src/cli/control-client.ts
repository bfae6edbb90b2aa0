import { connect, type Socket } from 'node:net';
import type { z } from 'zod';
import { ConfigError, ContractError } from '../contracts/error.ts';
import {
  CancelResult,
  ControlAnswer,
  type ControlRequest,
  PingResult,
  RedriveResult,
  readLines,
} from './control-protocol.ts';

const connectMs = 2_000;
/** A cancel waits for the worker's grace; what takes longer is looked up with `inspect`. */
const answerMs = 120_000;

export type ControlAsk = {
  [Act in ControlRequest['act']]: Omit<Extract<ControlRequest, { act: Act }>, 'v' | 'id'>;
}[ControlRequest['act']];

const results = { ping: PingResult, cancel: CancelResult, redrive: RedriveResult } as const;
export type ControlResult<Act extends ControlRequest['act']> = z.infer<(typeof results)[Act]>;

/**
 * Asks the running process to do something. Undefined: nobody listens there.
 *
 * @throws ContractError with the code that the process answered; `no_answer` when it gave none in time;
 * ConfigError `socket_forbidden` when the socket is another user's.
 */
export async function askControl<Ask extends ControlAsk>(
  path: string,
  ask: Ask,
  waitMs = answerMs,
): Promise<ControlResult<Ask['act']> | undefined> {
  const socket = await open(path);
  if (socket === undefined) return undefined;
  const timer = setTimeout(() => socket.destroy(), waitMs);
  try {
    socket.write(`${JSON.stringify({ v: 1, id: 1, ...ask })}\n`);
    for await (const line of readLines(socket))
      return read(line, ask.act) as ControlResult<Ask['act']>;
  } catch (error) {
    if (error instanceof ContractError) throw error;
    // the connection broke: no answer
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
  throw new ContractError(
    'no_answer',
    `The running process took the request and did not answer (waited up to ${waitMs} ms). \`readback inspect\` shows what became of it.`,
  );
}

function read(line: string | symbol, act: ControlRequest['act']): unknown {
  let answer: ControlAnswer;
  try {
    answer = ControlAnswer.parse(JSON.parse(String(line)));
  } catch (error) {
    throw new ContractError(
      'answer_invalid',
      'The running process gave an answer that cannot be read. Is it of another version?',
      { cause: error },
    );
  }
  if (!answer.ok) throw new ContractError(answer.error.code, answer.error.message);
  const result = results[act].safeParse(answer.result);
  if (result.success) return result.data;
  throw new ContractError(
    'answer_invalid',
    'The running process gave a result that cannot be read. Is it of another version?',
    { cause: result.error },
  );
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(
        new ContractError(
          'no_answer',
          'The running process does not take connections on its control socket.',
        ),
      );
    }, connectMs);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ENOTSOCK')
        return resolve(undefined);
      if (error.code === 'EACCES' || error.code === 'EPERM') {
        return reject(
          new ConfigError(
            'socket_forbidden',
            `The control socket ${path} belongs to another user. Run this as the user that runs \`readback start\`.`,
            { cause: error },
          ),
        );
      }
      return reject(
        new ContractError(
          'no_answer',
          `The control socket ${path} could not be opened (${error.code ?? error.message}).`,
          { cause: error },
        ),
      );
    });
  });
}

import { TaskId } from '../../src/contracts/id.ts';
import type {
  AskReply,
  AskRequest,
  SessionSpec,
  TaskInput,
  TaskIO,
  WorkerEvent,
} from '../../src/contracts/worker.ts';
import { createSystemRuntime } from '../../src/core/system-runtime.ts';
import { uuidv7 } from '../../src/core/uuid.ts';

/** A TaskIO that keeps what it was told and answers what it is given. */
export interface FakeIO extends TaskIO {
  readonly events: WorkerEvent[];
  readonly asked: AskRequest[];
  readonly abort: AbortController;
  touched: number;
  reply: AskReply;
}

export function createIO(): FakeIO {
  const abort = new AbortController();
  const io: FakeIO = {
    abort,
    events: [],
    asked: [],
    touched: 0,
    reply: { outcome: 'cancelled', reason: 'timed_out' },
    signal: abort.signal,
    emit: (event) => void io.events.push(event),
    ask(request) {
      io.asked.push(request);
      return Promise.resolve(io.reply);
    },
    touch() {
      io.touched += 1;
    },
  };
  return io;
}

export function taskInput(text: string): TaskInput {
  const id = TaskId.parse(uuidv7(createSystemRuntime()));
  return { id, text, files: [], attempt: 1, person: { id: 'p1', name: 'Pat' } };
}

export const sessionSpec: SessionSpec = { sessionId: 's1', channel: 'web/bot/c1', transcript: [] };

import type { JournalEntry } from '../contracts/event.ts';
import type { Task } from '../contracts/task.ts';
import type { WorkerEvent } from '../contracts/worker.ts';
import { clip } from './clip.ts';

/** Pure: what of a worker's event the Journal keeps: names and states, no text and no deltas. */
export function activityOf(event: WorkerEvent, task: Task): JournalEntry | undefined {
  const about = { taskId: task.id, channel: task.channel, sessionId: task.session };
  switch (event.kind) {
    case 'started':
      return {
        name: 'worker.started',
        data: event.nativeId === undefined ? {} : { nativeId: clip(event.nativeId, 200) },
        ...about,
      };
    case 'tool_call': {
      const { id, name, status } = event.call;
      return {
        name: 'worker.tool',
        data: { callId: clip(id, 200), name: clip(name, 200), status },
        ...about,
      };
    }
    case 'tool_update': {
      const { id, name, status } = event.call;
      return {
        name: 'worker.tool',
        data: {
          callId: clip(id, 200),
          name: clip(name ?? '', 200),
          status: status ?? 'in_progress',
        },
        ...about,
      };
    }
    case 'warning':
      return {
        name: 'worker.warning',
        data: { code: clip(event.code, 200), message: clip(event.message, 500) },
        ...about,
      };
    case 'text':
    case 'reasoning':
    case 'text_snapshot':
    case 'text_discarded':
    case 'plan':
    case 'progress':
    case 'output':
    case 'artifact':
    case 'usage':
    case 'session_info':
      return undefined;
  }
}

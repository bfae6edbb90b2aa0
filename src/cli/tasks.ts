import type { TaskState } from '../contracts/task.ts';
import { type CliContext, type ExitCode, exitDone } from './context.ts';
import { agoText, durationText } from './instant.ts';
import { type TaskItem, taskItem } from './item.ts';
import { type ListOptions, type ListView, listDocument, printList } from './list.ts';
import { findDatabase, withRecords } from './location.ts';

export interface TasksOptions extends ListOptions {
  readonly open?: boolean;
  readonly state?: TaskState;
}

/** `readback tasks`: the Tasks by acceptance, oldest first. */
export async function tasksCommand(context: CliContext, options: TasksOptions): Promise<ExitCode> {
  const file = await findDatabase(context, options);
  const nowMs = (await context.parts.createRuntime()).wallMs();
  const document = await withRecords(context, file, async (records) => {
    const filter = {
      ...(options.open ? { open: true } : {}),
      ...(options.state === undefined ? {} : { state: options.state }),
    };
    const page = await records.tasks.list(filter, { limit: options.limit, after: options.after });
    const items: TaskItem[] = [];
    for (const task of page.rows) items.push(taskItem(task, await records.tasks.shortId(task.id)));
    return listDocument(page, items);
  });
  printList(context, options, { document, view: view(options, nowMs) });
  return exitDone;
}

function view(options: TasksOptions, nowMs: number): ListView<TaskItem> {
  const filters = `${options.open ? ' --open' : ''}${options.state === undefined ? '' : ` --state ${options.state}`}`;
  return {
    command: `readback tasks${filters}`,
    none: options.open || options.state !== undefined ? 'No such tasks' : 'No tasks',
    columns: [
      { title: 'SEQ', cell: (task) => String(task.seq), align: 'end' },
      { title: 'TASK', cell: (task) => task.shortId },
      {
        title: 'STATE',
        cell: (task) => ('end' in task && task.state === 'ended' ? task.end : task.state),
      },
      { title: 'PROMISE', cell: (task) => task.contract },
      { title: 'ASKED', cell: (task) => agoText(task.acceptedAtMs, nowMs), align: 'end' },
      { title: 'TOOK', cell: (task) => tookText(task, nowMs), align: 'end' },
      { title: 'WORKER', cell: (task) => task.worker },
      { title: 'BY', cell: (task) => task.person.name ?? task.person.id },
      { title: 'TITLE', cell: (task) => task.title },
    ],
  };
}

/** From acceptance to the end, or to now. */
function tookText(task: TaskItem, nowMs: number): string {
  return durationText((task.endedAtMs ?? nowMs) - task.acceptedAtMs);
}

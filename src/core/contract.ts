import { ContractError } from '../contracts/error.ts';
import {
  type Contract,
  type ContractState,
  contractMoves,
  type Deadlines,
  type DeadlinesPatch,
  Deadlines as DeadlinesSchema,
  deadlineDefaults,
  type Task,
  type TaskState,
  taskMoves,
} from '../contracts/task.ts';

/** The clocks of a new Task: defaults, then relay, adapter and worker, the later over the earlier. */
export function deadlinesOf(...patches: readonly (DeadlinesPatch | undefined)[]): Deadlines {
  return DeadlinesSchema.parse(Object.assign({}, deadlineDefaults, ...patches));
}

/** Moves a Task along its table; anything else is a fault of ours. */
export function moveTask(task: Task, to: TaskState): void {
  if (!taskMoves[task.state].includes(to)) {
    throw new ContractError('illegal_move', `a task cannot go from ${task.state} to ${to}`, {
      ids: { task: task.id },
    });
  }
  task.state = to;
}

/** Moves a Contract along its table; a move to where it stands changes nothing. */
export function moveContract(task: Task, to: ContractState): void {
  const { contract } = task;
  if (contract.state === to) return;
  if (!contractMoves[contract.state].includes(to)) {
    throw new ContractError(
      'illegal_move',
      `a contract cannot go from ${contract.state} to ${to}`,
      { ids: { task: task.id } },
    );
  }
  contract.state = to;
}

/** The silence clocks start anew: something was surfaced, or somebody came. */
export function restartSilence(task: Task, nowMs: number): void {
  const { progressMs } = task.deadlines;
  task.contract.heartbeatDueAtMs = nowMs + Math.floor((progressMs * 2) / 3);
  task.contract.progressDueAtMs = nowMs + progressMs;
}

/** They hold: nobody is there, a question is open, the Task has ended. */
export function holdSilence(task: Task): void {
  task.contract.heartbeatDueAtMs = undefined;
  task.contract.progressDueAtMs = undefined;
}

/** Every clock of a Task off. */
export function stopClocks(task: Task): void {
  const { state, lastSurfacedAtMs } = task.contract;
  task.contract = { state, ...(lastSurfacedAtMs === undefined ? {} : { lastSurfacedAtMs }) };
  task.dueAtMs = undefined;
}

/** Sets when the nearest clock of a Task fires. Call before it is put. */
export function setDue(task: Task): Task {
  const clocks = task.contract;
  task.dueAtMs = nearest(
    clocks.ackDueAtMs,
    clocks.heartbeatDueAtMs,
    clocks.progressDueAtMs,
    clocks.queueDueAtMs,
    clocks.terminalDueAtMs,
    clocks.graceDueAtMs,
    clocks.askDueAtMs,
  );
  return task;
}

export function nearest(...times: readonly (number | undefined)[]): number | undefined {
  let least: number | undefined;
  for (const time of times)
    if (time !== undefined && (least === undefined || time < least)) least = time;
  return least;
}

/** Something of the Task was surfaced: the only thing that moves it to acked or progressing. */
export function contractSurfaced(task: Task, nowMs: number): void {
  const next: Readonly<Partial<Record<Contract['state'], ContractState>>> = {
    created: 'acked',
    acked: 'progressing',
    sla_missed: 'progressing',
  };
  const to = next[task.contract.state];
  if (to !== undefined) moveContract(task, to);
  task.contract.lastSurfacedAtMs = nowMs;
  task.contract.ackDueAtMs = undefined;
}

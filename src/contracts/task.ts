import { z } from 'zod';
import { AskId, ChannelKey, InboundId, OwnerId, ReceiptId, SessionId, TaskId } from './id.ts';

const ms = (min: number, max: number) => z.int().min(min).max(max);
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const deadlineShape = {
  /** From acceptance: the ack becomes ripe. An answer that comes before needs none. Default 1.5 s. */
  ackDelayMs: ms(1, minute),
  /** From acceptance, until the first thing of the Task was surfaced. Default 5 s. */
  ackMs: ms(1, 10 * minute),
  /** The longest silence; at two thirds of it a heartbeat is composed. Default 45 s. */
  progressMs: ms(1, day),
  /** The shortest distance of two progress receipts of a Task. Default 2 s. */
  progressEveryMs: ms(1, hour),
  /** From acceptance, while queued. Default 30 min. */
  queueMs: ms(1, 7 * day),
  /** From the start of the work: then it is aborted. Default 30 min. */
  terminalMs: ms(1, 30 * day),
  /** From the worker's last sign of life; 0 is off. Default off. */
  idleMs: ms(0, 7 * day),
  /** How long an aborted worker may take. Default 5 s. */
  graceMs: ms(1, hour),
  /** How long a question may be answered after it was surfaced. Default 10 min. */
  answerMs: ms(1, 30 * day),
};

/** Some of the clocks: what a worker, an adapter or the configuration sets over the defaults. */
export const DeadlinesPatch = z.strictObject(deadlineShape).partial();
export type DeadlinesPatch = z.infer<typeof DeadlinesPatch>;

/** The clocks of a Task, in milliseconds. A running Task keeps those it began with. */
export const Deadlines = z.strictObject(deadlineShape).superRefine((d, ctx) => {
  const less = (a: keyof typeof d, b: keyof typeof d, orEqual = false): void => {
    if (orEqual ? d[a] <= d[b] : d[a] < d[b]) return;
    const bound = `${orEqual ? 'at most' : 'less than'} ${b} (${d[b]})`;
    ctx.addIssue({
      code: 'custom',
      path: [a],
      input: d[a],
      message: `must be ${bound}, got ${d[a]}`,
    });
  };
  less('ackDelayMs', 'ackMs');
  less('ackMs', 'progressMs');
  less('progressMs', 'terminalMs');
  less('graceMs', 'terminalMs');
  less('answerMs', 'terminalMs', true);
});
export type Deadlines = z.infer<typeof Deadlines>;

export const deadlineDefaults: Deadlines = {
  ackDelayMs: 1.5 * second,
  ackMs: 5 * second,
  progressMs: 45 * second,
  progressEveryMs: 2 * second,
  queueMs: 30 * minute,
  terminalMs: 30 * minute,
  idleMs: 0,
  graceMs: 5 * second,
  answerMs: 10 * minute,
};

const sendShape = {
  /** One send, at most; then it is aborted. Default 10 s. */
  sendMs: ms(1, 10 * minute),
  /** The lease of a claim: outlives the send by 5 s at least. Default 15 s. */
  leaseMs: ms(1, hour),
  /** How long a receipt waits for evidence that is still too weak. Default 60 s. */
  evidenceMs: ms(1, day),
  /** A head unsettled for so long is parked. Default 10 min. */
  blockMs: ms(1, day),
  /** A receipt's life, counted while its Channel has an audience. Default 24 h. */
  expireMs: ms(1, 365 * day),
  /** How long settled rows stay, and how long a terminal waits for an audience. Default 30 days. */
  retainMs: ms(1, 3650 * day),
  /** The life of an amend. Default 10 min. */
  amendMs: ms(1, day),
  /** A Task's lease by its process, renewed at a third. Default 30 s. */
  taskLeaseMs: ms(3, hour),
  /** How long a stop may take. Default 10 s. */
  drainMs: ms(1, hour),
  /** First wait of the exponential backoff. Default 500 ms. */
  backoffMs: ms(1, minute),
  /** Longest wait of the exponential backoff. Default 60 s. */
  backoffCapMs: ms(1, day),
  /** How long `attach` of one worker may hold the start. Default 5 s. */
  attachMs: ms(1, minute),
};
export const SendClocksPatch = z.strictObject(sendShape).partial();
export type SendClocksPatch = z.infer<typeof SendClocksPatch>;

/** The clocks of sending and of the process, in milliseconds: one set for the whole relay. */
export const SendClocks = z.strictObject(sendShape).superRefine((c, ctx) => {
  if (c.leaseMs >= c.sendMs + 5 * second) return;
  const message = `must be at least sendMs + 5000 (${c.sendMs + 5 * second}), got ${c.leaseMs}`;
  ctx.addIssue({ code: 'custom', path: ['leaseMs'], input: c.leaseMs, message });
});
export type SendClocks = z.infer<typeof SendClocks>;

export const sendClockDefaults: SendClocks = {
  sendMs: 10 * second,
  leaseMs: 15 * second,
  evidenceMs: minute,
  blockMs: 10 * minute,
  expireMs: day,
  retainMs: 30 * day,
  amendMs: 10 * minute,
  taskLeaseMs: 30 * second,
  drainMs: 10 * second,
  backoffMs: 500,
  backoffCapMs: minute,
  attachMs: 5 * second,
};

export const TaskState = z.enum(['queued', 'running', 'waiting', 'aborting', 'ended']);
export type TaskState = z.infer<typeof TaskState>;
export const TaskEnd = z.enum(['completed', 'failed', 'cancelled', 'timed_out', 'interrupted']);
export type TaskEnd = z.infer<typeof TaskEnd>;
export const taskMoves: Readonly<Record<TaskState, readonly TaskState[]>> = {
  queued: ['running', 'ended'],
  running: ['waiting', 'aborting', 'ended'],
  waiting: ['running', 'aborting', 'ended'],
  aborting: ['ended'],
  ended: [],
};

export const ContractState = z.enum([
  'created',
  'acked',
  'progressing',
  'sla_missed',
  'terminal_pending',
  'terminal_acked',
  'terminal_failed',
]);
export type ContractState = z.infer<typeof ContractState>;
export const contractMoves: Readonly<Record<ContractState, readonly ContractState[]>> = {
  created: ['acked', 'sla_missed', 'terminal_pending'],
  acked: ['progressing', 'sla_missed', 'terminal_pending'],
  progressing: ['sla_missed', 'terminal_pending'],
  sla_missed: ['progressing', 'terminal_pending'],
  terminal_pending: ['terminal_acked', 'terminal_failed'],
  terminal_acked: [],
  terminal_failed: ['terminal_pending', 'terminal_acked'],
};

const at = z.int().nonnegative();

/** How a Task ends, or will: what is stored is what is shown. */
export const EndCause = z.strictObject({
  end: TaskEnd,
  /** A code (`never_started`, `no_result`, `replaced`) or, for a cancel, the words given. */
  reason: z.string().max(500),
  /** Who did it, by name. */
  by: z.string().max(200).optional(),
});
export type EndCause = z.infer<typeof EndCause>;

/**
 * The promise of one Task: absolute instants and a state. It lives in the Task's row.
 * A clock that is off or holds is absent.
 */
export const Contract = z.strictObject({
  state: ContractState,
  ackDueAtMs: at.optional(),
  /** The next heartbeat: two thirds of `progressMs` after the last thing surfaced. */
  heartbeatDueAtMs: at.optional(),
  /** `progressMs` after the last thing surfaced: passing it is a fault. */
  progressDueAtMs: at.optional(),
  queueDueAtMs: at.optional(),
  terminalDueAtMs: at.optional(),
  graceDueAtMs: at.optional(),
  /** The open question's reminder or end, whichever is nearer. */
  askDueAtMs: at.optional(),
  lastSurfacedAtMs: at.optional(),
});
export type Contract = z.infer<typeof Contract>;

/** The one message of a Task that is edited while it runs. */
export const LiveMessage = z.strictObject({
  receiptId: ReceiptId,
  handle: z.string().max(1_000),
  channel: ChannelKey,
  shownAtMs: at,
  /** An edit of it whose outcome is unknown may still arrive: the terminal edit is then made twice. */
  unknownEdit: z.boolean().default(false),
});
export type LiveMessage = z.infer<typeof LiveMessage>;

/** One unit of work that a Message started; what agents call a turn. */
export const Task = z.strictObject({
  id: TaskId,
  /** Order of acceptance over the whole store. */
  seq: z.int().nonnegative(),
  channel: ChannelKey,
  session: SessionId,
  inbound: InboundId,
  /** Whose it is. */
  personId: z.string(),
  personName: z.string().optional(),
  worker: z.string(),
  title: z.string(),
  text: z.string(),
  files: z.array(z.unknown()),
  /** The platform's id of the asking message; absent for `submit`. */
  anchor: z.string().optional(),
  state: TaskState,
  contract: Contract,
  deadlines: Deadlines,
  /** The end, or in `aborting` what it will be. */
  cause: EndCause.optional(),
  /** The final text that the worker gave; untouched. */
  result: z.string().optional(),
  error: z.string().max(2_000).optional(),
  owner: OwnerId.optional(),
  fence: z.int().nonnegative(),
  leaseUntilMs: at.optional(),
  acceptedAtMs: at,
  startedAtMs: at.optional(),
  endedAtMs: at.optional(),
  live: LiveMessage.optional(),
  /** The receipt that shows it first, and so names the live message from the first streamed byte. */
  ackReceipt: ReceiptId.optional(),
  ask: AskId.optional(),
  /** Its texts do not stand directly under their question (it was queued, retried, submitted): they name it. */
  apart: z.boolean(),
  retryOf: TaskId.optional(),
  attempt: z.int().positive(),
  /** How many progress receipts and questions were opened: their revision. */
  revision: z.int().nonnegative(),
  /** Worker activity rows written to the Journal; beyond the limit they are counted, not stored. */
  activity: z.int().nonnegative(),
  /** When the nearest of its clocks fires; absent when none runs. */
  dueAtMs: at.optional(),
});
export type Task = z.infer<typeof Task>;

/**
 * The places at which a test kills the process (`Runtime.crashPoint`), because something is stored there that the
 * outside does not know, or the reverse. In production they are nothing.
 */
export const crashPoints = {
  'inbound.stored': 'an Inbound is stored, with its Task and ack; the platform was not told',
  'receipt.claimed': 'a claim and its attempt are stored; nothing was sent',
  'receipt.answered': 'the platform answered a send or a look; nothing of it is stored',
  'receipt.settled':
    'an answer is stored: shown, backed off, rerouted or dead with its incident; nobody was told',
  'task.started': 'the start of a Task is stored; its worker was not called',
  'task.answered': 'a worker ended; nothing of it is stored',
  'task.ended': 'the end of a Task and its terminal are stored; nothing of it was sent',
  'clock.due': 'a clock of a Task is due; nothing of it is stored',
  'clock.fired': 'what a clock does is stored; nothing of it was sent',
  'clock.jumped': 'all stored times were moved; the timers were not',
  'store.committing': 'all of a batch is written; its commit was not begun',
  'store.committed': 'a batch is committed; nobody who asked for it knows',
  'store.migrating': 'a migration is half done',
  'store.checkpointing': 'the log is about to be cut',
  'stop.drained': 'a stop has waited for the work; what is left was not ended',
  'stop.interrupted': 'a stop has ended what was left; it was not told',
  'recovery.clock': 'a restart has looked at the clock; nothing else was recovered',
  'recovery.leases': 'a restart has released the leases of the dead',
  'recovery.task': 'a restart has ended or adopted one Task of the dead',
  'recovery.tasks': 'a restart has ended or adopted all Tasks of the dead',
  'recovery.clocks': 'a restart has fired what was overdue',
} as const;
export type CrashPoint = keyof typeof crashPoints;

/** What a kill must survive as well and has no place in our code: where else it is tested. */
export const crashPointsOutside = {
  'sent, its answer not read': 'the platform holds its answer back while the process is killed',
  'inside COMMIT': 'a shim kills at the n-th fsync',
  'a terminal without its end, an end without its terminal': 'one commit: see store.committing',
  'dead without its incident': 'one commit: see store.committing',
  'a clock and an end at once': 'both are scripts and the first wins: see clock.due, task.answered',
} as const;

/** What comes with the parts that need it. */
export const crashPointsLater = {
  'a session snapshot is written, its idleness is not published': 'agents',
  'a directory is claimed, its worker was not started': 'workers with a directory',
  'a worktree is made, its row is not written': 'workers with a directory',
  'a pending change is replaced, not shown': 'workers that propose changes',
} as const;

/** Every bound of the core in one place. Times are milliseconds. */
export const limit = {
  /** Tasks at work at once, unless configured. */
  concurrency: 64,
  /** Tasks that may wait for one Session, unless configured. */
  queueMax: 20,
  /** The most that may be configured. */
  queueMaxMax: 1_000,
  /** Sends in flight per Account: each Channel has one at most. */
  sendsPerAccount: 32,
  /** An amend is tried so often at least, also after its time. */
  amendAttempts: 8,
  /** Streamed text kept of one Task for showing; the result is what counts. */
  streamChars: 200_000,
  /** Shortest distance of two shows of streamed text of one Task. */
  streamEveryMs: 80,
  /** Progress text: it fits one message. */
  progressGraphemes: 1_000,
  /** Events of one Task that are written to the Journal as activity. */
  activityRows: 1_000,
  /** Transcript items given to a worker. */
  transcriptItems: 200,
  /** Rows that one round of a sweep looks at. */
  batch: 500,
  /** Rows deleted by one step of pruning. */
  pruneRows: 200,
  pruneEveryMs: 60_000,
  /** While there is more to prune. */
  pruneAgainMs: 1_000,
  /** Starting an adapter: it may have to connect. */
  startMs: 60_000,
  /** Catching up on what was missed, of one adapter. */
  catchUpMs: 60_000,
  /** After the drain: what was just interrupted may still be told. */
  tellMs: 2_000,
  drainStepMs: 50,
  /** Closing an adapter or a worker. */
  closeMs: 5_000,
  /** Rounds without anything to do before the relay counts as settled. */
  quietRounds: 5,
  /** The store is asked for what is due although nothing said so: a backstop, not the clock. */
  pollMs: 10_000,
  /** The wall clock may run apart from ours by this much. */
  clockDriftMs: 2_000,
  /** Deaths in a row before a Receipt is given up: it must not crash-loop the bot. */
  deathsMax: 3,
  /** First wait and longest wait before a write that failed is tried again. */
  rewriteMs: 100,
  rewriteCapMs: 5_000,
  /** A row that cannot be read is taken out of a script's way so often. */
  quarantines: 20,
  /** After its abort a port call is waited for so long, then left behind. */
  portGraceMs: 1_000,
  /** Late in health: the oldest Receipt that somebody could have seen. */
  backlogMs: 120_000,
  /** Characters of a stored error message. */
  errorChars: 2_000,
  /** A text in a Journal row, so that the row stays under 4 KiB in any script. */
  journalChars: 600,
  /** What a person sees of a worker's error. */
  shownErrorChars: 500,
  /** Adapter notes. */
  adapterStateBytes: 65_536,
  /** A short id has at least so many characters. */
  shortIdMin: 4,
  /** Jitter put on a platform's retry time. */
  retryJitterMs: 250,
} as const;

/**
 * The clocks of a task, and time itself.
 * @type {readonly import('./apply.mjs').Mutant[]}
 */
export const clockMutants = [
  {
    name: 'ack-clock-fires-in-silence',
    file: 'src/core/fire.ts',
    search: `yield* missed(work, task, 'ack', contract.ackDueAtMs);`,
    replace: '',
    why: 'No clock passes in silence: a missed ack is written.',
    first: ['test/core/task-clocks.test.ts'],
  },
  {
    name: 'terminal-clock-fires-in-silence',
    file: 'src/core/fire.ts',
    search: `yield* missed(work, task, 'terminal', contract.terminalDueAtMs);`,
    replace: '',
    why: 'No clock passes in silence: a missed terminal is written.',
    first: ['test/core/task-clocks.test.ts'],
  },
  {
    name: 'heartbeat-never-stops',
    file: 'src/core/fire.ts',
    search: `contract.heartbeatDueAtMs = undefined;
    yield*`,
    replace: `contract.heartbeatDueAtMs = work.now + 1_000;
    yield*`,
    why: 'A heartbeat comes at two thirds of the silence, and the next one after it was shown.',
    first: ['test/core/task-clocks.test.ts'],
  },
  {
    name: 'one-heartbeat-and-no-more',
    file: 'src/core/surface.ts',
    search: `else if (task.state !== 'waiting') restartSilence(task, work.now);`,
    replace: `else if (task.contract.state === 'acked') restartSilence(task, work.now);`,
    why: 'Never more than progressMs of silence, for as long as the work lasts.',
    first: ['test/faults/h06-only-what-is-seen-counts.test.ts', 'test/core/task-clocks.test.ts'],
  },
  {
    name: 'contract-moved-by-the-worker',
    file: 'src/core/run-task.ts',
    search: `if (task?.state !== 'running') return;`,
    replace: `if (task?.state !== 'running') return;
        if (task.contract.state === 'created') task.contract.state = 'acked';
        task.contract.progressDueAtMs = work.now + deadlines.progressMs;`,
    why: 'What a worker says or does moves no contract and no clock; only what was seen does.',
    first: ['test/faults/h06-only-what-is-seen-counts.test.ts'],
  },
  {
    name: 'clocks-run-on-after-the-end',
    file: 'src/core/task-end.ts',
    search: 'stopClocks(task);',
    replace: '',
    why: 'An ended task waits for no time.',
    first: ['test/core/task-clocks.test.ts', 'test/core/first-light.test.ts'],
  },
  {
    name: 'late-while-nobody-looks',
    file: 'src/core/audience.ts',
    search: 'yield* resetAll(work, channel.key, false);',
    replace: '',
    why: 'Without an audience nothing is late: the silence clocks hold.',
    first: ['test/core/delivery-audience.test.ts'],
  },
  {
    name: 'absence-uses-up-a-receipt',
    file: 'src/core/audience.ts',
    search: 'receipt.expiresAtMs += Math.min(absentMs, work.now - receipt.openedAtMs);',
    replace: '',
    why: 'Time without an audience does not count towards the life of a receipt.',
    first: ['test/core/delivery-audience.test.ts'],
  },
  {
    name: 'typing-never-stops',
    file: 'src/core/showing.ts',
    search: 'this.#stopped.abort();',
    replace: '',
    why: 'Typing ends with the work.',
    first: ['test/faults/f31-typing.test.ts'],
  },
  {
    name: 'task-lease-is-not-renewed',
    file: 'src/core/runner.ts',
    search: 'work.renewTasks(core.owner, work.now + core.clocks.taskLeaseMs);',
    replace: '',
    why: 'A task at work keeps its lease; nobody else may recover it.',
    first: ['test/core/two-at-work.test.ts'],
  },
  {
    name: 'clock-jump-fires-everything',
    file: 'src/core/sweeper.ts',
    search: 'yield* work.shiftTimes(deltaMs);',
    replace: '',
    why: 'When the wall clock jumps every open time moves with it: nothing fires, nothing starves.',
    first: ['test/core/task-trouble.test.ts'],
  },
  {
    name: 'moved-deadline-is-lost',
    file: 'src/core/deadlines.ts',
    search: 'const entry = { key, dueAtMs, dead: false };',
    replace: 'const entry = { key, dueAtMs, dead: old !== undefined };',
    why: 'An entry of the due heap that is set again moves; it is not lost.',
    first: ['test/core/deadlines.test.ts'],
  },
];

/**
 * Coming in, queues, questions and ends.
 * @type {readonly import('./apply.mjs').Mutant[]}
 */
export const taskMutants = [
  {
    name: 'ack-to-the-platform-before-store',
    file: 'src/core/host.ts',
    search: `await core.write('accept', (work) => acceptInbound(work, core, inbound));`,
    replace: `{ kind: 'accepted', seq: 0 } as const;
        core.write('accept', (work) => acceptInbound(work, core, inbound)).catch(() => undefined);`,
    why: 'Store first, then tell the platform: what could not be stored must be redelivered.',
    first: ['test/faults/f32-order-and-ack.test.ts'],
  },
  {
    name: 'acked-before-anything-is-sent',
    file: 'src/core/admit.ts',
    search: `contract: { state: 'created',`,
    replace: `contract: { state: 'acked',`,
    why: 'Only a settled receipt moves a contract to acked; acceptance does not.',
    first: ['test/faults/h06-only-what-is-seen-counts.test.ts', 'test/core/first-light.test.ts'],
  },
  {
    name: 'redelivery-makes-a-second-task',
    file: 'src/core/inbox.ts',
    search: 'const key = inboundKey(inbound);',
    replace: `const key = inboundKey(inbound) + '|' + newId(core);`,
    why: 'The redelivery of a message finds its row and changes nothing.',
    first: ['test/core/task-trouble.test.ts', 'test/faults/f32-order-and-ack.test.ts'],
  },
  {
    name: 'terminal-without-receipt',
    file: 'src/core/task-end.ts',
    search:
      'yield* sayEnd(work, core, task, { ...ending, labelled: ending.labelled === true || wasQueued });',
    replace: '',
    why: 'Every ended task has one terminal receipt, opened in the transaction of its end.',
    first: ['test/core/first-light.test.ts'],
  },
  {
    name: 'late-end-overwrites',
    file: 'src/core/task-end.ts',
    search: `if (task.state === 'ended') return false;`,
    replace: `if (task.state === 'ended') {
    work.putTask({ ...task, cause: ending.cause, result: ending.text ?? task.result });
    return true;
  }`,
    why: 'The first end wins; later ones change nothing.',
    first: ['test/faults/f14-one-completion.test.ts', 'test/core/task-clocks.test.ts'],
  },
  {
    name: 'a-terminal-of-each-revision',
    file: 'src/core/open.ts',
    search: `const single = kind === 'ack' || kind === 'terminal';`,
    replace: `const single = kind === 'ack';`,
    why: 'A task has one terminal, found by its key: a second producer is a no-op.',
    first: ['test/core/delivery-evidence.test.ts'],
  },
  {
    name: 'cancel-after-the-end-says-cancelled',
    file: 'src/core/abort.ts',
    search: `return { kind: 'already_ended', cause: standing };`,
    replace: `return { kind: 'ended' };`,
    why: 'A cancel that comes after the end says that it had ended, and makes no second end.',
    first: ['test/core/task-commands.test.ts'],
  },
  {
    name: 'abort-does-not-reach-the-worker',
    file: 'src/core/runner.ts',
    search: `emitter.on('task.aborting', (cause, { taskId }) => this.#of(taskId)?.abort(cause)),`,
    replace: '',
    why: 'A worker is told to stop when its task is aborted, and has its grace to end it.',
    first: ['test/core/task-commands.test.ts', 'test/core/task-clocks.test.ts'],
  },
  {
    name: 'queue-stops-after-an-error',
    file: 'src/core/task-end.ts',
    search: 'session.busy === undefined && session.queued > 0 ?',
    replace: `ending.cause.end === 'completed' && session.busy === undefined && session.queued > 0 ?`,
    why: 'The queue drains on every end, errors included.',
    first: ['test/core/task-queue.test.ts'],
  },
  {
    name: 'interrupt-leaves-two-running',
    file: 'src/core/admit.ts',
    search: 'if (session.busy !== undefined) yield* abortTask(work, core, session.busy, cause);',
    replace: `if (session.busy !== undefined) {
    yield* abortTask(work, core, session.busy, cause);
    const freed = present(yield* work.session(session.id), 'session', session.id);
    freed.busy = undefined;
    work.putSession(freed);
  }`,
    why: 'One task at a time per session: the new one waits for the end of the replaced one.',
    first: ['test/core/task-queue.test.ts'],
  },
  {
    name: 'session-is-never-released',
    file: 'src/core/task-end.ts',
    search: 'session.busy = undefined;',
    replace: '',
    why: 'The end of a task frees its session for the next one.',
    first: ['test/core/task-queue.test.ts'],
  },
  {
    name: 'question-counts-down-unseen',
    file: 'src/core/question.ts',
    search: 'untilMs: latestAnswer(task),',
    replace: 'untilMs: Math.min(latestAnswer(task), work.now + task.deadlines.answerMs),',
    why: 'A question that nobody could see yet waits until the task must end.',
    first: ['test/core/task-questions.test.ts'],
  },
  {
    name: 'question-answered-twice',
    file: 'src/core/press.ts',
    search: `if (ask.state === 'answered') return 'already_answered';`,
    replace: '',
    why: 'A question is answered once; who comes second is told so.',
    first: ['test/core/task-questions.test.ts'],
  },
  {
    name: 'anybody-may-answer',
    file: 'src/core/inbox.ts',
    search: '(ask.personId === person.id || person.operator)',
    replace: 'person.id !== undefined',
    why: 'The next plain message of a person who may answer is the answer, not of any other.',
    first: ['test/core/task-questions.test.ts'],
  },
  {
    name: 'buttons-stay',
    file: 'src/core/question.ts',
    search: 'if (target === undefined) return;',
    replace: 'return;',
    why: 'When a question closes its buttons go.',
    first: ['test/core/task-questions.test.ts'],
  },
  {
    name: 'amend-is-never-opened',
    file: 'src/core/surface.ts',
    search: `const shown = yield* work.receiptsShownOf(task.id, ['amend']);`,
    replace: `if (task.id !== undefined) return;
  const shown = yield* work.receiptsShownOf(task.id, ['amend']);`,
    why: 'Nothing that was shown stays in a running state after the end.',
    first: ['test/core/first-light.test.ts', 'test/core/delivery-routes.test.ts'],
  },
  {
    name: 'drain-forgets-the-tasks',
    file: 'src/core/engine.ts',
    search: 'const interrupted = this.#hurry.signal.aborted ? 0 : await this.#interruptRest();',
    replace: 'const interrupted = 0;',
    why: 'What a stop cuts off ends interrupted and is told before the exit.',
    first: ['test/core/task-restart.test.ts'],
  },
  {
    name: 'stop-leaves-a-send-behind',
    file: 'src/core/engine.ts',
    search: '() => this.#loop.busy === 0);',
    replace: '() => true);',
    why: 'A stop waits for the answer of a send that is under way, and stores it.',
    first: ['test/core/task-restart.test.ts'],
  },
  {
    name: 'recovery-runs-the-worker-again',
    file: 'src/core/resume.ts',
    search: 'if (worker?.capabilities.reattach !== true) return undefined;',
    replace: `if (worker === undefined) return undefined;
  if (worker.capabilities.reattach !== true) {
    const { signal } = new AbortController();
    const { id: sessionId } = { id: task.session };
    const again = await worker.ensureSession({ sessionId, channel: task.channel, transcript: [] }, { signal });
    again.attach = (input, io) => again.prompt(input, io);
    return again;
  }`,
    why: 'Work that a crash interrupted may have had effects: it is never run again silently.',
    first: ['test/faults/task-lost.test.ts', 'test/core/task-restart.test.ts'],
  },
  {
    name: 'recovery-hides-the-downtime',
    file: 'src/core/resume.ts',
    search: 'away: { fromMs, toMs: work.now },',
    replace: '',
    why: 'After downtime one honest message per task says from when to when nobody was there.',
    first: ['test/core/task-restart.test.ts', 'test/faults/f01-answer-never-arrives.test.ts'],
  },
  {
    name: 'clocks-before-the-truth',
    file: 'src/core/resume.ts',
    search: 'const recovered = await recoverLost(core, attached);',
    replace: `await fireOverdue(core);
  const recovered = await recoverLost(core, attached);`,
    why: 'A task that the downtime interrupted ends interrupted, whatever passed meanwhile.',
    first: ['test/core/task-restart.test.ts'],
  },
  {
    name: 'quarantined-task-keeps-its-session',
    file: 'src/core/quarantine.ts',
    search: 'if (session?.busy === task.data && session !== undefined) {',
    replace: 'if (session?.busy === undefined && session !== undefined) {',
    why: 'A row that cannot be read ends its task, and its session goes on.',
    first: ['test/core/task-trouble.test.ts'],
  },
];

import { TaskId } from '../contracts/id.ts';
import type { InvalidRow, Script } from '../contracts/store.ts';
import { compose } from './compose.ts';
import type { Core, Work } from './core.ts';
import { raise } from './incident.ts';
import { readChannel, refresh } from './line.ts';
import { openReceipt } from './open.ts';

/** A row that cannot be read: never guessed, taken out of the way, told. The Channel goes on. */
export function* quarantine(work: Work, core: Core, invalid: InvalidRow): Script<void> {
  const known = yield* work.quarantine(invalid, work.now);
  const reason = `${invalid.table} ${invalid.id}: ${invalid.cause}`;
  yield* raise(work, core, {
    key: `row:${invalid.table}:${invalid.id}`,
    kind: 'row_invalid',
    reason,
    channel: known.channel,
    taskId: known.task,
  });
  if (known.channel === undefined) return;
  const task = TaskId.safeParse(invalid.id);
  if (invalid.table === 'tasks' && task.success) {
    const { kind, content } = compose(
      { kind: 'unreadable', taskId: task.data },
      { words: core.words },
    );
    yield* openReceipt(work, core, {
      subject: { kind: 'task', id: task.data },
      kind,
      revision: 0,
      channel: known.channel,
      content,
    });
  }
  if (invalid.table === 'tasks' && task.success) {
    const cause = { end: 'interrupted', reason: 'row_invalid' } as const;
    const row = yield* work.task(task.data);
    if (row?.cause?.reason === cause.reason) work.putTask({ ...row, cause });
    // Its worker is left behind, and who waits for the end hears of it.
    yield* work.note({
      name: 'task.ended',
      data: cause,
      taskId: task.data,
      channel: known.channel,
      sessionId: known.session,
    });
  }
  if (known.session !== undefined) {
    const session = yield* work.session(known.session);
    if (session?.busy === task.data && session !== undefined) {
      session.busy = undefined;
      session.readyAtMs = session.queued > 0 ? work.now : undefined;
      work.putSession(session);
    }
  }
  yield* refresh(work, core, yield* readChannel(work, known.channel));
}

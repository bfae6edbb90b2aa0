import type { Channel } from '../contracts/channel.ts';
import type { ChannelKey, ChannelRef } from '../contracts/id.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import { holdSilence, restartSilence, setDue } from './contract.ts';
import type { Core, Work } from './core.ts';
import { limit } from './limit.ts';
import { channelFor, readChannel, refresh } from './line.ts';

/** Somebody came to a Channel, or the last one left: the silence clocks start anew or hold, what waits goes out or stays. */
export function* setAudience(
  work: Work,
  core: Core,
  ref: ChannelRef,
  isPresent: boolean,
): Script<void> {
  const channel = yield* channelFor(work, core, ref);
  if (channel.audience === 'always') return;
  const mine = channel.audience === 'present' && channel.audienceOwner === core.owner;
  if (!isPresent) {
    if (mine) yield* loseAudience(work, core, channel);
    return;
  }
  if (mine) return;
  const absentMs = channel.absentSinceMs === undefined ? 0 : work.now - channel.absentSinceMs;
  channel.audience = 'present';
  channel.audienceOwner = core.owner;
  channel.absentSinceMs = undefined;
  channel.headDueAtMs = work.now;
  work.putChannel(channel);
  yield* resetAll(work, channel.key, true);
  yield* wakeUnseen(work, channel.key, absentMs);
  yield* noteAudience(work, core, channel.key, true);
}

/** Nobody is there any more: from now on nothing is late. */
export function* loseAudience(work: Work, core: Core, channel: Channel): Script<void> {
  if (channel.audience === 'absent') return;
  channel.audience = 'absent';
  channel.audienceOwner = undefined;
  channel.absentSinceMs = work.now;
  work.putChannel(channel);
  yield* resetAll(work, channel.key, false);
  yield* noteAudience(work, core, channel.key, false);
}

function* resetAll(work: Work, key: ChannelKey, isPresent: boolean): Script<void> {
  for (const task of yield* work.tasksOpenIn(key)) {
    resetClocks(task, isPresent, work.now);
    work.putTask(setDue(task));
  }
}

function* noteAudience(work: Work, core: Core, key: ChannelKey, isPresent: boolean): Script<void> {
  yield* work.note({
    name: 'channel.audience',
    data: { present: isPresent },
    channel: key,
  });
  yield* refresh(work, core, yield* readChannel(work, key));
}

/** Held clocks start anew when somebody comes; nothing is late while nobody is there. */
function resetClocks(task: Task, isPresent: boolean, nowMs: number): void {
  if (isPresent && task.state !== 'waiting' && task.state !== 'aborting') {
    restartSilence(task, nowMs);
    if (task.contract.state === 'created') task.contract.ackDueAtMs = nowMs + task.deadlines.ackMs;
    return;
  }
  holdSilence(task);
  task.contract.ackDueAtMs = undefined;
}

/** Time without an audience does not count towards the life of a Receipt. */
function* wakeUnseen(
  work: Work,
  key: ChannelKey,

  absentMs: number,
): Script<void> {
  for (const receipt of yield* work.receiptsOpenIn(key, limit.batch)) {
    receipt.unseen = false;
    receipt.expiresAtMs += Math.min(absentMs, work.now - receipt.openedAtMs);
    receipt.headSinceMs = undefined;
    if (receipt.place === 'parked') receipt.dueAtMs = work.now;
    work.putReceipt(receipt);
  }
}

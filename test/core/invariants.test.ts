import { beforeEach, describe, expect, it } from 'vitest';
import type { TaskId } from '../../src/contracts/id.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { brokenInvariants } from '../support/invariants.ts';

/** A checker that sees nothing proves nothing: each planted violation is found. */
describe('the checker of the invariants', () => {
  let h: Harness;
  let id: TaskId;

  beforeEach(async () => {
    h = await startHarness();
    id = await h.say('one');
    const call = await h.worker.next();
    await h.advance(2_000);
    call.finish('ok');
    await h.advance(1_000);
  });

  const plant = (sql: string): unknown =>
    h.memory.database.exec(`PRAGMA foreign_keys = OFF; ${sql}`);

  it('finds nothing where all is well', async () => {
    expect(await brokenInvariants(h)).toEqual([]);
  });

  it.each([
    ['I1', `DELETE FROM inbounds`],
    ['I2', `DELETE FROM receipts WHERE kind = 'terminal'`],
    ['I3', `DELETE FROM receipts WHERE kind = 'ack'`],
    ['I4', `UPDATE tasks SET contract_state = 'terminal_failed'`],
    ['I4', `UPDATE receipts SET state = 'dead' WHERE kind = 'terminal'`],
    ['I5', `UPDATE receipts SET state = 'dead', reason = 'x' WHERE kind = 'terminal'`],
    ['I9', `DELETE FROM journal WHERE name = 'task.ended'`],
    ['is pending', `UPDATE receipts SET state = 'pending', open = 1 WHERE kind = 'ack'`],
    ['is busy with', `UPDATE sessions SET busy = 'x'`],
    ['counts 3 waiting', `UPDATE sessions SET queued = 3`],
  ])('finds a broken %s', async (complaint, sql) => {
    plant(sql);
    expect((await brokenInvariants(h)).join('\n')).toContain(complaint);
  });

  it('finds what still shows work and what overtook', async () => {
    const [shown] = h.platform.shown;
    if (shown === undefined) throw new Error('nothing is shown');
    shown.buttons = [{ id: `cancel:${id}`, label: 'Cancel', style: 'plain' }];
    h.platform.sent.reverse();
    const found = (await brokenInvariants(h)).join('\n');
    expect(found).toContain('still shows Cancel');
    expect(found).toContain('I6');
  });

  it('finds what was shown twice', async () => {
    await h.say('two');
    (await h.worker.next()).finish('two');
    await h.advance(1_000);
    const twice = h.platform.shown.at(-1);
    if (twice === undefined) throw new Error('nothing is shown');
    h.platform.shown.push(twice);
    expect((await brokenInvariants(h)).join('\n')).toContain('I7');
  });
});

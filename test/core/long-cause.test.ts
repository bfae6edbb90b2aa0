import { expect, it } from 'vitest';
import { startHarness } from '../support/harness.ts';

it('a cause as long as a platform likes, in any script, fails no transaction', async () => {
  const h = await startHarness();
  h.platform.decide = ({ delivery }) =>
    delivery.kind === 'terminal'
      ? { kind: 'rejected', atMs: 0, reason: 'forbidden', code: '50013', cause: '錯'.repeat(2_000) }
      : undefined;
  await h.say('work');
  (await h.worker.next()).finish('done');
  await h.runtime.settle();
  const [terminal] = (await h.receipts()).filter((receipt) => receipt.kind === 'terminal');
  expect(terminal?.state).toBe('dead');
  expect(await h.events('receipt.dead')).toHaveLength(1);
  expect(await h.events('incident.opened')).toHaveLength(1);
  expect(h.errors).toEqual([]);
});

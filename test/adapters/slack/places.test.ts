import { expect, test } from 'vitest';
import { Places } from '../../../src/adapters/slack/places.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';
import { FakeHost } from '../webchat/fake-host.ts';

test('many threads do not push out a quiet conversation, also over a restart', async () => {
  const host = new FakeHost(createFakeRuntime());
  const places = new Places(host, 'T1');
  const saw = async (conversation: string, thread?: string): Promise<void> =>
    await places.saw({
      kind: 'message',
      id: thread ?? '1',
      channel: { adapter: 'slack', account: 'T1', conversation, ...(thread ? { thread } : {}) },
      person: { id: 'U1' },
      sentAtMs: 0,
      text: 'hello',
      files: [],
      private: false,
    });
  await saw('D1');
  for (let n = 0; n < 700; n += 1) await saw('C1', `1767603600.${String(n).padStart(6, '0')}`);
  const again = new Places(host, 'T1');
  const list = await again.list();
  expect(list.filter(({ thread }) => thread === undefined)).toEqual([
    { conversation: 'C1' },
    { conversation: 'D1' },
  ]);
  expect(list.filter(({ thread }) => thread !== undefined)).toHaveLength(500);
  const note = await host.state.get('T1', 'places');
  expect(note?.length).toBeLessThan(65_536);
});

import { afterEach, describe, expect, test, vi } from 'vitest';
import { createSlack } from '../../../src/adapters/slack/index.ts';
import { createSystemRuntime } from '../../../src/core/system-runtime.ts';
import { createRelay, newOwner } from '../../../src/relay.ts';
import { openSqlite, SqliteMemory } from '../../../src/stores/sqlite/index.ts';
import { createFakeWorker } from '../../../src/testing/fake-worker.ts';
import { type FakeSlack, startFakeSlack } from '../../../src/testing/slack/index.ts';

/** Goal: the whole bot on the real clock, with each Bolt that the documentation names. */

const bolt = vi.hoisted(() => ({ name: 'slack-bolt-4', loads: 0 }));
vi.mock('@slack/bolt', async () => {
  bolt.loads += 1;
  return await import('slack-bolt-4');
});

let slack: FakeSlack;
afterEach(async () => {
  await slack.stop();
});

describe('with Bolt 4.7', () => {
  test('a mention is answered in its thread over a socket, also over the next one, and it stops', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    slack = await startFakeSlack({ limits: false });
    const { botToken: token, appToken, apiUrl } = slack;
    const runtime = createSystemRuntime();
    const owner = newOwner(runtime);
    const memory = new SqliteMemory();
    const worker = createFakeWorker();
    const relay = createRelay({
      store: await openSqlite({ file: ':memory:', runtime, owner, memory }),
      owner,
      runtime,
      adapters: [createSlack({ token, appToken, apiUrl })],
      workers: [worker],
      log: () => undefined,
    });
    await relay.start();
    await slack.sockets.connected();
    const ann = slack.person({ name: 'Ann' });
    const channel = slack.channel({ members: [ann] });

    const answered = async (text: string): Promise<string> => {
      const thread = channel.thread(ann.mention(text, { to: channel }));
      await vi.waitUntil(() => worker.calls.at(-1)?.task.text === text, { timeout: 5_000 });
      worker.calls.at(-1)?.finish(`done: ${text}`);
      const answer = await thread.waitFor(({ shown }) => shown.startsWith('done'));
      return answer.shown;
    };
    expect(await answered('first')).toBe('done: first');
    const { made } = slack.sockets;
    slack.sockets.disconnect('refresh_requested');
    await vi.waitUntil(() => slack.sockets.made > made, { timeout: 5_000 });
    await slack.sockets.connected();
    expect(await answered('second')).toBe('done: second');

    await relay.stop({ now: true });
    await vi.waitUntil(() => slack.sockets.open === 0, { timeout: 5_000 });
    memory.close();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    expect(bolt.loads).toBe(1);
  }, 30_000);
});

import { afterEach, describe, expect, test } from 'vitest';
import { OutStage, type OutStageOptions } from './out-stage.ts';

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const statuses = (): unknown[] =>
  stage.slack.callsOf('assistant.threads.setStatus').map(({ args }) => args['status']);

describe('the status of a thread', () => {
  test('says that the bot works, also below the placeholder and after ninety seconds; the answer takes it away', async () => {
    await open();
    await stage.begin();
    expect(stage.thread.status?.text).toBe('is working…');
    await stage.advance(5_000);
    // The placeholder took it away: it was set again.
    expect(stage.ours).toHaveLength(1);
    expect(stage.thread.status?.text).toBe('is working…');
    expect(statuses()).toHaveLength(2);
    for (let n = 0; n < 20; n += 1) {
      await stage.advance(30_000);
      expect(stage.thread.status?.untilMs).toBeGreaterThan(stage.harness.runtime.wallMs());
    }
    const { length } = statuses();
    expect(length).toBeLessThanOrEqual(12);
    stage.work.finish('done');
    await stage.advance(5_000);
    expect(stage.thread.status).toBeUndefined();
    await stage.advance(300_000);
    // The message itself took it away.
    expect(statuses()).toHaveLength(length);
  });

  test('is taken away when the answer stands in the place of a stream', async () => {
    await open();
    await stage.begin();
    await stage.pour(['some ', 'words '], 4_000);
    await stage.advance(90_000);
    expect(stage.thread.status?.text).toBe('is working…');
    stage.work.finish('done');
    await stage.advance(5_000);
    expect(stage.texts.at(-1)).toBe('done');
    expect(statuses().at(-1)).toBe('');
    expect(stage.thread.status).toBeUndefined();
  });

  test('is taken away when the Task is cancelled', async () => {
    await open();
    await stage.begin();
    await stage.pour(['some ', 'words '], 4_000);
    await stage.advance(90_000);
    await stage.harness.settle(stage.harness.relay.tasks.cancel(stage.work.task.id));
    await stage.advance(10_000);
    expect(stage.thread.status).toBeUndefined();
    expect(statuses().at(-1)).toBe('');
  });

  test('is taken away when the adapter stops', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(5_000);
    expect(stage.thread.status).toBeDefined();
    const stopping = stage.life.stop();
    await stage.harness.settle(stopping);
    expect(stage.thread.status).toBeUndefined();
    const { length } = slack.calls;
    await stage.advance(200_000);
    expect(slack.calls).toHaveLength(length);
  });

  test('a stop does not wait for a Slack that hangs', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(5_000);
    slack.fault('assistant.threads.setStatus', { kind: 'hang' }, { times: 10 });
    let isStopped = false;
    void stage.life.stop().then(() => {
      isStopped = true;
    });
    await stage.advance(3_000);
    expect(isStopped).toBe(true);
  });

  test('is not tried again where Slack refuses it', async () => {
    const { slack } = await open();
    slack.fault('assistant.threads.setStatus', { kind: 'error', error: 'missing_scope' });
    await stage.begin();
    await stage.advance(300_000);
    expect(statuses()).toHaveLength(1);
    stage.work.finish('done');
    await stage.advance(5_000);
    expect(stage.texts.at(-1)).toBe('done');
    expect(statuses()).toHaveLength(1);
  });

  test('H09 is no answer: what fails or hangs holds nothing up', async () => {
    const { slack } = await open();
    slack.fault('assistant.threads.setStatus', { kind: 'hang' }, { times: 100 });
    await stage.begin();
    await stage.advance(3_000);
    expect(stage.ours).toHaveLength(1);
    stage.work.finish('done');
    await stage.advance(5_000);
    expect(stage.texts.at(-1)).toBe('done');
    const { rows } = await stage.harness.relay.receipts.list({});
    expect(rows.find(({ kind }) => kind === 'terminal')?.state).toBe('surfaced');
  });

  test('has words of its own', async () => {
    await open({ config: { words: { working: 'denkt nach…' } } });
    await stage.begin();
    expect(stage.thread.status?.text).toBe('denkt nach…');
  });
});

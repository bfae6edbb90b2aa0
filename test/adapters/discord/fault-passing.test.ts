import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TaskResult } from '../../../src/contracts/worker.ts';
import type { DiscordFault } from '../../../src/testing/discord/index.ts';
import {
  ask,
  begin,
  change,
  close,
  create,
  hour,
  minute,
  openStage,
  tasks,
  typing,
} from './fault-ground.ts';
import type { Stage, StageOptions } from './stage.ts';

// Hours of virtual time, with a real request every few seconds of it.
vi.setConfig({ testTimeout: 60_000 });

let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await openStage(options);
  return stage;
}
afterEach(async () => {
  await close(stage);
});

/** How many signs of typing come in that time. */
async function typedIn(ms: number): Promise<number> {
  const before = stage.discord.callsOf(typing).length;
  await stage.advance(ms);
  return stage.discord.callsOf(typing).length - before;
}

describe('F31 Discord: typing ends with the work', () => {
  test.each<[string, TaskResult | string | undefined]>([
    ['completed', 'forty-two'],
    ['completed without a word', { status: 'completed', text: '' }],
    ['failed', { status: 'failed', text: '', reason: 'no_oven' }],
    ['gave nothing', undefined],
  ])('F31 Discord: a task that %s: from its end on not one more call', async (_, result) => {
    await open();
    expect(await typedIn(minute)).toBe(0);
    const asked = await ask(stage);
    expect(await typedIn(30_000)).toBeGreaterThan(2);
    asked.call.text('on the way');
    await stage.advance(10_000);
    asked.call.finish(result as never);
    expect(await typedIn(5 * minute)).toBe(0);
    const edits = stage.discord.callsOf(change).length;
    await stage.advance(5 * minute);
    expect(stage.discord.callsOf(change)).toHaveLength(edits);
    expect((await tasks(stage))[0]?.contract.state).toBe('terminal_acked');
  });

  test('F31 Discord: none while an answer waits for Discord', async () => {
    await open();
    const asked = await begin(stage);
    const fault = stage.discord.fault(create, { kind: 'refused' }, { times: 10_000 });
    asked.call.finish('forty-two');
    await stage.advance(100);
    expect(await typedIn(5 * minute)).toBe(0);
    fault.cancel();
    await stage.advance(2 * minute);
    expect(asked.room.texts.at(-1)).toBe('forty-two');
  });

  test('F31 Discord: what the worker says after its end makes no call', async () => {
    await open();
    const asked = await begin(stage);
    asked.call.finish('forty-two');
    await stage.advance(5_000);
    const calls = stage.discord.calls.length;
    asked.call.text('one more thing');
    await stage.advance(minute);
    expect(stage.discord.calls).toHaveLength(calls);
    expect(asked.room.texts.at(-1)).toBe('forty-two');
  });

  test('F31 Discord: none after a stop, whatever the worker still does', async () => {
    await open();
    const asked = await begin(stage);
    asked.call.ignoreAbort();
    const stopped = stage.harness.relay.stop();
    await stage.advance(30_000);
    await stopped;
    asked.call.text('still here');
    expect(await typedIn(hour)).toBe(0);
    await stage.start();
    await stage.advance(minute);
  });
});

describe('F43 Discord: typing lasts as long as the work, not longer and not shorter', () => {
  test('F43 Discord: over a long silence no gap is longer than Discord shows it', async () => {
    await open({ relay: { deadlines: { terminalMs: 2 * hour } } });
    const asked = await begin(stage);
    for (let n = 0; n < 60; n += 1) {
      await stage.advance(10_000);
      expect(asked.room.typingUntilMs ?? 0).toBeGreaterThan(stage.harness.runtime.wallMs());
    }
    expect(stage.discord.callsOf(typing).length).toBeLessThan(90);
    asked.call.finish('forty-two');
    expect(await typedIn(10 * minute)).toBe(0);
  });

  test.each<DiscordFault>([
    { kind: 'hang' },
    { kind: 'reset' },
    { kind: 'server_error' },
    { kind: 'slow', ms: 9_000 },
  ])(
    'F43 Discord: typing that meets $kind again and again: the answer comes in time',
    async (fault) => {
      await open();
      stage.discord.fault(typing, fault, { times: 1_000 });
      const asked = await begin(stage);
      await stage.advance(4 * minute);
      expect(stage.discord.callsOf(typing).length).toBeGreaterThan(2);
      asked.call.finish('forty-two');
      await stage.advance(3_000);
      expect(asked.room.texts.at(-1)).toBe('forty-two');
      await stage.advance(10_000);
      expect(await typedIn(4 * minute)).toBe(0);
      expect(stage.logs.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
    },
  );

  test('F43 Discord: a limit on typing is kept, and holds up no answer', async () => {
    await open();
    stage.discord.fault(typing, { kind: 'rate_limited', retryAfterS: 60 });
    const asked = await begin(stage);
    await stage.advance(40_000);
    expect(stage.discord.callsOf(typing)).toHaveLength(1);
    asked.call.finish('forty-two');
    await stage.advance(3_000);
    expect(asked.room.texts.at(-1)).toBe('forty-two');
  });

  test('F43 Discord: where it is refused it is not tried again and again', async () => {
    await open();
    stage.discord.fault(typing, { kind: 'error', code: 50013 }, { times: 1_000 });
    const asked = await begin(stage);
    await stage.advance(5 * minute);
    expect(stage.discord.callsOf(typing).length).toBeLessThanOrEqual(2);
    asked.call.finish('forty-two');
    await stage.advance(5_000);
    expect(asked.room.texts.at(-1)).toBe('forty-two');
  });

  test('F43 Discord: a worker that never ends does not type for ever', async () => {
    await open({ relay: { deadlines: { terminalMs: 5 * minute, answerMs: minute } } });
    const asked = await begin(stage);
    asked.call.ignoreAbort();
    expect(await typedIn(4 * minute)).toBeGreaterThan(2);
    await stage.advance(2 * minute);
    expect(await typedIn(10 * minute)).toBe(0);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSlack } from '../../../src/adapters/slack/index.ts';
import { createFakeRuntime, type FakeRuntime } from '../../../src/testing/index.ts';
import { type FakeSlack, startFakeSlack } from '../../../src/testing/slack/index.ts';
import { FakeHost } from '../webchat/fake-host.ts';
import { Gate } from './gate.ts';
import { Stage } from './stage.ts';

/** Whatever nobody catches would end the process of the bot. */
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  await turn();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

describe('a bot in Socket Mode', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.open({ mode: 'socket' });
  });
  afterEach(async () => {
    await stage.close();
  });

  const texts = (): string[] => stage.calls.map(({ task }) => task.text);

  test('takes messages, commands and presses', async () => {
    await stage.begin('work');
    const press = stage.ann.press(
      stage.ann.dm.messages.find(({ buttons }) => buttons.length > 0) ?? never(),
      'Cancel',
    );
    const command = stage.ann.command('/bot', 'status');
    await stage.brought();
    expect((await press.answered).kind).toBe('acked');
    expect((await command.answered).kind).toBe('acked');
    await stage.advance(10_000);
    expect(await stage.harness.events('task.ended')).toHaveLength(1);
  });

  test('what could not be stored is not acknowledged, comes again and is handled once', async () => {
    const gate = new Gate(stage);
    gate.fail(1);
    stage.ann.say('once');
    // Only time ends the wait for an ack.
    await stage.advance(4_000);
    await stage.brought();
    const [first, ...others] = stage.slack.deliveries;
    const again = others.filter(({ eventId }) => eventId === first?.eventId);
    const outcomes = [first, ...again].map((one) => one?.outcome);
    expect(outcomes).toEqual(['failed', 'acked']);
    // The relay tried again by itself meanwhile; what came again is known.
    expect(gate.tries).toBe(3);
    expect(texts()).toEqual(['once']);
  });

  test('four deliveries of one event make one row and one run', async () => {
    const gate = new Gate(stage);
    gate.hold();
    stage.ann.say('slow');
    await stage.advance(380_000);
    expect(stage.slack.deliveries.map(({ outcome }) => outcome)).toEqual(Array(4).fill('failed'));
    expect(texts()).toEqual([]);
    gate.release();
    await stage.advance(5_000);
    expect(texts()).toEqual(['slow']);
    expect((await stage.harness.relay.tasks.list()).rows).toHaveLength(1);
  });

  test.each(['warning', 'refresh_requested'] as const)('goes on after %s', async (reason) => {
    const { sockets } = stage.slack;
    const next = sockets.made + 1;
    sockets.disconnect(reason);
    await made(next);
    await stage.say('still there?');
    expect(texts()).toEqual(['still there?']);
    expect(await stage.incidents()).toEqual([]);
  });

  test('connects again after three refused tries, and nothing is lost', async () => {
    const fault = stage.slack.fault(
      'apps.connections.open',
      { kind: 'server_error' },
      { times: 3 },
    );
    const next = stage.slack.sockets.made + 1;
    stage.slack.sockets.drop();
    stage.ann.say('into the gap');
    await until(() => fault.hits === 3);
    await made(next);
    await stage.advance(62_000);
    await stage.brought();
    expect(texts()).toEqual(['into the gap']);
    expect(stage.slack.pendingEvents).toBe(0);
  });

  test.each(['invalid_auth', 'not_allowed_token_type', 'missing_scope', 'link_disabled'])(
    '%s while it connects is told with what to do, and ends by itself',
    async (error) => {
      const fault = stage.slack.fault(
        'apps.connections.open',
        { kind: 'error', error },
        { times: 3 },
      );
      const next = stage.slack.sockets.made + 1;
      stage.slack.sockets.drop();
      await until(() => fault.hits >= 1);
      await stage.harness.runtime.settle();
      const [told, ...more] = await stage.incidents();
      expect(told).toMatch(/"Basic Information"|"Socket Mode"/);
      expect(told).toContain(error);
      expect(more).toEqual([]);
      await made(next);
      await stage.advance(1_000);
      expect(await stage.incidents()).toEqual([]);
      await stage.say('again');
      expect(texts()).toEqual(['again']);
    },
  );

  test('a redelivery that comes while sockets are refused makes one task', async () => {
    const { sockets } = stage.slack;
    const gate = new Gate(stage);
    gate.hold();
    stage.ann.say('once');
    await until(() => gate.tries === 1);
    const next = sockets.made + 1;
    sockets.refuse();
    sockets.drop();
    gate.release();
    await stage.advance(5_000);
    expect(texts()).toEqual(['once']);
    expect(stage.slack.deliveries.map(({ outcome }) => outcome)).toContain('failed');
    sockets.refuse(false);
    await made(next);
    await stage.advance(400_000);
    await stage.brought();
    expect(stage.slack.deliveries.at(-1)?.outcome).toBe('acked');
    expect(texts()).toEqual(['once']);
  });

  /** Time goes on until it is so. */
  async function until(isSo: () => boolean): Promise<void> {
    for (let n = 0; n < 2_000 && !isSo(); n += 1) {
      await turn();
      await stage.advance(200);
    }
    expect(isSo()).toBe(true);
  }

  /** So many connections were made, and the newest is up. */
  async function made(count: number): Promise<void> {
    await until(() => stage.slack.sockets.made >= count && stage.slack.sockets.open > 0);
    await stage.connected();
  }
});

describe('a stop at any moment', () => {
  let slack: FakeSlack;
  let runtime: FakeRuntime;
  beforeEach(async () => {
    runtime = createFakeRuntime();
    slack = await startFakeSlack();
  });
  afterEach(async () => {
    await slack.stop();
  });

  function make() {
    const { botToken: token, appToken, apiUrl } = slack;
    return createSlack({ token, appToken, apiUrl });
  }

  test('leaves no connection and nothing uncaught, wherever it was', async () => {
    for (let turns = 0; turns < 60; turns += 3) {
      const adapter = make();
      const starting = adapter.start(new FakeHost(runtime));
      for (let n = 0; n < turns; n += 1) await turn();
      await adapter.stop();
      await starting;
    }
    await gone();
  });

  test('between the address of a new connection and its hello', async () => {
    const adapter = make();
    await adapter.start(new FakeHost(runtime));
    await slack.sockets.connected();
    const asked = slack.nextCall('apps.connections.open');
    slack.sockets.drop();
    await asked;
    await adapter.stop();
    await gone();
  });

  test('while sockets are refused', async () => {
    slack.sockets.refuse();
    const adapter = make();
    const asked = slack.nextCall('apps.connections.open');
    await adapter.start(new FakeHost(runtime));
    await asked;
    await adapter.stop();
    await adapter.stop();
    await gone();
  });

  test('a frame that nobody can read ends nothing', async () => {
    const adapter = make();
    const host = new FakeHost(runtime);
    await adapter.start(host);
    await slack.sockets.connected();
    slack.push(undefined as never);
    slack.person({ name: 'Ann' }).say('hello');
    await host.until(() => host.inbounds.length === 1);
    await adapter.stop();
    await gone();
  });

  /** Every connection is over. */
  async function gone(): Promise<void> {
    const endMs = performance.now() + 15_000;
    for (let calm = 0; calm < 50; ) {
      await turn();
      calm = slack.sockets.open === 0 ? calm + 1 : 0;
      expect(performance.now()).toBeLessThan(endMs);
    }
  }
});

function never(): never {
  throw new Error('no button is shown');
}

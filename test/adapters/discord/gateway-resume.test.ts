import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { GatewayStage, turn } from './gateway-stage.ts';
import { oddGateway } from './odd-gateway.ts';

/** Whatever nobody catches would end the process of the bot. */
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  await turn();
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

const open = GatewayStage.open;

test('a first start begins a session, stores it, and takes what comes in order', async () => {
  const stage = await open();
  for (const text of ['one', 'two', 'three']) await stage.say(text);
  expect(stage.intake.types).toEqual(['GUILD_CREATE', ...Array(3).fill('MESSAGE_CREATE')]);
  expect(stage.intake.texts).toEqual(['one', 'two', 'three']);
  expect(stage.states).toEqual(['connected']);
  // What an earlier life may have missed is looked for, before the first message is taken.
  expect(stage.catchUp.runs).toEqual([{ since: 'pending', behind: 0 }]);
  expect(stage.catchUp.begun).toEqual(['READY']);
  expect(stage.catchUp.guilds).toMatchObject([{ id: stage.discord.guild.id }]);
  await stage.runtime.advance(1_000);
  const [session] = stage.discord.gateway.sessions;
  expect(await stage.stored()).toMatchObject({
    sessionId: session?.id,
    sequence: 5,
    shardCount: 1,
    intents: session?.intents,
  });
});

test.each([
  ['a drop', (s: GatewayStage) => s.discord.gateway.drop()],
  ['op 7', (s: GatewayStage) => s.discord.gateway.op7()],
  [
    'op 9 that can be resumed',
    (s: GatewayStage) => s.discord.gateway.invalidate({ canResume: true }),
  ],
  ['4000', (s: GatewayStage) => s.discord.gateway.close(4000)],
  ['4009 of an open one', (s: GatewayStage) => s.discord.gateway.close(4009)],
] as const)(
  '%s is resumed, and nothing is missed, taken twice or looked for',
  async (_, disturb) => {
    const stage = await open();
    await stage.say('before');
    const { resumes } = stage.discord.gateway;
    disturb(stage);
    stage.ann.say('meanwhile');
    await stage.until(() => stage.discord.gateway.resumes > resumes);
    await stage.connected();
    await stage.say('after');
    expect(stage.intake.texts).toEqual(['before', 'meanwhile', 'after']);
    expect(stage.discord.gateway.identifies).toBe(1);
    expect(stage.catchUp.runs).toHaveLength(1);
    expect(stage.states.at(-1)).toBe('connected');
  },
);

test('op 9 that cannot be resumed begins a new session, and what was missed is looked for first', async () => {
  const stage = await open();
  await stage.say('before');
  const heardMs = stage.runtime.wallMs();
  await stage.runtime.advance(60_000);
  stage.discord.gateway.invalidate();
  await stage.until(() => stage.discord.gateway.identifies === 2);
  await stage.connected();
  await stage.say('after');
  expect(stage.intake.texts).toEqual(['before', 'after']);
  expect(stage.catchUp.runs[1]).toEqual({ since: heardMs, behind: 1 });
  expect(await stage.stored()).toMatchObject({ sessionId: stage.discord.gateway.sessions[1]?.id });
});

test.each([1000, 4007])('after %i the session is tried once more', async (code) => {
  const stage = await open();
  stage.discord.gateway.close(code);
  await stage.until(() => stage.discord.gateway.resumes === 1);
  await stage.connected();
  await stage.say('still there');
  expect(stage.intake.texts).toEqual(['still there']);
  expect(stage.discord.gateway.identifies).toBe(1);
});

test('a half dead connection is left at the missing ack, and resumed', async () => {
  const stage = await open({ fake: { heartbeatMs: 80 } });
  const { made } = stage.discord.gateway;
  stage.discord.gateway.mute();
  stage.ann.say('into the void');
  await stage.really(() => stage.discord.gateway.made > made);
  stage.discord.gateway.mute(false);
  await stage.until(() => stage.discord.gateway.resumes >= 1);
  await stage.connected();
  expect(stage.intake.texts).toEqual(['into the void']);
  expect(stage.discord.gateway.identifies).toBe(1);
});

test('of a connection that is dead both ways the end is not waited for', async () => {
  const stage = await open();
  await stage.stop();
  const odd = await oddGateway({
    made: (socket) => socket.send('{"op":10,"d":{"heartbeat_interval":60}}'),
    heard: (socket, op, stream) => {
      if (op !== 6) return;
      socket.send('{"op":0,"t":"RESUMED","s":9,"d":{}}');
      stream.removeAllListeners('data');
    },
  });
  await stage.store({ resumeURL: odd.url });
  await stage.start();
  await stage.until(() => stage.states.at(-1) === 'connected');
  await stage.really(() => odd.counts.made === 2);
  expect(stage.told.join()).toContain('Zombie');
});

test('that nothing is missing is known by acks too, without any event', async () => {
  const stage = await open();
  await stage.say('before');
  await stage.runtime.advance(60_000);
  const ackedMs = stage.runtime.wallMs();
  stage.discord.gateway.askHeartbeat();
  await stage.read();
  await turn();
  await stage.read();
  await stage.runtime.advance(60_000);
  stage.discord.gateway.invalidate();
  await stage.until(() => stage.discord.gateway.identifies === 2);
  expect(stage.catchUp.runs[1]).toEqual({ since: ackedMs, behind: 1 });
});

test('what was brought in part, before the session was refused, does not count as heard', async () => {
  const stage = await open();
  await stage.stop();
  const event = { op: 0, t: 'TYPING_START', s: 99, d: {} };
  let resumes = 0;
  const odd = await oddGateway({
    heard: (socket) => {
      resumes += 1;
      socket.send(resumes === 1 ? JSON.stringify(event) : '{"op":9,"d":false}');
      if (resumes === 1) socket.close(4000);
    },
  });
  await stage.store({ resumeURL: odd.url });
  await stage.startConnected();
  expect(stage.intake.types[0]).toBe('TYPING_START');
  expect(stage.catchUp.runs.map(({ since }) => since)).toEqual(['pending', 'pending']);
});

test('a stop keeps the session: the next life resumes it and gets what was said meanwhile', async () => {
  const stage = await open();
  await stage.say('one');
  await stage.stop();
  expect(stage.discord.gateway.closes).toEqual([{ by: 'client', code: 4200 }]);
  expect(await stage.stored()).toMatchObject({ sequence: 3 });
  stage.ann.say('meanwhile');
  await stage.startConnected();
  await stage.say('after');
  expect(stage.intake.texts).toEqual(['meanwhile', 'after']);
  expect(stage.discord.gateway.identifies).toBe(1);
  expect(stage.catchUp.runs).toHaveLength(1);
});

test('a life that was killed brings again what it had received and not stored, and that alone', async () => {
  const stage = await open();
  await stage.say('stored');
  await stage.runtime.advance(1_000);
  stage.intake.isHolding = true;
  await stage.say('received');
  await stage.say('received too');
  // The second is stored, the first not: nothing behind the first counts.
  stage.intake.held[1]?.();
  await stage.runtime.advance(2_000);
  expect(await stage.stored()).toMatchObject({ sequence: 3 });
  await stage.kill();
  stage.ann.say('while it was down');
  await stage.startConnected();
  expect(stage.intake.texts).toEqual(['received', 'received too', 'while it was down']);
  expect(stage.discord.gateway.sessions).toMatchObject([{ resumedFrom: 3 }]);
});

test('what is still being stored when a connection drops is not taken a second time', async () => {
  const stage = await open();
  stage.intake.isHolding = true;
  await stage.say('slow');
  stage.discord.gateway.drop();
  await stage.connected();
  expect(stage.discord.gateway.sessions).toMatchObject([{ resumedFrom: 2 }]);
  expect(stage.intake.texts).toEqual(['slow']);
  stage.intake.isHolding = false;
  for (const done of stage.intake.held.splice(0)) done();
  await stage.say('next');
  await stage.stop();
  // READY, GUILD_CREATE, two messages and RESUMED.
  expect(await stage.stored()).toMatchObject({ sequence: 5 });
});

test('a session that Discord forgot is one IDENTIFY, and what was missed is looked for', async () => {
  const stage = await open({ fake: { sessionMs: 60_000 } });
  await stage.stop();
  await stage.runtime.advance(600_000);
  await stage.startConnected();
  expect(stage.counts).toMatchObject({ made: 3, identifies: 2, resumes: 0 });
  expect(stage.catchUp.runs).toEqual([
    { since: 'pending', behind: 0 },
    { since: 'pending', behind: 0 },
  ]);
});

test.each([
  ['not JSON', '{'],
  ['another shape', '{"sessionId":7}'],
  ['other intents', undefined],
])('a stored session of %s is none', async (_, row) => {
  const stage = await open();
  await stage.stop();
  const stored = JSON.stringify({ ...(await stage.stored()), intents: 1 });
  await stage.host.state.set(stage.discord.appId, 'session:0', row ?? stored);
  await stage.startConnected();
  expect(stage.counts).toMatchObject({ identifies: 2, resumes: 0 });
});

test('a stored address that cannot be connected to is not used; the session is', async () => {
  const stage = await open();
  await stage.stop();
  await stage.store({ resumeURL: 'no address' });
  await stage.startConnected();
  expect(stage.counts).toMatchObject({ identifies: 1, resumes: 1 });
});

test('an address that nobody answers at is given up after three tries; the session is not', async () => {
  const stage = await open();
  await stage.stop();
  await stage.store({ resumeURL: 'ws://127.0.0.1:1' });
  await stage.start();
  await stage.until(() => stage.discord.gateway.resumes === 1);
  await stage.connected();
  expect(stage.discord.gateway.identifies).toBe(1);
  expect(stage.told.at(-2)).toContain('not reached');
});

test('a session whose resuming Discord ends again and again is given up', async () => {
  const stage = await open();
  await stage.stop();
  const odd = await oddGateway({ heard: (socket, op) => op === 6 && socket.close(4000) });
  await stage.store({ resumeURL: odd.url });
  await stage.start();
  await stage.until(() => stage.discord.gateway.identifies === 2);
  await stage.connected();
  expect(odd.counts.resumes).toBe(5);
  expect(stage.catchUp.runs).toHaveLength(2);
});

test('a session of which nothing is heard when it is resumed is tried again, not given up', async () => {
  const stage = await open();
  await stage.stop();
  const odd = await oddGateway();
  await stage.store({ resumeURL: odd.url });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  await stage.start();
  await stage.until(() => odd.counts.resumes === 1);
  vi.advanceTimersByTime(60_000);
  await stage.until(() => odd.counts.resumes === 2);
  expect(stage.told.at(-1)).toContain('nothing came of a session');
  expect(await stage.stored()).toMatchObject({ resumeURL: odd.url });
});

test('when too much waits the connection ends, and is resumed when there is room', async () => {
  const stage = await open();
  await stage.say('one');
  stage.intake.isBehind = true;
  stage.ann.say('two');
  stage.ann.say('three');
  await stage.until(() => stage.states.at(-1) === 'disconnected');
  await stage.runtime.advance(60_000);
  expect(stage.discord.gateway.closes).toEqual([{ by: 'client', code: 4200 }]);
  expect(stage.discord.gateway.made).toBe(1);
  stage.intake.isBehind = false;
  await stage.until(() => stage.discord.gateway.resumes === 1);
  await stage.connected();
  expect(stage.intake.texts).toEqual(['one', 'two', 'three']);
  expect(stage.discord.gateway.identifies).toBe(1);
});

test('an intake that breaks ends the connection, and the event comes again', async () => {
  const stage = await open();
  stage.intake.isBroken = true;
  stage.ann.say('one');
  await stage.until(() => stage.states.at(-1) === 'disconnected');
  stage.intake.isBroken = false;
  await stage.connected();
  expect(stage.intake.texts).toEqual(['one']);
});

test('two shards have a session each, and one that is down is told', async () => {
  const stage = await open({ start: false, fake: { shards: 2 } });
  await stage.startConnected(2);
  const { sessions } = stage.discord.gateway;
  expect(sessions.map(({ shard }) => shard)).toEqual([
    [0, 2],
    [1, 2],
  ]);
  expect(stage.states).toEqual(['connected']);
  stage.discord.gateway.drop();
  await stage.until(() => stage.discord.gateway.resumes === 2);
  await stage.connected(2);
  expect(stage.states).toEqual(['connected', 'disconnected', 'connected']);
  await stage.stop();
  expect((await stage.stored(0))?.sessionId).toBe(sessions[0]?.id);
  expect((await stage.stored(1))?.sessionId).toBe(sessions[1]?.id);
});

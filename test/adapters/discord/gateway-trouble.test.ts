import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatewayStage, turn } from './gateway-stage.ts';
import { hello, type OddBehaviour, oddGateway } from './odd-gateway.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
  process.on('uncaughtExceptionMonitor', note);
});
afterEach(async () => {
  await turn();
  process.off('unhandledRejection', note);
  process.off('uncaughtExceptionMonitor', note);
  expect(unhandled).toEqual([]);
});

const open = GatewayStage.open;
type Socket = Parameters<NonNullable<OddBehaviour['made']>>[0];
const sending =
  (text: string, next: (socket: Socket) => void) =>
  (socket: Socket): void => {
    socket.send(text);
    next(socket);
  };
const content = 1 << 15;

describe('what a person must change', () => {
  test('a token that the gateway does not know is probed by REST, never by IDENTIFY', async () => {
    const stage = await open();
    stage.discord.resetToken();
    await stage.until(() => stage.states.at(-1) === 'unauthorized');
    const { made, identifies } = stage.discord.gateway;
    const asked = stage.discord.callsOf('GET /users/@me').length;
    await stage.runtime.advance(10 * 60_000);
    expect(stage.counts).toMatchObject({ made, identifies });
    const probes = stage.discord.callsOf('GET /users/@me').length - asked;
    expect(probes).toBeGreaterThanOrEqual(9);
    expect(probes).toBeLessThanOrEqual(12);
    expect(stage.told.at(-1)).toContain('"Bot"');
    expect(stage.told.join()).not.toContain(stage.discord.token);
  });

  test('a token that is known again ends it by itself, and the session is resumed', async () => {
    const stage = await open();
    const fault = stage.discord.fault(
      'GET /users/@me',
      { kind: 'error', code: 0, status: 401 },
      { times: 3 },
    );
    stage.discord.gateway.close(4004);
    await stage.until(() => fault.hits === 3);
    expect(stage.states.at(-1)).toBe('unauthorized');
    await stage.until(() => stage.states.at(-1) === 'connected');
    expect(stage.counts).toMatchObject({ identifies: 1, resumes: 1 });
  });

  test('a start with a wrong token says so, and waits', async () => {
    const stage = await open({ start: false });
    const fault = stage.discord.fault(
      '*',
      { kind: 'error', code: 0, status: 401 },
      { times: 1_000 },
    );
    await stage.start();
    await stage.runtime.advance(5 * 60_000);
    expect(stage.states).toEqual(['unauthorized']);
    expect(fault.hits).toBeLessThan(20);
    expect(stage.discord.gateway.made).toBe(0);
    stage.discord.clearFaults();
    await stage.connected();
    expect(stage.states.at(-1)).toBe('connected');
  });

  test('without the intent for words it says so, goes on without it, and takes it when it is there', async () => {
    const stage = await open({ start: false });
    stage.discord.gateway.disallow(['MessageContent']);
    await stage.startConnected();
    expect(stage.told).toEqual([expect.stringContaining('switch on "Message Content Intent"')]);
    expect(stage.states).toEqual(['misconfigured']);
    await stage.say('in a direct message there are words');
    expect(stage.intake.texts).toEqual(['in a direct message there are words']);
    const heardMs = stage.runtime.wallMs();
    await stage.runtime.advance(9 * 60_000);
    // It hears, whatever is missing: that is noted.
    expect(stage.aliveNotes).toBeGreaterThan(5);
    stage.discord.gateway.disallow([]);
    await stage.until(() => stage.discord.gateway.identifies === 2);
    await stage.connected();
    expect(stage.states).toEqual(['misconfigured', 'connected']);
    const [without, withIt] = stage.discord.gateway.sessions;
    expect([(without?.intents ?? 0) & content, (withIt?.intents ?? 0) & content]).toEqual([
      0,
      content,
    ]);
    expect(stage.catchUp.runs.map(({ since }) => since)).toEqual(['pending', heardMs]);
  });

  test('4014, when the intent was switched off meanwhile, is the same', async () => {
    const stage = await open({ fake: { sessionMs: 1_000 } });
    stage.discord.gateway.disallow(['MessageContent']);
    stage.discord.gateway.invalidate();
    await stage.until(() => stage.discord.gateway.sessions.length === 2);
    await stage.connected();
    expect(stage.told.at(-1)).toContain('(4014)');
    expect((stage.discord.gateway.sessions[1]?.intents ?? 0) & content).toBe(0);
    expect(stage.discord.gateway.identifies).toBe(3);
  });

  test.each([4010, 4012, 4013])('%i is told and tried again after ten minutes', async (code) => {
    const stage = await open();
    stage.discord.gateway.close(code);
    await stage.until(() => stage.states.at(-1) === 'misconfigured');
    expect(stage.told.at(-1)).toContain(`(${code})`);
    await stage.runtime.advance(9 * 60_000);
    expect(stage.discord.gateway.made).toBe(1);
    await stage.runtime.advance(60_000);
    await stage.connected();
    expect(stage.states.at(-1)).toBe('connected');
  });

  test('4011 asks how many shards are wanted, and waits when it is as many as before', async () => {
    const stage = await open();
    stage.discord.gateway.close(4011);
    await stage.until(() => stage.states.at(-1) === 'misconfigured');
    expect(stage.told.at(-1)).toContain('set shards to "auto"');
    await stage.runtime.advance(9 * 60_000);
    expect(stage.discord.callsOf('GET /gateway/bot').length).toBe(2);
    expect(stage.discord.gateway.made).toBe(1);
    await stage.connected();
    expect(stage.states.at(-1)).toBe('connected');
  });

  test('as many shards as configured, whatever Discord recommends', async () => {
    const stage = await open({ start: false, config: { shards: 3 }, fake: { shards: 2 } });
    await stage.startConnected(3);
    expect(stage.discord.gateway.sessions.map(({ shard: [, count] }) => count)).toEqual([3, 3, 3]);
  });
});

describe('while it is connected', () => {
  test('notes each minute that it hears, as long as nothing is behind or looked for', async () => {
    const stage = await open();
    const notesIn = async (minutes: number): Promise<number> => {
      const before = stage.aliveNotes;
      await stage.runtime.advance(minutes * 60_000);
      return stage.aliveNotes - before;
    };
    expect(await notesIn(5)).toBe(5);
    stage.catchUp.isBusy = true;
    expect(await notesIn(5)).toBe(0);
    stage.catchUp.isBusy = false;
    stage.intake.isBehind = true;
    expect(await notesIn(5)).toBe(0);
    stage.intake.isBehind = false;
    stage.discord.gateway.refuse();
    stage.discord.gateway.drop();
    await stage.until(() => stage.states.at(-1) === 'disconnected');
    expect(await notesIn(2)).toBe(0);
  });

  test('learns the role that Discord made for it in a server', async () => {
    const stage = await open();
    const us = stage.us;
    const roles = [{ id: '1' }, { id: '2', tags: { bot_id: '3' } }];
    const own = { id: '4', tags: { bot_id: stage.discord.botId } };
    stage.discord.push('GUILD_CREATE', { id: '7', roles: [...roles, own] });
    stage.discord.push('GUILD_CREATE', { id: '7', roles: [...roles, own] });
    stage.discord.push('GUILD_CREATE', { id: '8', roles: 'none' });
    await stage.read();
    const { botRole } = stage.discord.guild;
    expect(stage.us).toEqual({ ...us, roleIds: [botRole.id, '4'] });
    expect(us).toMatchObject({ userId: stage.discord.botId, applicationId: stage.discord.appId });
  });

  test('a second shard waits five seconds, and begins no session when it is stopped meanwhile', async () => {
    const stage = await open({ start: false, fake: { shards: 2 } });
    await stage.start();
    await stage.really(() => stage.discord.gateway.identifies === 1);
    await stage.really(() => stage.discord.gateway.open === 2);
    await stage.read();
    await stage.stop();
    await stage.runtime.advance(10_000);
    await stage.really(() => stage.discord.gateway.open === 0);
    expect(stage.discord.gateway.identifies).toBe(1);
    const sinceMs = stage.runtime.elapsedMs;
    await stage.startConnected(2);
    expect(stage.counts).toMatchObject({ identifies: 2, resumes: 1 });
    await stage.stop();
    stage.discord.gateway.forget();
    await stage.startConnected(2);
    expect(stage.runtime.elapsedMs - sinceMs).toBeGreaterThanOrEqual(5_000);
  });
});

describe('the budget of sessions', () => {
  const fake = { limits: { identifiesPerDay: 20, identifyMs: 0 } };

  test('what is left of it is spread over the day, so that a crash loop cannot use it up', async () => {
    const stage = await open({ fake });
    for (let used = 1; used < 19; used += 1) {
      stage.discord.gateway.invalidate();
      await stage.until(() => stage.discord.gateway.identifies > used);
      await stage.connected();
    }
    expect(stage.states).not.toContain('misconfigured');
    stage.discord.gateway.invalidate();
    await stage.until(() => stage.states.at(-1) === 'misconfigured');
    expect(stage.told.at(-1)).toMatch(/only 1 more of 20 sessions.*second process/);
    for (let lives = 0; lives < 5; lives += 1) {
      await stage.stop();
      await stage.start();
      await stage.runtime.advance(3_600_000);
    }
    expect(stage.discord.gateway.identifies).toBe(19);
    await stage.until(
      () => stage.discord.gateway.open > 0 || stage.runtime.elapsedMs > 2e8,
      60_000,
    );
    await stage.connected();
    expect(stage.states.at(-1)).toBe('connected');
    // The token was not reset: it still is the one that the bot was started with.
    expect(stage.discord.gateway.closes.map(({ code }) => code)).not.toContain(4004);
  });

  test('a session that is resumed needs none of it, nor REST', async () => {
    const stage = await open({ fake });
    stage.discord.fault('*', { kind: 'server_error' }, { times: 1_000 });
    stage.discord.fault('GET /gateway/bot', { kind: 'server_error' }, { times: 1_000 });
    for (let resumes = 1; resumes < 30; resumes += 1) {
      stage.discord.gateway.drop();
      await stage.until(() => stage.discord.gateway.resumes === resumes);
      await stage.connected();
    }
    expect(stage.discord.gateway.identifies).toBe(1);
  });
});

describe('a network that fails', () => {
  test.each(['refused', 'reset', 'html', 'wrong_json', 'server_error', 'hang'] as const)(
    'asking where the gateway is: %s',
    async (kind) => {
      const stage = await open({ start: false });
      const fault = stage.discord.fault('GET /gateway/bot', { kind }, { times: 3 });
      await stage.start();
      await stage.until(() => fault.hits === 3);
      await stage.connected();
      await stage.say('hello');
      expect(stage.intake.texts).toEqual(['hello']);
    },
  );

  test.each(['reset', 'unavailable'] as const)(
    'connections refused (%s) are waited for',
    async (how) => {
      const stage = await open();
      stage.discord.gateway.refuse(how);
      stage.discord.gateway.drop();
      await stage.until(() => stage.states.at(-1) === 'disconnected');
      stage.ann.say('meanwhile');
      await stage.runtime.advance(30_000);
      stage.discord.gateway.refuse(false);
      await stage.connected();
      expect(stage.intake.texts).toEqual(['meanwhile']);
      expect(stage.states).toEqual(['connected', 'disconnected', 'connected']);
      expect(stage.discord.gateway.identifies).toBe(1);
    },
  );

  test('all down for an hour: one session, nothing asked every second', async () => {
    const stage = await open({ fake: { sessionMs: 2 * 3_600_000 } });
    await stage.discord.down();
    await stage.runtime.advance(3_600_000);
    stage.ann.say('meanwhile');
    await stage.discord.up();
    await stage.connected();
    await stage.read();
    expect(stage.intake.texts).toEqual(['meanwhile']);
  });

  const phases: readonly [string, OddBehaviour][] = [
    ['is reset before it is made', { asked: (stream) => void stream.destroy() }],
    ['is answered by a page', { asked: (stream) => void stream.end('HTTP/1.1 200 OK\r\n\r\n<p>') }],
    ['is reset when it is made', { made: (socket) => socket.drop() }],
    ['is closed when it is made', { made: (socket) => socket.close(1001) }],
    ['is reset right after HELLO', { made: sending(hello, (socket) => socket.drop()) }],
    ['is closed with 1012 after HELLO', { made: sending(hello, (socket) => socket.close(1012)) }],
    ['is reset at RESUME', { heard: (socket) => socket.drop() }],
    ['is told to go elsewhere', { heard: (socket) => socket.send('{"op":7,"d":null}') }],
    ['says HELLO of no shape', { made: (socket) => socket.send('{"op":10}') }],
    ['sends a frame of no shape', { heard: (socket) => socket.send('{"op":9}') }],
    ['sends what is no JSON', { heard: sending('?{', (socket) => socket.drop()) }],
  ];
  test.each(phases)('a connection that %s', async (_, behaviour) => {
    const stage = await open();
    await stage.stop();
    const odd = await oddGateway(behaviour);
    await stage.store({ resumeURL: odd.url });
    await stage.start();
    await stage.until(() => odd.counts.made >= 2);
    await stage.store({});
    await stage.connected();
    await stage.say('there');
    expect(stage.intake.texts).toEqual(['there']);
    expect(odd.counts.identifies).toBe(0);
  });

  test.each(phases)('a stop while a connection %s', async (_, behaviour) => {
    const stage = await open();
    await stage.stop();
    const odd = await oddGateway(behaviour);
    await stage.store({ resumeURL: odd.url });
    for (let turns = 0; turns < 24; turns += 3) {
      await stage.start();
      for (let n = 0; n < turns; n += 1) await turn();
      await stage.stop();
    }
    await stage.really(() => odd.counts.open === 0);
    expect(stage.discord.gateway.open).toBe(0);
  });

  test('a stop at any moment leaves no connection', async () => {
    const stage = await open({ start: false });
    for (let turns = 0; turns < 60; turns += 4) {
      await stage.start();
      for (let n = 0; n < turns; n += 1) await turn();
      await stage.stop();
    }
    await stage.really(() => stage.discord.gateway.open === 0);
    await stage.startConnected();
    expect(stage.discord.gateway.open).toBe(1);
  });
});

import { expect, test } from 'vitest';
import { GatewayStage } from './gateway-stage.ts';

const globalRoute = 'PUT /applications/:id/commands';
const guildRoute = 'PUT /applications/:id/guilds/:id/commands';
const names = ['ask', 'status', 'cancel', 'retry', 'help'];

const open = GatewayStage.open;
const nameList = (stage: GatewayStage, ...guild: Parameters<typeof stage.discord.commands>) =>
  stage.discord.commands(...guild).map(({ name }) => name);

test('commands are registered at each start, once, and stay what they were', async () => {
  const stage = await open();
  expect(nameList(stage)).toEqual(names);
  const ids = stage.discord.commands().map(({ id }) => id);
  await stage.stop();
  await stage.startConnected();
  stage.discord.gateway.drop();
  await stage.connected();
  expect(stage.discord.callsOf(globalRoute)).toHaveLength(2);
  expect(stage.discord.commands().map(({ id }) => id)).toEqual(ids);
});

test('in the servers that are named, and one that refuses does not keep the others', async () => {
  const stage = await open({ start: false });
  const { guild } = stage.discord;
  stage.config = { commands: { in: ['10000000001', guild.id] } };
  await stage.startConnected();
  await stage.until(() => nameList(stage, guild).length === names.length);
  expect(nameList(stage)).toEqual([]);
  expect(stage.discord.callsOf(guildRoute)).toHaveLength(2);
  expect(stage.host.logs).toMatchObject([
    { level: 'error', message: expect.stringContaining('applications.commands') },
  ]);
  expect(stage.states).toEqual(['connected']);
});

test('none are registered, nor taken away, when there are none', async () => {
  const stage = await open({ config: { commands: false } });
  expect(stage.discord.callsOf(globalRoute)).toEqual([]);
});

test.each([
  { kind: 'server_error' },
  { kind: 'reset' },
  { kind: 'refused' },
  { kind: 'html' },
  { kind: 'hang' },
  { kind: 'rate_limited', retryAfterS: 20 },
] as const)('$kind is tried again', async (fault) => {
  const stage = await open({ start: false });
  const planned = stage.discord.fault(globalRoute, fault, { times: 2 });
  await stage.startConnected();
  await stage.until(() => planned.hits === 2);
  await stage.until(() => nameList(stage).length === names.length);
  expect(stage.host.logs).toEqual([]);
  const [first, second] = stage.discord.callsOf(globalRoute);
  if (fault.kind === 'rate_limited')
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(20_000);
});

test('what Discord refuses is logged with what to do, once, and the bot goes on', async () => {
  const stage = await open({ start: false });
  stage.discord.fault(globalRoute, { kind: 'error', code: 50035 });
  await stage.startConnected();
  await stage.runtime.advance(600_000);
  expect(stage.host.logs).toMatchObject([
    { level: 'error', message: expect.stringContaining('commands and words') },
  ]);
  expect(stage.discord.callsOf(globalRoute)).toHaveLength(1);
  expect(stage.states).toEqual(['connected']);
});

test('a token that is refused meanwhile is probed, and the commands come then', async () => {
  const stage = await open({ start: false });
  stage.discord.fault(globalRoute, { kind: 'error', code: 0, status: 401 });
  await stage.start();
  await stage.until(() => stage.states.includes('unauthorized'));
  await stage.until(() => nameList(stage).length === names.length);
  await stage.until(() => stage.states.at(-1) === 'connected');
});

import { CallLog } from '../call-log.ts';
import { Faults } from '../fault.ts';
import { showChannel } from './channel-view.ts';
import { createSystemRuntime, Holds } from './clock.ts';
import { GatewayHub } from './gateway-hub.ts';
import { makeGuild } from './guild-view.ts';
import { HttpServer } from './http-server.ts';
import { IdentifyBudget } from './identify-budget.ts';
import { Limits } from './limit.ts';
import { RestApi } from './rest-api.ts';
import type { DiscordCall, DiscordFault, FakeDiscordOptions } from './shape-server.ts';
import { type GuildRecord, World } from './state.ts';

const heartbeatMsDefault = 41_250;
const sessionMsDefault = 3 * 60_000;
const nonceMsDefault = 2 * 60_000;
const identifiesPerDayDefault = 1_000;
const identifyMsDefault = 5_000;
/** An app that has not read or answered after that long on the real clock waits for virtual time: it is let go. */
const holdMs = 2_000;

/** What one server is made of. */
export interface Parts {
  readonly world: World;
  readonly home: GuildRecord;
  readonly server: HttpServer;
  readonly api: RestApi;
  readonly hub: GatewayHub;
  readonly limits: Limits;
  readonly calls: CallLog<DiscordCall>;
  readonly faults: Faults<DiscordFault>;
  readonly holds: Holds;
}

export function assemble(options: FakeDiscordOptions): Parts {
  const world = new World({
    runtime: options.runtime ?? createSystemRuntime(),
    botName: options.botName ?? 'Readback',
    nonceMs: options.nonceMs ?? nonceMsDefault,
    baseUrl: () => `http://127.0.0.1:${server.port}`,
  });
  const holds = new Holds(options.runtime);
  world.show = (channel) => showChannel(world, channel);
  world.holdBriefly = (work) =>
    options.runtime === undefined ? work : holds.briefly(holdMs, work);
  const given = options.limits === false ? undefined : options.limits;
  const isFree = options.limits === false;
  const budget = new IdentifyBudget({
    perDay: given?.identifiesPerDay ?? identifiesPerDayDefault,
    maxConcurrency: options.maxConcurrency ?? 1,
    everyMs: given?.identifyMs ?? (isFree ? 0 : identifyMsDefault),
  });
  const hub = new GatewayHub(world, {
    heartbeatMs: options.heartbeatMs ?? heartbeatMsDefault,
    sessionMs: options.sessionMs ?? sessionMsDefault,
    budget,
  });
  world.dispatch = (happening) => hub.dispatch(happening);
  const limits = new Limits(options.limits ?? {});
  const api = new RestApi(world, limits, { budget, shards: options.shards ?? 1 });
  const [calls, faults] = [
    new CallLog<DiscordCall>(),
    new Faults<DiscordFault>(['GET /gateway/bot']),
  ];
  const server = new HttpServer({ world, api, hub, limits, calls, faults, holds });
  const home = makeGuild(world, { name: options.name ?? 'Readback HQ', bot: true });
  return { world, home, server, api, hub, limits, calls, faults, holds };
}

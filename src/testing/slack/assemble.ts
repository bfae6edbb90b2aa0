import { CallLog } from '../call-log.ts';
import { Faults } from '../fault.ts';
import { createSystemRuntime, Holds } from './clock.ts';
import { Courier } from './courier.ts';
import { HttpServer } from './http-server.ts';
import { RequestUrl } from './request-url.ts';
import type { FakeSlackOptions, SlackCall, SlackFault } from './shape-server.ts';
import { SocketHub } from './socket-hub.ts';
import { type TeamRecord, World } from './state.ts';
import { WebApi } from './web-api.ts';
import { makeTeam } from './workspace-view.ts';

const streamMsDefault = 5 * 60_000;
const pingMsDefault = 5_000;

/** What one server is made of. */
export interface Parts {
  readonly world: World;
  readonly home: TeamRecord;
  readonly server: HttpServer;
  readonly hub: SocketHub;
  readonly requestUrl: RequestUrl;
  readonly courier: Courier;
  readonly calls: CallLog<SlackCall>;
  readonly faults: Faults<SlackFault>;
  readonly holds: Holds;
  /** Which way things go to the app. */
  readonly mode: { isHttp: boolean };
}

export function assemble(options: FakeSlackOptions): Parts {
  const { requestUrl: url, requestFetch } = options;
  const world = new World({
    runtime: options.runtime ?? createSystemRuntime(),
    limits: options.limits ?? {},
    subscriptions: options.subscriptions,
    streamMs: options.streamMs ?? streamMsDefault,
    baseUrl: () => `http://127.0.0.1:${server.port}`,
  });
  const holds = new Holds(options.runtime);
  const hub = new SocketHub(world, holds, options.pingMs ?? pingMsDefault);
  const requestUrl = new RequestUrl(world, holds, requestFetch);
  if (url !== undefined) requestUrl.url = url;
  const mode = { isHttp: url !== undefined || requestFetch !== undefined };
  const courier = new Courier(world, () => (mode.isHttp ? requestUrl : hub));
  world.courier = courier;
  const [calls, faults] = [
    new CallLog<SlackCall>(),
    new Faults<SlackFault>(['apps.connections.open', 'auth.test']),
  ];
  const api = new WebApi(world, () => hub.ticket());
  const server = new HttpServer({ world, api, hub, calls, faults, holds });
  const named = { name: options.name ?? 'Readback HQ', botName: options.botName ?? 'Readback' };
  const home = makeTeam(world, named);
  return { world, home, server, hub, requestUrl, courier, calls, faults, holds, mode };
}

import { json, type Reply, refusedBy, tooMany } from './exchange.ts';
import { Congested } from './found.ts';
import type { IdentifyBudget } from './identify-budget.ts';
import type { Limits } from './limit.ts';
import { Refusal } from './refusal.ts';
import type { Body } from './request-body.ts';
import { type Asked, type Route, Router } from './route.ts';
import { appRoutes } from './routes-app.ts';
import { channelRoutes } from './routes-channel.ts';
import { commandRoutes } from './routes-command.ts';
import { interactionRoutes } from './routes-interaction.ts';
import { messageRoutes } from './routes-message.ts';
import { webhookRoutes } from './routes-webhook.ts';
import type { World } from './state.ts';

export const attachmentRoute = 'GET /attachments/:id/:id/:name';

interface Found {
  readonly key: string;
  readonly route: Route;
  readonly params: readonly string[];
}

export interface Requested {
  readonly found: Found;
  readonly query: URLSearchParams;
  readonly body: Body;
  /** The bot's token, as it came. */
  readonly token: string;
}

/** REST v10 by route, with tokens and limits before it. */
export class RestApi {
  readonly #world: World;
  readonly #limits: Limits;
  readonly #router: Router;

  constructor(world: World, limits: Limits, parts: { budget: IdentifyBudget; shards: number }) {
    this.#world = world;
    this.#limits = limits;
    this.#router = new Router({
      ...appRoutes(world, parts.budget, parts.shards),
      ...channelRoutes,
      ...messageRoutes,
      ...commandRoutes,
      ...interactionRoutes,
      ...webhookRoutes,
    });
  }

  find(method: string, path: string): Found | undefined {
    return this.#router.find(method, path);
  }

  /** Whether faults can be planned for it. */
  knows(key: string): boolean {
    return key === attachmentRoute || this.#router.has(key);
  }

  /** The channel that a request is about: its own, or that of its interaction. */
  channelOf({ key, params }: Found): string | undefined {
    if (/ \/channels\//.test(key)) return params[0];
    const isOfInteraction = / \/(?:webhooks|interactions)\//.test(key);
    return isOfInteraction ? this.#world.interactions.get(params[1] ?? '')?.channel.id : undefined;
  }

  call({ found, query, body, token }: Requested): Reply {
    const { key, route, params } = found;
    const nowMs = this.#world.nowMs();
    if (route.isOpen !== true && token !== this.#world.token) return refusedBy(new Refusal(0));
    const isOfToken = / \/(?:webhooks|interactions)\//.test(key);
    const major = params.slice(0, isOfToken ? 2 : 1).join(' ');
    const verdict = this.#limits.use(
      key,
      route,
      / \/(?:users|applications)\//.test(key) ? '' : major,
      nowMs,
    );
    const { headers, waitMs, isGlobal } = verdict;
    if (waitMs > 0)
      return withHeaders(tooMany(waitMs / 1_000, isGlobal ? 'global' : 'user'), headers);
    const world = this.#world;
    const { json: given, items, files } = body;
    return withHeaders(run(route, { world, params, query, body: given, items, files }), headers);
  }
}

function run(route: Route, asked: Asked): Reply {
  try {
    const { status = 200, body } = route.run(asked);
    return json(status, body);
  } catch (error) {
    if (error instanceof Congested) return tooMany(error.waitMs / 1_000, 'shared');
    if (error instanceof Refusal) return refusedBy(error);
    throw error;
  }
}

function withHeaders(reply: Reply, headers: Readonly<Record<string, string>>): Reply {
  return { ...reply, headers: { ...headers, ...reply.headers } };
}

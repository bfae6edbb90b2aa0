import { slowMs } from '../shared/backoff.ts';
import { readFailure } from './failure.ts';
import { contentProblem, intentsOf } from './gateway-rule.ts';
import { IdentifyGuard, readGatewayInfo } from './identify.ts';
import { retryAfterOf } from './outcome.ts';
import { registerCommands } from './register.ts';
import type { DiscordJs, DiscordWs } from './rest.ts';
import { type LookingBack, repairMs, Shard, type Taking, type Verdict } from './shard.ts';
import type { Identity, Site } from './site.ts';

const callMs = 5_000;
/** How often it is noted that the bot hears. */
const noteMs = 60_000;
/** Roles that Discord made for the bot, one a server. */
const rolesMax = 10_000;
/** The newest of them are noted: a session that is resumed does not tell of its servers again. */
const rolesKey = 'roles';
const notedMax = 2_000;

export interface Connecting {
  readonly site: Pick<Site, 'account' | 'config' | 'host' | 'link' | 'places' | 'rest' | 'us'>;
  readonly discord: DiscordJs & DiscordWs;
  readonly catchUp: LookingBack;
  readonly intake: Taking;
  /** Discord said who we are. */
  met(us: Identity): void;
}

/**
 * Asks Discord once who we are, so that what comes next can be taken, and whether it gives the words of messages. Trouble
 * is told, and tried again by `stayConnected`.
 */
export async function meet({ site, met }: Connecting, signal: AbortSignal): Promise<void> {
  const { config, host, link } = site;
  const startedMs = host.runtime.monoMs();
  const [user, app] = await Promise.all([
    ask(site, '/users/@me', signal),
    ask(site, '/applications/@me', signal),
  ]);
  const { id: userId } = user;
  const { id: applicationId, flags } = app;
  if (typeof userId !== 'string' || typeof applicationId !== 'string')
    throw new TypeError('GET /users/@me: not a bot');
  met({ userId, applicationId, roleIds: site.us()?.roleIds ?? (await notedRoles(site)) });
  link.authorized(startedMs);
  const problem = contentProblem(config, Number(flags ?? 0));
  if (problem === undefined) link.mended('content');
  else link.broken(problem, 'content');
}

/**
 * Connects, and stays so until the signal aborts: who the bot is, its commands, then the gateway. Nothing of it needs
 * Discord to be there when it begins: trouble is told, waited out and tried again. Resolves when the connections are
 * closed, so that Discord keeps their sessions, and what is to be known of these is stored.
 */
export async function stayConnected(parts: Connecting, signal: AbortSignal): Promise<void> {
  const { site } = parts;
  if (site.us() === undefined) await insist(parts, signal);
  if (signal.aborted) return;
  await Promise.all([
    watch(parts, signal),
    registerCommands(site, signal),
    holdGateway(parts, signal),
  ]);
}

/** Tells of the trouble; answers how long to wait. */
export function toldOfToken(
  { site }: Pick<Connecting, 'site'>,
  error: unknown,
  failures = 1,
): number {
  const { link } = site;
  const { status, limit, words } = readFailure(error);
  if (limit !== undefined) return retryAfterOf(limit.retryAfterMs);
  if (status === 401) {
    link.refused(words);
    return slowMs;
  }
  if (link.state === 'starting') link.closed(0, words);
  return link.backoffMs(failures);
}

async function ask(
  { rest }: Pick<Site, 'rest'>,
  route: `/${string}`,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await rest.call({ method: 'GET', route }, { signal, limitMs: callMs });
  return (answer ?? {}) as Readonly<Record<string, unknown>>;
}

/** Tries until Discord says who we are. */
async function insist(parts: Connecting, signal: AbortSignal): Promise<void> {
  const { link } = parts.site;
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      await meet(parts, signal);
      return;
    } catch (error) {
      if (!signal.aborted) await link.rest(toldOfToken(parts, error, failures), signal);
    }
  }
}

/** Notes that the bot hears, and asks again after the token was refused. */
async function watch(parts: Connecting, signal: AbortSignal): Promise<void> {
  const { site, catchUp, intake } = parts;
  const { link, places } = site;
  while (!signal.aborted) {
    if (link.isHearing && !catchUp.isBusy && !intake.isBehind) await places.alive();
    await link.rest(noteMs, signal);
    if (!signal.aborted && link.isRefused) await insist(parts, signal);
  }
}

/** All shards; all of them anew when what is asked for changes. */
async function holdGateway(parts: Connecting, signal: AbortSignal): Promise<void> {
  const { host, link } = parts.site;
  const guard = new IdentifyGuard({
    runtime: host.runtime,
    link,
    ask: async (asking) => readGatewayInfo(await ask(parts.site, '/gateway/bot', asking)),
  });
  let heardMs: number | undefined;
  let before: number | undefined;
  let verdict: Verdict = 'stopped';
  while (!signal.aborted) {
    const shardCount = await countShards(parts, guard, signal);
    if (shardCount === undefined) return;
    if (verdict === 'shards' && shardCount === before) await link.rest(repairMs, signal);
    before = shardCount;
    const run = await runShards(parts, { guard, shardCount, heardMs }, signal);
    ({ heardMs, verdict } = run);
  }
}

/** How many shards there shall be; undefined when the signal aborts. */
async function countShards(
  parts: Connecting,
  guard: IdentifyGuard,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { config, link } = parts.site;
  if (config.shards !== 'auto') return config.shards;
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      return (await guard.info(signal)).shards;
    } catch (error) {
      if (!signal.aborted) await link.rest(toldOfToken(parts, error, failures), signal);
    }
  }
  return undefined;
}

interface Generation {
  readonly guard: IdentifyGuard;
  readonly shardCount: number;
  readonly heardMs: number | undefined;
}

async function runShards(
  parts: Connecting,
  { guard, shardCount, heardMs }: Generation,
  signal: AbortSignal,
): Promise<{ readonly verdict: Verdict; readonly heardMs: number | undefined }> {
  const { config, link } = parts.site;
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const lacksContent = link.isBroken('content');
  const messageContent = config.messageContent && !lacksContent;
  const intents = intentsOf({ channels: config.channels, messageContent });
  const asked = { guard, shardCount, intents, asksContent: messageContent, heardMs };
  const guild = (given: unknown): void => learnRole(parts, given);
  const shards = Array.from(
    { length: shardCount },
    (_, shard) => new Shard({ ...parts, ...asked, shard, guild }),
  );
  link.sharded(shardCount);
  let verdict: Verdict = 'stopped';
  const ways = shards.map(async (shard) => {
    const own = await shard.run(either);
    if (own !== 'stopped') verdict = own;
  });
  if (lacksContent) ways.push(contentIsBack(parts, either));
  // When one ends, all begin anew.
  await Promise.all(ways.map((way) => way.finally(() => over.abort())));
  return { verdict, heardMs: earliest(shards) };
}

/** Until when none of them misses anything; undefined when one has heard nothing. */
function earliest(shards: readonly Shard[]): number | undefined {
  const heard = shards.map((shard) => shard.heardMs);
  return heard.every((ms) => ms !== undefined) ? Math.min(...heard) : undefined;
}

/** Resolves when the intent was switched on, or the signal aborts. */
async function contentIsBack(parts: Connecting, signal: AbortSignal): Promise<void> {
  const { link } = parts.site;
  while (!signal.aborted && link.isBroken('content')) {
    await link.rest(repairMs, signal);
    if (signal.aborted) return;
    await meet(parts, signal).catch((error: unknown) => {
      if (!signal.aborted) toldOfToken(parts, error);
    });
  }
}

/** Discord makes the bot a role in each server, which people mention by mistake. */
function learnRole({ site, met }: Connecting, guild: unknown): void {
  const { account, host } = site;
  const us = site.us();
  if (us === undefined) return;
  const { roles } = (guild ?? {}) as { readonly roles?: readonly RoleShape[] };
  const own = Array.isArray(roles)
    ? roles.find((role) => role?.tags?.bot_id === us.userId)
    : undefined;
  const id = own?.id;
  if (typeof id !== 'string' || us.roleIds.includes(id) || us.roleIds.length >= rolesMax) return;
  const roleIds = [...us.roleIds, id];
  met({ ...us, roleIds });
  const row = roleIds.slice(-notedMax).join(' ');
  host.state
    .set(account, rolesKey, row)
    .catch(() => host.log('debug', 'the role of the bot in a server was not noted'));
}

/** What an earlier life learned. Never rejects. */
async function notedRoles({ account, host }: Connecting['site']): Promise<readonly string[]> {
  const row = await host.state.get(account, rolesKey).catch(() => undefined);
  return row?.split(' ').filter((id) => id !== '') ?? [];
}

interface RoleShape {
  readonly id?: unknown;
  readonly tags?: { readonly bot_id?: unknown };
}

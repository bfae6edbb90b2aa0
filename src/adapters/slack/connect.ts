import { slowMs } from '../shared/backoff.ts';
import type { Bolt } from './api.ts';
import type { CatchUp } from './catch-up.ts';
import { readFailure } from './failure.ts';
import type { Intake } from './intake.ts';
import { retryAfterOf } from './outcome.ts';
import { outcomeRow } from './outcome-row.ts';
import type { Identity, Site } from './site.ts';
import { connect, type Envelope } from './socket.ts';

const callMs = 5_000;
/** How often it is noted that the bot hears. */
const noteMs = 60_000;
/** Slack brings an event again for so long; what was said before must be looked for. */
const redeliveredMs = 5 * 60_000;
/** A connection that was over sooner than this (monotonic) is not made again at once. */
const shortMs = 5_000;

export interface Connecting {
  readonly site: Site;
  readonly bolt: Bolt;
  readonly catchUp: CatchUp;
  readonly intake: Intake;
  /** Slack said who we are. */
  met(us: Identity): void;
}

/**
 * Asks Slack once who we are, so that what comes next can be taken. Trouble is told, and tried again by
 * `stayConnected`.
 */
export async function meet({ site, met }: Connecting, signal: AbortSignal): Promise<void> {
  const { api, host, link } = site;
  const startedMs = host.runtime.monoMs();
  const answer = (await api.call(
    { method: 'auth.test', payload: {} },
    { signal, limitMs: callMs },
  )) as Record<string, unknown> | undefined;
  const { user_id: userId, team_id: teamId, bot_id: botId } = answer ?? {};
  if (typeof userId !== 'string' || typeof teamId !== 'string')
    throw new TypeError('auth.test: not a bot');
  met({ userId, teamId, ...(typeof botId === 'string' ? { botId } : {}) });
  link.authorized(startedMs);
  if (site.config.mode === 'http') link.opened();
}

/**
 * Connects, and stays so until the signal aborts: who the bot is, then the socket. Nothing of it needs Slack to be
 * there when it begins: trouble is told, waited out and tried again.
 */
export async function stayConnected(parts: Connecting, signal: AbortSignal): Promise<void> {
  const { site } = parts;
  if (site.us() === undefined) await insist(parts, signal);
  if (signal.aborted) return;
  const ways = [watch(parts, signal)];
  if (site.config.mode === 'socket') ways.push(holdSocket(parts, signal));
  await Promise.all(ways);
}

/** Tries until Slack says who we are. */
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

/** Tells of the trouble; answers how long to wait. */
export function toldOfToken(
  { site }: Pick<Connecting, 'site'>,
  error: unknown,
  failures = 1,
): number {
  const { link, config } = site;
  const failure = readFailure(error);
  const kind = failure.error === undefined ? '' : outcomeRow(failure.error, false).kind;
  if (kind === 'rate_limited') return retryAfterOf(failure);
  if (kind === 'unauthorized' || kind === 'rejected') {
    link.refused(failure.words);
    return slowMs;
  }
  if (config.mode === 'http' || link.state === 'starting') link.closed(failure.words);
  return link.backoffMs(failures);
}

/** Notes that the bot hears, looks for what could not be kept, and asks again after a send was refused. */
async function watch(parts: Connecting, signal: AbortSignal): Promise<void> {
  const { site, catchUp, intake } = parts;
  const { link, places } = site;
  while (!signal.aborted) {
    const lostMs = intake.lostSinceMs();
    if (lostMs !== undefined) void catchUp.run(lostMs);
    const isAllTaken = !catchUp.isBusy && !intake.isBehind;
    if (link.state === 'connected' && isAllTaken) await places.alive();
    await link.rest(noteMs, signal);
    if (!signal.aborted && link.isRefused) await insist(parts, signal);
  }
}

/** One connection after the other. */
async function holdSocket(parts: Connecting, signal: AbortSignal): Promise<void> {
  const { site } = parts;
  const { link, host } = site;
  let failures = 0;
  /** What was said until now is looked for since an earlier life. */
  let heardMs = host.runtime.wallMs();
  while (!signal.aborted) {
    const startedMs = host.runtime.monoMs();
    let isOpen = false;
    const opened = (): void => {
      isOpen = true;
      link.opened();
      lookBack(parts, heardMs);
    };
    try {
      await connectOnce(parts, opened, signal).finally(() => {
        if (isOpen) heardMs = host.runtime.wallMs();
      });
      if (signal.aborted) return;
      failures = host.runtime.monoMs() - startedMs < shortMs ? failures + 1 : 0;
      link.closed('the connection to Slack ended');
      // The first time at once: Slack ends connections every few hours.
      if (failures > 1) await link.rest(link.backoffMs(failures - 1), signal);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      await link.rest(toldOfSocket(site, error, failures), signal);
    }
  }
}

async function connectOnce(
  { site, bolt, intake }: Connecting,
  opened: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { config } = site;
  const { appToken = '' } = config;
  const take = (envelope: Envelope): Promise<void> => takeEnvelope(site, intake, envelope);
  await connect({ bolt, config: { ...config, appToken }, opened, take }, signal);
}

/** First it is stored, then Slack is told. */
async function takeEnvelope(
  { host }: Site,
  intake: Intake,
  { body, ack }: Envelope,
): Promise<void> {
  if ((await intake.take(body)) === 'refused') return;
  // A connection that is over by now: it comes again, and is known.
  await ack().catch(() => host.log('debug', 'what was stored could not be acknowledged'));
}

/** What came while nobody heard is not brought again by Slack when it was long. */
function lookBack({ site, catchUp }: Connecting, heardMs: number): void {
  if (site.host.runtime.wallMs() - heardMs > redeliveredMs) void catchUp.run(heardMs);
}

const socketRemedies: Readonly<Record<string, string>> = {
  link_disabled: 'turn Socket Mode on under "Socket Mode" of the settings of the app',
  missing_scope: 'give the app-level token the scope connections:write, under "Basic Information"',
};
const socketRemedy =
  'make an app-level token with the scope connections:write under "Basic Information" of the settings of the app, and give it as appToken';

/** Tells why there is no connection; answers how long to wait. */
function toldOfSocket({ link }: Site, error: unknown, failures: number): number {
  const failure = readFailure(error);
  const name = failure.error;
  const kind = name === undefined ? '' : outcomeRow(name, false).kind;
  if (name !== undefined && (kind === 'unauthorized' || kind === 'rejected')) {
    link.broken(`no connection (${failure.words}): ${socketRemedies[name] ?? socketRemedy}`);
    return slowMs;
  }
  link.closed(failure.words);
  return kind === 'rate_limited' ? retryAfterOf(failure) : link.backoffMs(failures);
}

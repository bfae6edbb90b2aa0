import { slowMs } from '../shared/backoff.ts';
import { commandBodies, commandRoutes } from './commands.ts';
import { readFailure } from './failure.ts';
import { retryAfterOf } from './outcome.ts';
import type { Site } from './site.ts';

const callMs = 10_000;

type Registering = Pick<Site, 'config' | 'host' | 'link' | 'rest' | 'us'>;

/**
 * Tells Discord which slash commands there are, once per start; doing it again changes nothing. What passes is tried
 * again; what Discord refuses is logged with what to do, and the bot goes on without commands there. Never rejects.
 */
export async function registerCommands(site: Registering, signal: AbortSignal): Promise<void> {
  const { config, us } = site;
  const applicationId = us()?.applicationId;
  if (config.commands === false || applicationId === undefined) return;
  const body = commandBodies(config.commands, config.words);
  for (const route of commandRoutes(config.commands, applicationId))
    await register(site, { method: 'PUT', route, body }, signal);
}

async function register(
  { host, link, rest }: Registering,
  call: Parameters<Site['rest']['call']>[0],
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      await rest.call(call, { signal, limitMs: callMs });
      return;
    } catch (error) {
      if (signal.aborted) return;
      const { status = 500, limit, words } = readFailure(error);
      if (status === 401) link.refused(words);
      else if (limit === undefined && status < 500 && status !== 408 && status !== 429) {
        host.log('error', `slash commands could not be registered: ${remedyOf(status)}`, {
          route: call.route,
          error: words,
        });
        return;
      }
      await link.rest(waitMs(link, { failures, status, limit }), signal);
    }
  }
}

function waitMs(
  link: Site['link'],
  failed: {
    readonly failures: number;
    readonly status: number;
    readonly limit: { readonly retryAfterMs: number } | undefined;
  },
): number {
  if (failed.limit !== undefined) return retryAfterOf(failed.limit.retryAfterMs);
  return failed.status === 401 ? slowMs : link.backoffMs(failed.failures);
}

function remedyOf(status: number): string {
  if (status === 403 || status === 404)
    return 'add the app to that server with the scope applications.commands, or take the server out of commands.in';
  return 'see what Discord says of the names and descriptions in commands and words';
}

import type { ApiCall } from './api.ts';
import { webhookSecret } from './config.ts';
import type { Site } from './deliver.ts';
import { readFailure } from './failure.ts';
import { allowedUpdates } from './inbound.ts';
import { poll } from './poll.ts';
import type { Me } from './said.ts';

const callMs = 10_000;
/** How often the webhook is looked at: whoever takes it away tells nobody. */
const watchMs = 5 * 60_000;

/**
 * Connects, and stays so until the signal aborts: who the bot is, how its updates come, the menu, then the updates.
 * Nothing of it needs Telegram to be there when it begins: trouble is told, waited out and tried again.
 */
export async function stayConnected(
  site: Site,
  met: (me: Me) => void,
  signal: AbortSignal,
): Promise<void> {
  const me = await insist(site, signal, () => getMe(site, signal));
  if (me === undefined) return;
  met(me);
  await insist(site, signal, () => chooseMode(site, signal));
  if (signal.aborted) return;
  void setMenu(site, signal);
  if (site.config.mode === 'polling') await poll(site, me, signal);
  else await watch(site, signal);
}

/** Tries until it succeeds; undefined when the signal aborts before. */
async function insist<T>(
  { link, host }: Site,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T | undefined> {
  while (!signal.aborted) {
    const startedMs = host.runtime.monoMs();
    try {
      const result = await run();
      link.works(startedMs);
      return result;
    } catch (error) {
      if (!signal.aborted) await link.rest(link.fails(error), signal);
    }
  }
  return undefined;
}

const call = (site: Site, request: ApiCall, signal: AbortSignal): Promise<unknown> =>
  site.api.call(request, { signal, limitMs: callMs });

async function getMe(site: Site, signal: AbortSignal): Promise<Me> {
  const answer = await call(site, { method: 'getMe', payload: {} }, signal);
  const { id, username } = (answer ?? {}) as { id?: unknown; username?: unknown };
  if (typeof id !== 'number' || typeof username !== 'string')
    throw new TypeError('getMe: not a bot');
  return { id, username };
}

/** Updates that wait at Telegram are kept. */
async function chooseMode(site: Site, signal: AbortSignal): Promise<void> {
  const { config } = site;
  if (config.mode === 'polling') {
    await call(site, { method: 'deleteWebhook', payload: {} }, signal);
    return;
  }
  const payload = {
    url: config.mode.webhook.url,
    secret_token: webhookSecret(config),
    allowed_updates: allowedUpdates(config),
    // One at a time: in their order.
    max_connections: 1,
  };
  await call(site, { method: 'setWebhook', payload }, signal);
}

/** Looks whether the webhook is still ours, and probes after a send was refused. */
async function watch(site: Site, signal: AbortSignal): Promise<void> {
  const { link, config } = site;
  const url = config.mode === 'polling' ? '' : config.mode.webhook.url;
  while (!signal.aborted) {
    await link.rest(watchMs, signal);
    const info = await insist(site, signal, () =>
      call(site, { method: 'getWebhookInfo', payload: {} }, signal),
    );
    const now = (info as { url?: unknown } | undefined)?.url;
    if (info !== undefined && now !== url)
      link.misconfigured(
        'another program took the webhook of this bot away: end it, then restart this one',
      );
  }
}

/** The menu is a help and no more: without it everything works. */
async function setMenu(site: Site, signal: AbortSignal): Promise<void> {
  const { config, host } = site;
  if (!config.commands) return;
  const commands = (['status', 'cancel', 'retry', 'help'] as const).map((command) => ({
    command,
    description: config.words[command],
  }));
  try {
    await call(site, { method: 'setMyCommands', payload: { commands } }, signal);
  } catch (error) {
    if (!signal.aborted)
      host.log('warn', 'the menu of commands was not set', { cause: readFailure(error).words });
  }
}

import type { Adapter } from '../../contracts/adapter.ts';
import { createDiscord } from './index.ts';

/** DISCORD_TOKEN turns Discord on; DISCORD_API_URL names another REST API. */
export function fromEnv(env: Readonly<Record<string, string | undefined>>): Adapter | undefined {
  const { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl } = env;
  if (!token) return undefined;
  return createDiscord({ token, ...(apiUrl ? { apiUrl } : {}) });
}

import type { Adapter } from '../../contracts/adapter.ts';
import { ConfigError } from '../../contracts/error.ts';
import { createSlack } from './index.ts';

/** SLACK_BOT_TOKEN turns Slack on, with SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP); SLACK_API_URL names another Web API. */
export function fromEnv(env: Readonly<Record<string, string | undefined>>): Adapter | undefined {
  const {
    SLACK_BOT_TOKEN: token,
    SLACK_APP_TOKEN: appToken,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_API_URL: apiUrl,
  } = env;
  if (!token) return undefined;
  if (!appToken && !signingSecret)
    throw new ConfigError(
      'invalid_config',
      'slack: SLACK_BOT_TOKEN needs SLACK_APP_TOKEN beside it (Socket Mode) or SLACK_SIGNING_SECRET (HTTP); got neither',
    );
  return createSlack({
    token,
    ...(appToken ? { appToken } : {}),
    ...(signingSecret ? { signingSecret } : {}),
    ...(apiUrl ? { apiUrl } : {}),
  });
}

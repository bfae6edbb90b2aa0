// A Slack app: SLACK_BOT_TOKEN=… SLACK_APP_TOKEN=… npm run example -- slack-app
import { defineConfig } from 'readback';
import { createSlack } from 'readback/adapters/slack';
import { createWorker } from './worker.mjs';

export default defineConfig((env) => {
  const { SLACK_BOT_TOKEN: token, SLACK_API_URL: apiUrl } = env;
  const { SLACK_APP_TOKEN: appToken, SLACK_SIGNING_SECRET: signingSecret } = env;
  if (!token) throw new Error('set SLACK_BOT_TOKEN to the token of "OAuth & Permissions"');
  if (!appToken && !signingSecret)
    throw new Error('set SLACK_APP_TOKEN (Socket Mode), or SLACK_SIGNING_SECRET (HTTP)');
  const slack = createSlack({
    token,
    ...(appToken && { appToken }),
    ...(signingSecret && { signingSecret }),
    ...(apiUrl && { apiUrl }),
  });
  return {
    webchat: false,
    adapters: [slack],
    workers: [createWorker(slack)],
    hint: 'In Slack, mention your app in a channel, or write to it: deploy, log, report, or a file.',
  };
});

// A Discord bot: DISCORD_TOKEN=… npm run example -- discord-bot
import { defineConfig } from 'readback';
import { createDiscord } from 'readback/adapters/discord';
import { worker } from './worker.mjs';

export default defineConfig((env) => {
  const { DISCORD_TOKEN: token, DISCORD_API_URL: apiUrl } = env;
  if (!token) throw new Error('set DISCORD_TOKEN to the token of "Bot" in the developer portal');
  return {
    webchat: false,
    adapters: [createDiscord({ token, sessions: 'thread', ...(apiUrl && { apiUrl }) })],
    workers: [worker],
    hint: 'On Discord, mention your bot, write to it, or use /ask: deploy, log, report, or a file.',
  };
});

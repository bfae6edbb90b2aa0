// A Telegram bot: TELEGRAM_BOT_TOKEN=… npm run example -- telegram-bot
import { defineConfig } from 'readback';
import { createTelegram } from 'readback/adapters/telegram';
import { createWorker } from './worker.mjs';

export default defineConfig((env) => {
  const { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: apiRoot } = env;
  if (!token) throw new Error('set TELEGRAM_BOT_TOKEN to the token that @BotFather gave you');
  const telegram = createTelegram({ token, ...(apiRoot && { apiRoot }) });
  return {
    webchat: false,
    adapters: [telegram],
    workers: [createWorker(telegram)],
    hint: 'Write to your bot: deploy, report, or send it a file.',
  };
});

/** A Bot API server in this process, for tests of bots: real HTTP, real long polls, and what people in its chats see. */
export type {
  PressAnswer,
  SayOptions,
  TelegramAuthor,
  TelegramButton,
  TelegramChat,
  TelegramEntity,
  TelegramFile,
  TelegramFileInput,
  TelegramFileKind,
  TelegramMessage,
  TelegramPerson,
  TelegramPlace,
  TelegramPress,
  TelegramTopic,
  WaitOptions,
} from './shape.ts';
export type {
  FakeTelegram,
  FakeTelegramOptions,
  FaultOptions,
  PlannedFault,
  TelegramCall,
  TelegramFault,
  TelegramLimits,
} from './shape-server.ts';
export { startFakeTelegram } from './start.ts';

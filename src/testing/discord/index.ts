/** Discord in this process, for tests of bots: REST, the gateway, and what people in its channels see. */
export type { DiscordPermission } from './permission.ts';
export type {
  DiscordAck,
  DiscordChannel,
  DiscordGuild,
  DiscordInteraction,
  DiscordMessage,
  DiscordPerson,
  DiscordSayOptions,
} from './shape.ts';
export type {
  DiscordAuthor,
  DiscordButton,
  DiscordComponent,
  DiscordEmbed,
  DiscordFile,
  DiscordFileInput,
  DiscordModal,
  DiscordModalField,
  DiscordOptionValue,
  DiscordPermissionChange,
  DiscordRole,
  DiscordSelect,
  DiscordWaitOptions,
} from './shape-part.ts';
export type {
  DiscordCall,
  DiscordFault,
  DiscordFaultOptions,
  DiscordLimits,
  DiscordPlannedFault,
  DiscordRoute,
  DiscordSession,
  FakeDiscord,
  FakeDiscordGateway,
  FakeDiscordOptions,
} from './shape-server.ts';
export { startFakeDiscord } from './start.ts';

/** The rights that this Discord knows, by their names in the documentation. */
export const permissionBits = {
  Administrator: 1n << 3n,
  ManageChannels: 1n << 4n,
  ManageGuild: 1n << 5n,
  AddReactions: 1n << 6n,
  ViewChannel: 1n << 10n,
  SendMessages: 1n << 11n,
  ManageMessages: 1n << 13n,
  EmbedLinks: 1n << 14n,
  AttachFiles: 1n << 15n,
  ReadMessageHistory: 1n << 16n,
  MentionEveryone: 1n << 17n,
  ManageRoles: 1n << 28n,
  ManageWebhooks: 1n << 29n,
  UseApplicationCommands: 1n << 31n,
  ManageThreads: 1n << 34n,
  CreatePublicThreads: 1n << 35n,
  CreatePrivateThreads: 1n << 36n,
  SendMessagesInThreads: 1n << 38n,
  UseExternalApps: 1n << 50n,
  BypassSlowmode: 1n << 52n,
} as const;

export type DiscordPermission = keyof typeof permissionBits;

/** What everybody may do in a new guild: nothing that only moderators should. */
const everyoneNames: readonly DiscordPermission[] = [
  'AddReactions',
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'UseApplicationCommands',
  'CreatePublicThreads',
  'CreatePrivateThreads',
  'SendMessagesInThreads',
  'UseExternalApps',
];

export const allBits = Object.values(permissionBits).reduce((sum, bit) => sum | bit, 0n);

export function bitsOf(names: readonly DiscordPermission[]): bigint {
  return names.reduce((sum, name) => sum | permissionBits[name], 0n);
}

export const everyoneBits = bitsOf(everyoneNames);

export function has(bits: bigint, name: DiscordPermission): boolean {
  return (bits & (permissionBits[name] | permissionBits.Administrator)) !== 0n;
}

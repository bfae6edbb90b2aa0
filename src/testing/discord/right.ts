import { allBits, type DiscordPermission, has } from './permission.ts';
import { Refusal } from './refusal.ts';
import type { ChannelRecord, GuildRecord, PersonRecord, RoleRecord } from './state.ts';

/** Who acts: a person, or the bot. */
export type Actor = PersonRecord | 'bot';

interface Holder {
  readonly id: string;
  readonly roles: readonly RoleRecord[];
}

function holderOf(guild: GuildRecord, who: Actor): Holder {
  if (who === 'bot') return { id: 'bot', roles: [guild.botRole] };
  return { id: who.id, roles: [...who.roles].filter((role) => role.guild === guild) };
}

/** What somebody may do in a channel: roles, then what the channel gives and takes. A thread has its parent's. */
export function rightsIn(channel: ChannelRecord, who: Actor): bigint {
  const { guild } = channel;
  const place = channel.parent ?? channel;
  if (guild === undefined) return who === 'bot' || channel.person === who ? allBits : 0n;
  const isMember = who === 'bot' ? guild.hasBot : guild.members.has(who);
  if (!isMember) return 0n;
  const { id, roles } = holderOf(guild, who);
  let bits = roles.reduce((sum, role) => sum | role.bits, guild.everyone.bits);
  if (has(bits, 'Administrator')) return allBits;
  const change = (allow: bigint, deny: bigint): void => {
    bits = (bits & ~deny) | allow;
  };
  const all = place.overwrites.get(guild.id);
  if (all !== undefined) change(all.allow, all.deny);
  const ofRoles = roles.map((role) => place.overwrites.get(role.id)).filter((one) => !!one);
  change(
    ofRoles.reduce((sum, one) => sum | one.allow, 0n),
    ofRoles.reduce((sum, one) => sum | one.deny, 0n),
  );
  const own = place.overwrites.get(id);
  if (own !== undefined) change(own.allow, own.deny);
  return bits;
}

/** What somebody may do in a guild, whatever the channel. */
export function rightsOf(guild: GuildRecord, who: Actor): bigint {
  const { roles } = holderOf(guild, who);
  return roles.reduce((sum, role) => sum | role.bits, guild.everyone.bits);
}

export function may(channel: ChannelRecord, who: Actor, right: DiscordPermission): boolean {
  const bits = rightsIn(channel, who);
  return has(bits, 'ViewChannel') && has(bits, right);
}

/** Whether it is there for somebody to see. A private thread is seen by its members and by moderators. */
export function sees(channel: ChannelRecord, who: Actor): boolean {
  if (channel.isDeleted || channel.guild?.isOut === true) return false;
  if (!may(channel, who, 'ViewChannel')) return false;
  if (!channel.isPrivate) return true;
  const id = who === 'bot' ? 'bot' : who.id;
  return channel.followers.has(id) || may(channel, who, 'ManageThreads');
}

/** Refuses what the bot may not do in a channel that it sees. */
export function demand(channel: ChannelRecord, ...rights: readonly DiscordPermission[]): void {
  for (const right of rights) if (!may(channel, 'bot', right)) throw new Refusal(50_013);
}

import { PermissionsBitField } from 'discord.js';
import type { DiscordPermission } from '../../../src/testing/discord/index.ts';
import type { Page } from '../../support/page.ts';

/** What the invite link of the page asks for. */
export function invitePermissions(page: Page): DiscordPermission[] {
  const bits = /&permissions=(\d+)/.exec(page.text)?.[1];
  if (bits === undefined) throw new Error('the page shows no invite link');
  return new PermissionsBitField(BigInt(bits)).toArray() as DiscordPermission[];
}

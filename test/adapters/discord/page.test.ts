import { beforeAll, describe, expect, it } from 'vitest';
import { DiscordConfig } from '../../../src/adapters/discord/config.ts';
import { ensureBuilt } from '../../build.ts';
import { Page } from '../../support/page.ts';
import { invitePermissions } from './invite.ts';

const page = new Page('docs/adapters/discord.md');

describe('docs/adapters/discord.md', () => {
  beforeAll(() => ensureBuilt(), 120_000);

  it('shows a test that passes as printed', { timeout: 60_000 }, () => {
    expect(page.runShownTest()).toContain('# pass 1');
  });

  it('names every option, and no other', () => {
    expect(page.firstCells('## Options')).toEqual(Object.keys(DiscordConfig.shape).sort());
  });

  it('names every permission of its invite link, and no other', () => {
    expect(page.firstCells('### Permissions')).toEqual([...invitePermissions(page)].sort());
  });
});

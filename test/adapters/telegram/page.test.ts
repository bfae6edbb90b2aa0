import { beforeAll, describe, expect, it } from 'vitest';
import { TelegramConfig } from '../../../src/adapters/telegram/config.ts';
import { ensureBuilt } from '../../build.ts';
import { Page } from '../../support/page.ts';

const page = new Page('docs/adapters/telegram.md');

describe('docs/adapters/telegram.md', () => {
  beforeAll(() => ensureBuilt(), 120_000);

  it('shows a test that passes as printed', { timeout: 60_000 }, () => {
    expect(page.runShownTest()).toContain('# pass 1');
  });

  it('names every option, and no other', () => {
    expect(page.firstCells('## Options')).toEqual(Object.keys(TelegramConfig.shape).sort());
  });
});

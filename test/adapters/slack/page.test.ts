import { beforeAll, describe, expect, it } from 'vitest';
import { SlackConfig } from '../../../src/adapters/slack/config.ts';
import { ensureBuilt } from '../../build.ts';
import { Page } from '../../support/page.ts';
import { AppManifest, exampleManifest } from './manifest-schema.ts';

const page = new Page('docs/adapters/slack.md');
const manifest = exampleManifest();

describe('docs/adapters/slack.md', () => {
  beforeAll(() => ensureBuilt(), 120_000);

  it('shows a test that passes as printed', { timeout: 60_000 }, () => {
    expect(page.runShownTest()).toContain('# pass 1');
  });

  it('names every option, and no other', () => {
    expect(page.firstCells('## Options')).toEqual(Object.keys(SlackConfig.in.shape).sort());
  });

  it('names every scope of the manifest, and no other', () => {
    expect(page.firstCells('### Scopes')).toEqual([...manifest.oauth_config.scopes.bot].sort());
  });

  it('names every event of the manifest, and no other', () => {
    const { bot_events: events } = manifest.settings.event_subscriptions;
    expect(page.firstCells('### Events')).toEqual([...events].sort());
  });

  it('says what HTTP changes in the manifest, and the rest stays', () => {
    const shown = /```json\n([\s\S]*?)```/.exec(page.section('### By HTTP'))?.[1] ?? '';
    const changed = AppManifest.parse(merged(manifest, JSON.parse(shown)));
    expect(changed.settings.socket_mode_enabled).toBe(false);
    expect(changed.settings.event_subscriptions.bot_events).toEqual(
      manifest.settings.event_subscriptions.bot_events,
    );
    expect(changed.features.slash_commands).toMatchObject(manifest.features.slash_commands ?? []);
    expect(changed.oauth_config).toEqual(manifest.oauth_config);
  });
});

/** `changes` laid over `base`: objects by field, lists by place. */
function merged(base: unknown, changes: unknown): unknown {
  if (!isTree(base) || !isTree(changes)) return changes;
  const copy = structuredClone(base);
  for (const [name, value] of Object.entries(changes)) copy[name] = merged(copy[name], value);
  return copy;
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

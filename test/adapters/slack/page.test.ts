import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlackConfig } from '../../../src/adapters/slack/config.ts';
import { ensureBuilt } from '../../build.ts';
import { AppManifest, exampleManifest } from './manifest-schema.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/adapters/slack.md'), 'utf8');
const manifest = exampleManifest();

describe('docs/adapters/slack.md', () => {
  let folder: string;

  beforeAll(async () => {
    await ensureBuilt();
    folder = mkdtempSync(join(tmpdir(), 'readback-slack-page-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/readback'));
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('shows a test that passes as printed', { timeout: 60_000 }, () => {
    const code = /```js\n(\/\/ bot\.test\.mjs[\s\S]*?)```/.exec(page)?.[1] ?? '';
    writeFileSync(join(folder, 'bot.test.mjs'), code);
    const said = execFileSync(process.execPath, ['--test', '--test-reporter=tap', folder], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(said).toContain('# pass 1');
  });

  it('names every option, and no other', () => {
    expect(firstCells('## Options')).toEqual(Object.keys(SlackConfig.in.shape).sort());
  });

  it('names every scope of the manifest, and no other', () => {
    expect(firstCells('### Scopes')).toEqual([...manifest.oauth_config.scopes.bot].sort());
  });

  it('names every event of the manifest, and no other', () => {
    const { bot_events: events } = manifest.settings.event_subscriptions;
    expect(firstCells('### Events')).toEqual([...events].sort());
  });

  it('says what HTTP changes in the manifest, and the rest stays', () => {
    const shown = /```json\n([\s\S]*?)```/.exec(section('### By HTTP'))?.[1] ?? '';
    const changed = AppManifest.parse(merged(manifest, JSON.parse(shown)));
    expect(changed.settings.socket_mode_enabled).toBe(false);
    expect(changed.settings.event_subscriptions.bot_events).toEqual(
      manifest.settings.event_subscriptions.bot_events,
    );
    expect(changed.features.slash_commands).toMatchObject(manifest.features.slash_commands ?? []);
    expect(changed.oauth_config).toEqual(manifest.oauth_config);
  });
});

/** What stands below a heading, up to the next one of its kind or above. */
function section(heading: string): string {
  const start = page.indexOf(`\n${heading}\n`);
  expect(start, heading).toBeGreaterThan(0);
  const level = heading.indexOf(' ');
  const rest = page.slice(start + heading.length + 2);
  const end = new RegExp(`^#{2,${level}} `, 'm').exec(rest)?.index;
  return rest.slice(0, end);
}

/** The names in the first column of the table below a heading, sorted. */
function firstCells(heading: string): string[] {
  const rows = section(heading).matchAll(/^\| ((?:`[\w.:]+`(?:, )?)+) \|/gm);
  return [...rows]
    .flatMap(([, cell = '']) => [...cell.matchAll(/`([\w.:]+)`/g)].map(([, name = '']) => name))
    .sort();
}

/** `changes` laid over `base`: objects by field, lists by place. */
function merged(base: unknown, changes: unknown): unknown {
  if (!isTree(base) || !isTree(changes)) return changes;
  const copy = structuredClone(base);
  for (const [name, value] of Object.entries(changes)) copy[name] = merged(copy[name], value);
  return copy;
}

const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

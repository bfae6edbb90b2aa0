import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MethodEntry } from '../../../src/testing/slack/call.ts';
import { chatMethods } from '../../../src/testing/slack/methods-chat.ts';
import { conversationMethods } from '../../../src/testing/slack/methods-conversation.ts';
import { fileMethods } from '../../../src/testing/slack/methods-file.ts';
import { moreMethods } from '../../../src/testing/slack/methods-more.ts';
import { streamMethods } from '../../../src/testing/slack/methods-stream.ts';
import { viewMethods } from '../../../src/testing/slack/methods-view.ts';
import type { ChannelRecord, TeamRecord } from '../../../src/testing/slack/state.ts';
import { exampleManifest } from './manifest-schema.ts';

/**
 * Goal: the app that a user makes of the example's manifest has what the adapter needs, and no right more. What the
 * adapter needs is read from its source: the methods that it names, and the events that it knows.
 */
const root = resolve(import.meta.dirname, '../../..');
const manifest = exampleManifest();
const source = sourceOf('src/adapters/slack');

const methods: Readonly<Record<string, MethodEntry>> = {
  ...moreMethods,
  ...chatMethods,
  ...streamMethods,
  ...conversationMethods,
  ...fileMethods,
  ...viewMethods,
};

/** What Slack asks for before it tells of an event, as the page of each event says. */
const scopesOfEvents: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  app_mention: ['app_mentions:read'],
  app_uninstalled: [],
  channel_id_changed: [],
  'message.channels': ['channels:history'],
  'message.groups': ['groups:history'],
  'message.im': ['im:history'],
  'message.mpim': ['mpim:history'],
  tokens_revoked: [],
};

/** Not of the bot's token: the app's own opens the connection of Socket Mode. */
const ofTheAppToken = 'apps.connections.open';
/** The event of `assistant_view`, which Slack takes from no new app; apps that have it know it as they are. */
const legacyEvent = 'assistant_thread_started';

describe('examples/slack-app/manifest.json', () => {
  const { bot: scopes } = manifest.oauth_config.scopes;
  const { bot_events: events } = manifest.settings.event_subscriptions;

  it('has the scopes of the methods and events in use, and no other', () => {
    const used = methodsInUse();
    expect(used).toEqual(expect.arrayContaining(['chat.postMessage', 'conversations.replies']));
    const needed = [
      ...used.flatMap(scopesOfMethod),
      ...events.flatMap((event) => scopesOfEvents[event] ?? [`nothing is known of ${event}`]),
      // of the slash command and the shortcut
      'commands',
    ];
    expect([...scopes].sort()).toEqual([...new Set(needed)].sort());
  });

  it('subscribes to the events that the adapter knows, and to no other', () => {
    expect([...events].sort()).toEqual(eventsKnown().sort());
  });

  it('is sorted, each name once', () => {
    expect(scopes).toEqual([...new Set(scopes)].sort());
    expect(events).toEqual([...new Set(events)].sort());
  });
});

function methodsInUse(): string[] {
  const names =
    /'((?:apps|assistant|auth|bots|chat|conversations|files|reactions|team|users|views)(?:\.\w+)+)'/g;
  const used = new Set([...source.matchAll(names)].map(([, name = '']) => name));
  used.delete(ofTheAppToken);
  return [...used];
}

/** As the fake asks for them; for every kind of channel where it depends on that. */
function scopesOfMethod(method: string): readonly string[] {
  const entry = methods[method];
  if (entry === undefined) throw new Error(`nothing is known of ${method}`);
  const kinds = ['channel', 'group', 'im', 'mpim'] as const;
  const channels = new Map(kinds.map((type) => [type, { type } as ChannelRecord]));
  const team = { channels } as unknown as TeamRecord;
  if (method === 'conversations.join') return entry.scopes({}, team);
  return kinds.flatMap((channel) => entry.scopes({ channel }, team));
}

/** Each message comes by the subscription of its kind of channel. */
function eventsKnown(): string[] {
  const [, cases = ''] = /switch \(event\.type\) \{([\s\S]*?)\n {2}\}/.exec(source) ?? [];
  const named = [...cases.matchAll(/case '(\w+)'/g)].map(([, name = '']) => name);
  expect(named).toEqual(expect.arrayContaining(['message', 'app_mention', legacyEvent]));
  return named
    .filter((name) => name !== legacyEvent)
    .flatMap((name) =>
      name === 'message'
        ? ['channels', 'groups', 'im', 'mpim'].map((kind) => `message.${kind}`)
        : name,
    );
}

function sourceOf(folder: string): string {
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith('.ts'));
  return files.map((name) => readFileSync(join(root, folder, name), 'utf8')).join('\n');
}

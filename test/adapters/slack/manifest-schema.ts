import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../../..');

/**
 * What Slack's reference of app manifests allows (https://docs.slack.dev/reference/app-manifest), as far as a manifest of
 * ours says something: unknown fields are refused, lengths and numbers are Slack's.
 */
const url = z
  .string()
  .regex(/^https:\/\//)
  .max(3_000);
const prompt = z.strictObject({ title: z.string().min(1), message: z.string().min(1) });
const shortcut = z.strictObject({
  type: z.enum(['message', 'global']),
  name: z.string().min(1).max(24),
  callback_id: z.string().min(1).max(255),
  description: z.string().min(1).max(150),
});
const slashCommand = z.strictObject({
  command: z
    .string()
    .regex(/^\/[a-z0-9_-]+$/)
    .max(32),
  description: z.string().min(1).max(2_000),
  usage_hint: z.string().min(1).max(1_000).optional(),
  should_escape: z.boolean().optional(),
  url: url.optional(),
});

/** The event types that Slack's own types of a manifest name. */
const eventTypes = namesOf('ManifestEvent');
/** The bot scopes that they name, and one that they do not: https://docs.slack.dev/reference/scopes/assistant.write */
const botScopes = [...namesOf('BotScope'), 'assistant:write'];

export const AppManifest = z
  .strictObject({
    display_information: z.strictObject({
      name: z.string().min(1).max(35),
      description: z.string().min(1).max(140).optional(),
      background_color: z
        .string()
        .regex(/^#(?:[\da-f]{3}){1,2}$/i)
        .optional(),
      long_description: z.string().min(175).max(4_000).optional(),
    }),
    features: z.strictObject({
      agent_view: z
        .strictObject({
          agent_description: z.string().max(300).optional(),
          suggested_prompts: z.array(prompt).max(4).optional(),
        })
        .optional(),
      app_home: z.strictObject({
        home_tab_enabled: z.boolean(),
        messages_tab_enabled: z.boolean(),
        messages_tab_read_only_enabled: z.boolean(),
      }),
      bot_user: z.strictObject({
        display_name: z.string().regex(/^[a-z0-9._-]{1,80}$/),
        always_online: z.boolean().optional(),
      }),
      shortcuts: z.array(shortcut).min(1).max(10).optional(),
      slash_commands: z.array(slashCommand).min(1).max(50).optional(),
    }),
    oauth_config: z.strictObject({
      scopes: z.strictObject({ bot: z.array(z.enum(botScopes)).max(255) }),
    }),
    settings: z.strictObject({
      event_subscriptions: z.strictObject({
        request_url: url.optional(),
        bot_events: z.array(z.enum(eventTypes)).max(100),
      }),
      interactivity: z.strictObject({ is_enabled: z.boolean(), request_url: url.optional() }),
      org_deploy_enabled: z.boolean(),
      socket_mode_enabled: z.boolean(),
      token_rotation_enabled: z.boolean(),
    }),
  })
  .superRefine(({ features, oauth_config, settings }, context) => {
    const wrong = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    // "assistant:write scope should include" its view, as Slack says when it refuses one
    if (oauth_config.scopes.bot.includes('assistant:write') && features.agent_view === undefined)
      wrong(['features'], 'assistant:write needs a view');
    if (
      (features.shortcuts ?? features.slash_commands) &&
      !oauth_config.scopes.bot.includes('commands')
    )
      wrong(['oauth_config'], 'shortcuts and commands need the scope commands');
    if (settings.socket_mode_enabled) return;
    if (settings.event_subscriptions.request_url === undefined)
      wrong(['settings', 'event_subscriptions'], 'without Socket Mode it needs a request_url');
    if (settings.interactivity.request_url === undefined)
      wrong(['settings', 'interactivity'], 'without Socket Mode it needs a request_url');
    for (const { url: given, command } of features.slash_commands ?? [])
      if (given === undefined) wrong(['features', command], 'without Socket Mode it needs a url');
  });
export type AppManifest = z.infer<typeof AppManifest>;

/** The manifest of examples/slack-app, checked. */
export function exampleManifest(): AppManifest {
  const file = join(root, 'examples/slack-app/manifest.json');
  return AppManifest.parse(JSON.parse(readFileSync(file, 'utf8')));
}

function namesOf(type: 'BotScope' | 'ManifestEvent'): string[] {
  const file = 'node_modules/@slack/web-api/dist/types/request/manifest.d.ts';
  const types = readFileSync(join(root, file), 'utf8');
  const union = new RegExp(`^type ${type} = (.*);$`, 'm').exec(types)?.[1] ?? '';
  return [...union.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
}

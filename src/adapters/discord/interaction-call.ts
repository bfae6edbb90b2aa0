import type { AskId } from '../../contracts/id.ts';
import type { DiscordCall } from './call.ts';
import { answerDialog } from './component.ts';
import type { DiscordConfig } from './config.ts';
import type { Interaction } from './inbound-context.ts';
import type { Life } from './life.ts';
import { escapeText } from './render-escape.ts';

/** Discord's numbers of what a first answer may be. */
const message = 4;
const deferredMessage = 5;
const deferredUpdate = 6;
const dialog = 9;

const ephemeral = 64;

/** Pure: the first answer, which must come within three seconds. None of them needs the bot's own token. */
function callback({ id, token }: Pick<Interaction, 'id' | 'token'>, body: unknown): DiscordCall {
  const route = `/interactions/${id}/${token}/callback` as const;
  return { method: 'POST', route, authorized: false, body };
}

/** Pure: promises a message. */
export function deferCall(interaction: Interaction, options: { ephemeral: boolean }): DiscordCall {
  const data = options.ephemeral ? { data: { flags: ephemeral } } : {};
  return callback(interaction, { type: deferredMessage, ...data });
}

/** Pure: leaves the message that was pressed on as it is. */
export function updateCall(interaction: Interaction): DiscordCall {
  return callback(interaction, { type: deferredUpdate });
}

/** Pure: opens the dialog for an answer in words to that question. */
export function dialogCall(
  interaction: Interaction,
  askId: AskId,
  words: DiscordConfig['words'],
): DiscordCall {
  return callback(interaction, { type: dialog, data: answerDialog(askId, words) });
}

/** Pure: tells one person something, and nobody else. */
export function tellCall(interaction: Interaction, text: string): DiscordCall {
  const data = { content: escapeText(text), flags: ephemeral, allowed_mentions: { parse: [] } };
  return callback(interaction, { type: message, data });
}

/** Pure: in the place of a message that was promised and never came to be. */
export function failCall(life: Pick<Life, 'applicationId' | 'token'>, text: string): DiscordCall {
  const body = { content: escapeText(text), allowed_mentions: { parse: [] }, components: [] };
  return { method: 'PATCH', route: originalRoute(life), authorized: false, body };
}

/** Pure: tells one person something after the first answer. */
export function tellAfterCall(
  life: Pick<Life, 'applicationId' | 'token'>,
  text: string,
): DiscordCall {
  const body = { content: escapeText(text), flags: ephemeral, allowed_mentions: { parse: [] } };
  return { method: 'POST', route: webhookRoute(life), authorized: false, body };
}

/** Pure: the promise is taken back. */
export function withdrawCall(life: Pick<Life, 'applicationId' | 'token'>): DiscordCall {
  return { method: 'DELETE', route: originalRoute(life), authorized: false };
}

/** Pure: what stands in the place of the promised message: to know whether it was written. */
export function readOriginalCall(life: Pick<Life, 'applicationId' | 'token'>): DiscordCall {
  return { method: 'GET', route: originalRoute(life), authorized: false };
}

export function webhookRoute({ applicationId, token }: Pick<Life, 'applicationId' | 'token'>) {
  return `/webhooks/${applicationId}/${token}` as const;
}

export function originalRoute(life: Pick<Life, 'applicationId' | 'token'>) {
  return `${webhookRoute(life)}/messages/@original` as const;
}

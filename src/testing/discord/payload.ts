import { checkComponents } from './component-check.ts';
import { checkEmbeds } from './embed-check.ts';
import { fileMax, type StoredFile } from './file-shelf.ts';
import { lengthOf, objects, words } from './json-value.ts';
import { allowedMentions } from './mention.ts';
import { has } from './permission.ts';
import { invalid, Refusal, tooLong } from './refusal.ts';
import type { Upload } from './request-body.ts';
import { demand, rightsOf } from './right.ts';
import type { ChannelRecord, Json, MessageRecord, World } from './state.ts';
import { type Change, type Draft, flags } from './write.ts';

const contentMax = 2_000;
const filesMax = 10;
const nonceMax = 25;
/** Flags that an app may set. */
const settable = flags.suppressEmbeds | flags.ephemeral | flags.silent | flags.componentsV2;

interface Given {
  readonly body: Json;
  readonly files: readonly Upload[];
}

/** What a new message of the bot is to say, checked. */
export function draftOf(world: World, home: ChannelRecord, { body, files }: Given): Draft {
  const bits = Number(body['flags'] ?? 0) & settable;
  const text = contentOf(body, bits);
  const embeds = checkEmbeds(body['embeds']);
  const components = checkComponents(body['components'], (bits & flags.componentsV2) !== 0);
  checkFiles(files.map(({ bytes }) => bytes.byteLength));
  const isEmpty = embeds.length === 0 && components.length === 0 && files.length === 0;
  if (text.trim() === '' && isEmpty) throw new Refusal(50_006);
  autoModerate(home, text, { embeds });
  return {
    text,
    embeds,
    components,
    files: shelve(world, home, files),
    flags: bits,
    allowed: allowedMentions(body['allowed_mentions']),
    nonce: nonceOf(body),
  };
}

/** What an edit changes, checked; what is not named stays as it is. */
export function changeOf(world: World, message: MessageRecord, { body, files }: Given): Change {
  const { home } = message;
  const bits = body['flags'] === undefined ? message.flags : flagsAfter(message, body);
  const isV2 = (bits & flags.componentsV2) !== 0;
  const text = body['content'] === undefined ? undefined : contentOf(body, bits);
  const embeds = body['embeds'] === undefined ? undefined : checkEmbeds(body['embeds']);
  const components =
    body['components'] === undefined ? undefined : checkComponents(body['components'], isV2);
  const kept = keptFiles(message, body);
  checkFiles([
    ...kept.map(({ sizeBytes }) => sizeBytes),
    ...files.map((one) => one.bytes.byteLength),
  ]);
  const isEmpty =
    (text ?? message.text).trim() === '' &&
    (embeds ?? message.embeds).length === 0 &&
    (components ?? message.components).length === 0 &&
    kept.length + files.length === 0;
  if (isEmpty) throw new Refusal(50_006);
  autoModerate(home, text ?? '', { embeds: embeds ?? [] });
  return {
    text,
    embeds,
    components,
    files: [...kept, ...shelve(world, home, files)],
    flags: bits,
    allowed: allowedMentions(body['allowed_mentions']),
  };
}

/** An edit sets flags anew, but for those that a message is born with. */
function flagsAfter(message: MessageRecord, body: Json): number {
  const born = flags.ephemeral | flags.loading | flags.silent | flags.hasThread;
  const asked = Number(body['flags']) & (flags.suppressEmbeds | flags.componentsV2);
  return (message.flags & (born | flags.componentsV2)) | asked;
}

function contentOf(body: Json, bits: number): string {
  const text = words(body['content']);
  if (lengthOf(text) > contentMax) throw tooLong('content', contentMax);
  const isV2 = (bits & flags.componentsV2) !== 0;
  if (isV2 && (text !== '' || objects(body['embeds']).length > 0))
    throw invalid('content', 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', 'Not with V2.');
  return text;
}

function nonceOf(body: Json): string | number | undefined {
  const nonce = body['nonce'];
  if (nonce === undefined || nonce === null) return undefined;
  if (typeof nonce === 'number') return nonce;
  if (typeof nonce !== 'string')
    throw invalid('nonce', 'NONCE_TYPE_INVALID', 'A nonce is an integer or a string.');
  if (lengthOf(nonce) > nonceMax) throw tooLong('nonce', nonceMax);
  return nonce;
}

/** Files of an edit that stay: those named, or all where none are. */
function keptFiles(message: MessageRecord, body: Json): readonly StoredFile[] {
  if (body['attachments'] === undefined) return message.stored;
  const ids = new Set(objects(body['attachments']).map(({ id }) => words(id)));
  return message.stored.filter(({ id }) => ids.has(id));
}

function checkFiles(sizes: readonly number[]): void {
  if (sizes.length > filesMax) throw new Refusal(30_015);
  if (sizes.some((size) => size > fileMax)) throw new Refusal(40_005);
}

function shelve(world: World, home: ChannelRecord, files: readonly Upload[]): StoredFile[] {
  const place = { channelId: home.id, baseUrl: world.options.baseUrl(), nowMs: world.nowMs() };
  return files.map((file) => world.files.add(file, { ...place, id: world.newId() }));
}

/** Blocks what holds a forbidden word, but for those who manage the guild. */
export function autoModerate(
  { guild }: ChannelRecord,
  text: string,
  { embeds = [], code = 200_000 }: { readonly embeds?: readonly Json[]; readonly code?: number },
): void {
  if (guild === undefined || has(rightsOf(guild, 'bot'), 'ManageGuild')) return;
  if (isBlocked(guild.words, `${text}\n${JSON.stringify(embeds)}`)) throw new Refusal(code);
}

export function isBlocked(forbidden: readonly string[], text: string): boolean {
  const lower = text.toLowerCase();
  return forbidden.some((word) => lower.includes(word.toLowerCase()));
}

/** What the bot needs for what a message carries. */
export function demandFor(home: ChannelRecord, draft: Draft): void {
  if ((draft.files ?? []).length > 0) demand(home, 'AttachFiles');
  if ((draft.embeds ?? []).length > 0) demand(home, 'EmbedLinks');
}

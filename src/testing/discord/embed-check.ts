import { isObject, lengthOf, list, words } from './json-value.ts';
import { invalid, required, tooLong } from './refusal.ts';
import type { DiscordEmbed } from './shape-part.ts';
import type { Json } from './state.ts';

const embedsMax = 10;
const fieldsMax = 25;
/** Of all embeds of a message together. */
const totalMax = 6_000;
const lengths: readonly (readonly [path: string, max: number])[] = [
  ['title', 256],
  ['description', 4_096],
  ['footer.text', 2_048],
  ['author.name', 256],
];

/** The embeds of a message, checked. */
export function checkEmbeds(value: unknown): DiscordEmbed[] {
  const embeds = list(value);
  if (embeds.length > embedsMax) throw tooLong('embeds', embedsMax);
  let total = 0;
  embeds.forEach((embed, n) => {
    const path = `embeds.${n}`;
    if (!isObject(embed))
      throw invalid(path, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used');
    total += checkOne(embed, path);
  });
  if (total > totalMax)
    throw invalid('embeds', 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000');
  return embeds as DiscordEmbed[];
}

function checkOne(embed: Json, path: string): number {
  let total = 0;
  for (const [name, max] of lengths) {
    const [outer = '', inner] = name.split('.');
    const value = inner === undefined ? embed[outer] : (embed[outer] as Json | undefined)?.[inner];
    const length = lengthOf(words(value));
    if (length > max) throw tooLong(`${path}.${name}`, max);
    total += length;
  }
  const fields = list(embed['fields']);
  if (fields.length > fieldsMax) throw tooLong(`${path}.fields`, fieldsMax);
  fields.forEach((field, n) => {
    const at = `${path}.fields.${n}`;
    if (!isObject(field)) throw invalid(at, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used');
    for (const [name, max] of [
      ['name', 256],
      ['value', 1_024],
    ] as const) {
      const length = lengthOf(words(field[name]));
      if (length === 0) throw required(`${at}.${name}`);
      if (length > max) throw tooLong(`${at}.${name}`, max);
      total += length;
    }
  });
  return total;
}

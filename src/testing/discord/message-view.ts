import { componentTypes } from './component-check.ts';
import { objects, words } from './json-value.ts';
import { readable } from './mention.ts';
import type { DiscordButton, DiscordComponent, DiscordEmbed, DiscordSelect } from './shape-part.ts';
import type { GuildRecord, Json, World } from './state.ts';

const styles = ['primary', 'secondary', 'success', 'danger', 'link'] as const;

/** All components, those inside of others too. */
export function flat(components: readonly Json[]): Json[] {
  return components.flatMap((one) => [
    one,
    ...flat(objects(one['components'])),
    ...flat(objects([one['accessory'], one['component']])),
  ]);
}

export function buttonsIn(components: readonly DiscordComponent[]): DiscordButton[] {
  return flat(components)
    .filter((one) => one['type'] === componentTypes.button)
    .map((one) => ({
      label: words(one['label']) || words((one['emoji'] as Json | undefined)?.['name']),
      customId: one['custom_id'] as string | undefined,
      style: styles[Number(one['style']) - 1] ?? 'link',
      url: one['url'] as string | undefined,
      isDisabled: one['disabled'] === true,
    }));
}

export function selectsIn(components: readonly DiscordComponent[]): DiscordSelect[] {
  return flat(components)
    .filter((one) => one['type'] === componentTypes.stringSelect)
    .map((one) => ({
      customId: words(one['custom_id']),
      placeholder: words(one['placeholder']),
      options: objects(one['options']).map((option) => ({
        label: words(option['label']),
        value: words(option['value']),
      })),
      minValues: Number(one['min_values'] ?? 1),
      maxValues: Number(one['max_values'] ?? 1),
      isDisabled: one['disabled'] === true,
    }));
}

interface Shown {
  readonly text: string;
  readonly embeds: readonly DiscordEmbed[];
  readonly components: readonly DiscordComponent[];
}

/** What a person reads, line by line. */
export function shownOf(
  world: World,
  guild: GuildRecord | undefined,
  { text, embeds, components }: Shown,
): string {
  const texts = flat(components)
    .filter((one) => one['type'] === componentTypes.textDisplay)
    .map((one) => words(one['content']));
  return [text, ...texts, ...embeds.flatMap(embedLines)]
    .filter((line) => line !== '')
    .map((line) => readable(world, guild, line))
    .join('\n');
}

function embedLines(embed: DiscordEmbed): string[] {
  const inner = (name: string, key: string): string =>
    words((embed[name] as Json | undefined)?.[key]);
  return [
    inner('author', 'name'),
    words(embed['title']),
    words(embed['description']),
    ...objects(embed['fields']).flatMap((field) => [words(field['name']), words(field['value'])]),
    inner('footer', 'text'),
  ];
}

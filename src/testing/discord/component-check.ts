import { isObject, lengthOf, list, words } from './json-value.ts';
import { invalid, required, tooLong } from './refusal.ts';
import type { DiscordComponent } from './shape-part.ts';
import type { Json } from './state.ts';

export const componentTypes = {
  row: 1,
  button: 2,
  stringSelect: 3,
  textInput: 4,
  section: 9,
  textDisplay: 10,
  separator: 14,
  container: 17,
  label: 18,
} as const;
const rowsMax = 5;
const buttonsMax = 5;
const optionsMax = 25;
const componentsV2Max = 40;
const textV2Max = 4_000;
const selectTypes = new Set([3, 5, 6, 7, 8]);
const customIdMax = 100;
const labelMax = 80;

interface Seen {
  readonly customIds: Set<string>;
  components: number;
  text: number;
}

/** The components of a message, checked; throws a Refusal with the path of what is wrong. */
export function checkComponents(value: unknown, isV2: boolean): DiscordComponent[] {
  if (value === undefined || value === null) return [];
  const seen: Seen = { customIds: new Set(), components: 0, text: 0 };
  const all = list(value);
  if (!isV2 && all.length > rowsMax) throw tooLong('components', rowsMax);
  all.forEach((one, n) => {
    const path = `components.${n}`;
    if (!isV2 && (!isObject(one) || one['type'] !== componentTypes.row))
      throw invalid(path, 'UNION_TYPE_CHOICES', "Value of field 'type' must be one of (1,).");
    checkOne(one, path, seen);
  });
  if (seen.components > componentsV2Max) throw tooLong('components', componentsV2Max);
  if (seen.text > textV2Max) throw tooLong('components', textV2Max);
  return all as DiscordComponent[];
}

function checkOne(value: unknown, path: string, seen: Seen): void {
  if (!isObject(value)) throw invalid(path, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used');
  seen.components += 1;
  const type = value['type'];
  if (type === componentTypes.row) return checkRow(value, path, seen);
  if (type === componentTypes.button) return checkButton(value, path, seen);
  if (selectTypes.has(Number(type))) return checkSelect(value, path, seen);
  if (type === componentTypes.textDisplay) {
    if (words(value['content']) === '') throw required(`${path}.content`);
    seen.text += lengthOf(words(value['content']));
  }
  list(value['components']).forEach((one, n) => {
    checkOne(one, `${path}.components.${n}`, seen);
  });
  if (value['accessory'] !== undefined) checkOne(value['accessory'], `${path}.accessory`, seen);
}

function checkRow(row: Json, path: string, seen: Seen): void {
  const inner = list(row['components']);
  if (inner.length === 0)
    throw invalid(
      `${path}.components`,
      'BASE_TYPE_BAD_LENGTH',
      'Must be between 1 and 5 in length.',
    );
  const width = inner.reduce<number>(
    (sum, one) => sum + (isObject(one) && one['type'] === componentTypes.button ? 1 : buttonsMax),
    0,
  );
  if (width > buttonsMax)
    throw invalid(path, 'COMPONENT_LAYOUT_WIDTH_EXCEEDED', 'The layout is too wide.');
  inner.forEach((one, n) => {
    checkOne(one, `${path}.components.${n}`, seen);
  });
}

function checkButton(button: Json, path: string, seen: Seen): void {
  const style = Number(button['style']);
  if (!(style >= 1 && style <= 6))
    throw invalid(`${path}.style`, 'BASE_TYPE_CHOICES', 'Value must be one of {1, 2, 3, 4, 5, 6}.');
  const label = words(button['label']);
  if (lengthOf(label) > labelMax) throw tooLong(`${path}.label`, labelMax);
  if (label === '' && !isObject(button['emoji']))
    throw invalid(path, 'BUTTON_COMPONENT_INVALID_LABEL', 'A button needs a label or an emoji.');
  if (style === 5) {
    if (!/^(?:https?|discord):\/\//.test(words(button['url']))) throw required(`${path}.url`);
    return;
  }
  checkCustomId(button, path, seen);
}

function checkSelect(select: Json, path: string, seen: Seen): void {
  checkCustomId(select, path, seen);
  if (lengthOf(words(select['placeholder'])) > 150) throw tooLong(`${path}.placeholder`, 150);
  if (select['type'] !== componentTypes.stringSelect) return;
  const options = list(select['options']);
  if (options.length === 0 || options.length > optionsMax)
    throw invalid(`${path}.options`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 25 in length.');
  const values = new Set<string>();
  options.forEach((one, n) => {
    const at = `${path}.options.${n}`;
    if (!isObject(one)) throw invalid(at, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used');
    for (const name of ['label', 'value', 'description']) {
      if (lengthOf(words(one[name])) > 100) throw tooLong(`${at}.${name}`, 100);
      if (name !== 'description' && words(one[name]) === '') throw required(`${at}.${name}`);
    }
    const value = words(one['value']);
    if (values.has(value))
      throw invalid(at, 'SELECT_COMPONENT_OPTION_VALUE_DUPLICATED', 'The value is used twice.');
    values.add(value);
  });
}

function checkCustomId(component: Json, path: string, seen: Seen): void {
  const customId = words(component['custom_id']);
  if (customId === '') throw required(`${path}.custom_id`);
  if (lengthOf(customId) > customIdMax) throw tooLong(`${path}.custom_id`, customIdMax);
  if (seen.customIds.has(customId))
    throw invalid(`${path}.custom_id`, 'COMPONENT_CUSTOM_ID_DUPLICATED', 'It is used twice.');
  seen.customIds.add(customId);
}

import { componentTypes } from './component-check.ts';
import { lengthOf, list, objects, words } from './json-value.ts';
import { flat } from './message-view.ts';
import { invalid, required, tooLong } from './refusal.ts';
import type { DiscordModalField } from './shape-part.ts';
import type { InteractionRecord, Json, ModalRecord } from './state.ts';

const titleMax = 45;
const customIdMax = 100;
const rowsMax = 5;
const labelMax = 45;
const modalsMax = 100;

/** Shows a modal to the person whose interaction it answers. */
export function openModal(interaction: InteractionRecord, raw: Json): ModalRecord {
  const modal = { ...checked(raw), isOpen: true } as unknown as ModalRecord;
  Object.defineProperties(modal, {
    person: { value: interaction.person },
    interaction: { value: interaction },
    raw: { value: raw },
  });
  const { modals } = interaction.person;
  modals.push(modal);
  if (modals.length > modalsMax) modals.shift();
  return modal;
}

function checked(raw: Json): Pick<ModalRecord, 'customId' | 'title' | 'fields'> {
  const [customId, title] = [words(raw['custom_id']), words(raw['title'])];
  if (customId === '') throw required('data.custom_id');
  if (lengthOf(customId) > customIdMax) throw tooLong('data.custom_id', customIdMax);
  if (title === '') throw required('data.title');
  if (lengthOf(title) > titleMax) throw tooLong('data.title', titleMax);
  const rows = list(raw['components']);
  if (rows.length === 0 || rows.length > rowsMax)
    throw invalid('data.components', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.');
  const fields = objects(rows).map((row, n) => fieldOf(row, `data.components.${n}`));
  return { customId, title, fields };
}

/** A row has one input, with its own label; a label has one, and says it. */
function fieldOf(row: Json, path: string): DiscordModalField {
  const input = flat([row]).find((one) => one['type'] === componentTypes.textInput);
  if (input === undefined || row['type'] === componentTypes.textInput)
    throw invalid(path, 'UNION_TYPE_CHOICES', "Value of field 'type' must be one of (1, 18).");
  const label = words(row['type'] === componentTypes.label ? row['label'] : input['label']);
  const customId = words(input['custom_id']);
  if (customId === '') throw required(`${path}.components.0.custom_id`);
  if (lengthOf(customId) > customIdMax)
    throw tooLong(`${path}.components.0.custom_id`, customIdMax);
  if (label === '') throw required(`${path}.components.0.label`);
  if (lengthOf(label) > labelMax) throw tooLong(`${path}.components.0.label`, labelMax);
  return {
    customId,
    label,
    value: words(input['value']),
    isRequired: input['required'] !== false,
    isLong: input['style'] === 2,
  };
}

/** What the app is told when a person submits: each input with its value. Throws what the apps would not let through. */
export function submitted(modal: ModalRecord, values: Readonly<Record<string, string>>): Json {
  const known = modal.fields.flatMap(({ customId, label }) => [customId, label]);
  const unknown = Object.keys(values).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`the modal has no field "${unknown}"`);
  const valueIn = (customId: string): string => {
    const field = modal.fields.find((one) => one.customId === customId);
    const value = values[customId] ?? values[field?.label ?? ''] ?? field?.value ?? '';
    if (value === '' && field?.isRequired === true) throw new Error(`${field.label} is required`);
    return value;
  };
  const filled = (one: Json): Json => {
    const { type, custom_id: customId } = one;
    if (type === componentTypes.textInput)
      return { type, id: 1, custom_id: customId, value: valueIn(words(customId)) };
    if (type === componentTypes.label)
      return { type, id: 1, component: filled(one['component'] as Json) };
    return { type, id: 1, components: objects(one['components']).map(filled) };
  };
  return { custom_id: modal.customId, components: objects(modal.raw['components']).map(filled) };
}

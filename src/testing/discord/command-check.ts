import { isObject, lengthOf, list, objects, words } from './json-value.ts';
import { invalid, required, tooLong } from './refusal.ts';
import type { Json } from './state.ts';

export const optionTypes = {
  subcommand: 1,
  group: 2,
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
} as const;
const namePattern = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const listMax = 25;
const descriptionMax = 100;
const stringMax = 6_000;

/** Throws a Refusal for a command that Discord would not take. */
export function checkCommand(command: Json, path: string): void {
  const type = Number(command['type'] ?? 1);
  const name = words(command['name']);
  if (name === '') throw required(`${path}name`);
  if (type !== 1) {
    if (lengthOf(name) > 32) throw tooLong(`${path}name`, 32);
    return;
  }
  checkNamed(command, path);
  checkOptions(command['options'], path);
}

function checkNamed(one: Json, path: string): void {
  const name = words(one['name']);
  if (name === '') throw required(`${path}name`);
  if (!namePattern.test(name) || name !== name.toLowerCase())
    throw invalid(`${path}name`, 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
  const length = lengthOf(words(one['description']));
  if (length === 0) throw required(`${path}description`);
  if (length > descriptionMax) throw tooLong(`${path}description`, descriptionMax);
}

function checkOptions(value: unknown, path: string): void {
  const options = list(value);
  if (options.length > listMax) throw tooLong(`${path}options`, listMax);
  const names = new Set<string>();
  let isOptional = false;
  options.forEach((option, n) => {
    const at = `${path}options.${n}.`;
    if (!isObject(option))
      throw invalid(`${path}options.${n}`, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used');
    checkNamed(option, at);
    const name = words(option['name']);
    if (names.has(name))
      throw invalid(`${at}name`, 'APPLICATION_COMMAND_OPTIONS_NAME_INVALID', 'It is used twice.');
    names.add(name);
    const type = Number(option['type']);
    if (!(type >= 1 && type <= 11))
      throw invalid(`${at}type`, 'BASE_TYPE_CHOICES', 'Value must be one of (1, …, 11).');
    if (type > 2 && isOptional && option['required'] === true)
      throw invalid(
        at.slice(0, -1),
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required first.',
      );
    isOptional ||= type > 2 && option['required'] !== true;
    if (list(option['choices']).length > listMax) throw tooLong(`${at}choices`, listMax);
    checkOptions(option['options'], at);
  });
}

/** What a person gave for an option, as the app is told it. Throws what the apps would not let them send. */
export function valueFor(option: Json, given: unknown): string | number | boolean {
  const name = words(option['name']);
  const choices = objects(option['choices']);
  if (choices.length > 0) {
    const choice = choices.find((one) => one['name'] === given || one['value'] === given);
    if (choice === undefined) throw new Error(`"${String(given)}" is no choice of ${name}`);
    return choice['value'] as string | number;
  }
  switch (Number(option['type'])) {
    case optionTypes.string:
      return stringFor(option, String(given));
    case optionTypes.integer:
    case optionTypes.number:
      return numberFor(option, Number(given));
    case optionTypes.boolean:
      if (typeof given !== 'boolean') throw new Error(`${name} is true or false`);
      return given;
    default: {
      const id = isObject(given) ? given['id'] : given;
      if (typeof id !== 'string' || id === '') throw new Error(`${name} needs a thing with an id`);
      return id;
    }
  }
}

function stringFor(option: Json, text: string): string {
  const least = Number(option['min_length'] ?? 0);
  const most = Number(option['max_length'] ?? stringMax);
  const length = lengthOf(text);
  if (length < least || length > most)
    throw new Error(`${words(option['name'])} has ${least} to ${most} characters`);
  return text;
}

function numberFor(option: Json, number: number): number {
  const isWhole = Number(option['type']) === optionTypes.integer;
  if (!Number.isFinite(number) || (isWhole && !Number.isInteger(number)))
    throw new Error(`${words(option['name'])} is a number`);
  const [least, most] = [option['min_value'] ?? -Infinity, option['max_value'] ?? Infinity];
  if (number < Number(least) || number > Number(most))
    throw new Error(`${words(option['name'])} is out of bounds`);
  return number;
}

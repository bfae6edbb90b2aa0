import { fullMemberJson, userJson } from './channel-json.ts';
import { optionTypes, valueFor } from './command-check.ts';
import { componentTypes } from './component-check.ts';
import { interact } from './interaction.ts';
import { objects, words } from './json-value.ts';
import { fileJson, messageJson, partialChannelJson } from './message-json.ts';
import { submitted } from './modal.ts';
import { may } from './right.ts';
import type { DiscordInteraction } from './shape.ts';
import type { DiscordFileInput, DiscordOptionValue } from './shape-part.ts';
import type {
  ChannelRecord,
  Json,
  MessageRecord,
  ModalRecord,
  PersonRecord,
  World,
} from './state.ts';

const commandTypes = { input: 1, user: 2, message: 3 } as const;

export function pressIn(
  world: World,
  person: PersonRecord,
  message: MessageRecord,
  label: string,
): DiscordInteraction {
  const { buttons, home } = message;
  const found =
    buttons.find((button) => button.label === label) ??
    buttons.find(({ customId }) => customId === label);
  const shown = buttons.map((button) => button.label).join(', ') || 'none';
  if (found === undefined) throw new Error(`no button "${label}" is shown; shown are: ${shown}`);
  if (found.customId === undefined) throw new Error(`"${label}" is a link: the app is not told`);
  if (found.isDisabled) throw new Error(`the button "${label}" is disabled`);
  const data = { component_type: componentTypes.button, custom_id: found.customId, id: 1 };
  return interact(world, person, { type: 'component', channel: home, data, message });
}

export function chooseIn(
  world: World,
  person: PersonRecord,
  message: MessageRecord,
  chosen: { readonly options: readonly string[]; readonly customId: string | undefined },
): DiscordInteraction {
  const menus = message.selects.filter(
    ({ customId }) => chosen.customId === undefined || customId === chosen.customId,
  );
  const [wanted] = chosen.options;
  const menu =
    menus.find(({ options }) =>
      options.some(({ label, value }) => [label, value].includes(wanted ?? '')),
    ) ?? menus[0];
  if (menu === undefined) throw new Error('no menu is shown');
  if (menu.isDisabled) throw new Error('the menu is disabled');
  const values = chosen.options.map((name) => {
    const option = menu.options.find(({ label, value }) => label === name || value === name);
    const shown = menu.options.map(({ label }) => label).join(', ');
    if (option === undefined) throw new Error(`no option "${name}" is shown; shown are: ${shown}`);
    return option.value;
  });
  if (values.length < menu.minValues || values.length > menu.maxValues)
    throw new Error(`the menu takes ${menu.minValues} to ${menu.maxValues} options`);
  const data = {
    component_type: componentTypes.stringSelect,
    custom_id: menu.customId,
    values,
    id: 1,
  };
  return interact(world, person, { type: 'component', channel: message.home, data, message });
}

export function submitIn(
  world: World,
  modal: ModalRecord,
  values: Readonly<Record<string, string>>,
): DiscordInteraction {
  const data = submitted(modal, values);
  const { person, interaction } = modal;
  closeModal(modal);
  const { channel, message } = interaction;
  return interact(world, person, { type: 'modal', channel, data, message });
}

export function closeModal(modal: ModalRecord): void {
  modal.isOpen = false;
  const { modals } = modal.person;
  modals.splice(modals.indexOf(modal), 1);
}

interface Run {
  readonly name: string;
  readonly options: Readonly<Record<string, DiscordOptionValue>>;
  readonly target?: MessageRecord | PersonRecord | undefined;
}

export function runCommand(
  world: World,
  person: PersonRecord,
  channel: ChannelRecord,
  run: Run,
): DiscordInteraction {
  if (channel.guild !== undefined && !may(channel, person, 'UseApplicationCommands'))
    throw new Error(`${person.name} may not use commands here`);
  const { command, path, guildId } = commandFor(world, person, channel, run);
  const resolved: Record<string, Json> = {};
  const target = run.target === undefined ? {} : targetOf(world, channel, run.target, resolved);
  let options = given(command, path, run.options).map(({ option, value }) =>
    optionJson({ world, channel, resolved }, option, value),
  );
  for (const [n, name] of path.toReversed().entries())
    options = [{ type: n === 0 ? optionTypes.subcommand : optionTypes.group, name, options }];
  const data = {
    id: command['id'],
    name: command['name'],
    type: command['type'],
    ...(guildId === undefined ? {} : { guild_id: guildId }),
    ...(options.length === 0 ? {} : { options }),
    ...target,
    ...(Object.keys(resolved).length === 0 ? {} : { resolved }),
  };
  return interact(world, person, { type: 'command', channel, data, commandName: run.name });
}

/** The command that the apps offer here by this name. */
function commandFor(world: World, person: PersonRecord, channel: ChannelRecord, run: Run) {
  const [name = '', ...path] = run.target === undefined ? run.name.split(' ') : [run.name];
  const type =
    run.target === undefined
      ? commandTypes.input
      : 'text' in run.target
        ? commandTypes.message
        : commandTypes.user;
  const { guild } = channel;
  const isHere = (command: Json): boolean => command['name'] === name && command['type'] === type;
  const own = [...(guild?.commands.values() ?? [])].find(isHere);
  if (own !== undefined && guild?.hasBot === true) return { command: own, path, guildId: guild.id };
  const command = [...world.commands.values()].find(isHere);
  const kinds = command?.['integration_types'] as readonly number[] | undefined;
  const isForUsers = person.hasApp && kinds?.includes(1) === true;
  const isThere = guild === undefined || guild.hasBot || isForUsers;
  const contexts = command?.['contexts'] as readonly number[] | null | undefined;
  const isMeant = contexts?.includes(guild === undefined ? 1 : 0) ?? true;
  if (command === undefined || !isThere || !isMeant)
    throw new Error(`no command "${run.name}" is offered here`);
  return { command, path, guildId: undefined };
}

/** The options of a command, or of one below it, with what was given for them. */
function given(
  command: Json,
  path: readonly string[],
  values: Readonly<Record<string, DiscordOptionValue>>,
): { readonly option: Json; readonly value: DiscordOptionValue }[] {
  let options = objects(command['options']);
  for (const name of path) {
    const below = options.find((option) => option['name'] === name && Number(option['type']) <= 2);
    if (below === undefined) throw new Error(`the command has no subcommand "${name}"`);
    options = objects(below['options']);
  }
  if (options.some((option) => Number(option['type']) <= 2)) throw new Error('name a subcommand');
  const unknown = Object.keys(values).find((name) => options.every((one) => one['name'] !== name));
  if (unknown !== undefined) throw new Error(`the command has no option "${unknown}"`);
  const missing = options.find(
    ({ name, required }) => required === true && !(words(name) in values),
  );
  if (missing !== undefined) throw new Error(`the option "${words(missing['name'])}" is required`);
  return options.flatMap((option) => {
    const value = values[words(option['name'])];
    return value === undefined ? [] : [{ option, value }];
  });
}

interface Place {
  readonly world: World;
  readonly channel: ChannelRecord;
  readonly resolved: Record<string, Json>;
}

function optionJson(place: Place, option: Json, given: DiscordOptionValue): Json {
  const { world, channel, resolved } = place;
  const type = Number(option['type']);
  const filled = { type, name: option['name'] };
  if (type === optionTypes.attachment) {
    const input = given as DiscordFileInput;
    const at = { channelId: channel.id, baseUrl: world.options.baseUrl(), nowMs: world.nowMs() };
    const file = world.files.add(input, { ...at, id: world.newId() });
    resolved['attachments'] = { ...resolved['attachments'], [file.id]: fileJson(file) };
    return { ...filled, value: file.id };
  }
  const value = valueFor(option, given);
  const person = world.people.get(String(value));
  if (person !== undefined) resolvePerson(world, channel, person, resolved);
  const named = world.channels.get(String(value));
  if (type === optionTypes.channel && named !== undefined)
    resolved['channels'] = { [named.id]: partialChannelJson(world, named) };
  return { ...filled, value };
}

function resolvePerson(
  world: World,
  { guild }: ChannelRecord,
  person: PersonRecord,
  resolved: Record<string, Json>,
): void {
  resolved['users'] = { ...resolved['users'], [person.id]: userJson(person) };
  if (guild === undefined || !guild.members.has(person)) return;
  const { user: _, deaf: __, mute: ___, ...member } = fullMemberJson(world, guild, person);
  resolved['members'] = { ...resolved['members'], [person.id]: { ...member, permissions: '0' } };
}

function targetOf(
  world: World,
  channel: ChannelRecord,
  target: MessageRecord | PersonRecord,
  resolved: Record<string, Json>,
): Json {
  if ('text' in target)
    resolved['messages'] = { [target.id]: messageJson(world, target, { mayRead: true }) };
  else resolvePerson(world, channel, target, resolved);
  return { target_id: target.id };
}

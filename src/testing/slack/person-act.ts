import { handleOf, messageJson } from './api-json.ts';
import { elementsOf } from './block-view.ts';
import { channelName, inMessage, interact } from './interaction.ts';
import { answerCommand } from './response-url.ts';
import type { SlackInteraction } from './shape-part.ts';
import type {
  ChannelRecord,
  Json,
  MessageRecord,
  PersonRecord,
  ViewRecord,
  World,
} from './state.ts';
import { closeView, fillIn, obeyView, optionOf, stateOf, viewJson } from './view-shelf.ts';

type Shown = MessageRecord | ViewRecord;

export function pressIn(
  world: World,
  person: PersonRecord,
  on: Shown,
  label: string,
): SlackInteraction {
  const all = elementsOf(on.blocks).filter(({ element }) => element['type'] === 'button');
  const found =
    all.find(({ element }) => labelOf(element) === label) ??
    all.find(({ element }) => [element['action_id'], element['value']].includes(label));
  if (found === undefined) {
    const shown = all.map(({ element }) => labelOf(element)).join(', ') || 'none';
    throw new Error(`no button "${label}" is shown; shown are: ${shown}`);
  }
  const { element, blockId } = found;
  const { text, value, style, url } = element;
  return act(world, person, on, {
    type: 'button',
    action_id: element['action_id'] ?? '',
    block_id: blockId,
    text,
    ...(value === undefined ? {} : { value }),
    ...(style === undefined ? {} : { style }),
    ...(url === undefined ? {} : { url }),
  });
}

export function chooseIn(
  world: World,
  person: PersonRecord,
  on: Shown,
  { option, actionId }: { readonly option: string; readonly actionId: string | undefined },
): SlackInteraction {
  const all = elementsOf(on.blocks)
    .filter(({ element }) => Array.isArray(element['options'] ?? element['option_groups']))
    .filter(({ element }) => actionId === undefined || element['action_id'] === actionId);
  const found = all.find(({ element }) => has(element, option)) ?? all[0];
  if (found === undefined) throw new Error('no menu is shown');
  const { element, blockId } = found;
  const id = String(element['action_id'] ?? '');
  const state = stateOf(element, option);
  if ('state' in on) on.state = { ...on.state, [blockId]: { ...on.state[blockId], [id]: state } };
  const placeholder = element['placeholder'];
  return act(world, person, on, {
    action_id: id,
    block_id: blockId,
    ...state,
    ...(placeholder === undefined ? {} : { placeholder }),
  });
}

function has(element: Json, option: string): boolean {
  try {
    return optionOf(element, option) !== undefined;
  } catch {
    return false;
  }
}

function act(world: World, person: PersonRecord, on: Shown, action: Json): SlackInteraction {
  const actions = [{ ...action, action_ts: world.newTs() }];
  if ('ts' in on) {
    const body = { ...inMessage(world, on), state: { values: {} }, actions };
    const place = { channel: on.home, message: on };
    return interact(world, person, { type: 'block_actions', body, place });
  }
  const container = { type: 'view', view_id: on.id };
  const body = { container, view: viewJson(world, on), actions };
  return interact(world, person, { type: 'block_actions', body });
}

export function submitView(
  world: World,
  view: ViewRecord,
  values: Readonly<Record<string, string>>,
): SlackInteraction {
  fillIn(view, values);
  view.errors = {};
  return interact(world, view.person, {
    type: 'view_submission',
    body: { view: viewJson(world, view), response_urls: [] },
    after: (payload) => obeyView(world, view, payload),
  });
}

export function closeByHand(world: World, view: ViewRecord): SlackInteraction | undefined {
  closeView(world, view);
  if (view.raw['notify_on_close'] !== true) return undefined;
  const body = { view: viewJson(world, view), is_cleared: false };
  return interact(world, view.person, { type: 'view_closed', body });
}

export function runCommand(
  world: World,
  person: PersonRecord,
  channel: ChannelRecord,
  { command, text }: { readonly command: string; readonly text: string },
): SlackInteraction {
  if (!/^\/[^\s]+$/.test(command)) throw new Error('a command begins with / and has no spaces');
  const { team } = person;
  return interact(world, person, {
    type: 'slash_command',
    body: {
      token: world.verificationToken,
      team_id: team.teamId,
      team_domain: team.domain,
      channel_id: channel.id,
      channel_name: channelName(channel),
      user_id: person.id,
      user_name: handleOf(person.name),
      command,
      text,
      api_app_id: world.appId,
      is_enterprise_install: 'false',
    },
    place: { channel, message: undefined },
    after: (payload) => answerCommand(world, { channel, person, message: undefined }, payload),
  });
}

export function runShortcut(
  world: World,
  person: PersonRecord,
  callbackId: string,
  message: MessageRecord | undefined,
): SlackInteraction {
  const named = { callback_id: callbackId, action_ts: world.newTs() };
  if (message === undefined) return interact(world, person, { type: 'shortcut', body: named });
  const { home } = message;
  return interact(world, person, {
    type: 'message_action',
    body: {
      ...named,
      channel: { id: home.id, name: channelName(home) },
      message_ts: message.ts,
      message: messageJson(world, message),
    },
    place: { channel: home, message: undefined },
  });
}

function labelOf(element: Json): string {
  const text = element['text'] as Json | undefined;
  return String(text?.['text'] ?? '');
}

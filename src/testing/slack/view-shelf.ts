import { checkBlocks, isObject, list } from './block-check.ts';
import { elementsOf, optionsOf, shownBlocks } from './block-view.ts';
import { invalidArguments } from './refusal.ts';
import { type Json, type PersonRecord, remember, type ViewRecord, type World } from './state.ts';

const titleMax = 24;
const metadataMax = 3_000;

/** Opens a view above those that are open. */
export function openView(world: World, person: PersonRecord, given: Json): ViewRecord {
  const below = person.views.at(-1);
  const id = world.newId('V');
  const view = {
    id,
    person,
    rootId: below?.rootId ?? id,
    previousId: below?.id,
    isOpen: true,
    state: {},
  } as unknown as ViewRecord;
  fill(world, view, given);
  person.views.push(view);
  remember(world.views, id, view);
  world.tellViews();
  return view;
}

export function changeView(world: World, view: ViewRecord, given: Json): void {
  fill(world, view, given);
  world.tellViews();
}

export function closeView(world: World, view: ViewRecord): void {
  const { views } = view.person;
  const at = views.indexOf(view);
  if (at >= 0) views.splice(at, 1);
  view.isOpen = false;
  world.tellViews();
}

function fill(world: World, view: ViewRecord, given: Json): void {
  const { team } = view.person;
  if (given['type'] !== 'modal') throw invalidArguments('view type must be modal');
  const title = textOf(given['title']);
  if (title === '' || title.length > titleMax)
    throw invalidArguments(`view title must have 1 to ${titleMax} characters`);
  const blocks = checkBlocks(given['blocks'], 'view');
  const isAsking = blocks.some(({ type }) => type === 'input');
  if (isAsking && given['submit'] === undefined)
    throw invalidArguments('missing required field: submit');
  const metadata = String(given['private_metadata'] ?? '');
  if (metadata.length > metadataMax) throw invalidArguments('private_metadata is too long');
  view.raw = given;
  view.callbackId = String(given['callback_id'] ?? '');
  view.title = title;
  view.blocks = blocks;
  view.privateMetadata = metadata;
  view.errors = {};
  view.shown = [title, shownBlocks(team, blocks)].join('\n');
  view.hash = `${Math.floor(world.nowMs() / 1_000)}.${world.newId('')}`;
}

export function viewJson(world: World, view: ViewRecord): Json {
  const { raw, person } = view;
  const { team } = person;
  return {
    id: view.id,
    team_id: team.teamId,
    type: 'modal',
    blocks: view.blocks,
    private_metadata: view.privateMetadata,
    callback_id: view.callbackId,
    state: { values: view.state },
    hash: view.hash,
    title: raw['title'],
    clear_on_close: raw['clear_on_close'] ?? false,
    notify_on_close: raw['notify_on_close'] ?? false,
    close: raw['close'] ?? null,
    submit: raw['submit'] ?? null,
    previous_view_id: view.previousId ?? null,
    root_view_id: view.rootId,
    app_id: world.appId,
    external_id: raw['external_id'] ?? '',
    app_installed_team_id: team.teamId,
    bot_id: team.botId,
  };
}

/** What a person put into a view, by action id or block id. Throws where the app would not let them submit. */
export function fillIn(view: ViewRecord, values: Readonly<Record<string, string>>): void {
  const left = new Set(Object.keys(values));
  const required = new Set(
    view.blocks
      .filter(({ type, ...block }) => type === 'input' && block['optional'] !== true)
      .map((block) => String(block['block_id'])),
  );
  for (const { blockId, element } of elementsOf(view.blocks)) {
    if (element['type'] === 'button') continue;
    const actionId = String(element['action_id'] ?? '');
    const name = [actionId, blockId].find((one) => left.has(one));
    if (name !== undefined) left.delete(name);
    const initial = element['initial_value'];
    const given = name === undefined ? (initial as string | undefined) : values[name];
    if (given === undefined && required.has(blockId) && element['initial_option'] === undefined)
      throw new Error(`the view asks for "${actionId || blockId}"`);
    view.state = {
      ...view.state,
      [blockId]: { ...view.state[blockId], [actionId]: stateOf(element, given) },
    };
  }
  if (left.size > 0) throw new Error(`the view does not ask for: ${[...left].join(', ')}`);
}

/** The state of an element that a person filled in or chose. */
export function stateOf(element: Json, given: string | undefined): Json {
  const type = String(element['type']);
  if (Array.isArray(element['options'] ?? element['option_groups'])) {
    const chosen = given === undefined ? element['initial_option'] : optionOf(element, given);
    const isMany = type.startsWith('multi_') || type === 'checkboxes';
    return isMany
      ? { type, selected_options: chosen === undefined ? [] : [chosen] }
      : { type, selected_option: chosen ?? null };
  }
  const picks: Readonly<Record<string, string>> = {
    datepicker: 'selected_date',
    timepicker: 'selected_time',
    users_select: 'selected_user',
    channels_select: 'selected_channel',
    conversations_select: 'selected_conversation',
  };
  return { type, [picks[type] ?? 'value']: given ?? null };
}

/** By its label or its value. */
export function optionOf(element: Json, given: string): Json {
  const options = optionsOf(element);
  const found =
    options.find((option) => textOf(option['text']) === given) ??
    options.find((option) => option['value'] === given);
  if (found !== undefined) return found;
  const shown = options.map((option) => textOf(option['text'])).join(', ');
  throw new Error(`no option "${given}" is shown; shown are: ${shown}`);
}

/** What an app said to a submitted view; undefined when it said nothing. */
export function obeyView(world: World, view: ViewRecord, payload: unknown): void {
  const answer = isObject(payload) ? payload : {};
  switch (answer['response_action']) {
    case 'errors':
      view.errors = (answer['errors'] ?? {}) as Record<string, string>;
      return world.tellViews();
    case 'update':
      return changeView(world, view, answer['view'] as Json);
    case 'push':
      openView(world, view.person, answer['view'] as Json);
      return;
    case 'clear':
      for (const one of list([...view.person.views]) as ViewRecord[]) closeView(world, one);
      return;
    default:
      return closeView(world, view);
  }
}

function textOf(value: unknown): string {
  return isObject(value) ? String(value['text'] ?? '') : '';
}

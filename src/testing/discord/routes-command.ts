import { checkCommand } from './command-check.ts';
import { isObject, words } from './json-value.ts';
import { invalid, Refusal, tooLong } from './refusal.ts';
import type { Answer, Asked, Routes } from './route.ts';
import type { Json, World } from './state.ts';

const commandsMax = 100;

export const commandRoutes: Routes = {
  'GET /applications/:id/commands': { run: all },
  'PUT /applications/:id/commands': { run: replace },
  'POST /applications/:id/commands': { run: create },
  'GET /applications/:id/commands/:id': { run: one },
  'PATCH /applications/:id/commands/:id': { run: edit },
  'DELETE /applications/:id/commands/:id': { run: remove },
  'GET /applications/:id/guilds/:id/commands': { run: all },
  'PUT /applications/:id/guilds/:id/commands': { run: replace },
  'POST /applications/:id/guilds/:id/commands': { run: create },
  'GET /applications/:id/guilds/:id/commands/:id': { run: one },
  'PATCH /applications/:id/guilds/:id/commands/:id': { run: edit },
  'DELETE /applications/:id/guilds/:id/commands/:id': { run: remove },
};

interface Shelf {
  readonly commands: Map<string, Json>;
  readonly guildId: string | undefined;
  /** Of the command that is named. */
  readonly id: string | undefined;
}

/** Where the commands of a path are kept. */
function shelfOf({ world, params }: Asked, isOne: boolean): Shelf {
  if (params[0] !== world.botId) throw new Refusal(20_012);
  const [guildId, id] =
    params.length === (isOne ? 3 : 2) ? params.slice(1) : [undefined, params[1]];
  if (guildId === undefined) return { commands: world.commands, guildId, id };
  const guild = world.guilds.get(guildId);
  if (guild === undefined || !guild.hasBot) throw new Refusal(50_001);
  return { commands: guild.commands, guildId, id };
}

function all(asked: Asked): Answer {
  return { body: [...shelfOf(asked, false).commands.values()] };
}

/** Puts these in the place of all that were there. A command of the same name and type keeps its id. */
function replace(asked: Asked): Answer {
  const { world, items } = asked;
  const shelf = shelfOf(asked, false);
  if (items === undefined) throw invalid('_', 'LIST_TYPE_CONVERT', 'Only lists may be used');
  if (items.length > commandsMax) throw new Refusal(30_032);
  const made = items.map((item, n) => {
    if (!isObject(item))
      throw invalid(`${n}`, 'MODEL_TYPE_CONVERT', 'Only dictionaries may be used');
    checkCommand(item, `${n}.`);
    return kept(world, shelf, item);
  });
  const names = made.map((command) => `${words(command['type'])} ${words(command['name'])}`);
  const twice = names.findIndex((name, n) => names.indexOf(name) !== n);
  if (twice >= 0)
    throw invalid(`${twice}.name`, 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'It is used twice.');
  shelf.commands.clear();
  for (const command of made) shelf.commands.set(String(command['id']), command);
  return { body: made };
}

/** A command as it is kept: with its id, and a new version where something changed. */
function kept(world: World, { commands, guildId }: Shelf, given: Json): Json {
  const type = Number(given['type'] ?? 1);
  const known = [...commands.values()].find(
    (one) => one['name'] === given['name'] && one['type'] === type,
  );
  const place = guildId === undefined ? {} : { guild_id: guildId };
  const { id: _, version: __, ...asked } = given;
  const command = {
    id: known?.['id'] ?? world.newId(),
    application_id: world.botId,
    ...place,
    default_member_permissions: null,
    description: '',
    nsfw: false,
    options: [],
    ...(guildId === undefined ? { integration_types: [0], contexts: null } : {}),
    ...asked,
    type,
  };
  const { version, ...before } = known ?? {};
  const isSame = known !== undefined && JSON.stringify(before) === JSON.stringify(command);
  return { ...command, version: isSame ? version : world.newId() };
}

function create(asked: Asked): Answer {
  const { world, body } = asked;
  const shelf = shelfOf(asked, false);
  checkCommand(body, '');
  const command = kept(world, shelf, body);
  const id = String(command['id']);
  const isNew = !shelf.commands.has(id);
  if (isNew && shelf.commands.size >= commandsMax) throw new Refusal(30_032);
  shelf.commands.set(id, command);
  return { status: isNew ? 201 : 200, body: command };
}

function named(asked: Asked): { readonly shelf: Shelf; readonly command: Json } {
  const shelf = shelfOf(asked, true);
  const command = shelf.commands.get(shelf.id ?? '');
  if (command === undefined) throw new Refusal(10_063);
  return { shelf, command };
}

function one(asked: Asked): Answer {
  return { body: named(asked).command };
}

function edit(asked: Asked): Answer {
  const { shelf, command } = named(asked);
  const changed = { ...command, ...asked.body, id: command['id'], version: asked.world.newId() };
  if (words(asked.body['name']).length > 32) throw tooLong('name', 32);
  checkCommand(changed, '');
  shelf.commands.set(String(command['id']), changed);
  return { body: changed };
}

function remove(asked: Asked): Answer {
  const { shelf, command } = named(asked);
  shelf.commands.delete(String(command['id']));
  return {};
}

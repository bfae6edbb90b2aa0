import { type Args, needed, words } from './args.ts';
import { isObject } from './block-check.ts';
import { type CallContext, type Methods, none } from './call.ts';
import { Refusal } from './refusal.ts';
import type { Json, PersonRecord } from './state.ts';
import { changeView, openView, viewJson } from './view-shelf.ts';

/** Views that may stand above each other. */
const depthMax = 3;

export const viewMethods: Methods = {
  'views.open': {
    run: (args, context) => {
      const given = viewIn(args);
      const person = personOf(args, context);
      return { view: viewJson(context.world, openView(context.world, person, given)) };
    },
    scopes: none,
  },
  'views.push': {
    run: (args, context) => {
      const given = viewIn(args);
      const person = personOf(args, context);
      if (person.views.length >= depthMax) throw new Refusal('push_limit_reached');
      return { view: viewJson(context.world, openView(context.world, person, given)) };
    },
    scopes: none,
  },
  'views.update': {
    run: (args, { world }) => {
      const given = viewIn(args);
      const view = world.views.get(needed(args, 'view_id'));
      if (view === undefined || !view.isOpen) throw new Refusal('not_found');
      const hash = words(args, 'hash');
      if (hash !== '' && hash !== view.hash) throw new Refusal('hash_conflict');
      changeView(world, view, given);
      return { view: viewJson(world, view) };
    },
    scopes: none,
  },
};

function viewIn(args: Args): Json {
  const { view } = args;
  if (!isObject(view)) throw new Refusal('invalid_arguments');
  return view;
}

/** Uses up the trigger: it lives 3 s and opens one view. */
function personOf(args: Args, { world }: CallContext): PersonRecord {
  const trigger = world.triggers.get(needed(args, 'trigger_id'));
  if (trigger === undefined) throw new Refusal('invalid_trigger_id');
  if (trigger.untilMs < world.nowMs()) throw new Refusal('expired_trigger_id');
  if (trigger.isUsed) throw new Refusal('exchanged_trigger_id');
  trigger.isUsed = true;
  return trigger.person;
}

import { messageJson } from './message-json.ts';
import { changeOf, draftOf } from './payload.ts';
import { Refusal } from './refusal.ts';
import type { Answer, Asked, Route, Routes } from './route.ts';
import { answering } from './routes-interaction.ts';
import { type InteractionRecord, type MessageRecord, remember } from './state.ts';
import { erase, rewrite, write } from './write.ts';

/** Follow-ups of an app that works only because a person installed it. */
const followupsMax = 5;

const open = { isOpen: true, bucket: 'interaction webhook', limit: [5, 2_000] } as const;
const route = (run: Route['run']): Route => ({ ...open, run });

export const webhookRoutes: Routes = {
  'POST /webhooks/:id/:token': route(followUp),
  'GET /webhooks/:id/:token/messages/@original': route(show),
  'PATCH /webhooks/:id/:token/messages/@original': route(edit),
  'DELETE /webhooks/:id/:token/messages/@original': route(remove),
  'GET /webhooks/:id/:token/messages/:id': route(show),
  'PATCH /webhooks/:id/:token/messages/:id': route(edit),
  'DELETE /webhooks/:id/:token/messages/:id': route(remove),
};

/** The interaction of a token that was answered and lives. */
function recordOf({ world, params }: Asked): InteractionRecord {
  const record = world.interactions.get(params[1] ?? '');
  if (params[0] !== world.botId || record === undefined) throw new Refusal(10_015);
  if (record.state !== 'answered') throw new Refusal(10_015);
  if (world.nowMs() > record.tokenUntilMs) throw new Refusal(50_027);
  return record;
}

/** `@original`, or a message that was made with the token. */
function messageOf(asked: Asked, record: InteractionRecord): MessageRecord {
  const id = asked.params[2];
  const message = id === undefined ? record.original : record.messages.get(id);
  if (message === undefined || message.isDeleted) throw new Refusal(10_008);
  return message;
}

function followUp(asked: Asked): Answer {
  const { world } = asked;
  const record = recordOf(asked);
  // the first one after a defer is the answer itself
  if (record.isDeferred && record.original?.isLoading === true) return edit(asked);
  if (record.isUserInstallOnly && record.followups >= followupsMax) throw new Refusal(40_094);
  const draft = draftOf(world, record.channel, asked);
  const { original } = record;
  const isReply = original !== undefined && !original.isDeleted && original.onlyFor === undefined;
  const message = write(world, record.channel, {
    ...draft,
    ...answering(record, draft),
    replyTo: isReply ? original : undefined,
    type: isReply ? 19 : 0,
  });
  record.followups += 1;
  remember(record.messages, message.id, message);
  return { body: messageJson(world, message, { mayRead: true }) };
}

function show(asked: Asked): Answer {
  const message = messageOf(asked, recordOf(asked));
  return { body: messageJson(asked.world, message, { mayRead: true }) };
}

function edit(asked: Asked): Answer {
  const { world } = asked;
  const message = messageOf(asked, recordOf(asked));
  rewrite(world, message, changeOf(world, message, asked));
  return { body: messageJson(world, message, { mayRead: true }) };
}

function remove(asked: Asked): Answer {
  erase(asked.world, messageOf(asked, recordOf(asked)));
  return {};
}

import { isObject } from './json-value.ts';
import { allowedMentions } from './mention.ts';
import { messageJson } from './message-json.ts';
import { openModal } from './modal.ts';
import { changeOf, draftOf } from './payload.ts';
import { invalid, Refusal } from './refusal.ts';
import type { Answer, Asked, Routes } from './route.ts';
import type { DiscordAck } from './shape.ts';
import { type InteractionRecord, type Json, type MessageRecord, remember } from './state.ts';
import { type Draft, flags, rewrite, write } from './write.ts';

export const callbacks = {
  message: 4,
  deferred: 5,
  deferredUpdate: 6,
  update: 7,
  modal: 9,
} as const;

export const interactionRoutes: Routes = {
  'POST /interactions/:id/:token/callback': { run: callback, isOpen: true },
};

/** What became of an interaction by its first answer. */
interface Done {
  readonly ack: DiscordAck;
  readonly message?: MessageRecord | undefined;
}

function callback(asked: Asked): Answer {
  const { world, params, body, query } = asked;
  const record = world.interactions.get(params[1] ?? '');
  if (record === undefined || record.id !== params[0]) throw new Refusal(10_062);
  if (record.state === 'answered') throw new Refusal(40_060);
  if (record.state === 'late' || world.nowMs() > record.answerUntilMs) throw new Refusal(10_062);
  const data = isObject(body['data']) ? body['data'] : {};
  const type = Number(body['type']);
  const { ack, message } = act(asked, record, type, data);
  record.state = 'answered';
  record.original = message;
  if (message !== undefined) remember(record.messages, message.id, message);
  record.settle(ack);
  if (query.get('with_response') !== 'true') return {};
  return { body: responseJson(asked, record, type) };
}

function act(asked: Asked, record: InteractionRecord, type: number, data: Json): Done {
  switch (type) {
    case callbacks.message:
      return reply(asked, record, data);
    case callbacks.deferred:
      return defer(asked, record, data);
    case callbacks.deferredUpdate:
      return { ack: ackOf('deferred_update'), message: componentMessage(record) };
    case callbacks.update:
      return update(asked, record, data);
    case callbacks.modal: {
      if (record.type === 'modal') throw notFor();
      const modal = openModal(record, data);
      asked.world.tell();
      return { ack: { ...ackOf('modal'), modal } };
    }
    default:
      throw invalid('type', 'BASE_TYPE_CHOICES', 'Value must be one of (4, 5, 6, 7, 9).');
  }
}

function notFor(): Refusal {
  return invalid('type', 'INTERACTION_RESPONSE_TYPE_INVALID', 'Not for this interaction.');
}

function ackOf(kind: DiscordAck['kind'], message?: MessageRecord): DiscordAck {
  const isEphemeral = message?.onlyFor !== undefined;
  return { kind, isEphemeral, message, modal: undefined };
}

function reply({ world, files }: Asked, record: InteractionRecord, data: Json): Done {
  const { channel } = record;
  const draft = draftOf(world, channel, { body: data, files });
  const message = write(world, channel, { ...draft, ...answering(record, draft) });
  return { ack: ackOf('message', message), message };
}

function defer({ world }: Asked, record: InteractionRecord, data: Json): Done {
  const bits = (Number(data['flags'] ?? 0) & flags.ephemeral) | flags.loading;
  const draft = { text: '', flags: bits, allowed: allowedMentions({}) };
  const message = write(world, record.channel, { ...draft, ...answering(record, draft) });
  record.isDeferred = true;
  return { ack: ackOf('deferred', message), message };
}

function update({ world, files }: Asked, record: InteractionRecord, data: Json): Done {
  const message = componentMessage(record);
  if (!message.isDeleted) rewrite(world, message, changeOf(world, message, { body: data, files }));
  return { ack: ackOf('update', message), message };
}

function componentMessage({ message }: InteractionRecord): MessageRecord {
  if (message === undefined) throw notFor();
  return message;
}

/** What makes a message an answer to an interaction. */
export function answering(
  record: InteractionRecord,
  draft: Draft,
): Pick<Draft, 'interaction' | 'onlyFor' | 'replyTo' | 'type'> {
  const isEphemeral = ((draft.flags ?? 0) & flags.ephemeral) !== 0;
  const { message } = record;
  const isReply = message !== undefined && !message.isDeleted && message.onlyFor === undefined;
  return {
    interaction: record,
    onlyFor: isEphemeral ? record.person : undefined,
    replyTo: isReply ? message : undefined,
    type: message === undefined ? 20 : 19,
  };
}

function responseJson({ world }: Asked, record: InteractionRecord, type: number): Json {
  const { original } = record;
  const types = { command: 2, component: 3, modal: 5 } as const;
  const made =
    original === undefined
      ? {}
      : {
          response_message_id: original.id,
          response_message_loading: original.isLoading,
          response_message_ephemeral: original.onlyFor !== undefined,
        };
  const shown = original === undefined || type === callbacks.deferredUpdate;
  const message = shown ? {} : { message: messageJson(world, original, { mayRead: true }) };
  return {
    interaction: { id: record.id, type: types[record.type], ...made },
    resource: { type, ...message },
  };
}

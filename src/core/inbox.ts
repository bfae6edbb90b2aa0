import type { Accepted } from '../contracts/adapter.ts';
import type { Ask } from '../contracts/ask.ts';
import { ContractError } from '../contracts/error.ts';
import { channelKey, InboundId } from '../contracts/id.ts';
import { Inbound, type InboundInput } from '../contracts/inbound.ts';
import type { Script } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';
import { abortTask } from './abort.ts';
import { admit } from './admit.ts';
import { type Arrival, nameOf, type Outcome, refuse } from './arrival.ts';
import { title } from './clip.ts';
import { parseCommand } from './command.ts';
import { compose } from './compose.ts';
import { setDue } from './contract.ts';
import type { Core, Work } from './core.ts';
import { channelFor, nextNumber } from './line.ts';
import { moveChannel } from './move.ts';
import { newId } from './new-id.ts';
import { openReceipt } from './open.ts';
import { press } from './press.ts';
import { answerAsk } from './question.ts';
import { cancelCause, runCommand } from './run-command.ts';

/** Parses what an adapter handed in; a broken contract names path and problem, never the text. */
export function parseInbound(input: InboundInput): Inbound {
  const parsed = Inbound.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'inbound'}: ${issue.message}`,
  );
  throw new ContractError('invalid_inbound', `the inbound is not valid: ${issues.join('; ')}`);
}

/** What the platform's redelivery is known by. */
export function inboundKey(
  inbound: Pick<Inbound, 'channel' | 'kind' | 'id'> & {
    clientId?: boolean;
    person: { id: string };
  },
): string {
  const person = inbound.clientId === true ? encodeURIComponent(inbound.person.id) : '';
  return [channelKey(inbound.channel), inbound.kind, person, encodeURIComponent(inbound.id)].join(
    '|',
  );
}

/** Store first: an Inbound with its Task, Contract, ack, answer or refusal is one transaction. A redelivery finds the row and changes nothing. */
export function* acceptInbound(
  work: Work,
  core: Core,
  inbound: Inbound,
  source: 'platform' | 'code' = 'platform',
): Script<Accepted> {
  const key = inboundKey(inbound);
  const before = yield* work.inboundByKey(key);
  if (before !== undefined)
    return {
      kind: 'duplicate',
      seq: before.seq,
      ...(before.task === undefined ? {} : { taskId: before.task }),
    };
  const isPrivate =
    inbound.kind === 'message' && source === 'platform' ? inbound.private : undefined;
  const channel = yield* channelFor(work, core, inbound.channel, isPrivate);
  const id = InboundId.parse(newId(core));
  const seq = nextNumber(channel);
  work.putChannel(channel);
  yield* work.note({
    name: 'message.accepted',
    data: { inboundId: id, kind: inbound.kind, seq },
    channel: channel.key,
  });
  const outcome = yield* become(work, core, { id, inbound, channel });
  const { task, became, update } = outcome;
  work.putInbound({
    id,
    key,
    channel: channel.key,
    seq,
    inbound,
    became,
    ...(task === undefined ? {} : { task }),
    source,
    receivedAtMs: work.now,
  });
  if (update !== undefined) {
    const { kind, content } = compose(update, {
      words: core.words,
      label: outcome.label,
      labelled: outcome.label !== undefined,
    });
    const about = inbound.kind === 'message' ? { anchor: inbound.id } : { answers: inbound.id };
    yield* openReceipt(work, core, {
      subject: { kind: 'inbound', id },
      kind,
      revision: 0,
      channel: channel.key,
      content: { ...content, ...about },
    });
  }
  return {
    kind: 'accepted',
    seq,
    ...(became === 'task' && task !== undefined ? { taskId: task } : {}),
    ...(became !== 'task' && update === undefined ? { quiet: true } : {}),
  };
}

function* become(work: Work, core: Core, arrival: Arrival): Script<Outcome> {
  const { inbound } = arrival;
  switch (inbound.kind) {
    case 'message':
      return yield* becomeOfMessage(work, core, { ...arrival, inbound });
    case 'press':
      return yield* press(work, core, { ...arrival, inbound });
    case 'edited':
      return yield* becomeOfEdit(work, { ...arrival, inbound });
    case 'deleted':
      return yield* becomeOfDeletion(work, core, { ...arrival, inbound });
    case 'moved':
      yield* moveChannel(work, core, arrival.channel.key, inbound.to);
      return yield* noted(work, arrival, 'moved');
  }
}

type Of<Kind extends Inbound['kind']> = Arrival & {
  readonly inbound: Extract<Inbound, { kind: Kind }>;
};

function* becomeOfMessage(work: Work, core: Core, of: Of<'message'>): Script<Outcome> {
  const { inbound, channel, id } = of;
  const command = parseCommand(inbound.text);
  if (command !== undefined) return yield* runCommand(work, core, of, command);
  const blank = inbound.text.trim() === '';
  const ask = blank ? undefined : yield* freeTextAsk(work, of);
  if (ask !== undefined) {
    yield* answerAsk(work, core, ask, {
      answer: { kind: 'text', text: inbound.text },
      by: nameOf(of),
    });
    return { became: 'answer', task: ask.task };
  }
  if (blank && inbound.files.length === 0) return yield* refuse(work, of, 'empty');
  const worker = core.pick(inbound);
  const { person, text, files } = inbound;
  const admitted = yield* admit(work, core, {
    channel,
    inbound: id,
    person,
    worker,
    text,
    files,
    anchor: inbound.id,
  });
  if (admitted.kind === 'task') return { became: 'task', task: admitted.task };
  return yield* refuse(work, of, admitted.reason);
}

/** While a question with free text is open, the next plain message of a person who may answer is the answer. */
function* freeTextAsk(work: Work, of: Of<'message'>): Script<Ask | undefined> {
  const { person } = of.inbound;
  const open = yield* work.asksOpenIn(of.channel.key);
  return open.find(
    (ask) =>
      ask.freeText &&
      ask.surfacedAtMs !== undefined &&
      work.now <= ask.untilMs &&
      (ask.personId === person.id || person.operator),
  );
}

function* noted(work: Work, arrival: Arrival, effect: string): Script<Outcome> {
  const { id, inbound, channel } = arrival;
  yield* work.note({
    name: 'message.noted',
    data: { inboundId: id, kind: inbound.kind, effect },
    channel: channel.key,
  });
  return { became: 'note' };
}

/** An edited message changes its Task while queued. */
function* becomeOfEdit(work: Work, of: Of<'edited'>): Script<Outcome> {
  const task = yield* taskOfMessage(work, of, of.inbound.messageId);
  if (task === undefined) return yield* noted(work, of, 'no task');
  if (task.state !== 'queued') return yield* noted(work, of, `too late: ${task.state}`);
  task.text = of.inbound.text;
  task.title = title(of.inbound.text) || task.title;
  work.putTask(setDue(task));
  return yield* noted(work, of, 'task changed');
}

/** A deleted one cancels it while queued. */
function* becomeOfDeletion(work: Work, core: Core, of: Of<'deleted'>): Script<Outcome> {
  const task = yield* taskOfMessage(work, of, of.inbound.messageId);
  if (task === undefined) return yield* noted(work, of, 'no task');
  if (task.state !== 'queued') return yield* noted(work, of, `too late: ${task.state}`);
  yield* abortTask(work, core, task.id, cancelCause(core, 'message_deleted', nameOf(of)));
  return yield* noted(work, of, 'task cancelled');
}

function* taskOfMessage(work: Work, of: Arrival, messageId: string): Script<Task | undefined> {
  const { channel, person } = of.inbound;
  const key = { channel, person, kind: 'message', id: messageId } as const;
  const message =
    (yield* work.inboundByKey(inboundKey(key))) ??
    (yield* work.inboundByKey(inboundKey({ ...key, clientId: true })));
  return message?.task === undefined ? undefined : yield* work.task(message.task);
}

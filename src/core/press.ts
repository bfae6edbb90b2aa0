import type { Ask } from '../contracts/ask.ts';
import { AskId, TaskId } from '../contracts/id.ts';
import type { Inbound } from '../contracts/inbound.ts';
import type { Script } from '../contracts/store.ts';
import type { Refusal } from '../contracts/update.ts';
import { abortTask } from './abort.ts';
import { type Arrival, nameOf, type Outcome, refuse } from './arrival.ts';
import { type ButtonAct, parseButton } from './compose.ts';
import type { Core, Work } from './core.ts';
import { takeEvidence } from './evidence.ts';
import { type Answer, answerAsk } from './question.ts';
import { cancelCause, doerOf, mayAct, retryAsked } from './run-command.ts';

type Press = Arrival & { readonly inbound: Extract<Inbound, { kind: 'press' }> };

/** Somebody pressed a button: that it was shown is proved by it, whoever pressed. */
export function* press(work: Work, core: Core, of: Press): Script<Outcome> {
  const act = parseButton(of.inbound.button);
  if (act === undefined) return yield* refuse(work, of, 'no_such_task');
  if (act.kind === 'answer') return yield* pressAnswer(work, core, of, act);
  const id = TaskId.safeParse(act.task);
  const task = id.success ? yield* work.task(id.data) : undefined;
  if (task === undefined || task.channel !== of.channel.key)
    return yield* refuse(work, of, 'no_such_task');
  if (!mayAct(of, task)) return yield* refuse(work, of, 'not_yours');
  if (act.kind === 'retry') return yield* retryAsked(work, core, of, task);
  // A Cancel button has no answer of its own: the terminal is it.
  const aborted = yield* abortTask(
    work,
    core,
    task.id,
    cancelCause(core, of.inbound.text, doerOf(core, of, task)),
  );
  if (aborted.kind === 'already_ended') {
    return {
      became: 'command',
      task: task.id,
      update: { kind: 'answered', text: core.words.alreadyEnded(aborted.cause), task },
    };
  }
  return { became: 'command', task: task.id };
}

function* pressAnswer(
  work: Work,
  core: Core,
  of: Press,
  act: Extract<ButtonAct, { kind: 'answer' }>,
): Script<Outcome> {
  const id = AskId.safeParse(act.ask);
  const ask = id.success ? yield* work.ask(id.data) : undefined;
  if (ask === undefined || ask.channel !== of.channel.key)
    return yield* refuse(work, of, 'no_such_task');
  yield* takeEvidence(work, core, {
    receiptId: ask.receipt,
    evidence: 'answered',
    part: yield* lastPart(work, ask),
  });
  const now = (yield* work.ask(ask.id)) ?? ask;
  const problem = cannotAnswer(work, of, now);
  if (problem !== undefined) return yield* refuse(work, of, problem);
  const answer = answerOf(of, now, act.option);
  if (answer === undefined) return yield* refuse(work, of, 'no_such_task');
  yield* answerAsk(work, core, now, { answer, by: nameOf(of) });
  return { became: 'answer', task: ask.task };
}

function* lastPart(work: Work, ask: Ask): Script<number | undefined> {
  const receipt = yield* work.receipt(ask.receipt);
  return receipt === undefined || receipt.parts.length === 0 ? undefined : receipt.parts.length;
}

function cannotAnswer(work: Work, of: Press, ask: Ask): Refusal | undefined {
  const { person } = of.inbound;
  if (!person.operator && person.id !== ask.personId) return 'not_yours';
  if (ask.state === 'answered') return 'already_answered';
  if (ask.state === 'closed' || work.now > ask.untilMs) return 'too_late';
  return undefined;
}

/** Undefined: the question cannot be answered so. */
function answerOf({ inbound }: Press, ask: Ask, option: number | undefined): Answer | undefined {
  if (option !== undefined)
    return ask.options[option] === undefined ? undefined : { kind: 'option', index: option };
  const { text = '' } = inbound;
  return ask.freeText && text.trim() !== '' ? { kind: 'text', text } : undefined;
}

import type { Ask } from '../contracts/ask.ts';
import type { AskReply } from '../contracts/worker.ts';

/** Pure: what a worker is told of a question that is not open any more. */
export function replyOf(ask: Ask): AskReply {
  if (ask.answer?.kind === 'text') return { outcome: 'answered', text: ask.answer.text };
  const taken = ask.answer?.kind === 'option' ? ask.options[ask.answer.index] : undefined;
  if (taken !== undefined) return { outcome: 'selected', optionId: taken.id };
  const refusing = ask.options.find((option) => option.refuses === true);
  const gone = ask.reason === 'timed_out' || ask.reason === 'undeliverable';
  if (gone && refusing !== undefined) return { outcome: 'selected', optionId: refusing.id };
  return { outcome: 'cancelled', reason: ask.reason ?? 'superseded' };
}

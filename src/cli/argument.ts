import { InvalidArgumentError } from 'commander';
import { ReceiptState } from '../contracts/receipt.ts';
import { TaskState } from '../contracts/task.ts';
import { describeValue } from './config-problem.ts';
import { didYouMean } from './did-you-mean.ts';

/** Words of what was typed and what may be. commander puts the option's name before it. */
function refuse(got: string, allowed: string): never {
  throw new InvalidArgumentError(`Got ${describeValue(got)}; allowed: ${allowed}.`);
}

export const limitMax = 500;
export const limitDefault = 200;

export function parseLimit(text: string): number {
  return wholeNumber(text, 1, limitMax);
}

export function parseAfter(text: string): number {
  return wholeNumber(text, 0, Number.MAX_SAFE_INTEGER);
}

function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return refuse(text, `a whole number ${range}`);
}

function oneOf<Word extends string>(text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const meant = didYouMean(text, words);
  return refuse(
    text,
    `${words.join(', ')}${meant === undefined ? '' : ` (did you mean ${meant}?)`}`,
  );
}

export function parseTaskState(text: string): TaskState {
  return oneOf(text, TaskState.options);
}

export function parseReceiptState(text: string): ReceiptState {
  return oneOf(text, ReceiptState.options);
}

/** An id or its tail, in hex digits, as it is typed: case and dashes do not matter. */
export function parseIdOrTail(text: string): string {
  const typed = text.trim().toLowerCase();
  const digits = typed.replaceAll('-', '');
  if (/^[0-9a-f]{4,32}$/.test(digits)) return digits.length === 32 ? dashed(digits) : digits;
  return refuse(text, 'an id, or at least four hex digits of its end');
}

function dashed(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const reasonMax = 500;

/** Why; blank is the same as not said. */
export function parseReason(text: string): string {
  const reason = text.trim();
  if (reason.length <= reasonMax) return reason;
  return refuse(text, `at most ${reasonMax} characters`);
}

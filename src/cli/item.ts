import type { Ask } from '../contracts/ask.ts';
import type { Incident } from '../contracts/incident.ts';
import type { Attempt, Receipt, ReceiptPart } from '../contracts/receipt.ts';
import type { TaskStory } from '../contracts/relay.ts';
import type { InvalidRow, ListedReceipt } from '../contracts/store.ts';
import type { Task } from '../contracts/task.ts';

/*
 * What `--json` prints. Fields are added, never renamed or taken away, within one major version. Instants are
 * milliseconds since 1970, absent fields are left out. Handles and keys of platforms are never part of it.
 */

/** One document per list. `after` is what `--after` takes to go on; `more` says whether that is worth it. */
export interface ListDocument<Item> {
  readonly items: readonly Item[];
  readonly more: boolean;
  readonly after: number;
  readonly invalid: readonly InvalidRow[];
}

/** A Task in lists and stories. */
export function taskItem(task: Task, shortId: string) {
  const { id, seq, title, state, cause, worker, channel, personId, personName, attempt, retryOf } =
    task;
  const { acceptedAtMs, startedAtMs, endedAtMs } = task;
  return {
    id,
    shortId,
    seq,
    title,
    state,
    ...(cause === undefined
      ? {}
      : {
          end: cause.end,
          reason: cause.reason,
          ...(cause.by === undefined ? {} : { by: cause.by }),
        }),
    contract: task.contract.state,
    worker,
    channel,
    person: { id: personId, ...(personName === undefined ? {} : { name: personName }) },
    attempt,
    ...(retryOf === undefined ? {} : { retryOf }),
    acceptedAtMs,
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
  };
}
export type TaskItem = ReturnType<typeof taskItem>;

/** A Receipt in lists and stories, without its text. */
export function receiptItem(receipt: Receipt) {
  const {
    id,
    kind,
    revision,
    subject,
    task,
    state,
    place,
    channel,
    route,
    marks,
    attempts,
    unseen,
  } = receipt;
  const { openedAtMs, dueAtMs, expiresAtMs, settledAtMs, reason } = receipt;
  return {
    id,
    kind,
    revision,
    subject,
    ...(task === undefined ? {} : { task }),
    state,
    ...(place === undefined ? {} : { place }),
    channel,
    seq: receipt.seq,
    route,
    marks,
    attempts,
    parts: receipt.parts.length,
    partsShown: receipt.parts.filter((part) => part.shownAtMs !== undefined).length,
    ...evidenceOf(receipt.parts),
    unseen,
    openedAtMs,
    ...(dueAtMs === undefined ? {} : { dueAtMs }),
    expiresAtMs,
    ...(settledAtMs === undefined ? {} : { settledAtMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

const evidenceOrder = ['accepted', 'observed', 'rendered', 'answered'] as const;

/** The weakest evidence among the parts that are shown. */
export function evidenceOf(parts: readonly ReceiptPart[]): {
  evidence?: (typeof evidenceOrder)[number];
} {
  const known = parts.map((part) => part.evidence);
  const weakest = evidenceOrder.find((evidence) => known.includes(evidence));
  return weakest === undefined ? {} : { evidence: weakest };
}

/** A Receipt in the list of all; `listSeq` is what `--after` counts. */
export function listedReceiptItem(receipt: ListedReceipt) {
  return { listSeq: receipt.listSeq, ...receiptItem(receipt) };
}
export type ListedReceiptItem = ReturnType<typeof listedReceiptItem>;

export function incidentItem(incident: Incident): Incident {
  return incident;
}

function attemptItem(attempt: Attempt) {
  const { n, act, channel, route, part, startedAtMs, finishedAtMs, outcome } = attempt;
  return {
    n,
    act,
    channel,
    route,
    part,
    startedAtMs,
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
    ...(outcome === undefined ? {} : { outcome: withoutHandle(outcome) }),
  };
}

function withoutHandle(outcome: NonNullable<Attempt['outcome']>): Record<string, unknown> {
  const { handle: _, key: __, ...rest } = outcome as Record<string, unknown>;
  return rest;
}

function askItem(ask: Ask) {
  const {
    id,
    receipt,
    kind,
    text,
    options,
    freeText,
    state,
    openedAtMs,
    surfacedAtMs,
    untilMs,
    closedAtMs,
  } = ask;
  const { answer, answeredBy, reason } = ask;
  return {
    id,
    receipt,
    kind,
    text,
    options,
    freeText,
    state,
    openedAtMs,
    ...(surfacedAtMs === undefined ? {} : { surfacedAtMs }),
    untilMs,
    ...(answer === undefined ? {} : { answer }),
    ...(answeredBy === undefined ? {} : { answeredBy }),
    ...(reason === undefined ? {} : { reason }),
    ...(closedAtMs === undefined ? {} : { closedAtMs }),
  };
}

/** `inspect --json`: the whole story of one Task, texts included. */
export function storyItem(story: TaskStory) {
  const { task, inbound } = story;
  const { text, result, error, contract, deadlines } = task;
  return {
    task: {
      ...taskItem(task, story.shortId),
      text,
      ...(result === undefined ? {} : { result }),
      ...(error === undefined ? {} : { error }),
      promise: contract,
      deadlines,
    },
    ...(inbound === undefined
      ? {}
      : {
          inbound: {
            id: inbound.id,
            seq: inbound.seq,
            source: inbound.source,
            kind: inbound.inbound.kind,
            receivedAtMs: inbound.receivedAtMs,
          },
        }),
    asks: story.asks.map(askItem),
    receipts: story.receipts.map(({ receipt, attempts }) => ({
      ...receiptItem(receipt),
      text: receipt.content.text,
      attempted: attempts.map(attemptItem),
    })),
    invalid: story.invalid,
    journal: story.journal,
  };
}

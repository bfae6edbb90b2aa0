import type { ReconcileAnswer, ReconcileQuestion } from '../../contracts/adapter.ts';
import type { DiscordCall } from './call.ts';
import { readCustomId } from './custom-id.ts';
import { snowflakeAt, snowflakeMs } from './snowflake.ts';

/** Discord's largest page. */
export const pageMax = 100;
/** Discord's clock and ours may differ by so much, where nobody has compared them. */
const skewMs = 60_000;
/** By so much where somebody has. */
const measuredSkewMs = 3_000;
/** A send takes no longer. */
const sendMs = 20_000;
/** So long after a send began, the history shows what Discord took. */
const settleMs = 5_000;

/** A message of the history, as far as it is read. */
export interface HistoryMessage {
  readonly id?: string;
  readonly author?: { readonly id?: string };
  readonly content?: string;
  readonly embeds?: readonly { readonly description?: string }[];
  readonly attachments?: readonly { readonly filename?: string }[];
  readonly message_reference?: { readonly message_id?: string };
  readonly components?: readonly {
    readonly components?: readonly { readonly custom_id?: string }[];
  }[];
}

/** Pure: the call that lists what was said in a channel after an id, a hundred messages at a time. */
export function historyCall(channelId: string, afterId: string): DiscordCall {
  const query = { after: afterId, limit: String(pageMax) };
  return { method: 'GET', route: `/channels/${channelId}/messages`, query };
}

/** Pure: what an answer must be later than, to be the one of a send. */
export function sinceId({ sentAtMs }: Pick<ReconcileQuestion, 'sentAtMs'>): string {
  return snowflakeAt(sentAtMs - skewMs);
}

/** Pure: oldest first, each once. Pages come newest first. */
export function inOrder<Message extends { readonly id?: string }>(
  pages: readonly (readonly Message[])[],
): Message[] {
  const all = new Map(pages.flat().map((message) => [message.id ?? '', message]));
  all.delete('');
  return [...all.values()].sort((a, b) => compareIds(a.id ?? '', b.id ?? ''));
}

/** Pure: the newest id of a page when another follows it. */
export function nextAfter(page: readonly { readonly id?: string }[]): string | undefined {
  if (page.length < pageMax) return undefined;
  return page.map(({ id = '0' }) => id).reduce((a, b) => (compareIds(a, b) < 0 ? b : a));
}

const compareIds = (a: string, b: string): number =>
  a.length === b.length ? (a < b ? -1 : Number(a > b)) : a.length - b.length;

/** Pure: how long to wait until "it is not there" means that it never will be. 0: now. */
export function settlesInMs(
  { sentAtMs }: Pick<ReconcileQuestion, 'sentAtMs'>,
  nowMs: number,
): number {
  return Math.min(Math.max(0, sentAtMs + settleMs - nowMs), settleMs);
}

/** What is looked for: the message that a send made, if it did. */
export interface Sought {
  /** Stands in whatever can be pressed below it. */
  readonly nonce: string;
  readonly hasButtons: boolean;
  /** As it was sent: the content, or the description of its embed. */
  readonly text: string;
  readonly fileNames: readonly string[];
  /** The message that it answers. */
  readonly reference?: string | undefined;
  /** Only its words are known: its files, and what it answers, are not compared. */
  readonly isPartial?: boolean;
  /** When the send began, by our wall clock. */
  readonly sentAtMs: number;
  readonly us: { readonly userId: string };
  /** By how much Discord's clock is before ours, where that was measured. */
  readonly offsetMs?: number | undefined;
  /** Messages that are known to be something else. */
  readonly isOther: (messageId: string) => boolean;
  readonly settled: boolean;
}

/**
 * Pure: what the pages say that `historyCall` listed since `sinceId`, in order; `more`: the next one must be asked for.
 *
 * Discord keeps no nonce. A message with buttons is known by them for certain. One without is ours when its author, its
 * words, its files, what it answers and its time are: one such message is it, several tell nothing, and one at a time
 * that only fits when the clocks differ tells nothing either.
 */
export function judgeHistory(
  pages: readonly (readonly HistoryMessage[])[],
  sought: Sought,
): ReconcileAnswer | { readonly kind: 'more'; readonly after: string } {
  const ours = inOrder(pages).filter(({ author }) => author?.id === sought.us.userId);
  const marked = ours.find((message) => markersOf(message).includes(sought.nonce));
  if (marked !== undefined) return shown(marked);
  const last = pages.at(-1);
  if (last === undefined) return { kind: 'cannot_tell', cause: 'no history was read' };
  const after = nextAfter(last);
  if (after !== undefined) return { kind: 'more', after };
  const alike = sought.hasButtons ? [] : ours.filter((message) => isAlike(message, sought));
  const [first, second] = alike.filter((message) => isInTime(message, sought));
  if (first !== undefined && second === undefined) return shown(first);
  if (alike.length > 0)
    return { kind: 'cannot_tell', cause: 'messages of the same words stand there' };
  if (!sought.settled) return { kind: 'cannot_tell', cause: 'looked for too early' };
  return { kind: 'absent' };
}

const shown = ({ id = '' }: HistoryMessage): ReconcileAnswer => ({
  kind: 'shown',
  handle: id,
  evidence: 'observed',
});

function markersOf({ components = [] }: HistoryMessage): string[] {
  return components
    .flatMap((row) => row.components ?? [])
    .flatMap(({ custom_id: id }) => {
      const read = readCustomId(id);
      return read === undefined || read.kind === 'dialog' ? [] : [read.marker];
    });
}

function isAlike(message: HistoryMessage, sought: Sought): boolean {
  const { id = '', content = '', embeds = [], attachments = [] } = message;
  if (sought.isOther(id) || markersOf(message).length > 0) return false;
  if (!isNear(id, sought, skewMs)) return false;
  const said = [content, ...embeds.map(({ description = '' }) => description)].join('');
  const names = attachments.map(({ filename = '' }) => filename);
  const answers = message.message_reference?.message_id;
  if (squeezed(said) !== squeezed(sought.text)) return false;
  if (sought.isPartial === true) return true;
  return (
    names.join('/') === sought.fileNames.join('/') &&
    (answers === undefined || answers === sought.reference)
  );
}

const isInTime = ({ id = '' }: HistoryMessage, sought: Sought): boolean =>
  sought.offsetMs !== undefined && isNear(id, sought, measuredSkewMs);

function isNear(id: string, { sentAtMs, offsetMs = 0 }: Sought, slackMs: number): boolean {
  const lateMs = snowflakeMs(id) - offsetMs - sentAtMs;
  return lateMs >= -slackMs && lateMs <= sendMs + slackMs;
}

/** Discord trims, and may keep white space in another way. */
const squeezed = (text: string): string => text.replace(/\s+/g, '');

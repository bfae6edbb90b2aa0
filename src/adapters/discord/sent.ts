import type { ChannelRef, ReceiptId } from '../../contracts/id.ts';
import { BoundedMap } from '../shared/bounded.ts';
import { Looks } from '../shared/looks.ts';
import type { Life } from './life.ts';
import type { Answered } from './rest.ts';
import { snowflakeMs } from './snowflake.ts';

const sendsMax = 2_000;
const messagesMax = 5_000;
const peopleMax = 2_000;
/** A send whose answer took longer tells too little of Discord's clock. */
const answerMs = 3_000;
/** So much of a new measurement goes into the estimate. */
const share = 0.25;

/** One part of a Receipt. */
export interface SentPart {
  readonly receiptId: ReceiptId;
  readonly part: number;
  /** The channel where it stands, when that is not the one of its conversation. */
  readonly elsewhere?: string;
}

/** One part in one place, whatever its nonce: `key` of its attempts. */
export interface SendName {
  readonly channel: ChannelRef;
  readonly key: string;
}

/** What is known of a send that may be shown. */
export interface Send {
  readonly nonce: string;
  /** When the first of its tries began of which nobody could tell. */
  readonly sentAtMs: number;
  readonly way: 'channel' | 'original' | 'followup';
  /** Through whose token. */
  readonly interactionId?: string | undefined;
  /** Discord's own channel; that of the direct messages when it went there. */
  readonly channelId: string;
  /** It is not the channel of its conversation. */
  readonly isElsewhere: boolean;
  readonly text: string;
  readonly fileNames: readonly string[];
  readonly hasButtons: boolean;
  readonly reference?: string | undefined;
}

/** What is known of our sends in this life: bounded, in memory. A restart forgets it, and less is certain then. */
export class Sent {
  /** The looks into Discord's history. */
  readonly looks = new Looks({ ms: 10_000, max: 20, waitersMax: 200 });
  readonly #parts = new BoundedMap<string, SentPart>(sendsMax);
  readonly #sends = new BoundedMap<string, Send>(sendsMax);
  readonly #messages = new BoundedMap<string, string>(messagesMax);
  readonly #unseen = new BoundedMap<string, Life>(sendsMax);
  readonly #told = new BoundedMap<string, number>(sendsMax);
  readonly #direct = new BoundedMap<string, string>(peopleMax);
  #offsetMs: number | undefined;
  /** The offset as it is kept. */
  notedMs: number | undefined;

  /** A message with that nonce is on its way. */
  note(nonce: string, part: SentPart): void {
    this.#parts.set(nonce, part);
  }

  /** What a message of ours with that nonce shows. */
  by(nonce: string): SentPart | undefined {
    return this.#parts.get(nonce);
  }

  /** A send begins; answers it as it is known now: with the time of the first try that may be shown. */
  begin(name: SendName, send: Send): Send {
    const before = this.#sends.get(nameOf(name));
    const known = before === undefined ? send : { ...send, sentAtMs: before.sentAtMs };
    this.#sends.set(nameOf(name), known);
    return known;
  }

  /** What may be shown of it; undefined: nothing, or nothing is known. */
  sendOf(name: SendName): Send | undefined {
    return this.#sends.get(nameOf(name));
  }

  /** Its answer says that this try is not shown: what was known before it holds. */
  back(name: SendName, before: Send | undefined): void {
    if (before === undefined) this.#sends.delete(nameOf(name));
    else this.#sends.set(nameOf(name), before);
  }

  /** It is known what became of it, or nobody will ever know. */
  settle(name: SendName): void {
    this.#sends.delete(nameOf(name));
  }

  /** That message shows it. */
  shown(name: SendName, messageId: string): void {
    this.#sends.delete(nameOf(name));
    this.#messages.set(messageId, nameOf(name));
  }

  /** Whether a message is known to show something else. */
  isOther(name: SendName, messageId: string): boolean {
    const known = this.#messages.get(messageId);
    return known !== undefined && known !== nameOf(name);
  }

  /** Nobody said in time that it was seen: it goes on to the person of that interaction. */
  unseen(name: SendName, life: Life): void {
    this.#unseen.set(nameOf(name), life);
  }

  unseenOf(name: SendName): Life | undefined {
    return this.#unseen.get(nameOf(name));
  }

  /** How many parts of it stand in the direct messages. */
  toldOf(name: SendName): number {
    return this.#told.get(nameOf(name)) ?? 0;
  }

  told(name: SendName, parts: number): void {
    this.#told.set(nameOf(name), parts);
  }

  /** The channel of a person's direct messages. */
  directOf(personId: string): string | undefined {
    return this.#direct.get(personId);
  }

  direct(personId: string, channelId: string): void {
    this.#direct.set(personId, channelId);
  }

  /** By how much Discord's clock is before ours; undefined until it was measured. */
  get offsetMs(): number | undefined {
    return this.#offsetMs;
  }

  /** A new message of ours was made between these two times of ours: its id says when it was by Discord's clock. */
  measure(messageId: string, fromMs: number, toMs: number): void {
    const atMs = snowflakeMs(messageId);
    if (atMs === 0 || toMs < fromMs || toMs - fromMs > answerMs) return;
    const offsetMs = atMs - (fromMs + toMs) / 2;
    const before = this.#offsetMs ?? offsetMs;
    this.#offsetMs = before + (offsetMs - before) * share;
  }

  /** As a start, until a message was made: what an answer says of the time, half a second right. */
  measureDate({ atMs, fromMs, toMs }: NonNullable<Answered['date']>): void {
    if (this.#offsetMs !== undefined || toMs < fromMs || toMs - fromMs > answerMs) return;
    this.#offsetMs = atMs + 500 - (fromMs + toMs) / 2;
  }
}

const nameOf = ({ channel: { account, conversation, thread = '' }, key }: SendName): string =>
  JSON.stringify([account, conversation, thread, key]);

/**
 * What goes over the wire to a browser: the payload of each server-sent event. Written out in
 * docs/webchat-protocol.md. Imports nothing, since the widget is compiled with it as well.
 */

export type WireKind = 'ack' | 'progress' | 'question' | 'terminal' | 'notice' | 'amend';
export type WireEnd = 'completed' | 'failed' | 'cancelled' | 'timed_out' | 'interrupted';
export type WireEvidence = 'observed' | 'rendered';

/** A person's message, echoed when it is stored and at every replay. */
export interface WireMessage {
  /** Made by the client that sent it. */
  readonly id: string;
  /** Its place in the transcript. */
  readonly seq: number;
  readonly text: string;
  readonly atMs: number;
  readonly name?: string;
}

export interface WireButton {
  readonly id: string;
  readonly label: string;
  readonly style: 'plain' | 'primary' | 'danger';
}

/** Either `url` or, for a text that the server holds, `index`: read it with `GET /files/<receiptId>/<index>?seq=<seq>`. */
export interface WireFile {
  readonly name: string;
  readonly mimeType: string;
  readonly url?: string;
  readonly index?: number;
}

/** One part of something the bot says: makes the message `id`, or edits it when it is there. */
export interface WireDelivery {
  /** The message's identity from its first streamed byte on. Parts after the first are `<id>.<part>`. */
  readonly id: string;
  readonly receiptId: string;
  /** Of two events for one `id` the one with the higher `seq` stands. */
  readonly seq: number;
  /** From 1, of `parts`. */
  readonly part: number;
  readonly parts: number;
  readonly kind: WireKind;
  /** CommonMark, untrusted. */
  readonly text: string;
  readonly atMs: number;
  /** Work goes on behind this message. */
  readonly working: boolean;
  /** How the work ended: `terminal` only. */
  readonly end?: WireEnd;
  /** `question` only. */
  readonly question?: { readonly freeText: boolean; readonly untilMs: number };
  /** `ack` only: its place in the queue. */
  readonly position?: number;
  /** Both stand on the last part. */
  readonly buttons: readonly WireButton[];
  readonly files: readonly WireFile[];
  /** The id of the message that this answers. */
  readonly anchor?: string;
  readonly notify: boolean;
  /** It was seen before: no acknowledgement is asked for. */
  readonly seen: boolean;
}

/** Streamed text of the message `id`: from character `start` (UTF-16) on it reads `text`. */
export interface WireText {
  readonly id: string;
  readonly seq: number;
  readonly start: number;
  readonly text: string;
}

/** End of the replay: from here on events are live. */
export interface WireReady {
  readonly epoch: string;
  /** A comment comes at least so often. */
  readonly pingMs: number;
  /** A connection that says nothing by `POST /visibility` for so long is closed. */
  readonly silenceMs: number;
  /** Longest message that is taken, in UTF-16 units. */
  readonly textMax: number;
  /** Takes the place of the token in use. */
  readonly token?: string;
}

export type WireEvent =
  | { readonly event: 'message'; readonly data: WireMessage }
  | { readonly event: 'delivery'; readonly data: WireDelivery }
  | { readonly event: 'text'; readonly data: WireText }
  | { readonly event: 'status'; readonly data: { readonly id: string; readonly text: string } }
  | { readonly event: 'typing'; readonly data: { readonly id: string; readonly ttlMs: number } }
  /** Forget all that came before: the position belongs to another transcript. */
  | { readonly event: 'reset'; readonly data: { readonly epoch: string } }
  | { readonly event: 'ready'; readonly data: WireReady };

/** The body of every refusal, under `error`. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  /** Where in the request. */
  readonly path?: string;
  readonly got?: string;
  readonly allowed?: string;
}

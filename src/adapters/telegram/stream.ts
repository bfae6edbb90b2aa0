import type { Transient } from '../../contracts/adapter.ts';
import type { Button, Handle } from '../../contracts/delivery.ts';
import type { ApiCall } from './api.ts';
import { editCall, lengthMax, placeOf, rendered } from './outbound.ts';

/** The text of one live message as it grows. */
export interface Stream {
  readonly transient: Transient;
  seq: number;
  text: string;
  shownText: string;
  shownAtMs: number;
  ended: AbortController;
  flowing: boolean;
  /** A send of the same message is under way. */
  held: boolean;
  inFlight: Promise<void> | undefined;
}

/** The message that a Task's work is shown on. */
export interface Live {
  readonly handle: Handle;
  readonly buttons: readonly Button[];
}

/** What streamed text is shown on: a draft of its own, or the live message. */
export type Screen = 'draft' | Live;

export function newStream(transient: Transient): Stream {
  return {
    transient,
    seq: 0,
    text: '',
    shownText: '',
    shownAtMs: Number.NEGATIVE_INFINITY,
    ended: new AbortController(),
    flowing: false,
    held: false,
    inFlight: undefined,
  };
}

/** Pure: the newest of a text, its end where it is too long. */
export function callOf({ transient, text }: Stream, screen: Screen): ApiCall {
  const tail = text.slice(1 - lengthMax).replace(/^[\udc00-\udfff]/, '');
  const newest = text.length <= lengthMax ? text : `…${tail}`;
  // The other half of a character may be on its way.
  const shown = rendered(newest.replace(/[\ud800-\udbff]$/, ''), lengthMax);
  if (screen !== 'draft')
    return editCall(transient, screen.handle, { ...shown, buttons: screen.buttons });
  const payload = { ...placeOf(transient), draft_id: draftId(transient.liveId), ...shown };
  return { method: 'sendMessageDraft', payload };
}

/** The drafts of one live message are one draft: a number that is not 0, made of its id. */
function draftId(liveId: string): number {
  return Number.parseInt(liveId.slice(-8), 16) % 0x7fff_ffff || 1;
}

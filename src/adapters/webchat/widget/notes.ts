import { make, makeButton } from './dom.ts';
import { icon } from './icons.ts';
import type { LinkState } from './link.ts';
import { words } from './words.ts';

/** A short interruption is not worth a banner. */
const patienceMs = 1_500;

/** The lines above the conversation: how the connection is, and what went wrong. */
export class Notes {
  readonly dot = make('span', { class: 'dot', role: 'img', 'aria-label': words.state.connecting });
  readonly banner = make('div', { class: 'banner', role: 'status', hidden: '' });
  readonly note = make('div', { class: 'note', role: 'status', hidden: '' });
  readonly #retry: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: LinkState = 'connecting';

  constructor(retry: () => void) {
    this.#retry = retry;
  }

  connection(state: LinkState): void {
    if (state === 'connecting' && this.#state === 'offline') return;
    if (state === this.#state && this.#timer !== undefined) return;
    this.#state = state;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (state === 'online') this.#show();
    else this.#timer = setTimeout(() => this.#show(), this.banner.hidden ? patienceMs : 0);
  }

  /** Stays until it is dismissed or another takes its place. */
  say(text: string): void {
    const dismiss = makeButton(
      { class: 'bare', 'aria-label': words.dismiss },
      () => this.clear(),
      icon('close'),
    );
    this.note.replaceChildren(make('span', {}, text), dismiss);
    this.note.hidden = false;
  }

  clear(): void {
    this.note.hidden = true;
    this.note.replaceChildren();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #show(): void {
    const state = this.#state;
    this.dot.className = `dot ${state}`;
    this.dot.setAttribute('aria-label', words.state[state]);
    this.banner.className = `banner ${state}`;
    this.banner.hidden = state === 'online';
    const retry =
      state === 'offline' ? [makeButton({ class: 'bare' }, () => this.#retry(), words.tryNow)] : [];
    this.banner.replaceChildren(make('span', {}, words.state[state]), ...retry);
  }
}

import { make, makeButton } from './dom.ts';
import { icon } from './icons.ts';
import { type MessageActs, MessageView } from './message-view.ts';
import { type Entry, inOrder, type Transcript } from './transcript.ts';
import { words } from './words.ts';

/** Closer to the end than this, new messages keep the end in view. */
const nearPx = 96;

/** The transcript on the screen: one element per message, in order, scrolled as a reader expects. */
export class LogView {
  /** The scrolling box around the log. */
  readonly element: HTMLElement;
  readonly log = make('div', {
    class: 'log',
    role: 'log',
    'aria-live': 'polite',
    'aria-label': words.transcript,
    tabindex: '0',
  });
  readonly #views = new Map<string, { entry: Entry; view: MessageView }>();
  readonly #shown: Entry[] = [];
  readonly #presence = make('div', { class: 'presence', hidden: '' });
  readonly #empty = make('p', { class: 'empty' }, words.empty);
  readonly #newest: HTMLButtonElement;
  readonly #box: HTMLElement;
  readonly #acts: MessageActs;
  #following = true;

  constructor(acts: MessageActs) {
    this.#acts = acts;
    this.#newest = makeButton(
      { class: 'newest', hidden: '' },
      () => this.toEnd(),
      icon('down'),
      words.newest,
    );
    this.#box = make('div', { class: 'scroll' }, this.#empty, this.log, this.#presence);
    this.element = make('div', { class: 'main' }, this.#box, this.#newest);
    this.#box.addEventListener('scroll', () => this.#noteScroll(), { passive: true });
    new ResizeObserver(() => this.#keepEnd()).observe(this.log);
    new ResizeObserver(() => this.#keepEnd()).observe(this.#box);
  }

  /** Brings what changed onto the screen. Returns the element that had the focus and is gone. */
  update(transcript: Transcript): { readonly lostFocus: boolean } {
    const { changed, removed } = transcript.takeChanges();
    const focused = (this.log.getRootNode() as ShadowRoot).activeElement;
    for (const entry of removed) this.#remove(entry);
    let isNew = false;
    for (const entry of [...changed].sort(inOrder)) isNew = this.#put(entry) || isNew;
    this.#empty.hidden = this.#shown.length > 0;
    if (this.#following) this.toEnd();
    else if (isNew) this.#newest.hidden = false;
    return { lostFocus: focused !== null && focused !== this.log && !focused.isConnected };
  }

  /** Shown until the next message of the same id, or until it is taken off: dots, with a line of words if there is one. */
  setPresence(text: string | undefined): void {
    this.#presence.hidden = text === undefined;
    if (text === undefined) return;
    const dots = make(
      'span',
      { class: 'dots', role: 'img', 'aria-label': words.working },
      make('i'),
      make('i'),
      make('i'),
    );
    this.#presence.replaceChildren(dots, make('span', { class: 'status' }, text));
    this.#keepEnd();
  }

  isShown(key: string): boolean {
    return this.#views.get(key)?.view.element.isConnected === true;
  }

  toEnd(): void {
    this.#following = true;
    this.#newest.hidden = true;
    this.#box.scrollTop = this.#box.scrollHeight;
  }

  /** Whether the message is new here. */
  #put(entry: Entry): boolean {
    const known = this.#views.get(entry.key);
    const view = known?.view ?? new MessageView(this.#acts);
    if (known === undefined) this.#views.set(entry.key, { entry, view });
    view.show(entry);
    this.#place(entry, view);
    return known === undefined;
  }

  #place(entry: Entry, view: MessageView): void {
    const was = this.#shown.indexOf(entry);
    if (was >= 0) {
      const before = this.#shown[was - 1];
      const after = this.#shown[was + 1];
      if (
        (before === undefined || inOrder(before, entry) < 0) &&
        (after === undefined || inOrder(entry, after) < 0)
      )
        return;
      this.#shown.splice(was, 1);
    }
    let at = this.#shown.length;
    while (at > 0 && inOrder(entry, this.#shown[at - 1] as Entry) < 0) at -= 1;
    const next = this.#shown[at];
    this.#shown.splice(at, 0, entry);
    this.log.insertBefore(
      view.element,
      next === undefined ? null : (this.#views.get(next.key)?.view.element ?? null),
    );
  }

  #remove(entry: Entry): void {
    this.#views.get(entry.key)?.view.element.remove();
    this.#views.delete(entry.key);
    const at = this.#shown.indexOf(entry);
    if (at >= 0) this.#shown.splice(at, 1);
  }

  #noteScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    this.#following = scrollHeight - scrollTop - clientHeight < nearPx;
    if (this.#following) this.#newest.hidden = true;
  }

  #keepEnd(): void {
    if (this.#following) this.#box.scrollTop = this.#box.scrollHeight;
  }
}

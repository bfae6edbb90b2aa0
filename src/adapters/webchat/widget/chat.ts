import type { WireButton, WireDelivery, WireEvent, WireFile } from '../wire.ts';
import { Api, newId } from './api.ts';
import { Composer } from './composer.ts';
import { Evidence } from './evidence.ts';
import { Link } from './link.ts';
import { LogView } from './log-view.ts';
import { Notes } from './notes.ts';
import { Outbox } from './outbox.ts';
import { SessionStore } from './session.ts';
import { Storage } from './storage.ts';
import { type BotEntry, type PersonEntry, Transcript } from './transcript.ts';
import { words } from './words.ts';

const statusMs = 120_000;
/** How long a browser may take to save what it was given. */
const saveMs = 10_000;

export interface ChatOptions {
  readonly endpoint: URL;
  readonly account: string;
  /** The widget is on a screen. */
  readonly isVisible: () => boolean;
}

/** One conversation on one page: what is shown, what is sent, what is told of both. */
export class Chat {
  readonly log: LogView;
  readonly notes: Notes;
  readonly composer: Composer;
  readonly #options: ChatOptions;
  readonly #api: Api;
  readonly #link: Link;
  readonly #outbox: Outbox;
  readonly #evidence: Evidence;
  readonly #transcript = new Transcript();
  #unseen: WireDelivery[] = [];
  readonly #presses = new Map<string, string>();
  #rendering = false;
  #textMax = Number.POSITIVE_INFINITY;
  #presenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ChatOptions) {
    this.#options = options;
    const storage = new Storage(`readback:${options.endpoint.href}:${options.account}:`);
    this.#api = new Api(options.endpoint, new SessionStore(storage));
    this.#link = new Link(this.#api, {
      event: (event) => this.#take(event),
      state: (state) => this.notes.connection(state),
      connecting: () => {
        this.#transcript.restartStreams();
        this.#setPresence(undefined);
      },
      changed: (why) => this.#forget(why),
      isVisible: options.isVisible,
    });
    this.#outbox = new Outbox(this.#api, storage, {
      sent: (id, seq) => this.#settle(id, { state: 'sent', seq }),
      waiting: (id) => this.#settle(id, { state: 'waiting' }),
      failed: (id, problem) => this.#settle(id, { state: 'failed', problem }),
    });
    this.notes = new Notes(() => this.#link.nudge());
    this.composer = new Composer((text) => this.#say(text));
    this.log = new LogView({
      press: (entry, button, control) => void this.#press(entry, button, control),
      download: (data, file) => void this.#download(data, file),
      again: (entry) => this.#again(entry),
      discard: (entry) => this.#discard(entry),
    });
    this.#evidence = new Evidence(this.#api, {
      isVisible: options.isVisible,
      isShown: (id) => this.log.isShown(`b:${id}`),
    });
  }

  start(): void {
    this.#showUnsent();
    this.#link.start();
  }

  stop(): void {
    this.#link.stop();
    this.#outbox.stop();
    this.#evidence.stop();
    this.notes.stop();
    clearTimeout(this.#presenceTimer);
  }

  /** The network came back. */
  nudge(): void {
    this.#link.nudge();
    void this.#outbox.flush();
  }

  /** The page or the widget was shown or hidden. */
  visibilityChanged(): void {
    void this.#link.tellVisibility();
    if (!this.#options.isVisible()) return;
    this.#evidence.look();
    this.nudge();
  }

  #take(event: WireEvent): void {
    this.#transcript.apply(event);
    if (event.event === 'delivery') this.#noteDelivery(event.data);
    else if (event.event === 'text') this.#noteText(event.data.id);
    else if (event.event === 'typing') this.#notePresence(event.data.id, '', event.data.ttlMs);
    else if (event.event === 'status') this.#notePresence(event.data.id, event.data.text, statusMs);
    else if (event.event === 'reset') this.#showUnsent();
    else if (event.event === 'ready') {
      this.#textMax = event.data.textMax;
      this.#transcript.dropStaleStreams();
      void this.#outbox.flush();
    }
    this.#render();
  }

  #noteDelivery(data: WireDelivery): void {
    this.#unseen.push(data);
    this.#setPresence(undefined);
  }

  #noteText(id: string): void {
    this.#setPresence(undefined);
    this.#evidence.noteStream(id);
  }

  /** A message that shows work needs no dots beside it. */
  #notePresence(id: string, text: string, ttlMs: number): void {
    if (text === '' && this.#transcript.bot(id) !== undefined) return;
    this.#setPresence(text);
    this.#presenceTimer = setTimeout(() => this.#setPresence(undefined), ttlMs);
  }

  #setPresence(text: string | undefined): void {
    clearTimeout(this.#presenceTimer);
    this.log.setPresence(text);
  }

  /** Once for all events of one piece of the stream, and also while the page is hidden. */
  #render(): void {
    if (this.#rendering) return;
    this.#rendering = true;
    queueMicrotask(() => {
      this.#rendering = false;
      if (this.log.update(this.#transcript).lostFocus) this.composer.focus();
      for (const data of this.#unseen.splice(0)) this.#evidence.note(data);
    });
  }

  #say(text: string): boolean {
    if (text.length > this.#textMax) {
      this.notes.say(words.tooLong(this.#textMax));
      return false;
    }
    const local = { id: newId(), text, atMs: Date.now() };
    if (!this.#outbox.add(local)) {
      this.notes.say(words.queueFull);
      return false;
    }
    this.notes.clear();
    this.#transcript.addLocal(local);
    this.#render();
    this.log.toEnd();
    return true;
  }

  #showUnsent(): void {
    for (const { id, text, atMs, problem } of this.#outbox.items()) {
      this.#transcript.addLocal({ id, text, atMs });
      if (problem !== undefined) this.#transcript.settleLocal(id, { state: 'failed', problem });
    }
    this.#render();
  }

  #settle(
    id: string,
    outcome: { state: PersonEntry['state']; seq?: number; problem?: string },
  ): void {
    this.#transcript.settleLocal(id, outcome);
    this.#render();
  }

  #again(entry: PersonEntry): void {
    this.#settle(entry.id, { state: 'sending' });
    this.#outbox.again(entry);
  }

  #discard(entry: PersonEntry): void {
    this.#outbox.discard(entry.id);
    this.#transcript.removeLocal(entry.id);
    this.#render();
  }

  /**
   * Disabled while it is under way; what it changes comes as an event. The same press keeps its id until it is taken.
   * `aria-disabled`, since `disabled` would take the focus away from who works by keyboard.
   */
  async #press(entry: BotEntry, button: WireButton, control: HTMLButtonElement): Promise<void> {
    if (control.hasAttribute('aria-disabled')) return;
    const key = `${entry.id} ${button.id}`;
    const id = this.#presses.get(key) ?? newId();
    this.#presses.set(key, id);
    const group = [...(control.parentElement?.children ?? [])];
    for (const each of group) each.setAttribute('aria-disabled', 'true');
    const answer = await this.#api.post('press', { id, button: button.id });
    for (const each of group) each.removeAttribute('aria-disabled');
    if (answer.ok) {
      this.#presses.delete(key);
      this.notes.clear();
    } else this.notes.say(words.pressFailed(button.label, answer.message));
  }

  async #download(data: WireDelivery, file: WireFile): Promise<void> {
    const { receiptId, seq } = data;
    try {
      const response = await this.#api.get(`files/${receiptId}/${file.index}?seq=${seq}`);
      if (!response.ok) throw new Error(words.noAnswer);
      const address = URL.createObjectURL(await response.blob());
      const link = document.createElement('a');
      link.href = address;
      link.download = file.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), saveMs);
    } catch (cause) {
      this.notes.say(
        words.downloadFailed(file.name, cause instanceof Error ? cause.message : words.noAnswer),
      );
    }
  }

  /** Another conversation: what is still to be sent goes there. */
  #forget(why: 'expired' | 'lost' | 'other'): void {
    this.#transcript.reset();
    this.#evidence.forget();
    this.#unseen = [];
    this.#presses.clear();
    this.#setPresence(undefined);
    if (why !== 'other') this.notes.say(words[why]);
    this.#render();
  }
}

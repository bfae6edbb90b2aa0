import { Chat } from './chat.ts';
import { make } from './dom.ts';
import { style } from './style.ts';
import { words } from './words.ts';

/** Where this script came from: the endpoint is beside it, unless the element names another. */
const scriptUrl = (document.currentScript as HTMLScriptElement | null)?.src ?? findScript();

function findScript(): string | undefined {
  const scripts = [...document.querySelectorAll<HTMLScriptElement>('script[src]')];
  return scripts.find(({ src }) => /\/(?:widget|readback-chat)\.js(?:\?|$)/.test(src))?.src;
}

/**
 * `<readback-chat endpoint heading account theme>`: a conversation with a bot. All attributes are optional:
 * `endpoint` where the adapter is mounted (default: where this script came from), `heading` the title,
 * `account` keeps conversations of several bots of one endpoint apart, `theme` is `light`, `dark` or as the system.
 * Loads nothing from anywhere else.
 */
class ReadbackChat extends HTMLElement {
  static readonly observedAttributes = ['endpoint', 'account', 'heading'];
  readonly #titleElement = make('h2', {}, words.heading);
  readonly #root: ShadowRoot;
  #chat: Chat | undefined;
  #visible = false;
  readonly #sizes = new ResizeObserver(() => this.#noteVisibility());
  readonly #noteVisibility = (): void => {
    const visible = this.#isVisible();
    if (visible === this.#visible) return;
    this.#visible = visible;
    this.#chat?.visibilityChanged();
  };
  readonly #noteOnline = (): void => this.#chat?.nudge();

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    this.#root.adoptedStyleSheets = [sheet];
  }

  /** To the place where one writes. */
  override focus(): void {
    this.#chat?.composer.focus();
  }

  connectedCallback(): void {
    document.addEventListener('visibilitychange', this.#noteVisibility);
    addEventListener('online', this.#noteOnline);
    this.#sizes.observe(this);
    this.#visible = this.#isVisible();
    this.#chat ??= this.#begin();
    this.#chat.start();
  }

  disconnectedCallback(): void {
    document.removeEventListener('visibilitychange', this.#noteVisibility);
    removeEventListener('online', this.#noteOnline);
    this.#sizes.disconnect();
    this.#chat?.stop();
  }

  attributeChangedCallback(name: string): void {
    this.#titleElement.textContent = this.getAttribute('heading') ?? words.heading;
    if (name === 'heading' || this.#chat === undefined) return;
    this.#chat.stop();
    this.#chat = this.#begin();
    if (this.isConnected) this.#chat.start();
  }

  #begin(): Chat {
    const base =
      this.getAttribute('endpoint') ??
      (scriptUrl === undefined ? '.' : new URL('.', scriptUrl).href);
    const endpoint = new URL(base.endsWith('/') ? base : `${base}/`, document.baseURI);
    const chat = new Chat({
      endpoint,
      account: this.getAttribute('account') ?? 'main',
      isVisible: () => this.#isVisible(),
    });
    const { notes, log, composer } = chat;
    const header = make('header', {}, notes.dot, this.#titleElement);
    this.#root.replaceChildren(
      make(
        'div',
        { class: 'chat', part: 'chat' },
        header,
        notes.banner,
        notes.note,
        log.element,
        composer.element,
      ),
    );
    return chat;
  }

  /** The page is on a screen, and the widget has a place in it; how far the page is scrolled does not matter. */
  #isVisible(): boolean {
    if (document.visibilityState !== 'visible' || !this.isConnected) return false;
    const { width, height } = this.getBoundingClientRect();
    return width > 0 && height > 0;
  }
}

if (customElements.get('readback-chat') === undefined)
  customElements.define('readback-chat', ReadbackChat);

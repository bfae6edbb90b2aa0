import { make } from './dom.ts';
import { icon } from './icons.ts';
import { words } from './words.ts';

/** Where the person writes. Enter sends, Shift and Enter begin a new line. */
export class Composer {
  readonly element: HTMLFormElement;
  readonly #input = make('textarea', {
    'aria-label': words.message,
    placeholder: words.placeholder,
    rows: '1',
    enterkeyhint: 'send',
    autocomplete: 'off',
  });
  readonly #button = make(
    'button',
    { type: 'submit', class: 'send', 'aria-label': words.send, title: words.send },
    icon('send'),
  );
  /** False when the text was not taken: it stays. */
  readonly #send: (text: string) => boolean;

  constructor(send: (text: string) => boolean) {
    this.#send = send;
    this.element = make('form', {}, this.#input, this.#button);
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#input.addEventListener('input', () => this.#fit());
    this.#input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#fit();
  }

  focus(): void {
    this.#input.focus();
  }

  #submit(): void {
    const text = this.#input.value.trim();
    if (text !== '' && this.#send(text)) this.#input.value = '';
    this.#fit();
    this.#input.focus();
  }

  /** As high as the text, up to the style's limit. */
  #fit(): void {
    this.#button.disabled = this.#input.value.trim() === '';
    this.#input.style.height = 'auto';
    if (this.#input.scrollHeight > 0)
      this.#input.style.height = `${this.#input.scrollHeight + 2}px`;
  }
}

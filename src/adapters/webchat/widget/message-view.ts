import type { WireButton, WireDelivery, WireFile } from '../wire.ts';
import { make, makeButton } from './dom.ts';
import { safeHref } from './href.ts';
import { icon } from './icons.ts';
import { linkNode, markdownNodes } from './markdown-view.ts';
import type { BotEntry, Entry, PersonEntry } from './transcript.ts';
import { words } from './words.ts';

/** What the controls in a message do. */
export interface MessageActs {
  press(entry: BotEntry, button: WireButton, control: HTMLButtonElement): void;
  download(data: WireDelivery, file: WireFile): void;
  again(entry: PersonEntry): void;
  discard(entry: PersonEntry): void;
}

/**
 * One message of the log. What it looks like follows from its entry alone, so that after a reload it is the same;
 * a section whose content did not change is not touched, which keeps focus and selection.
 */
export class MessageView {
  readonly element = make('article');
  readonly #acts: MessageActs;
  readonly #sections = new Map<string, { made: string; nodes: readonly Node[] }>();

  constructor(acts: MessageActs) {
    this.#acts = acts;
  }

  /** Whether a press of one of its buttons is under way is the buttons' own affair: new buttons begin enabled. */
  show(entry: Entry): void {
    const nodes = entry.who === 'person' ? this.#person(entry) : this.#bot(entry);
    const { element } = this;
    element.className =
      entry.who === 'person' ? `message person ${entry.state}` : `message bot ${lookOf(entry)}`;
    element.dataset['id'] = entry.id;
    if (entry.who === 'bot' && entry.stream !== undefined)
      element.setAttribute('aria-busy', 'true');
    else element.removeAttribute('aria-busy');
    const same =
      nodes.length === element.childNodes.length &&
      nodes.every((node, at) => node === element.childNodes[at]);
    if (!same) element.replaceChildren(...nodes);
  }

  #person(entry: PersonEntry): Node[] {
    const problem =
      entry.state === 'failed'
        ? words.failed(entry.problem ?? words.noAnswer)
        : words[entry.state === 'waiting' ? 'waiting' : 'sending'];
    return [
      ...this.#section('who', words.you, () => [make('span', { class: 'spoken' }, words.you)]),
      ...this.#section('body', entry.text, () => [make('div', { class: 'body' }, entry.text)]),
      ...this.#section('problem', entry.state === 'sent' ? undefined : problem, () => [
        make('p', { class: 'problem' }, problem),
      ]),
      ...this.#section('actions', entry.state === 'failed' ? 'failed' : undefined, () => [
        this.#failedActions(entry),
      ]),
      ...this.#time(entry.atMs),
    ];
  }

  #bot(entry: BotEntry): Node[] {
    const { data, stream } = entry;
    const text = stream?.text ?? data?.text ?? '';
    const aside = stream !== undefined && data?.working === true ? data.text : undefined;
    return [
      ...this.#section('who', words.bot, () => [make('span', { class: 'spoken' }, words.bot)]),
      ...this.#section('body', text, () => [
        make('div', { class: 'body' }, ...markdownNodes(text)),
      ]),
      ...this.#section('aside', aside, () => [
        make('div', { class: 'aside' }, ...markdownNodes(aside ?? '')),
      ]),
      ...this.#section('files', keyOf(data?.files), () => [this.#files(data)]),
      ...this.#section('actions', keyOf(data?.buttons), () => [this.#actions(entry)]),
      ...this.#section('hint', hintOf(data), () => [
        make('p', { class: 'hint' }, hintOf(data) ?? ''),
      ]),
      ...this.#time(data?.atMs),
    ];
  }

  /** Made anew only when what it shows has changed; absent when that is undefined. */
  #section(name: string, made: string | undefined, build: () => readonly Node[]): readonly Node[] {
    if (made === undefined) {
      this.#sections.delete(name);
      return [];
    }
    const known = this.#sections.get(name);
    if (known?.made === made) return known.nodes;
    const nodes = build();
    this.#sections.set(name, { made, nodes });
    return nodes;
  }

  #time(atMs: number | undefined): readonly Node[] {
    return this.#section('time', atMs === undefined ? undefined : String(atMs), () => {
      const at = new Date(atMs ?? 0);
      const clock = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
      const title = at.toLocaleString([], { dateStyle: 'full', timeStyle: 'medium' });
      return [make('time', { datetime: at.toISOString(), title }, clock)];
    });
  }

  #actions(entry: BotEntry): HTMLElement {
    const buttons = entry.data?.buttons ?? [];
    const controls = buttons.map((button) =>
      makeButton(
        { class: `action ${button.style}` },
        (control) => this.#acts.press(entry, button, control),
        button.label,
      ),
    );
    return make('div', { class: 'actions' }, ...controls);
  }

  #failedActions(entry: PersonEntry): HTMLElement {
    return make(
      'div',
      { class: 'actions' },
      makeButton({ class: 'action plain' }, () => this.#acts.again(entry), words.again),
      makeButton({ class: 'action plain' }, () => this.#acts.discard(entry), words.discard),
    );
  }

  #files(data: WireDelivery | undefined): HTMLElement {
    const items = (data?.files ?? []).map((file) => make('li', {}, this.#file(data, file)));
    return make('ul', { class: 'files' }, ...items);
  }

  #file(data: WireDelivery | undefined, file: WireFile): Node {
    const name = make('span', {}, file.name);
    const href = file.url === undefined ? undefined : safeHref(file.url);
    if (href !== undefined) return linkNode(href, [icon('file'), name]);
    if (file.index === undefined || data === undefined) return name;
    return makeButton(
      { class: 'file', 'aria-label': words.download(file.name) },
      () => this.#acts.download(data, file),
      icon('file'),
      name,
    );
  }
}

function lookOf({ data, stream }: BotEntry): string {
  if (data === undefined) return 'streaming';
  const end = data.end === undefined ? '' : ` ${data.end.replace('_', '-')}`;
  return `${data.kind}${end}${data.working ? ' working' : ''}${stream === undefined ? '' : ' streaming'}`;
}

function keyOf(list: readonly unknown[] | undefined): string | undefined {
  return list === undefined || list.length === 0 ? undefined : JSON.stringify(list);
}

function hintOf(data: WireDelivery | undefined): string | undefined {
  if (data?.question?.freeText !== true) return undefined;
  return data.buttons.length > 0 ? words.freeText : words.freeTextOnly;
}

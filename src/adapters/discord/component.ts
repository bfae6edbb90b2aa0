import type { Button } from '../../contracts/delivery.ts';
import type { AskId, ReceiptId } from '../../contracts/id.ts';
import type { DiscordConfig } from './config.ts';
import { customId } from './custom-id.ts';
import type { DialogComponent } from './inbound-shape.ts';

/** More buttons than this are a menu. */
const buttonsMax = 5;
const optionsMax = 25;
const labelMax = 80;
const optionMax = 100;
/** Longest text that Discord takes in an input of a dialog. */
const inputMax = 4_000;
/** Of a text input; it may be left as it is. */
const paragraph = 2;
/** The one input of the dialog. */
const inputId = 'rb:d';

const styles = { primary: 1, plain: 2, danger: 4 } as const;

interface ButtonComponent {
  readonly type: 2;
  readonly style: 1 | 2 | 4;
  readonly label: string;
  readonly custom_id: string;
}
interface SelectComponent {
  readonly type: 3;
  readonly custom_id: string;
  readonly placeholder: string;
  readonly options: { readonly label: string; readonly value: string }[];
}
export interface ActionRow {
  readonly type: 1;
  readonly components: (ButtonComponent | SelectComponent)[];
}

type Words = Pick<
  DiscordConfig['words'],
  'choose' | 'answer' | 'answerTitle' | 'answerLabel' | 'seen'
>;

export interface Pressable {
  readonly buttons: readonly Button[];
  /** The question that may be answered in words. */
  readonly askId?: AskId | undefined;
  /** Shown to one person alone, who says that it was seen. */
  readonly seen?: { readonly receiptId: ReceiptId; readonly part: number } | undefined;
}

/** Pure: what can be pressed below a message; empty when there is nothing. All of it names the message. */
export function componentRows(
  { buttons, askId, seen }: Pressable,
  marker: string,
  words: Words,
): ActionRow[] {
  const isMenu = buttons.length > buttonsMax;
  const own = isMenu ? [] : buttons.map((one) => toButton(one, marker));
  if (askId !== undefined)
    own.push(button({ label: words.answer, id: customId({ kind: 'answer', marker, askId }) }));
  if (seen !== undefined)
    own.push(button({ label: words.seen, id: customId({ kind: 'seen', marker, ...seen }) }));
  const rows: ActionRow[] = isMenu ? [{ type: 1, components: [menu(buttons, marker, words)] }] : [];
  for (let at = 0; at < own.length; at += buttonsMax)
    rows.push({ type: 1, components: own.slice(at, at + buttonsMax) });
  return rows;
}

function toButton({ id, label, style }: Button, marker: string): ButtonComponent {
  return button({ label, style, id: customId({ kind: 'press', marker, button: id }) });
}

function button({
  label,
  style = 'plain',
  id,
}: {
  readonly label: string;
  readonly style?: Button['style'];
  readonly id: string;
}): ButtonComponent {
  return { type: 2, style: styles[style], label: plain(label, labelMax), custom_id: id };
}

function menu(buttons: readonly Button[], marker: string, { choose }: Words): SelectComponent {
  return {
    type: 3,
    custom_id: customId({ kind: 'choose', marker }),
    placeholder: choose,
    options: buttons
      .slice(0, optionsMax)
      .map(({ id, label }) => ({ label: plain(label, optionMax), value: id })),
  };
}

/** Discord refuses an empty label, and one of white space. */
function plain(label: string, max: number): string {
  const text = label.replace(/\s+/g, ' ').trim() || '…';
  return text.length <= max ? text : `${[...text].slice(0, max / 2).join('')}…`;
}

/** Pure: the dialog for an answer in words to that question. */
export function answerDialog(askId: AskId, { answerTitle, answerLabel }: Words) {
  return {
    custom_id: customId({ kind: 'dialog', askId }),
    title: answerTitle,
    components: [
      {
        type: 18,
        label: answerLabel,
        component: {
          type: 4,
          custom_id: inputId,
          style: paragraph,
          required: true,
          max_length: inputMax,
        },
      },
    ],
  };
}

/** Pure: what was written into the dialog. */
export function dialogText(components: readonly DialogComponent[] = []): string {
  for (const one of components) {
    if (one.custom_id === inputId && one.value !== undefined) return one.value;
    const inner = one.component === undefined ? one.components : [one.component];
    const found = inner === undefined ? '' : dialogText(inner);
    if (found !== '') return found;
  }
  return '';
}

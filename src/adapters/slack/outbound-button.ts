import { z } from 'zod';
import type { Button } from '../../contracts/delivery.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import type { SlackConfig } from './config.ts';
import type { PlainText } from './render-block.ts';

/** More buttons than this are a menu. */
const buttonsMax = 5;
/** Longest label of a button and of an option. */
const labelMax = 75;
/** Longest text that Slack takes in an input of a dialog. */
const inputMax = 3_000;
const placePrefix = 'readback:at:';
const dialogId = 'readback:answer';
export const answerActionId = 'readback:answer';

export interface ButtonElement {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: PlainText;
  readonly value?: string;
  readonly style?: 'primary' | 'danger';
}
export interface SelectElement {
  readonly type: 'static_select';
  readonly action_id: string;
  readonly placeholder: PlainText;
  readonly options: { readonly text: PlainText; readonly value: string }[];
}
export interface ActionsBlock {
  readonly type: 'actions';
  readonly block_id: string;
  readonly elements: (ButtonElement | SelectElement)[];
}

/** Somebody wants to answer this question in words. */
interface Asked {
  readonly channel: ChannelRef;
  readonly triggerId: string;
  readonly askId: string;
}

type Words = Pick<
  SlackConfig['words'],
  'choose' | 'answer' | 'answerTitle' | 'answerLabel' | 'send' | 'close'
>;

/**
 * Pure: what can be pressed below a message; none when there is nothing. The block says in which thread the message
 * belongs: where it stands may be somewhere else, and a message that was answered looks like a thread.
 */
export function actionsBlock(
  buttons: readonly Button[],
  place: {
    readonly channel: ChannelRef;
    /** Of a question that may be answered in words. */
    readonly askId?: string | undefined;
    readonly words: Words;
  },
): ActionsBlock[] {
  const { channel, askId, words } = place;
  const own = buttons.length > buttonsMax ? [menu(buttons, words)] : buttons.map(button);
  const elements = askId === undefined ? own : [...own, answerButton(askId, words)];
  if (elements.length === 0) return [];
  return [{ type: 'actions', block_id: `${placePrefix}${channel.thread ?? ''}`, elements }];
}

/** Pure: the thread that a block of ours names; empty: none; undefined: it is not ours. */
export function threadOfBlock(blockId: string | undefined): string | undefined {
  return blockId?.startsWith(placePrefix) === true ? blockId.slice(placePrefix.length) : undefined;
}

function button({ id, label, style }: Button, at: number): ButtonElement {
  return {
    type: 'button',
    action_id: `readback:button:${at}`,
    text: plain(label),
    value: id,
    ...(style === 'plain' ? {} : { style }),
  };
}

function menu(buttons: readonly Button[], { choose }: Words): SelectElement {
  return {
    type: 'static_select',
    action_id: 'readback:select',
    placeholder: plain(choose),
    options: buttons.map(({ id, label }) => ({ text: plain(label), value: id })),
  };
}

const answerButton = (askId: string, { answer }: Words): ButtonElement => ({
  type: 'button',
  action_id: answerActionId,
  text: plain(answer),
  value: askId,
});

/** Slack refuses a longer one, and one of white space. */
function plain(label: string): PlainText {
  const text = label.replace(/\s+/g, ' ').trim() || '…';
  const points = [...text];
  const short = text.length <= labelMax ? text : `${points.slice(0, labelMax / 2).join('')}…`;
  return { type: 'plain_text', text: short, emoji: true };
}

/** Pure: the arguments of `views.open` for an answer in words to that question. */
export function answerDialog({ channel, triggerId, askId }: Asked, words: Words) {
  const { conversation, thread } = channel;
  return {
    trigger_id: triggerId,
    view: {
      type: 'modal' as const,
      callback_id: dialogId,
      private_metadata: JSON.stringify({ conversation, thread, askId }),
      title: plain(words.answerTitle),
      submit: plain(words.send),
      close: plain(words.close),
      blocks: [
        {
          type: 'input' as const,
          block_id: dialogId,
          label: plain(words.answerLabel),
          element: {
            type: 'plain_text_input' as const,
            action_id: dialogId,
            multiline: true,
            max_length: inputMax,
          },
        },
      ],
    },
  };
}

const DialogOf = z.strictObject({
  conversation: z.string().min(1).max(200),
  thread: z.string().min(1).max(200).optional(),
  askId: z.string().min(1).max(64),
});

/** Pure: the question that a dialog of ours was opened for, and where it stands. */
export function dialogOf(
  callbackId: string | undefined,
  metadata: string | undefined,
): z.infer<typeof DialogOf> | undefined {
  if (callbackId !== dialogId || metadata === undefined) return undefined;
  try {
    return DialogOf.safeParse(JSON.parse(metadata)).data;
  } catch {
    return undefined;
  }
}

type Values = Readonly<Record<string, Readonly<Record<string, { value?: string | null }>>>>;

/** Pure: what was written into the dialog. */
export const dialogText = (values: Values | undefined): string =>
  values?.[dialogId]?.[dialogId]?.value ?? '';

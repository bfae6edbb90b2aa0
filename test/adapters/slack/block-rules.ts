import type { types } from '@slack/bolt';
import { expect } from 'vitest';

/** Slack's own types of what is sent. */
export type KnownBlock = types.KnownBlock;
export type ModalView = types.ModalView;

/** Slack's rules for the blocks of a message, as its reference and its refusals tell them. */
export function expectTakenBySlack(blocks: readonly unknown[]): void {
  expect(blocks.length).toBeGreaterThan(0);
  expect(blocks.length).toBeLessThanOrEqual(50);
  const ids = blocks.flatMap((block) => (block as { block_id?: string }).block_id ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id.length).toBeLessThanOrEqual(255);
  for (const block of blocks) expectBlock(block as KnownBlock);
}

function expectBlock(block: KnownBlock): void {
  switch (block.type) {
    case 'divider':
      return;
    case 'section':
      expect(block.text?.type).toBe('mrkdwn');
      expect(block.text?.text.trim()).not.toBe('');
      expect(block.text?.text.length).toBeLessThanOrEqual(3_000);
      return;
    case 'rich_text':
      expect(block.elements.length).toBeGreaterThan(0);
      return block.elements.forEach(expectElement);
    case 'actions':
      expect(block.elements.length).toBeGreaterThan(0);
      expect(block.elements.length).toBeLessThanOrEqual(25);
      expect(new Set(block.elements.map((one) => one.action_id)).size).toBe(block.elements.length);
      return block.elements.forEach(expectAction);
    default:
      throw new Error(`a block that is not made here: ${block.type}`);
  }
}

function expectElement(element: types.RichTextBlockElement): void {
  expect(element.elements.length).toBeGreaterThan(0);
  if (element.type === 'rich_text_list') {
    expect(element.indent ?? 0).toBeLessThanOrEqual(8);
    return element.elements.forEach(expectElement);
  }
  for (const inline of element.elements) {
    if (inline.type === 'text') expectText(inline.text);
    else if (inline.type === 'link') {
      expect(inline.url).toMatch(/^(?:https?:\/\/|mailto:)[!-~]+$/i);
      expect(inline.url.length).toBeLessThanOrEqual(3_000);
      if (inline.text !== undefined) expectText(inline.text);
    } else throw new Error(`an inline that mentions: ${inline.type}`);
  }
}

function expectText(text: string): void {
  expect(text).not.toBe('');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]|\p{Surrogate}/u);
}

function expectAction(element: types.ActionsBlockElement): void {
  if (element.type === 'button') {
    expect(element.text.text).not.toBe('');
    expect(element.text.text.length).toBeLessThanOrEqual(75);
    return;
  }
  if (element.type !== 'static_select') throw new Error(`not made here: ${element.type}`);
  expect(element.options?.length).toBeLessThanOrEqual(100);
  for (const { text, value } of element.options ?? []) {
    expect(text.text).not.toBe('');
    expect(text.text.length).toBeLessThanOrEqual(75);
    expect(value?.length).toBeLessThanOrEqual(150);
  }
}

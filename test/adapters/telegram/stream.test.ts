import { afterEach, describe, expect, test } from 'vitest';
import type { TelegramMessage } from '../../../src/testing/telegram/index.ts';
import { Stage, type StageOptions } from './stage.ts';

let stage: Stage;
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const ours = (messages: readonly TelegramMessage[]): TelegramMessage[] =>
  messages.filter(({ from }) => from.kind === 'bot');
const labels = (message: TelegramMessage | undefined): string[] =>
  message?.buttons.flat().map(({ text }) => text) ?? [];

describe('streamed text', () => {
  test('goes into the message that shows the work, at most once a second; nothing after the answer', async () => {
    const { ann, telegram } = await open();
    await stage.say('tell');
    for (let n = 0; n < 40; n += 1) {
      stage.work.text(`word${n} `);
      await stage.advance(100);
    }
    const live = ours(ann.chat.messages).at(-1);
    expect(live?.text).toContain('word30');
    expect(labels(live)).toEqual(['Cancel']);
    const edits = telegram.callsOf('editMessageText');
    expect(edits.length).toBeGreaterThanOrEqual(2);
    for (const [at, edit] of edits.entries())
      if (at > 0) expect(edit.atMs - (edits[at - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    stage.work.finish('the whole text');
    await stage.advance(1_000);
    const { length } = telegram.callsOf('editMessageText');
    await stage.advance(60_000);
    expect(telegram.callsOf('editMessageText')).toHaveLength(length);
    expect(telegram.callsOf('sendMessageDraft')).toEqual([]);
    expect(ann.chat.texts).toEqual(['the whole text']);
  });

  test('is a draft in a private chat where that is asked for, at most one a second, and none after the answer', async () => {
    const { ann, telegram } = await open({ config: { streams: 'draft' } });
    await stage.say('tell');
    for (let n = 0; n < 40; n += 1) {
      stage.work.text(`word${n} `);
      await stage.advance(100);
    }
    const drafts = telegram.callsOf('sendMessageDraft');
    expect(drafts.length).toBeGreaterThanOrEqual(3);
    expect(drafts.length).toBeLessThanOrEqual(6);
    for (const [at, draft] of drafts.entries())
      expect(draft.atMs - (drafts[at - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    const ids = new Set(drafts.map(({ payload }) => payload['draft_id']));
    expect(ids.size).toBe(1);
    expect(ann.chat.draft?.text).toContain('word10');
    stage.work.finish('the whole text');
    await stage.advance(60_000);
    expect(telegram.callsOf('sendMessageDraft')).toHaveLength(drafts.length);
    expect(ann.chat.texts).toEqual(['the whole text']);
  });

  test('shows the end of what is too long, and no half of a character', async () => {
    const { ann, telegram } = await open({ config: { streams: 'draft' } });
    await stage.say('tell');
    stage.work.text(`${'😀'.repeat(3_000)}the end \ud83d`);
    await stage.advance(2_000);
    const [draft] = telegram.callsOf('sendMessageDraft');
    const text = String(draft?.payload['text']);
    expect(text.length).toBeLessThanOrEqual(4_096);
    expect(text).toMatch(/^…(😀)+the end$/u);
    // The placeholder came meanwhile and took it away.
    expect(ann.chat.texts).toEqual(['On it…']);
    expect(ann.chat.draft?.text).toBe(text);
  });

  test('where drafts are refused the live message is edited, with its button', async () => {
    const { ann, telegram } = await open({ config: { streams: 'draft' } });
    const planned = telegram.fault(
      'sendMessageDraft',
      { kind: 'status', code: 400, description: 'Bad Request: TEXTDRAFT_PEER_INVALID' },
      { times: 100 },
    );
    await stage.say('tell');
    for (let n = 0; n < 50; n += 1) {
      stage.work.text(`word${n} `);
      await stage.advance(100);
    }
    const live = ours(ann.chat.messages).at(-1);
    expect(live?.text).toContain('word40');
    expect(labels(live)).toEqual(['Cancel']);
    expect(planned.hits).toBe(1);
    stage.work.finish('the whole text');
    await stage.advance(10_000);
    expect(ann.chat.texts).toEqual(['the whole text']);
  });

  test('edits the live message of a group every three seconds, with its button', async () => {
    const { ann, telegram } = await open();
    const group = telegram.group({ members: [ann] });
    ann.say(`@${telegram.username} tell`, { to: group });
    await stage.advance(100);
    for (let n = 0; n < 100; n += 1) {
      stage.work.text(`word${n} `);
      await stage.advance(100);
    }
    const edits = telegram.callsOf('editMessageText');
    expect(edits.length).toBeGreaterThanOrEqual(2);
    expect(edits.length).toBeLessThanOrEqual(4);
    const live = ours(group.messages).at(-1);
    expect(live?.text).toContain('word60');
    expect(labels(live)).toEqual(['Cancel']);
    stage.work.finish('the whole text');
    await stage.advance(10_000);
    expect(group.texts).toEqual(['the whole text']);
    expect(telegram.limitsHit).toBe(0);
  });

  test('F39 an edit of streamed text that comes late does not stand over the answer', async () => {
    const { ann, telegram } = await open();
    const group = telegram.group({ members: [ann] });
    ann.say(`@${telegram.username} tell`, { to: group });
    await stage.advance(2_000);
    stage.work.text('a piece');
    telegram.fault('editMessageText', { kind: 'hang' });
    await stage.advance(3_000);
    stage.work.finish('the whole text');
    await stage.advance(7_000);
    expect(group.texts).toEqual(['the whole text']);
    const live = ours(group.messages).at(-1) as TelegramMessage;
    // The late one arrives after all.
    const late = await fetch(`${telegram.apiRoot}/bot${telegram.token}/editMessageText`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ chat_id: group.id, message_id: live.messageId, text: 'a piece' }),
    });
    expect(late.status).toBe(200);
    await stage.advance(60_000);
    expect(group.texts).toEqual(['the whole text']);
    expect(live.text).toBe('the whole text');
  });
});

import type {
  RESTPatchAPIChannelMessageJSONBody,
  RESTPostAPIChannelMessageJSONBody,
} from 'discord.js';
import { describe, expect, test } from 'vitest';
import type { DiscordCall } from '../../../src/adapters/discord/call.ts';
import { parseConfig } from '../../../src/adapters/discord/config.ts';
import { beginLife, type Life, liveOn } from '../../../src/adapters/discord/life.ts';
import { createNoncer } from '../../../src/adapters/discord/nonce.ts';
import {
  contentOf,
  type SendContext,
  streamCall,
  toCall,
} from '../../../src/adapters/discord/outbound.ts';
import { lengthMaxOf } from '../../../src/adapters/discord/outbound-cut.ts';
import { compose, type Said } from './send.ts';

const token = [Buffer.from('123456789012345678').toString('base64'), 'FakeFk', 'f'.repeat(38)].join(
  '.',
);
const config = parseConfig({ token });
const channel = { adapter: 'discord', account: '1', conversation: '22222' };
const inThread = { ...channel, thread: '33333' };
const nonce = createNoncer(token).nonce({ key: 'key', repairs: [] }, channel);
const came = {
  id: '44444',
  token: 'tok',
  applicationId: '1',
  channelId: '22222',
  personId: '88888',
  reachable: true,
};
const life: Life = liveOn(beginLife({ ...came, kind: 'command' }, { nowMs: 0, ephemeral: false }), {
  kind: 'deferred',
});
const hidden: Life = { ...life, ephemeral: true };

interface Sent extends Omit<DiscordCall, 'body'> {
  readonly body: RESTPostAPIChannelMessageJSONBody & RESTPatchAPIChannelMessageJSONBody;
}

function sent(said: Said, more: Partial<SendContext> = {}, where = channel): Sent {
  const { delivery, attempt } = compose(where, said);
  const context: SendContext = { nonce, way: { kind: 'channel' }, config, ...more };
  return toCall(delivery, attempt, context) as Sent;
}

describe('streamed text', () => {
  test('takes the place of the words; what can be pressed stays', () => {
    const said = { channel, text: '**a**', liveId: '66666' };
    const way = { kind: 'channel' } as const;
    expect(streamCall(said, { way, config })).toEqual({
      method: 'PATCH',
      route: '/channels/22222/messages/66666',
      body: { content: '**a**', embeds: [], allowed_mentions: { parse: [] } },
    });
    const embeds = { ...config, embeds: true };
    expect(streamCall(said, { way: { kind: 'original', life }, config: embeds })).toEqual({
      method: 'PATCH',
      route: '/webhooks/1/tok/messages/@original',
      authorized: false,
      body: { content: '', embeds: [{ description: '**a**' }], allowed_mentions: { parse: [] } },
    });
  });
});

describe('a message of a channel', () => {
  test('text, mentions nobody, carries its nonce', () => {
    expect(sent({ text: '**a** @everyone' })).toEqual({
      method: 'POST',
      route: '/channels/22222/messages',
      body: {
        content: '**a** @\u2060everyone',
        allowed_mentions: { parse: [], replied_user: false },
        flags: 4,
        nonce,
        enforce_nonce: true,
      },
    });
    expect(nonce).toMatch(/^[\w-]{24}$/);
  });

  test('goes to its thread', () => {
    expect(sent({}, {}, inThread).route).toBe('/channels/33333/messages');
  });

  test('replies to what it answers, and goes out when that is gone', () => {
    const reply = { message_id: '55555', fail_if_not_exists: false };
    expect(sent({ anchor: '55555' }).body.message_reference).toEqual(reply);
    const no = (said: Said, more: Partial<SendContext> = {}, where = channel) =>
      expect(sent(said, more, where).body).not.toHaveProperty('message_reference');
    no({ anchor: '55555', part: 2, parts: 2 });
    no({ anchor: '55555', repairs: ['drop_anchor'] });
    no({ anchor: 'not an id' });
    no({});
    // The message that a thread was made of stands outside of it.
    no({ anchor: '33333' }, {}, inThread);
    expect(sent({ anchor: '55555' }, {}, inThread).body.message_reference).toEqual(reply);
  });

  test('answers a command by a reply to what the command shows', () => {
    const answers = { messageId: '66666' };
    expect(sent({ anchor: came.id }, { answers }).body.message_reference).toMatchObject({
      message_id: '66666',
    });
    expect(sent({ anchor: came.id }, { answers: {} }).body).not.toHaveProperty('message_reference');
  });

  test('an answer and a question ring; nothing else does, and what should not makes no sound', () => {
    const of = (said: Said) => {
      const { allowed_mentions, flags } = sent(said).body;
      return [allowed_mentions?.replied_user, flags];
    };
    expect(of({ kind: 'terminal' })).toEqual([true, 4]);
    expect(of({ kind: 'question' })).toEqual([true, 4]);
    expect(of({ kind: 'ack' })).toEqual([false, 4]);
    expect(of({ kind: 'terminal', notify: false })).toEqual([false, 4_100]);
    expect(of({ kind: 'progress', notify: false })).toEqual([false, 4_100]);
  });

  test('as an embed, where that is wanted', () => {
    const embeds = { config: { ...config, embeds: true } };
    const { body } = sent({ text: 'a' }, embeds);
    expect(body).toMatchObject({ embeds: [{ description: 'a' }] });
    expect(body).not.toHaveProperty('content');
    // The flag that hides previews would hide the embed.
    expect(body).not.toHaveProperty('flags');
    const edit = sent({ text: 'b', live: '77777' }, { ...embeds, liveId: '77777' });
    expect(edit.body).toMatchObject({ content: '', embeds: [{ description: 'b' }] });
    expect(lengthMaxOf({ embeds: true })).toBe(4_096);
  });
});

describe('an edit', () => {
  test('of a message, which loses the buttons that it had', () => {
    expect(
      sent({ text: 'b', live: '77777', anchor: '55555' }, { liveId: '77777' }, inThread),
    ).toEqual({
      method: 'PATCH',
      route: '/channels/33333/messages/77777',
      body: {
        content: 'b',
        embeds: [],
        components: [],
        allowed_mentions: { parse: [], replied_user: false },
      },
    });
  });

  test('names no flags, so that the message keeps its own', () => {
    const edit = sent({ notify: false, live: '77777' }, { liveId: '77777' });
    expect(edit.body).not.toHaveProperty('flags');
  });
});

describe('through an interaction', () => {
  test('the message that was promised is written', () => {
    expect(sent({ text: 'a' }, { way: { kind: 'original', life } })).toEqual({
      method: 'PATCH',
      route: '/webhooks/1/tok/messages/@original',
      authorized: false,
      body: {
        content: 'a',
        embeds: [],
        allowed_mentions: { parse: [], replied_user: false },
        flags: 4,
      },
    });
  });

  test('for one person alone, and without a sound: that is its kind by now', () => {
    const of = (life: Life) =>
      sent({ notify: false }, { way: { kind: 'original', life } }).body.flags;
    expect(of(hidden)).toBe(68);
    expect(of(life)).toBe(4);
  });

  test('and edited again', () => {
    const context = { way: { kind: 'original' as const, life }, liveId: '77777' };
    expect(sent({ live: '77777' }, context)).toMatchObject({
      route: '/webhooks/1/tok/messages/@original',
      body: { components: [] },
    });
  });

  test('one more message, as hidden as the first', () => {
    const call = sent(
      { anchor: '44444', notify: false },
      { way: { kind: 'followup', life: hidden } },
    );
    expect(call).toMatchObject({
      method: 'POST',
      route: '/webhooks/1/tok',
      authorized: false,
      query: { wait: 'true' },
      body: { flags: 4 + 64 + 4_096 },
    });
    // Discord knows no nonce there.
    expect(call.body).not.toHaveProperty('nonce');
    expect(call.body).not.toHaveProperty('message_reference');
    const open = sent({}, { way: { kind: 'followup', life } });
    expect(open.body.flags).toBe(4);
  });

  test('which is edited by its id', () => {
    const way = { kind: 'followup' as const, life: hidden, messageId: '88888' };
    expect(sent({ live: '44444@88888' }, { way, liveId: '88888' })).toMatchObject({
      method: 'PATCH',
      route: '/webhooks/1/tok/messages/88888',
      authorized: false,
    });
  });

  test('an answer that one person alone sees asks to be told that it was seen', () => {
    const labels = (said: Said, of: Life): unknown =>
      sent(said, { way: { kind: 'followup', life: of } }).body.components;
    expect(labels({ kind: 'terminal', buttons: ['again'] }, hidden)).toMatchObject([
      { type: 1, components: [{ label: 'again' }, { label: 'Seen', style: 2 }] },
    ]);
    expect(labels({ kind: 'ack' }, hidden)).toBeUndefined();
    expect(labels({ kind: 'terminal' }, life)).toBeUndefined();
  });
});

describe('files', () => {
  const text = { name: 'answer.md', mimeType: 'text/markdown', text: 'all of it' };
  const far = { name: 'a_b.pdf', mimeType: 'application/pdf', url: 'https://a.example/b' };
  const of = (file: typeof text | typeof far, said: Said = {}) =>
    sent({ content: { text: '', source: '', files: [file] }, ...said });

  test('a text goes along, with nothing above it', () => {
    const call = of(text);
    expect(call.files).toEqual([
      { name: 'answer.md', contentType: 'text/markdown', text: 'all of it' },
    ]);
    expect(call.body).toMatchObject({ content: '', nonce });
    expect(of({ ...text, name: 'a/"b"\n;c' }).files).toMatchObject([{ name: 'a__b___c' }]);
  });

  test('one that is elsewhere is told of; so is one that Discord does not take', () => {
    expect(of(far)).toMatchObject({ body: { content: 'File: a\\_b.pdf <https://a.example/b>' } });
    expect(of(far)).not.toHaveProperty('files');
    const plain = of(text, { repairs: ['plain'] });
    expect(plain).toMatchObject({ body: { content: 'File: answer.md' } });
    expect(plain).not.toHaveProperty('files');
  });

  test('with the words above it, as long as there is room', () => {
    const withWords = (words: string) =>
      contentOf({ content: { text: words, files: [far] }, repairs: [] }, { config }).text;
    expect(withWords('see')).toBe('see\n\nFile: a\\_b.pdf <https://a.example/b>');
    expect(withWords('x'.repeat(1_990))).toBe('x'.repeat(1_990));
  });

  test('an edit takes none', () => {
    const call = sent(
      { content: { text: 'a', files: [text] }, live: '77777' },
      { liveId: '77777' },
    );
    expect(call).not.toHaveProperty('files');
  });
});

describe('buttons', () => {
  test('stand below the last part alone', () => {
    expect(sent({ buttons: ['a'], part: 1, parts: 2 }).body).not.toHaveProperty('components');
    expect(sent({ buttons: ['a'], part: 2, parts: 2 }).body.components).toHaveLength(1);
  });

  test('are left out where Discord took the message in no other form', () => {
    expect(sent({ buttons: ['a'], repairs: ['split', 'plain'] }).body).not.toHaveProperty(
      'components',
    );
  });
});

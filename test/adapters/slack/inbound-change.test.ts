import { describe, expect, test } from 'vitest';
import { type InboundContext, toIncoming } from '../../../src/adapters/slack/inbound.ts';
import type { Inbound } from '../../../src/contracts/inbound.ts';
import {
  body,
  changed,
  context,
  deleted,
  left,
  mention,
  taken,
  withConfig,
} from './inbound-payloads.ts';

const of = (event: object, where: InboundContext = context): Inbound =>
  taken(toIncoming(body(event), where));
const why = (event: object, where: InboundContext = context): string =>
  left(toIncoming(body(event), where));
const inThread = (conversation: string, thread: string): InboundContext => ({
  ...context,
  takesPart: (a, b) => a === conversation && b === thread,
});
const thread = '1595926230.009600';

describe('edits', () => {
  test('a message that begins a thread', () => {
    expect(of(changed)).toEqual({
      kind: 'edited',
      id: 'Ev111',
      channel: { adapter: 'slack', account: 'T111', conversation: 'C111', thread },
      person: { id: 'W222', operator: false },
      sentAtMs: 1_595_926_240_000,
      messageId: thread,
      text: 'Hi all!',
    });
  });

  test('belongs where the message does, also when that was answered meanwhile', () => {
    const answered = (thread_ts: string) => ({
      ...changed,
      message: { ...changed.message, thread_ts },
    });
    expect(of(answered(thread)).channel).toEqual(of(mention).channel);
    expect(of(answered('1595926000.000100')).channel.thread).toBe('1595926000.000100');
    const channel = withConfig({ sessions: 'channel' });
    expect(of(answered(thread), channel).channel).toEqual(of(mention, channel).channel);
    const dm = { ...answered(thread), channel: 'D111', channel_type: 'im' };
    expect(of(dm).channel).not.toHaveProperty('thread');
  });

  test('counts as addressed when it was before', () => {
    const text = (now: string, before: string) => ({
      ...changed,
      message: { ...changed.message, text: now },
      previous_message: { ...changed.previous_message, text: before },
    });
    expect(of(text('Hi all!', '<@W111> Hi'))).toMatchObject({ text: 'Hi all!' });
    expect(of(text('<@W111> Hi all!', 'Hi'))).toMatchObject({ text: 'Hi all!' });
    expect(why(text('Hi all!', 'Hi'))).toBe('not addressed to the bot');
    expect(of(text('Hi all!', 'Hi'), inThread('C111', thread)).kind).toBe('edited');
  });

  test.each([
    [
      'a link that is shown',
      { message: { ...changed.message, text: '<@W111> Hi there!', attachments: [{}] } },
      'the words did not change',
    ],
    ['a bot', { message: { ...changed.message, bot_id: 'B999' } }, 'edited by a bot'],
    ['ourselves', { message: { ...changed.message, user: 'W111' } }, 'edited by a bot'],
    [
      'the title of an assistant thread',
      { message: { ...changed.message, subtype: 'assistant_app_thread', text: 'New' } },
      'a change of a assistant_app_thread',
    ],
    ['no message', { message: undefined }, 'a change without a message'],
  ])('%s: not taken', (_, more, expected) => {
    expect(why({ ...changed, ...more })).toBe(expected);
  });
});

describe('deletions', () => {
  test('a message', () => {
    expect(of(deleted)).toEqual({
      kind: 'deleted',
      id: 'Ev111',
      channel: { adapter: 'slack', account: 'T111', conversation: 'C111', thread },
      person: { id: 'W222', operator: false },
      sentAtMs: 1_595_926_250_000,
      messageId: thread,
    });
  });

  test('the first of a thread with replies stays as a stone', () => {
    const stone = {
      ...changed,
      message: {
        subtype: 'tombstone',
        text: 'This message was deleted.',
        user: 'USLACKBOT',
        hidden: true,
        ts: thread,
        thread_ts: thread,
        reply_count: 1,
      },
    };
    expect(of(stone)).toMatchObject({
      kind: 'deleted',
      messageId: thread,
      person: { id: 'W222' },
      channel: { thread },
    });
  });

  test.each([
    [
      'of a bot',
      { previous_message: { ...deleted.previous_message, bot_id: 'B111' } },
      'a message of a bot was deleted',
    ],
    ['of something unknown', { previous_message: undefined }, 'a deletion of something unknown'],
    ['without a name', { deleted_ts: undefined }, 'a deletion of something unknown'],
    [
      'not addressed',
      { previous_message: { ...deleted.previous_message, text: 'x' } },
      'not addressed to the bot',
    ],
  ])('%s: not taken', (_, more, expected) => {
    expect(why({ ...deleted, ...more })).toBe(expected);
  });
});

describe('other events', () => {
  const started = {
    type: 'assistant_thread_started',
    assistant_thread: {
      user_id: 'W222',
      context: { channel_id: 'C222', team_id: 'T111', enterprise_id: 'E111' },
      channel_id: 'D111',
      thread_ts: '1726133698.626339',
    },
    event_ts: '1726133698.665188',
  };

  test('an assistant thread was opened', () => {
    expect(toIncoming(body(started), context)).toEqual({
      kind: 'opened',
      channel: {
        adapter: 'slack',
        account: 'T111',
        conversation: 'D111',
        thread: '1726133698.626339',
      },
      userId: 'W222',
    });
    expect(why(started, withConfig({ allow: { users: [] } }))).toBe('opened by who is not allowed');
    expect(why({ ...started, assistant_thread: {} })).toBe('an assistant thread without a place');
  });

  test('a channel got another id', () => {
    const moved = {
      type: 'channel_id_changed',
      old_channel_id: 'G012Y48650T',
      new_channel_id: 'C012Y48650T',
      event_ts: '1612206778.000000',
    };
    expect(of(moved)).toMatchObject({
      kind: 'moved',
      id: 'Ev111',
      channel: { conversation: 'G012Y48650T' },
      to: { adapter: 'slack', account: 'T111', conversation: 'C012Y48650T' },
    });
    expect(why({ type: 'channel_id_changed' })).toBe('a move from nowhere');
  });

  test('Slack drops events', () => {
    const limited = {
      token: 'x',
      type: 'app_rate_limited',
      team_id: 'T111',
      minute_rate_limited: 1_518_467_820,
      api_app_id: 'A111',
    };
    expect(toIncoming(limited, context)).toMatchObject({ kind: 'trouble', state: 'misconfigured' });
  });

  test('the token was revoked, or the app taken out', () => {
    const revoked = (...ids: string[]) =>
      body({ type: 'tokens_revoked', tokens: { oauth: [], bot: ids } });
    expect(toIncoming(revoked('W111'), context)).toMatchObject({
      kind: 'trouble',
      state: 'unauthorized',
    });
    expect(left(toIncoming(revoked('W112'), context))).toBe('a token of somebody else was revoked');
    expect(toIncoming(body({ type: 'app_uninstalled' }), context)).toMatchObject({
      kind: 'trouble',
    });
  });

  test.each([
    ['reaction_added', body({ type: 'reaction_added' })],
    ['assistant_thread_context_changed', body({ type: 'assistant_thread_context_changed' })],
    ['url_verification', { type: 'url_verification' }],
    ['without an id', { ...body(mention), event_id: undefined } as never],
    ['without an event', { type: 'event_callback', event_id: 'Ev1' }],
    ['nothing', {}],
  ])('%s: nothing for the relay', (_, given) => {
    expect(toIncoming(given, context)).toMatchObject({ kind: 'nothing', level: 'debug' });
  });
});

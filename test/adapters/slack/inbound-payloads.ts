import type { InboundContext, Incoming } from '../../../src/adapters/slack/inbound-context.ts';
import type { SlackBody } from '../../../src/adapters/slack/inbound-shape.ts';
import { Inbound } from '../../../src/contracts/inbound.ts';

/** Payloads as Slack's reference and its SDKs' own tests show them. */
export const bot = { userId: 'W111', botId: 'B111' };

export const context: InboundContext = {
  account: 'T111',
  us: bot,
  config: { sessions: 'thread', channels: 'mentioned', allow: {}, operators: ['W999'] },
  takesPart: () => false,
  nowMs: 1_800_000_000_000,
};

export const withConfig = (more: Partial<InboundContext['config']>): InboundContext => ({
  ...context,
  config: { ...context.config, ...more },
});

export function body(event: object, more: object = {}): SlackBody {
  return {
    token: 'verification_token',
    team_id: 'T111',
    enterprise_id: 'E111',
    api_app_id: 'A111',
    event,
    type: 'event_callback',
    event_id: 'Ev111',
    event_time: 1_595_926_230,
    authorizations: [{ enterprise_id: 'E111', team_id: 'T111', user_id: 'W111', is_bot: true }],
    is_ext_shared_channel: false,
    ...more,
  } as SlackBody;
}

export const mention = {
  client_msg_id: '9cbd4c5b-7ddf-4ede-b479-ad21fca66d63',
  type: 'app_mention',
  text: '<@W111> Hi there!',
  user: 'W222',
  ts: '1595926230.009600',
  team: 'T111',
  channel: 'C111',
  event_ts: '1595926230.009600',
};

/** The same message, as the subscription of the channel brings it. */
export const inChannel = { ...mention, type: 'message', channel_type: 'channel' };

export const direct = {
  client_msg_id: 'a8744611-0210-4f85-9f15-5faf7fb225c8',
  type: 'message',
  text: 'When Slack was released?',
  user: 'W222',
  ts: '1596183880.004200',
  team: 'T111',
  channel: 'D111',
  event_ts: '1596183880.004200',
  channel_type: 'im',
};

/** What somebody says in an assistant thread. */
export const inAssistant = {
  user: 'W222',
  type: 'message',
  ts: '1726133700.887259',
  text: 'When Slack was released?',
  team: 'T111',
  user_team: 'T111',
  source_team: 'T222',
  user_profile: {},
  thread_ts: '1726133698.626339',
  parent_user_id: 'W222',
  channel: 'D111',
  event_ts: '1726133700.887259',
  channel_type: 'im',
  assistant_thread: { action_token: '10647138185092.960436384805.afce3599' },
};

export const changed = {
  type: 'message',
  subtype: 'message_changed',
  message: {
    client_msg_id: '9cbd4c5b-7ddf-4ede-b479-ad21fca66d63',
    type: 'message',
    text: '<@W111> Hi all!',
    user: 'W222',
    team: 'T111',
    edited: { user: 'W222', ts: '1595926240.000000' },
    ts: '1595926230.009600',
  },
  previous_message: {
    type: 'message',
    text: '<@W111> Hi there!',
    user: 'W222',
    ts: '1595926230.009600',
  },
  channel: 'C111',
  hidden: true,
  ts: '1595926240.000400',
  event_ts: '1595926240.000400',
  channel_type: 'channel',
};

export const deleted = {
  type: 'message',
  subtype: 'message_deleted',
  previous_message: {
    client_msg_id: '3c4a3ed7-9b4c-4b3c-a4d7-0a0d6d1d4a44',
    type: 'message',
    text: '<@W111> Hi there!',
    user: 'W222',
    ts: '1595926230.009600',
    team: 'T111',
  },
  channel: 'C111',
  hidden: true,
  deleted_ts: '1595926230.009600',
  event_ts: '1595926250.000500',
  ts: '1595926250.000500',
  channel_type: 'channel',
};

export const press = {
  type: 'block_actions',
  user: { id: 'W222', username: 'primary-owner', name: 'primary-owner', team_id: 'T111' },
  api_app_id: 'A111',
  token: 'verification_token',
  container: {
    type: 'message',
    message_ts: '1594636500.000300',
    channel_id: 'C111',
    is_ephemeral: false,
    thread_ts: '1595926230.009600',
  },
  trigger_id: '111.222.valid',
  team: { id: 'T111', domain: 'workspace-domain' },
  channel: { id: 'C111', name: 'test-channel' },
  message: {
    bot_id: 'B111',
    type: 'message',
    text: 'fallback',
    user: 'W111',
    ts: '1594636500.000300',
    thread_ts: '1595926230.009600',
  },
  response_url: 'https://hooks.slack.com/actions/T111/111/random-value',
  actions: [
    {
      action_id: 'readback:button:0',
      block_id: 'readback:at:1595926230.009600',
      text: { type: 'plain_text', text: 'Cancel', emoji: true },
      value: 'cancel:019a',
      type: 'button',
      action_ts: '1596530385.194939',
    },
  ],
};

export const submission = {
  type: 'view_submission',
  team: { id: 'T111', domain: 'workspace-domain' },
  user: { id: 'W222', username: 'primary-owner', name: 'primary-owner', team_id: 'T111' },
  api_app_id: 'A111',
  token: 'verification_token',
  trigger_id: '111.222.valid',
  view: {
    id: 'V111',
    team_id: 'T111',
    type: 'modal',
    blocks: [],
    private_metadata: '{"conversation":"C111","thread":"1595926230.009600","askId":"a1"}',
    callback_id: 'readback:answer',
    state: {
      values: {
        'readback:answer': {
          'readback:answer': { type: 'plain_text_input', value: 'blue, *please*' },
        },
      },
    },
    hash: '1596530361.3wRYuk3R',
    title: { type: 'plain_text', text: 'Your answer', emoji: true },
    clear_on_close: false,
    notify_on_close: false,
    close: null,
    submit: null,
    previous_view_id: null,
    root_view_id: 'V111',
    app_id: 'A111',
    external_id: '',
    app_installed_team_id: 'T111',
    bot_id: 'B111',
  },
  response_urls: [],
};

export const shortcut = {
  type: 'message_action',
  token: 'verification_token',
  action_ts: '1583637157.207593',
  team: { id: 'T111', domain: 'test-test' },
  user: { id: 'W222', name: 'test-test' },
  channel: { id: 'C111', name: 'dev' },
  callback_id: 'ask',
  trigger_id: '111.222.shortcut',
  message_ts: '1583636382.000300',
  message: {
    client_msg_id: 'zzzz-111-222-xxx-yyy',
    type: 'message',
    text: '&lt;test&gt; <@W333>',
    user: 'W333',
    ts: '1583636382.000300',
    team: 'T111',
  },
  response_url: 'https://hooks.slack.com/app/T111/111/xxx',
};

export const command = {
  token: 'verification_token',
  team_id: 'T111',
  team_domain: 'test-domain',
  channel_id: 'C111',
  channel_name: 'random',
  user_id: 'W222',
  user_name: 'primary-owner',
  command: '/readback',
  text: 'summarise &amp; send <#C2|dev>',
  response_url: 'https://hooks.slack.com/commands/T111/111/xxx',
  trigger_id: '111.222.command',
};

export function taken(incoming: Incoming): Inbound {
  if (incoming.kind !== 'inbound') throw new Error(`not taken: ${JSON.stringify(incoming)}`);
  return Inbound.parse(incoming.inbound);
}

/** Why it was not taken. */
export function left(incoming: Incoming): string {
  if (incoming.kind !== 'nothing') throw new Error(`taken: ${JSON.stringify(incoming)}`);
  return incoming.why;
}

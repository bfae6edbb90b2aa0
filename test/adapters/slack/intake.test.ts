import { afterEach, describe, expect, test } from 'vitest';
import type { SlackMessage } from '../../../src/testing/slack/index.ts';
import { Gate } from './gate.ts';
import { Stage, type StageOptions } from './stage.ts';

const minute = 60_000;

let stage: Stage;
afterEach(async () => {
  await stage.close();
});
async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await Stage.open(options);
  return stage;
}
const texts = (): string[] => stage.calls.map(({ task }) => task.text);

async function work(text: string): Promise<void> {
  const call = stage.calls.find(({ task }) => task.text === text);
  call?.finish(`done: ${text}`);
  await stage.advance(10_000);
}

describe('what people say', () => {
  test('a mention and its message are one', async () => {
    await open();
    const channel = stage.slack.channel({ members: [stage.ann] });
    const from = stage.slack.deliveries.length;
    stage.ann.mention('look at this', { to: channel });
    await stage.brought();
    const types = stage.slack.deliveries.slice(from).map(({ type }) => type);
    expect(types.sort()).toEqual(['app_mention', 'message']);
    expect(texts()).toEqual(['look at this']);
  });

  test('a thread that the bot takes part in goes on without a mention, also after a restart', async () => {
    await open();
    const channel = stage.slack.channel({ members: [stage.ann] });
    const asked = stage.ann.mention('first', { to: channel });
    await stage.brought();
    await work('first');
    stage.ann.reply(asked, 'second');
    await stage.brought();
    await work('second');
    await stage.harness.crash(1_000);
    stage.ann.reply(asked, 'third');
    await stage.brought();
    await stage.advance(1_000);
    expect(texts()).toEqual(['first', 'second', 'third']);
    const { rows } = await stage.harness.relay.tasks.list();
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map(({ channel }) => channel)).size).toBe(1);
  });

  test('what others say among themselves is not taken', async () => {
    await open();
    const bob = stage.slack.person({ name: 'Bob' });
    const channel = stage.slack.channel({ members: [stage.ann, bob] });
    const said = stage.ann.say('lunch?', { to: channel });
    bob.reply(said, 'at one');
    await stage.brought();
    expect(texts()).toEqual([]);
    // Called into it, the bot takes part from then on.
    stage.ann.mention('what do you say', { to: channel.thread(said) });
    await stage.brought();
    await work('what do you say');
    bob.reply(said, 'so one it is');
    await stage.brought();
    await stage.advance(1_000);
    expect(texts()).toEqual(['what do you say', 'so one it is']);
  });

  test('an answer below a message that the bot began with is for the bot', async () => {
    await open({ config: { sessions: 'channel' } });
    const channel = stage.slack.channel({ members: [stage.ann] });
    stage.ann.mention('first', { to: channel });
    await stage.brought();
    await work('first');
    const answer = channel.messages.find(({ from }) => from.kind === 'bot') as SlackMessage;
    stage.ann.reply(answer, 'and below');
    await stage.brought();
    await stage.advance(1_000);
    expect(texts()).toEqual(['first', 'and below']);
  });

  test('the bot does not hear itself', async () => {
    await open();
    await stage.say('one');
    await work('one');
    expect(stage.slack.deliveries.length).toBeGreaterThan(1);
    expect(texts()).toEqual(['one']);
  });

  test('an edit changes what waits, a deletion takes it back', async () => {
    await open();
    await stage.say('running');
    const edited = await stage.say('waits');
    const deleted = await stage.say('goes');
    stage.ann.edit(edited, 'waits, changed');
    stage.ann.delete(deleted);
    await stage.brought();
    await work('running');
    await work('waits, changed');
    expect(texts()).toEqual(['running', 'waits, changed']);
  });

  test('a shortcut hands a message of anybody to the bot', async () => {
    await open();
    const channel = stage.slack.channel({ members: [stage.ann] });
    const said = stage.ann.say('a long report', { to: channel });
    const shortcut = stage.ann.shortcut('readback', said);
    await stage.brought();
    expect((await shortcut.answered).kind).toBe('acked');
    expect(texts()).toEqual(['a long report']);
  });
});

describe('what cannot be stored yet', () => {
  /** Every work that began is done, and what it kept waiting begins. */
  async function work(): Promise<void> {
    for (let n = 0; n < 5; n += 1) {
      for (const call of stage.calls) call.finish('done');
      await stage.advance(3_000);
    }
  }

  /** The store does not write while that happens, and for so long after it. */
  async function outage(ms: number, act: () => Promise<void> | void): Promise<void> {
    const { database } = stage.harness.memory;
    database.pragma('query_only = ON');
    await act();
    await stage.advance(ms);
    database.pragma('query_only = OFF');
    await stage.advance(10_000);
  }

  test('keeps back what follows a mention in its thread', async () => {
    const { slack, ann } = await open();
    const channel = slack.channel({ members: [ann] });
    await outage(30_000, async () => {
      const asked = ann.mention('one', { to: channel });
      await stage.advance(2_000);
      ann.reply(asked, 'two');
    });
    await work();
    expect(texts()).toEqual(['one', 'two']);
  });

  test('keeps it back also while the store takes long', async () => {
    const gate = new Gate(await open());
    const { slack, ann } = stage;
    const channel = slack.channel({ members: [ann] });
    gate.hold();
    const asked = ann.mention('one', { to: channel });
    await stage.advance(2_000);
    ann.reply(asked, 'two');
    await stage.advance(2_000);
    gate.release();
    await stage.advance(2_000);
    await work();
    expect(texts()).toEqual(['one', 'two']);
  });

  test('is stored in the order in which it was said, and not behind what came later', async () => {
    const { ann } = await open();
    await outage(20_000, async () => {
      ann.say('one');
      await stage.advance(2_000);
      ann.say('two');
    });
    await work();
    expect(texts()).toEqual(['one', 'two']);
  });

  test('is taken with the words that it has by then, or not when it was deleted', async () => {
    const { ann } = await open();
    await outage(30_000, async () => {
      const edited = ann.say('old words');
      const deleted = ann.say('deleted');
      await stage.advance(2_000);
      ann.edit(edited, 'new words');
      ann.delete(deleted);
    });
    await work();
    expect(texts()).toEqual(['new words']);
  });

  test('is kept for longer than Slack brings it again', async () => {
    const { ann } = await open();
    await outage(30 * minute, () => void ann.say('into the outage'));
    expect(texts()).toEqual(['into the outage']);
  });
});

describe('what has not the shape of an event', () => {
  test('is taken for nothing, and does not come again', async () => {
    const { slack } = await open();
    slack.push(null as never);
    await stage.brought();
    await stage.advance(10_000);
    expect(slack.deliveries.map(({ outcome }) => outcome)).toEqual(['acked']);
    const body = { type: 'event_callback', event_id: 'Ev1', event: {}, authorizations: 7 };
    const { headers, ...signed } = slack.signedRequest(JSON.stringify(body), {
      url: 'http://bot.example/events',
    });
    expect(signed).toBeDefined();
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const request = new Request('http://bot.example/events', init);
    const answer = await stage.harness.settle(
      Promise.resolve(stage.adapter.fetch?.(request) as Promise<Response>),
    );
    expect(answer.status).toBe(200);
  });
});

describe('who opens a place of the bot', () => {
  const prompts = [{ title: 'Status', message: 'what is open?' }];
  const offered = () =>
    stage.slack
      .callsOf('assistant.threads.setSuggestedPrompts')
      .map(({ args }) => [args['channel_id'], args['thread_ts']]);

  test('is told what can be asked, in an assistant thread', async () => {
    await open({ config: { prompts } });
    const thread = stage.ann.openAssistant();
    await stage.brought();
    expect(offered()).toEqual([[stage.ann.dm.id, thread.ts]]);
    expect(texts()).toEqual([]);
  });

  test('and in the tab of its messages', async () => {
    await open({ config: { prompts } });
    stage.ann.openTab('home');
    await stage.brought();
    expect(offered()).toEqual([]);
    stage.ann.openTab('messages');
    await stage.brought();
    expect(stage.ann.dm.suggestedPrompts).toEqual(prompts);
    expect(texts()).toEqual([]);
  });
});

describe('what is of another workspace', () => {
  test('is not taken, and is not asked for again', async () => {
    await open();
    const other = stage.slack.workspace({ name: 'Other' });
    const eve = other.person({ name: 'Eve' });
    eve.say('let me in');
    const command = eve.command('/bot', 'let me in');
    await stage.brought();
    expect((await command.answered).kind).toBe('acked');
    expect(stage.slack.deliveries.map(({ outcome }) => outcome)).toEqual(['acked', 'acked']);
    expect(texts()).toEqual([]);
    expect(stage.logs.filter((line) => line.includes('another workspace'))).toHaveLength(2);
    expect(stage.logs.join()).not.toContain('let me in');
  });
});

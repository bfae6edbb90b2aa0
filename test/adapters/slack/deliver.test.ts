import { afterEach, describe, expect, test } from 'vitest';
import { deliver } from '../../../src/adapters/slack/deliver.ts';
import type { DeliveryOutcomeInput } from '../../../src/contracts/delivery.ts';
import { DeliveryOutcome } from '../../../src/contracts/delivery.ts';
import type { ChannelRef } from '../../../src/contracts/id.ts';
import type { SlackChannel, SlackFault } from '../../../src/testing/slack/index.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';
import { compose, type Said } from './send.ts';

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

/** One attempt past the relay; time goes on until it is answered. */
async function send(said: Said & { readonly signal?: AbortSignal } = {}, channel = stage.ref) {
  const { delivery, attempt } = compose(channel, said);
  const { signal = attempt.signal } = said;
  const answer = deliver(stage.site, delivery, { ...attempt, signal, key: delivery.receiptId });
  let isAnswered = false;
  void answer.finally(() => {
    isAnswered = true;
  });
  await stage.harness.runtime.runUntil(() => isAnswered, 30_000);
  return DeliveryOutcome.parse(await answer);
}

async function shown(said: Said = {}, channel?: ChannelRef): Promise<string> {
  const outcome = await send(said, channel);
  if (outcome.kind !== 'surfaced') throw new Error(JSON.stringify(outcome));
  await stage.advance(1_000);
  return outcome.handle;
}

const refOf = (channel: SlackChannel): ChannelRef => ({
  adapter: 'slack',
  account: 'main',
  conversation: channel.id,
});

describe('what the relay shows', () => {
  test('placeholder, progress as edits of it, and the answer in the thread', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    expect(stage.ours).toHaveLength(1);
    expect(stage.ours[0]?.buttons.map(({ text }) => text)).toEqual(['Cancel']);
    stage.work.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(90_000);
    expect(stage.ours).toHaveLength(1);
    expect(stage.texts[0]).toContain('reading');
    stage.work.finish('the **answer**');
    await stage.advance(5_000);
    expect(stage.texts.at(-1)).toBe('the answer');
    expect(stage.ours).toHaveLength(2);
    expect(stage.ours.flatMap(({ buttons }) => buttons)).toEqual([]);
    expect(slack.limitsHit).toBe(0);
  });

  test('a long answer in parts, in order, a second apart', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    const lines = Array.from({ length: 1_500 }, (_, at) => `line${at}`);
    stage.work.finish(lines.join('\n'));
    await stage.advance(20_000);
    const parts = stage.ours.slice(1);
    expect(parts.length).toBeGreaterThanOrEqual(3);
    expect(
      parts
        .map(({ shown: text }) => text)
        .join('\n')
        .match(/line\d+/g),
    ).toEqual(lines);
    expect(slack.limitsHit).toBe(0);
  });

  test('a very long answer as a file, with its beginning', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    const text = Array.from({ length: 9_000 }, (_, at) => `line${at}`).join('\n');
    stage.work.finish(text);
    await stage.advance(30_000);
    const [beginning, file] = stage.ours.slice(1);
    expect(beginning?.shown).toContain('line0');
    expect(file?.files.map(({ name }) => name)).toEqual(['answer.md']);
    expect(new TextDecoder().decode(file?.files[0]?.bytes)).toBe(text);
    expect(file?.threadTs).toBe(stage.thread.ts);
    expect(slack.callsOf('files.completeUploadExternal')).toHaveLength(1);
    expect(await stage.harness.relay.receipts.list({ state: 'dead' })).toMatchObject({ rows: [] });
  });

  test('in a public channel that the bot is not in: it joins, once, and answers', async () => {
    const { slack } = await open();
    slack.setScopes([
      'chat:write',
      'channels:join',
      'channels:history',
      'assistant:write',
      'files:write',
    ]);
    const other = slack.channel({ members: [stage.ann], bot: false });
    await shown({ text: 'here I am' }, refOf(other));
    expect(other.texts).toEqual(['here I am']);
    other.kickBot();
    expect(await send({ text: 'again' }, refOf(other))).toMatchObject({
      kind: 'rejected',
      reason: 'forbidden',
      code: 'not_in_channel',
    });
    expect(slack.callsOf('conversations.join')).toHaveLength(1);
  });

  test('joins nothing where that is switched off', async () => {
    const { slack } = await open({ config: { join: false } });
    slack.setScopes(['chat:write', 'channels:join']);
    const other = slack.channel({ members: [stage.ann], bot: false });
    expect(await send({}, refOf(other))).toMatchObject({ code: 'not_in_channel' });
    expect(slack.callsOf('conversations.join')).toEqual([]);
  });

  test('a join whose answer is lost is made again', async () => {
    const { slack } = await open();
    slack.setScopes(['chat:write', 'channels:join']);
    const other = slack.channel({ members: [stage.ann], bot: false });
    slack.fault('conversations.join', { kind: 'reset' });
    expect(await send({}, refOf(other))).toMatchObject({ kind: 'deferred', reason: 'unavailable' });
    await stage.advance(2_000);
    await shown({ text: 'here' }, refOf(other));
    expect(other.texts).toEqual(['here']);
  });
});

describe('a channel that cannot be joined', () => {
  test.each([
    'method_not_supported_for_channel_type',
    'too_many_members',
    'channel_is_limited_access',
    'is_private_for_now',
  ])('%s: is told at once, and not tried again for a day', async (error) => {
    const { slack, harness } = await open();
    await stage.begin();
    await stage.advance(3_000);
    const away = { kind: 'error', error: 'not_in_channel' } as const;
    slack.fault('chat.postMessage', away, { times: 1_000 });
    slack.fault('conversations.join', { kind: 'error', error }, { times: 1_000 });
    stage.work.finish('forty-two');
    await stage.advance(60_000);
    const { rows } = await harness.relay.receipts.list({ state: 'dead' });
    expect(rows.map(({ kind }) => kind)).toContain('terminal');
    expect((await harness.relay.incidents.list({ open: true })).rows).toHaveLength(1);
    expect(slack.callsOf('conversations.join')).toHaveLength(1);
  });

  test.each([
    { kind: 'rate_limited', retryAfterS: 1 },
    { kind: 'error', error: 'service_unavailable' },
    { kind: 'error', error: 'internal_error' },
    { kind: 'server_error' },
  ] as const)('$kind $error: is tried again, and joined', async (fault) => {
    const { slack } = await open();
    slack.setScopes(['chat:write', 'channels:join']);
    const other = slack.channel({ members: [stage.ann], bot: false });
    slack.fault('conversations.join', fault);
    expect(await send({}, refOf(other))).toMatchObject({ kind: 'deferred', reason: 'unavailable' });
    await stage.advance(2_000);
    await shown({ text: 'here' }, refOf(other));
    expect(other.texts).toEqual(['here']);
  });
});

describe('a limit of edits', () => {
  test('holds no new message of the account, and no other edit is tried meanwhile', async () => {
    const { slack } = await open();
    const other = slack.channel({ members: [stage.ann] });
    await stage.begin();
    await stage.advance(3_000);
    const live = await shown({ text: 'one' }, refOf(other));
    slack.fault('chat.update', { kind: 'rate_limited', retryAfterS: 60 });
    stage.work.emit({ kind: 'progress', message: 'reading' });
    await stage.advance(5_000);
    const edits = slack.callsOf('chat.update').length;
    expect(await send({ text: 'two', live }, refOf(other))).toMatchObject({
      kind: 'deferred',
      reason: 'rate_limited',
    });
    expect(slack.callsOf('chat.update')).toHaveLength(edits);
    stage.work.finish('forty-two');
    await stage.advance(5_000);
    expect(stage.texts).toContain('forty-two');
    await stage.advance(2 * 60_000);
    expect(stage.ours.flatMap(({ buttons }) => buttons)).toEqual([]);
    expect(slack.limitsHit).toBe(0);
  });
});

describe('what becomes of a send', () => {
  test('is shown with its ts, and its key that nobody can read', async () => {
    await open();
    const handle = await shown({ text: 'hello' });
    const message = stage.ours.at(-1);
    expect(message).toMatchObject({ ts: handle, shown: 'hello', isUnfurled: false });
    const key = String(message?.metadata?.event_payload['key']);
    expect(key).toMatch(/^[\w-]{43}$/);
  });

  test('without an answer: it is known when it was over', async () => {
    const { slack, site, ref } = await open();
    const { delivery, attempt } = compose(ref, { text: 'hello' });
    const sent = { channel: ref, name: attempt.key };
    const beganMs = stage.harness.runtime.wallMs();
    slack.fault('chat.postMessage', { kind: 'reset' });
    const answer = stage.life.deliver(delivery, attempt);
    await stage.advance(2_000);
    expect(await answer).toMatchObject({ kind: 'unknown' });
    const lostAtMs = site.lookup.lostAt(sent, beganMs);
    expect(lostAtMs).toBeGreaterThanOrEqual(beganMs);
    // Another one that began later.
    expect(site.lookup.lostAt(sent, (lostAtMs ?? 0) + 1)).toBeUndefined();
    expect(site.lookup.lostAt({ ...sent, name: 'other' }, beganMs)).toBeUndefined();
  });

  test('edits, also twice', async () => {
    await open();
    const live = await shown({ text: 'first' });
    const edit = { kind: 'progress', text: 'changed', live } as const;
    expect(await send(edit)).toMatchObject({ kind: 'surfaced', handle: live, surface: 'edited' });
    await stage.advance(1_000);
    expect(await send(edit)).toMatchObject({ kind: 'surfaced', surface: 'edited' });
    expect(stage.ours).toHaveLength(1);
  });

  test('the edit of what is gone asks for a new message', async () => {
    await open();
    const outcome = await send({ kind: 'progress', live: '1700000000.000100' });
    expect(outcome).toMatchObject({ kind: 'rejected', reason: 'gone', repair: 'repost' });
  });

  test('a limit of Slack holds the channel, and what passes', async () => {
    const { slack } = await open();
    slack.fault('chat.postMessage', { kind: 'rate_limited', retryAfterS: 30 });
    expect(await send()).toMatchObject({
      kind: 'deferred',
      reason: 'rate_limited',
      scope: 'channel',
      retryAfterMs: 30_000,
    });
    const { length } = slack.calls;
    const again = await send();
    expect(again).toMatchObject({ kind: 'deferred', reason: 'rate_limited' });
    expect(again.kind === 'deferred' && (again.retryAfterMs ?? 0)).toBeGreaterThan(29_000);
    stage.life.show({
      kind: 'typing',
      channel: stage.ref,
      taskId: 'x' as never,
      liveId: 'x' as never,
      seq: 1,
    });
    await stage.advance(0);
    expect(slack.calls).toHaveLength(length);
    await stage.advance(31_000);
    await shown();
  });

  test('one message a second in a channel, whatever its thread', async () => {
    const { slack } = await open();
    expect(await send()).toMatchObject({ kind: 'surfaced' });
    expect(await send({}, refOf(stage.channel))).toMatchObject({
      kind: 'deferred',
      reason: 'rate_limited',
      retryAfterMs: 1_000,
    });
    expect(slack.callsOf('chat.postMessage')).toHaveLength(1);
  });

  const unknown: readonly SlackFault[] = [
    { kind: 'reset' },
    { kind: 'applied_then_reset' },
    { kind: 'server_error' },
    { kind: 'html' },
    { kind: 'wrong_json' },
    { kind: 'error', error: 'fatal_error' },
    { kind: 'applied_then_error', error: 'internal_error' },
  ];
  test.each(unknown)('F13 $kind $error: unknown, with its key', async (fault) => {
    const { slack } = await open();
    slack.fault('chat.postMessage', fault);
    const outcome = await send();
    expect(outcome).toMatchObject({ kind: 'unknown' });
    expect(outcome.kind === 'unknown' && outcome.key).toMatch(/^[\w-]{43}$/);
  });

  test('a server that hangs: unknown', async () => {
    const { slack } = await open();
    slack.fault('chat.postMessage', { kind: 'hang' });
    const late = new AbortController();
    void stage.harness.runtime.sleep(8_000).then(() => late.abort());
    expect(await send({ signal: late.signal })).toMatchObject({ kind: 'unknown' });
  });

  test('F05 nobody there: certainly not sent', async () => {
    const { slack } = await open();
    slack.fault('chat.postMessage', { kind: 'refused' });
    expect(await send()).toMatchObject({ kind: 'deferred', reason: 'not_connected' });
  });

  test('a token that was revoked is told', async () => {
    const { slack } = await open();
    slack.revokeToken();
    expect(await send()).toMatchObject({ kind: 'deferred', reason: 'unauthorized' });
    expect(stage.refused).toEqual(['token_revoked']);
    slack.restoreToken();
  });

  test('what is aborted before it begins is not sent', async () => {
    const { slack } = await open();
    const outcome: DeliveryOutcomeInput = await send({ signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ kind: 'deferred' });
    expect(slack.callsOf('chat.postMessage')).toEqual([]);
  });

  test('no token, in a log or in an outcome', async () => {
    const { slack } = await open();
    for (const kind of ['reset', 'html', 'server_error', 'refused'] as const) {
      slack.fault('chat.postMessage', { kind });
      const outcome = await send();
      expect(JSON.stringify(outcome)).not.toContain(slack.botToken);
      await stage.advance(1_000);
    }
    expect(stage.logs.join('\n')).not.toContain(slack.botToken);
  });
});

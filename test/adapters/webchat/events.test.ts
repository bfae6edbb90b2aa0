import { describe, expect, test } from 'vitest';
import type { WireDelivery } from '../../../src/adapters/webchat/wire.ts';
import { startBench, visit } from './bench.ts';
import { Browser, type Heard } from './browser.ts';
import { FakeBot } from './fake-bot.ts';

/** What was heard, as words: messages and deliveries by text. */
function words(heard: readonly Heard[]): string[] {
  return heard.map((event) => {
    if (event.event === 'message') return `person: ${event.data.text}`;
    if (event.event === 'delivery')
      return `${event.id ?? '-'} bot: ${event.data.text}${event.data.seen ? ' (seen)' : ''}`;
    return event.event;
  });
}

describe('an event stream', () => {
  test('begins with the transcript and goes on with what is live', async () => {
    const bench = await startBench({ pingMs: 5_000, silenceMs: 60_000, limits: { textMax: 500 } });
    const { browser, stream, bot } = await visit(bench);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await browser.post('/messages', { id: 'm1', text: 'hi' });
    const told = bot.say({ text: 'hello' });
    await browser.ack(await stream.delivery());
    await told;
    const late = await browser.listen({ id: 'tab2' });
    const { before, ready } = await late.ready();
    expect(words(before).slice(0, 2)).toEqual(['person: hi', 'epoch-1.2 bot: hello (seen)']);
    expect(ready).toEqual({ epoch: 'epoch-1', pingMs: 5_000, silenceMs: 60_000, textMax: 500 });
    await browser.post('/messages', { id: 'm2', text: 'more' });
    expect((await late.until('message')).data).toEqual({
      id: 'm2',
      seq: 3,
      text: 'more',
      atMs: bench.runtime.wallMs(),
    });
    expect((await stream.until('message')).data.id).toBe('m2');
  });

  test('echoes a repeated message as it was stored', async () => {
    const bench = await startBench();
    const { browser, stream } = await visit(bench);
    await browser.post('/messages', { id: 'm1', text: 'hi' });
    const first = await stream.until('message');
    await bench.runtime.advance(10_000);
    await browser.post('/messages', { id: 'm1', text: 'changed' });
    expect((await stream.until('message')).data).toEqual(first.data);
  });

  test('resumes after a position, page by page', async () => {
    const bench = await startBench();
    const { browser, bot } = await visit(bench);
    for (let seq = 1; seq <= 250; seq += 1) {
      bench.host.put(bot.channel, {
        kind: 'inbound',
        seq: bench.host.nextSeq(bot.channel),
        id: `m${seq}`,
        text: `text ${seq}`,
        personId: 'p',
        sentAtMs: 0,
      });
    }
    const { before } = await (await browser.listen({ id: 'tab2', after: 'epoch-1.20' })).ready();
    expect(words(before)).toEqual(
      Array.from({ length: 230 }, (_, at) => `person: text ${at + 21}`),
    );
    const all = await (await browser.listen({ id: 'tab3' })).ready();
    expect(all.before).toHaveLength(250);
  });

  test.each(['epoch-0.20', 'nonsense', '.', 'epoch-1'])(
    'from the place %j of another transcript begins anew',
    async (after) => {
      const bench = await startBench();
      const { browser, bot } = await visit(bench);
      bench.host.put(bot.channel, {
        kind: 'inbound',
        seq: 1,
        id: 'm',
        text: 'old',
        personId: 'p',
        sentAtMs: 0,
      });
      const { before } = await (await browser.listen({ id: 'tab2', after })).ready();
      expect(words(before)).toEqual(['reset', 'person: old']);
    },
  );

  test('holds back what is live until the replay is over, and misses nothing in between', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({ text: 'on its way' });
    const waiting = await stream.delivery();
    const late = await browser.listen({ id: 'tab2' });
    const { before } = await late.ready();
    expect(words(before)).toEqual(['epoch-1.1 bot: on its way']);
    await browser.ack(waiting);
    expect((await told).outcomes).toMatchObject([{ kind: 'surfaced' }]);
  });

  test('repeats what came out of turn while it was away', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const parked = bench.host.nextSeq(bot.channel);
    const say = async (text: string, seq?: number): Promise<void> => {
      const told = bot.say({ text, ...(seq !== undefined && { seq }) });
      await browser.ack(await stream.delivery());
      await told;
    };
    await say('in turn');
    await say('late', parked);
    await bench.runtime.advance(60_000);
    const { before } = await (await browser.listen({ id: 'tab2', after: 'epoch-1.2' })).ready();
    expect(words(before)).toEqual(['epoch-1.1 bot: late']);
  });

  test('tells again, before a position, what nobody has said to be seen', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const texts = ['seen', 'unseen', 'seen too'];
    for (const text of texts) {
      const told = bot.say({ text });
      const data = await stream.delivery();
      if (text !== 'unseen') await browser.ack(data);
      await bench.runtime.advance(3_000);
      await told;
    }
    await bench.runtime.advance(60_000);
    const { before } = await (await browser.listen({ id: 'tab2', after: 'epoch-1.3' })).ready();
    expect(words(before)).toEqual(['- bot: unseen']);
  });

  test('needs a name, and nothing else', async () => {
    const { adapter } = await startBench();
    const browser = await Browser.visit(adapter);
    for (const path of [
      '/events',
      '/events?connection=',
      '/events?connection=a&visible=yes',
      '/events?connection=a&token=x',
    ]) {
      expect((await browser.send(path)).status).toBe(400);
    }
  });

  test('of the same name takes the place of the one before', async () => {
    const bench = await startBench();
    const { browser, stream } = await visit(bench);
    await (await browser.listen()).ready();
    await stream.rest();
    expect(stream.ended).toBe(true);
  });

  test('is one of so many, of a conversation and in all', async () => {
    const { adapter } = await startBench({
      limits: { connectionsPerConversation: 2, connections: 3 },
    });
    const [one, other] = [await Browser.visit(adapter), await Browser.visit(adapter)];
    const first = await one.listen({ id: 'a' });
    await one.listen({ id: 'b' });
    await expect(one.listen({ id: 'c' })).rejects.toThrow(/429 .*too_many_connections/);
    await one.listen({ id: 'b' });
    await other.listen({ id: 'a' });
    await expect(other.listen({ id: 'b' })).rejects.toThrow(/503 .*"full"/);
    await first.close();
    await other.listen({ id: 'b' });
  });

  test('is refused while the transcript cannot be read', async () => {
    const bench = await startBench();
    const browser = await Browser.visit(bench.adapter);
    bench.host.failHistory = new Error('locked');
    await expect(browser.listen()).rejects.toThrow(/503 .*unavailable/);
    bench.host.failHistory = undefined;
    await (await browser.listen()).ready();
    expect(bench.host.audiences.map(({ present }) => present)).toEqual([true]);
  });

  test('that is not read is closed; others go on, and it resumes', async () => {
    const bench = await startBench({ limits: { queueBytes: 512 * 1_024, requestBurst: 1_000 } });
    const { browser, stream, bot } = await visit(bench);
    const slow = await browser.listen({ id: 'slow' });
    await slow.ready();
    const text = 'x'.repeat(60_000);
    let last: WireDelivery | undefined;
    for (let at = 0; at < 12; at += 1) {
      const told = bot.say({ text });
      last = await stream.delivery();
      await browser.ack(last);
      expect((await told).outcomes).toMatchObject([{ kind: 'surfaced', evidence: 'rendered' }]);
    }
    await slow.rest();
    expect(slow.heard.length).toBeLessThan(12);
    const { before } = await (await browser.listen({ id: 'slow', after: 'epoch-1.0' })).ready();
    expect(before.at(-1)).toMatchObject({
      event: 'delivery',
      data: { receiptId: last?.receiptId },
    });
    expect(before).toHaveLength(12);
  });

  test('is kept alive, and closed when its client says nothing', async () => {
    const bench = await startBench({ pingMs: 10_000, silenceMs: 30_000 });
    const { browser, stream } = await visit(bench);
    await bench.runtime.advance(20_000);
    expect((await browser.post('/visibility', { connection: 'tab1', visible: true })).status).toBe(
      204,
    );
    await bench.runtime.advance(30_000);
    expect(bench.host.audiences.map(({ present }) => present)).toEqual([true]);
    await bench.runtime.advance(10_000);
    await stream.rest();
    expect(bench.host.audiences.map(({ present }) => present)).toEqual([true, false]);
    const gone = await browser.post('/visibility', { connection: 'tab1', visible: true });
    expect([gone.status, gone.body.error.code]).toEqual([404, 'unknown_connection']);
  });

  test('ends when the adapter stops', async () => {
    const bench = await startBench();
    const { stream } = await visit(bench);
    await bench.adapter.stop();
    await stream.rest();
    expect(stream.ended).toBe(true);
  });
});

describe('what passes', () => {
  test('typing, a line of status, and text as what was added', async () => {
    const bench = await startBench();
    const { stream, bot } = await visit(bench);
    const liveId = bot.receiptId();
    const show = (kind: 'typing' | 'status', text?: string): void =>
      bench.adapter.show?.({
        kind,
        channel: bot.channel,
        taskId: liveId as never,
        liveId,
        seq: 1,
        ...(text !== undefined && { text }),
      });
    show('typing');
    show('status', 'Reading');
    bot.stream(liveId, 1, 'Hel');
    bot.stream(liveId, 2, 'Hello');
    bot.stream(liveId, 3, 'Hello you');
    await bench.runtime.advance(1_000);
    bot.stream(liveId, 4, 'Good');
    await bench.runtime.advance(1_000);
    const heard = [
      await stream.next(),
      await stream.next(),
      await stream.next(),
      await stream.next(),
      await stream.next(),
    ];
    expect(heard.map((event) => event?.data)).toEqual([
      { id: liveId, ttlMs: 6_000 },
      { id: liveId, text: 'Reading' },
      { id: liveId, seq: 1, start: 0, text: 'Hel' },
      { id: liveId, seq: 3, start: 3, text: 'lo you' },
      { id: liveId, seq: 4, start: 0, text: 'Good' },
    ]);
  });

  test('who comes late gets the whole text, until the durable one is there', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const liveId = bot.receiptId();
    bot.stream(liveId, 1, 'Hel');
    bot.stream(liveId, 2, 'Hello');
    const second = await browser.listen({ id: 'tab2' });
    const { before } = await second.ready();
    expect(before.map((event) => event.data)).toEqual([
      { id: liveId, seq: 2, start: 0, text: 'Hello' },
    ]);
    const told = bot.say({ kind: 'terminal', text: 'Hello.', liveId });
    await browser.ack(await stream.delivery());
    expect((await told).handle).toBe(liveId);
    const third = await (await browser.listen({ id: 'tab3' })).ready();
    expect(third.before.map((event) => event.event)).toEqual(['delivery']);
  });

  test('nothing is shown to anybody else', async () => {
    const bench = await startBench();
    const { bot } = await visit(bench);
    const other = await visit(bench);
    bot.stream(bot.receiptId(), 1, 'secret');
    const told = new FakeBot(bench.adapter, bench.host, other.browser.conversation).say({
      text: 'yours',
    });
    await other.browser.ack(await other.stream.delivery());
    await told;
    expect(other.stream.heard.map((event) => event.event)).toEqual(['ready', 'delivery']);
  });
});

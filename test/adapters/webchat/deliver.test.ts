import { describe, expect, test } from 'vitest';
import { createWebchat } from '../../../src/adapters/webchat/index.ts';
import { key, startBench, visit } from './bench.ts';
import { Browser } from './browser.ts';
import { FakeBot, taskIdOf, uuidAt } from './fake-bot.ts';

describe('a delivery', () => {
  test('is surfaced when a browser has rendered it', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({ text: 'hello' });
    const data = await stream.delivery();
    expect(data).toMatchObject({ text: 'hello', part: 1, parts: 1, seen: false, kind: 'notice' });
    expect((await browser.ack(data)).body).toEqual({
      results: [{ receiptId: data.receiptId, part: 1, state: 'taken' }],
    });
    const { outcomes } = await told;
    expect(outcomes).toEqual([
      {
        kind: 'surfaced',
        handle: data.id,
        evidence: 'rendered',
        surface: 'durable',
        atMs: bench.runtime.wallMs(),
      },
    ]);
    expect(bench.host.evidenced).toEqual([]);
    expect(bench.runtime.pending).toBe(1);
  });

  test('goes to every page, hidden ones too; one that renders it is enough', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const hidden = await browser.listen({ id: 'tab2', visible: false });
    await hidden.ready();
    const told = bot.say({ text: 'hello' });
    const data = await hidden.delivery();
    expect(await stream.delivery()).toEqual(data);
    await browser.ack(data);
    expect((await told).outcomes).toMatchObject([{ kind: 'surfaced', evidence: 'rendered' }]);
  });

  test('without that word in time is accepted; the word still counts later', async () => {
    const bench = await startBench({ ackWaitMs: 3_000 });
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({ text: 'hello' });
    const data = await stream.delivery();
    await bench.runtime.advance(3_000);
    expect((await told).outcomes).toMatchObject([
      { kind: 'surfaced', evidence: 'accepted', handle: data.id },
    ]);
    const question = {
      receiptId: data.receiptId as never,
      channel: bot.channel,
      key: 'k',
      part: 1,
      content: { text: '' },
      sentAtMs: 0,
      signal: new AbortController().signal,
    };
    const asked = bench.adapter.reconcile?.(question);
    await bench.runtime.advance(3_000);
    expect(await asked).toEqual({ kind: 'absent' });
    expect((await browser.ack(data)).body.results).toMatchObject([{ state: 'taken' }]);
    expect(bench.host.evidenced).toEqual([
      { receiptId: data.receiptId, part: 1, handle: data.id, evidence: 'rendered' },
    ]);
    expect(await bench.adapter.reconcile?.(question)).toEqual({
      kind: 'shown',
      handle: data.id,
      evidence: 'rendered',
    });
    expect((await browser.ack(data)).body.results).toMatchObject([{ state: 'known' }]);
  });

  test('whose fate a dead process took with it is asked of who comes back', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({ text: 'hello' });
    const data = await stream.delivery();
    await bench.runtime.advance(3_000);
    await told;
    const item = bench.host.deliveryItem(data.receiptId);
    Object.assign(item ?? {}, { parts: [{ part: 1, text: 'hello' }] });
    const next = createWebchat({ key });
    await next.start(bench.host);
    const later = Object.assign(new Browser(next), { token: browser.token });
    const back = await later.listen({ after: `epoch-1.${data.seq}` });
    expect((await back.ready()).before.map((event) => event.data)).toEqual([data]);
    const question = {
      receiptId: data.receiptId as never,
      channel: bot.channel,
      key: 'k',
      part: 1,
      content: { text: '' },
      sentAtMs: 0,
      signal: new AbortController().signal,
    };
    const answer = next.reconcile?.(question);
    await later.ack(data);
    expect(await answer).toEqual({ kind: 'shown', handle: data.id, evidence: 'rendered' });
  });

  test('that was only received is observed', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({});
    await browser.ack(await stream.delivery(), 'observed');
    await bench.runtime.advance(3_000);
    expect((await told).outcomes).toMatchObject([{ kind: 'surfaced', evidence: 'observed' }]);
  });

  test('waits no longer than its signal', async () => {
    const bench = await startBench();
    const { stream, bot } = await visit(bench);
    const abort = new AbortController();
    const told = bot.say({ signal: abort.signal });
    await stream.delivery();
    abort.abort();
    expect((await told).outcomes).toMatchObject([{ kind: 'surfaced', evidence: 'accepted' }]);
  });

  test('again is acknowledged again, and known at once', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const receiptId = bot.receiptId();
    const told = bot.say({ receiptId, seq: 1 });
    const first = await stream.delivery();
    await browser.ack(first);
    await told;
    const again = await bot.say({ receiptId, seq: 1 });
    expect(again.outcomes).toMatchObject([
      { kind: 'surfaced', evidence: 'rendered', handle: first.id },
    ]);
    expect(await stream.delivery()).toEqual(first);
  });

  test('in parts is acknowledged part by part', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({ text: 'word '.repeat(20_000).trim() });
    const first = await stream.delivery();
    await browser.ack(first);
    const second = await stream.delivery();
    await browser.ack(second);
    const { outcomes, receiptId } = await told;
    expect([first.id, second.id]).toEqual([receiptId, `${receiptId}.2`]);
    expect(outcomes).toMatchObject([
      { kind: 'partly_surfaced', handle: receiptId, evidence: 'rendered' },
      { kind: 'surfaced', handle: `${receiptId}.2`, evidence: 'rendered' },
    ]);
  });

  test('edits the live message under its id', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const acked = async (said: Parameters<FakeBot['say']>[0]) => {
      const told = bot.say(said);
      const data = await stream.delivery();
      await browser.ack(data);
      return { data, ...(await told) };
    };
    const ack = await acked({ kind: 'ack' });
    const edit = { live: ack.handle ?? '', liveId: ack.receiptId };
    const terminal = await acked({ kind: 'terminal', end: 'failed', ...edit });
    expect(terminal.data).toMatchObject({
      id: ack.receiptId,
      receiptId: terminal.receiptId,
      end: 'failed',
      working: false,
    });
    expect(terminal.outcomes).toMatchObject([{ surface: 'edited', handle: ack.handle }]);
    const amend = await acked({ kind: 'amend', target: ack.handle ?? '' });
    expect([amend.data.id, amend.outcomes[0]]).toEqual([
      ack.handle,
      expect.objectContaining({ surface: 'edited' }),
    ]);
  });
});

describe('an audience', () => {
  const present = (bench: Awaited<ReturnType<typeof startBench>>) =>
    bench.host.audiences.map((told) => told.present);

  test('is a visible page, told when it changes', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench, { visible: false });
    expect((await bot.say({})).outcomes).toMatchObject([
      { kind: 'not_surfaced', reason: 'no_audience' },
    ]);
    expect(present(bench)).toEqual([]);
    const look = (connection: string, visible: boolean) =>
      browser.post('/visibility', { connection, visible });
    await look('tab1', true);
    await look('tab1', true);
    const second = await browser.listen({ id: 'tab2' });
    await second.ready();
    await look('tab1', false);
    expect(present(bench)).toEqual([true]);
    await second.close();
    await bench.host.until(() => bench.host.audiences.length === 2);
    await look('tab1', true);
    await stream.close();
    await bench.host.until(() => bench.host.audiences.length === 4);
    expect(present(bench)).toEqual([true, false, true, false]);
    expect((await bot.say({})).outcomes).toMatchObject([
      { kind: 'not_surfaced', reason: 'no_audience' },
    ]);
  });

  test('is there only when it has read the transcript', async () => {
    const bench = await startBench();
    const browser = await Browser.visit(bench.adapter);
    const bot = new FakeBot(bench.adapter, bench.host, browser.conversation);
    expect((await bot.say({})).outcomes).toMatchObject([{ reason: 'no_audience' }]);
    const stream = await browser.listen();
    await stream.ready();
    expect(present(bench)).toEqual([true]);
  });

  test('that cannot be told is told later, as it is then', async () => {
    const bench = await startBench();
    bench.host.failAudience = new Error('locked');
    const { browser } = await visit(bench);
    await browser.post('/visibility', { connection: 'tab1', visible: false });
    await browser.post('/visibility', { connection: 'tab1', visible: true });
    bench.host.failAudience = undefined;
    await bench.runtime.advance(1_000);
    expect(present(bench)).toEqual([true]);
  });

  test('that came while its absence was being stored is told again', async () => {
    const bench = await startBench();
    const { browser, bot } = await visit(bench, { visible: false });
    expect((await bot.say({})).outcomes).toMatchObject([{ reason: 'no_audience' }]);
    await browser.post('/visibility', { connection: 'tab1', visible: true });
    expect(present(bench)).toEqual([true]);
    await bench.runtime.advance(1_000);
    expect(present(bench)).toEqual([true, true]);
    await bench.runtime.advance(10_000);
    expect(present(bench)).toEqual([true, true]);
  });

  test('of another account is nobody', async () => {
    const bench = await startBench();
    const { bot } = await visit(bench);
    const delivery = { ...bot.compose({}), channel: { ...bot.channel, account: 'other' } };
    const attempt = {
      n: 1,
      part: 1,
      parts: 1,
      content: { text: '' },
      key: 'k',
      repairs: [],
      seq: 1,
      signal: new AbortController().signal,
    };
    expect(await bench.adapter.deliver(delivery, attempt)).toMatchObject({ reason: 'no_audience' });
  });
});

describe('an acknowledgement', () => {
  test('of a receipt that was never sent is refused', async () => {
    const bench = await startBench();
    const { browser } = await visit(bench);
    const receiptId = uuidAt(0, 'never');
    const refused = await browser.ack({ receiptId, seq: 1, part: 1 });
    expect(refused).toMatchObject({
      status: 404,
      body: { error: { code: 'unknown_receipt', path: 'receipts[0].receiptId', got: receiptId } },
    });
    expect(bench.host.evidenced).toEqual([]);
  });

  test('of a receipt of another conversation is refused, also when its number is named; the rest of the batch is taken', async () => {
    const bench = await startBench();
    const one = await visit(bench);
    const other = await visit(bench);
    const told = one.bot.say({});
    const foreign = await one.stream.delivery();
    const ours = other.bot.say({});
    const own = await other.stream.delivery();
    const receipts = [foreign, own].map(({ receiptId, seq, part }) => ({
      receiptId,
      seq,
      part,
      evidence: 'rendered',
    }));
    const refused = await other.browser.post('/acks', { receipts });
    expect(refused).toMatchObject({
      status: 403,
      body: { error: { code: 'foreign_receipt', path: 'receipts[0].receiptId' } },
    });
    expect((await ours).outcomes).toMatchObject([{ evidence: 'rendered' }]);
    await bench.runtime.advance(3_000);
    expect((await told).outcomes).toMatchObject([{ evidence: 'accepted' }]);
    expect(bench.host.evidenced).toEqual([]);
  });

  test('after a restart is known by the transcript', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({});
    const data = await stream.delivery();
    await bench.runtime.advance(3_000);
    await told;
    const again = createWebchat({ key });
    await again.start(bench.host);
    const later = Object.assign(new Browser(again), { token: browser.token });
    expect((await later.ack({ ...data, seq: data.seq + 1 })).status).toBe(404);
    expect((await later.ack(data)).body.results).toMatchObject([{ state: 'taken' }]);
    expect(bench.host.evidenced).toMatchObject([
      { receiptId: data.receiptId, part: 1, handle: data.id },
    ]);
  });

  test('that cannot be stored is to be sent again', async () => {
    const bench = await startBench();
    const { browser, stream, bot } = await visit(bench);
    const told = bot.say({});
    const data = await stream.delivery();
    await bench.runtime.advance(3_000);
    await told;
    bench.host.failEvidence = new Error('locked');
    expect(await browser.ack(data)).toMatchObject({
      status: 503,
      body: { error: { code: 'unavailable' } },
    });
    bench.host.failEvidence = undefined;
    expect((await browser.ack(data)).status).toBe(200);
  });

  test('of streamed text restarts the clock of its task, and of no other', async () => {
    const bench = await startBench();
    const one = await visit(bench);
    const other = await visit(bench);
    const liveId = one.bot.receiptId();
    one.bot.stream(liveId, 1, 'Hel');
    await other.browser.post('/acks', { streams: [liveId] });
    expect(bench.host.shownTasks).toEqual([]);
    await one.browser.post('/acks', { streams: [liveId, 'x'] });
    expect(bench.host.shownTasks).toEqual([taskIdOf(liveId)]);
  });
});

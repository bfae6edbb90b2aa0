import '@slack/bolt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSlack, type SlackAdapter } from '../../../src/adapters/slack/index.ts';
import { createFakeRuntime, type FakeRuntime } from '../../../src/testing/index.ts';
import {
  type FakeSlack,
  type SlackCall,
  type SlackPerson,
  startFakeSlack,
} from '../../../src/testing/slack/index.ts';
import { FakeHost } from '../webchat/fake-host.ts';

const minute = 60_000;
const hour = 60 * minute;

let runtime: FakeRuntime;
let slack: FakeSlack;
let host: FakeHost;
let ann: SlackPerson;
let adapter: SlackAdapter | undefined;
/** The history of this channel cannot be read. */
const broken = { channel: '', tries: 0 };

beforeEach(async () => {
  Object.assign(broken, { channel: '', tries: 0 });
  runtime = createFakeRuntime();
  slack = await startFakeSlack({
    runtime,
    requestUrl: 'https://bot.example/slack/events',
    requestFetch: async (request) => {
      const { method, headers } = request;
      const body = await request.text();
      const inner = new Request('http://bot.example/events', { method, headers, body });
      return (await adapter?.fetch?.(inner)) ?? new Response(null, { status: 502 });
    },
  });
  host = new FakeHost(runtime);
  ann = slack.person({ name: 'Ann' });
  await start();
});
afterEach(async () => {
  await stop();
  await slack.stop();
});

async function start(): Promise<void> {
  const { botToken: token, signingSecret, apiUrl, fetch } = slack;
  const failing: typeof fetch = async (input, init) => {
    const isBroken = broken.channel !== '' && String(init?.body).includes(broken.channel);
    if (!isBroken || !String(input).endsWith('conversations.history'))
      return await fetch(input, init);
    broken.tries += 1;
    return Response.json({ ok: false, error: 'internal_error' });
  };
  adapter = createSlack({ token, signingSecret, apiUrl, fetch: failing });
  const starting = adapter.start(host);
  await runtime.settle();
  await starting;
}

async function stop(): Promise<void> {
  const stopping = adapter?.stop();
  await runtime.advance(5_000);
  await stopping;
  adapter = undefined;
}

/** Nobody is there for an hour; `act` is what happens meanwhile. Then it looks back, for as long as the relay lets it. */
async function down(act: () => void): Promise<{ readonly isOver: boolean }> {
  await runtime.advance(2 * minute);
  await stop();
  act();
  await runtime.advance(hour);
  await start();
  const over = { isOver: false };
  const limit = new AbortController();
  void runtime.sleep(minute).then(() => limit.abort());
  void adapter?.catchUp?.({ signal: limit.signal }).then(() => {
    over.isOver = true;
  });
  await runtime.settle();
  return over;
}

const texts = (): string[] =>
  host.inbounds.flatMap((inbound) => (inbound.kind === 'message' ? [inbound.text] : []));
const looks = (): SlackCall[] =>
  slack.calls.filter(({ method }) => /conversations\.(history|replies)/.test(method));

describe('the pace of looking back', () => {
  test('every place once, the newest first, within the limit, and behind when the time is over', async () => {
    const channels = [...Array(25).keys()].map((n) => {
      const channel = slack.channel({ members: [ann] });
      ann.mention(`ask ${n}`, { to: channel });
      return channel;
    });
    await runtime.settle();
    const over = await down(() => ann.mention('late', { to: channels[0] ?? ann.dm }));
    expect(over.isOver).toBe(false);
    expect(looks()[0]?.args['channel']).toBe(host.inbounds.at(-1)?.channel.conversation);
    await runtime.advance(minute);
    expect(over.isOver).toBe(true);
    await runtime.advance(5 * minute);
    const places = looks().map(({ args }) => `${args['channel']} ${args['ts'] ?? ''}`);
    // A channel and a thread each.
    expect([places.length, new Set(places).size]).toEqual([50, 50]);
    const times = looks().map(({ atMs }) => atMs);
    for (const [n, atMs] of times.entries())
      expect((times[n + 30] ?? Number.POSITIVE_INFINITY) - atMs).toBeGreaterThan(minute);
    expect(slack.limitsHit).toBe(0);
    expect(texts()).toHaveLength(26);
    expect(texts()).toContain('late');
  });

  test('many pages of one place are taken in their order', async () => {
    ann.say('hello');
    await runtime.settle();
    await down(() => {
      for (let n = 0; n < 40; n += 1) ann.say(`missed ${n}`);
    });
    await runtime.advance(minute);
    expect(texts()).toEqual(['hello', ...[...Array(40).keys()].map((n) => `missed ${n}`)]);
  });

  test('a busy place is read to its beginning', async () => {
    const channel = slack.channel({ members: [ann] });
    ann.mention('hello', { to: channel });
    await runtime.settle();
    await down(() => {
      ann.mention('first of many', { to: channel });
      for (let n = 0; n < 450; n += 1) ann.say(`chat ${n}`, { to: channel });
    });
    await runtime.advance(minute);
    expect(texts()).toEqual(['hello', 'first of many']);
  });

  test('one place that always fails keeps no other back, and is given up with a warning', async () => {
    const [one, other] = [slack.channel({ members: [ann] }), slack.channel({ members: [ann] })];
    ann.mention('in one', { to: one });
    ann.mention('in the other', { to: other });
    await runtime.settle();
    broken.channel = other.id;
    const over = await down(() => ann.mention('missed', { to: one }));
    await runtime.advance(5_000);
    expect(texts()).toContain('missed');
    expect(over.isOver).toBe(false);
    await runtime.advance(20 * minute);
    expect(broken.tries).toBe(10);
    expect(over.isOver).toBe(true);
    const warnings = host.logs.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ message }) => message)).toEqual(['what was missed in a place is lost']);
  });

  test('where Slack wants a pause, or breaks, it goes on after it', async () => {
    ann.say('before');
    await runtime.settle();
    slack.fault('conversations.history', { kind: 'rate_limited', retryAfterS: 20 });
    slack.fault('conversations.history', { kind: 'server_error' });
    await down(() => ann.say('in between'));
    await runtime.advance(19_000);
    expect(texts()).toEqual(['before']);
    await runtime.advance(10_000);
    expect(texts()).toEqual(['before', 'in between']);
  });

  test('what the store cannot take is tried again', async () => {
    ann.say('before');
    await runtime.settle();
    await down(() => {
      ann.say('in between');
      host.failAccept = new Error('the disk is full');
    });
    await runtime.advance(10_000);
    expect(texts()).toEqual(['before']);
    host.failAccept = undefined;
    await runtime.advance(10_000);
    expect(texts()).toEqual(['before', 'in between']);
  });

  test('who dies while it looks looks again from where it was', async () => {
    ann.say('before');
    await runtime.settle();
    const fault = slack.fault('conversations.history', { kind: 'server_error' }, { times: 10_000 });
    await down(() => ann.say('in between'));
    await runtime.advance(10 * minute);
    expect(texts()).toEqual(['before']);
    await down(() => fault.cancel());
    await runtime.advance(minute);
    expect(texts()).toEqual(['before', 'in between']);
  });
});

describe('what is said while it still looks', () => {
  /** Longer than it takes to look where somebody speaks. */
  const alittle = 10_000;

  test('comes after what was missed there', async () => {
    ann.say('zero');
    await runtime.settle();
    slack.fault('conversations.history', { kind: 'rate_limited', retryAfterS: 20 });
    await down(() => ann.say('one'));
    ann.say('two');
    await runtime.advance(minute);
    expect(texts()).toEqual(['zero', 'one', 'two']);
  });

  test('has its place looked at next', async () => {
    const channels = [...Array(40).keys()].map(() => slack.channel({ members: [ann] }));
    for (const channel of channels) ann.mention('hello', { to: channel });
    await runtime.settle();
    const [first = ann.dm] = channels;
    await down(() => ann.mention('one', { to: first }));
    expect(looks().map(({ args }) => args['channel'])).not.toContain(first.id);
    ann.mention('two', { to: first });
    await runtime.advance(minute + alittle);
    expect(texts().slice(channels.length)).toEqual(['one', 'two']);
    expect(looks().length).toBeLessThan(80);
  });

  test('does not wait for longer than half a minute', async () => {
    ann.say('zero');
    await runtime.settle();
    slack.fault('conversations.history', { kind: 'rate_limited', retryAfterS: 120 });
    await down(() => ann.say('one'));
    ann.say('two');
    await runtime.advance(29_000);
    expect(texts()).toEqual(['zero']);
    await runtime.advance(2_000);
    expect(texts()).toEqual(['zero', 'two']);
    await runtime.advance(2 * minute);
    expect(texts()).toEqual(['zero', 'two', 'one']);
  });
});

describe('what was too much to keep while the store did not write', () => {
  test('is looked for when it writes again', async () => {
    ann.say('before');
    await runtime.advance(2 * minute);
    const { state } = host;
    Object.assign(host, { state: { ...state, set: () => Promise.reject(new Error('full')) } });
    host.failAccept = new Error('the disk is full');
    for (let n = 0; n < 1_000; n += 1) {
      void post(n);
      if (n % 50 === 49) await runtime.settle();
    }
    ann.say('one too many');
    await runtime.advance(15 * minute);
    expect(texts()).toEqual(['before']);
    Object.assign(host, { state, failAccept: undefined });
    await runtime.advance(2 * minute);
    expect(texts().at(-1)).toBe('one too many');
    expect(texts()).toHaveLength(1_002);
  });

  /** An event that comes in without being anywhere in history. */
  async function post(n: number): Promise<void> {
    const ts = `1767603600.${String(n).padStart(6, '0')}`;
    const event = { type: 'message', channel: 'D0000001', user: ann.id, text: `${n}`, ts };
    const body = { type: 'event_callback', team_id: slack.teamId, event_id: `Ev ${n}`, event };
    const signed = slack.signedRequest(JSON.stringify(body), { url: 'http://bot.example/events' });
    await adapter?.fetch?.(signed);
  }
});

import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/adapters/slack/secret.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';
import { compose } from './send.ts';

const channel = { adapter: 'slack', account: 'main', conversation: 'C1', thread: '1.1' };
const { signal } = new AbortController();

class Shelf {
  readonly values = new Map<string, string>();
  readonly logs: string[] = [];
  canRead = true;
  canWrite = true;
  writes = 0;
  readonly log = (level: string, message: string): void =>
    void this.logs.push(`${level} ${message}`);
  readonly runtime = { random: (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)) };
  readonly state = {
    get: async (account: string, key: string): Promise<string | undefined> => {
      if (!this.canRead) throw new Error('no');
      return this.values.get(`${account} ${key}`);
    },
    set: async (account: string, key: string, value: string): Promise<void> => {
      if (!this.canWrite) throw new Error('no');
      this.writes += 1;
      this.values.set(`${account} ${key}`, value);
    },
  };
}

const secretOf = (shelf: Shelf): Secret => new Secret(shelf as never, 'main');
const keyBy = async (secret: Secret): Promise<string | undefined> =>
  (await secret.signer(signal))?.key({ key: 'r' }, channel);

describe('the secret of the keys', () => {
  test('is made once and known after a restart', async () => {
    const shelf = new Shelf();
    const [one, other] = [secretOf(shelf), secretOf(new Shelf())];
    const [key, same] = await Promise.all([keyBy(one), keyBy(one)]);
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(same).toBe(key);
    expect(await keyBy(secretOf(shelf))).toBe(key);
    expect(shelf.writes).toBe(1);
    expect(await keyBy(other)).not.toBe(key);
  });

  test('is none while it can be neither read nor stored, and is tried again', async () => {
    const shelf = new Shelf();
    const key = await keyBy(secretOf(shelf));
    shelf.canRead = false;
    const after = secretOf(shelf);
    expect(await keyBy(after)).toBeUndefined();
    shelf.canRead = true;
    expect(await keyBy(after)).toBe(key);

    const empty = Object.assign(new Shelf(), { canWrite: false });
    const first = secretOf(empty);
    expect(await keyBy(first)).toBeUndefined();
    expect(empty.logs).toHaveLength(1);
    empty.canWrite = true;
    expect(await keyBy(first)).toBe(await keyBy(secretOf(empty)));
  });

  test('is not waited for when time is over', async () => {
    const shelf = new Shelf();
    shelf.state.get = () => new Promise(() => undefined);
    const over = new AbortController();
    const asked = secretOf(shelf).signer(over.signal);
    over.abort();
    expect(await asked).toBeUndefined();
  });
});

describe('what is sent', () => {
  let stage: OutStage;
  async function open(options: OutStageOptions = {}): Promise<OutStage> {
    stage = await OutStage.open(options);
    return stage;
  }
  afterEach(async () => {
    await stage.close();
  });
  const minute = 60_000;

  test('before a new token is found after it', async () => {
    const box = { token: ['xoxb', '1', '2', 'one'].join('-') };
    const tokens: string[] = [];
    // Slack knows one token here; the app has another name for it in each life.
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const headers = new Headers(init?.headers);
      tokens.push(headers.get('authorization') ?? '');
      headers.set('authorization', `Bearer ${stage.slack.botToken}`);
      return await stage.slack.fetch(input, { ...init, headers });
    };
    const config = {
      fetch,
      get token() {
        return box.token;
      },
    };
    const { slack } = await open({ config });
    await stage.begin();
    await stage.advance(3_000);
    slack.fault('chat.postMessage', { kind: 'applied_then_hang' });
    stage.work.finish('forty-two');
    await stage.advance(1_000);
    box.token = ['xoxb', '1', '2', 'two'].join('-');
    await stage.crash(minute);
    await stage.advance(2 * minute);
    expect(new Set(tokens).size).toBe(2);
    expect(stage.texts.filter((text) => text === 'forty-two')).toHaveLength(1);
  });

  test('waits while the secret cannot be read, and carries no other', async () => {
    const { slack } = await open();
    const { state } = stage.life.host;
    const get = state.get.bind(state);
    Object.assign(state, { get: () => Promise.reject(new Error('no')) });
    await stage.begin();
    stage.work.finish('forty-two');
    await stage.advance(minute);
    expect(slack.callsOf('chat.postMessage')).toEqual([]);
    Object.assign(state, { get });
    await stage.advance(5 * minute);
    expect(stage.texts.filter((text) => text === 'forty-two')).toHaveLength(1);
    const signer = await stage.site.secret.signer(signal);
    expect(signer).toBeDefined();
  });

  describe('of which the answer was lost', () => {
    function ask(stage: OutStage, signal: AbortSignal): ReturnType<typeof stage.life.reconcile> {
      return stage.life.reconcile({
        receiptId: 'r' as never,
        channel: stage.ref,
        key: 'the name',
        part: 1,
        content: { text: '' },
        sentAtMs: stage.harness.runtime.wallMs() - minute,
        signal,
      });
    }

    test('is looked for as soon as the secret can be read', async () => {
      const { slack, life } = await open();
      const { state } = life.host;
      const get = state.get.bind(state);
      Object.assign(state, { get: () => Promise.reject(new Error('no')) });
      const asked = ask(stage, signal);
      await stage.advance(3_000);
      expect(slack.callsOf('conversations.replies')).toEqual([]);
      Object.assign(state, { get });
      await stage.advance(3_000);
      expect(await asked).toEqual({ kind: 'absent' });
    });

    test('is looked for before it is sent again when the secret could not be read in time', async () => {
      const { slack, life } = await open();
      const { state } = life.host;
      const get = state.get.bind(state);
      Object.assign(state, { get: () => Promise.reject(new Error('no')) });
      const over = new AbortController();
      const asked = ask(stage, over.signal);
      await stage.advance(10_000);
      over.abort();
      await stage.advance(0);
      expect(await asked).toMatchObject({ kind: 'cannot_tell' });
      Object.assign(state, { get });
      const { delivery, attempt } = compose(stage.ref, { text: 'forty-two' });
      const late = new AbortController();
      slack.fault('conversations.replies', { kind: 'server_error' }, { times: 100 });
      const sent = life.deliver(delivery, { ...attempt, key: 'the name', signal: late.signal });
      await stage.advance(9_000);
      late.abort();
      await stage.advance(1_000);
      expect(await sent).toMatchObject({ kind: 'deferred' });
      expect(slack.callsOf('conversations.replies').length).toBeGreaterThan(1);
      slack.clearFaults();
      const again = life.deliver(delivery, { ...attempt, key: 'the name' });
      await stage.advance(5_000);
      expect(await again).toMatchObject({ kind: 'surfaced' });
      expect(slack.callsOf('chat.postMessage')).toHaveLength(1);
    });
  });
});

import { GrammyError, HttpError } from 'grammy';
import { beforeEach, describe, expect, test } from 'vitest';
import { Link } from '../../../src/adapters/telegram/link.ts';
import { createFakeRuntime, type FakeRuntime } from '../../../src/testing/fake-runtime.ts';

const answered = (error_code: number, description = 'x', parameters = {}): GrammyError =>
  new GrammyError('failed', { ok: false, error_code, description, parameters }, 'getUpdates', {});
const reset = new HttpError('failed', Object.assign(new Error('x'), { code: 'ECONNRESET' }));

let runtime: FakeRuntime;
let told: string[];
let link: Link;
beforeEach(() => {
  runtime = createFakeRuntime();
  told = [];
  const connection = (account: string, state: string, cause = ''): void =>
    void told.push(`${account} ${state} ${cause}`.trim());
  link = new Link({ runtime, connection }, '1');
});
const works = (): void => link.works(runtime.monoMs());

describe('how the bot stands', () => {
  test('is told when it changes, not each time', () => {
    works();
    works();
    link.fails(reset);
    link.fails(reset);
    works();
    expect(told).toEqual(['1 connected', '1 disconnected HttpError ← ECONNRESET', '1 connected']);
  });

  test('waits grow from one to thirty seconds, and begin anew when it works', () => {
    const waits = Array.from({ length: 12 }, () => link.fails(reset));
    for (const [at, ms] of waits.entries()) {
      const most = Math.min(1_000 * 2 ** at, 30_000);
      expect(ms).toBeGreaterThanOrEqual(most / 2);
      expect(ms).toBeLessThanOrEqual(most);
    }
    works();
    expect(link.fails(reset)).toBeLessThanOrEqual(1_000);
  });

  test('a limit is waited out exactly and is no trouble', () => {
    expect(link.fails(answered(429, 'Too Many Requests', { retry_after: 7 }))).toBe(7_000);
    expect(told).toEqual([]);
  });

  test('a refused token is told with what to do, and is not covered up by a network that fails', async () => {
    expect(link.fails(answered(401, 'Unauthorized'))).toBe(60_000);
    link.fails(reset);
    expect(told).toEqual([
      '1 unauthorized 401 Unauthorized: check the token with @BotFather, and apiRoot',
    ]);
    await runtime.advance(1);
    works();
    expect(told.at(-1)).toBe('1 connected');
  });

  test('what was asked before the token was refused proves nothing', async () => {
    const startedMs = runtime.monoMs();
    await runtime.advance(1_000);
    link.refused('401');
    link.works(startedMs);
    expect(told).toHaveLength(1);
  });

  test('a second poller is told with what to do, and it is over when nothing came for a minute', async () => {
    works();
    const words = 'Conflict: terminated by other getUpdates request';
    const first = link.fails(answered(409, words));
    expect(first).toBeGreaterThanOrEqual(2_500);
    expect(told.at(-1)).toMatch(/^1 misconfigured 409 Conflict: .*: another program asks/);
    works();
    expect(told).toHaveLength(2);
    await runtime.advance(60_000);
    works();
    expect(told.at(-1)).toBe('1 connected');
  });

  test('a webhook that another program set has its own remedy', () => {
    link.fails(answered(409, "Conflict: can't use getUpdates method while webhook is active"));
    expect(told.at(-1)).toMatch(/a webhook is set for this bot/);
  });

  test('a rest ends with its time, with its signal, and when a send is refused', async () => {
    const over = new AbortController();
    const ended: string[] = [];
    void link.rest(1_000, over.signal).then(() => ended.push('time'));
    await runtime.advance(1_000);
    void link.rest(10_000, over.signal).then(() => ended.push('refused'));
    link.refused('401');
    await runtime.settle();
    void link.rest(10_000, over.signal).then(() => ended.push('signal'));
    // Said again it wakes nobody: two who ask would wake each other for ever.
    link.refused('401');
    await runtime.settle();
    expect(ended).toEqual(['time', 'refused']);
    over.abort();
    await runtime.settle();
    await link.rest(10_000, over.signal);
    expect(ended).toEqual(['time', 'refused', 'signal']);
    expect(runtime.pending).toBe(0);
  });
});

import { describe, expect, it, vi } from 'vitest';
import type { AdapterHost } from '../../src/contracts/adapter.ts';
import { StoreError } from '../../src/contracts/error.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';
import { rateLimited } from '../support/outcome.ts';

/** What the simulation and the kills found, each as small as it can be told. */

const hour = 3_600_000;

describe('an end that cannot be shown', () => {
  it('leaves no message that still shows work', async () => {
    const h = await startHarness();
    await h.say('hello');
    await h.advance(2_000);
    expect(h.platform.shown[0]?.buttons.map(({ label }) => label)).toContain('Cancel');
    h.platform.decide = ({ delivery, atMs }) =>
      delivery.kind === 'terminal'
        ? { kind: 'not_surfaced', atMs, reason: 'suppressed', cause: 'filtered' }
        : undefined;
    (await h.worker.next()).finish('the answer');
    await h.advance(10_000);
    expect((await h.receipts()).find(({ kind }) => kind === 'terminal')?.state).toBe('dead');
    expect(h.platform.shown[0]).toMatchObject({
      text: 'Finished (completed), but the answer could not be shown.',
      buttons: [],
    });
    await expectInvariants(h);
  });
});

describe('a platform that cannot edit', () => {
  it('is not asked to', async () => {
    const platform = new FakePlatform({ capabilities: { editMs: 0 } });
    const h = await startHarness({ platform });
    await h.say('hello');
    await h.advance(2_000);
    (await h.worker.next()).finish('the answer');
    await h.advance(10_000);
    expect(platform.sent.map(({ delivery }) => delivery.kind)).toEqual(['ack', 'terminal']);
    const amend = (await h.receipts()).find(({ kind }) => kind === 'amend');
    expect(amend?.reason).toBe('too old to be edited');
  });
});

describe('an answer about the whole account', () => {
  it('holds although its receipt needs nothing any more', async () => {
    const h = await startHarness();
    let answer: () => void = () => undefined;
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    h.platform.decide = ({ delivery, attempt, atMs }) =>
      delivery.kind === 'ack' && attempt.n === 1
        ? {
            kind: 'apply_and_hold',
            until,
            answer: {
              kind: 'deferred',
              atMs,
              reason: 'rate_limited',
              scope: 'account',
              retryAfterMs: 30_000,
              cause: '429',
            },
          }
        : undefined;
    await h.say('one');
    await h.advance(2_000);
    // The platform reports the ack as seen before it answers.
    const [ack] = h.platform.shown;
    if (ack === undefined) throw new Error('nothing was shown');
    await h.settle(
      h.platform.host.evidence({
        receiptId: ack.receiptId as Parameters<typeof h.platform.host.evidence>[0]['receiptId'],
        part: 1,
        evidence: 'observed',
      }),
    );
    answer();
    await h.advance(0);
    const sent = h.platform.sent.length;
    await h.say('two', { conversation: 'c2' });
    await h.advance(20_000);
    expect(h.platform.sent).toHaveLength(sent);
    await h.advance(20_000);
    expect(h.platform.sent.length).toBeGreaterThan(sent);
  });
});

describe('a clock that is set back', () => {
  it('makes no stop longer', async () => {
    const h = await startHarness();
    await h.say('hello');
    await h.advance(2_000);
    (await h.worker.next()).ignoreAbort();
    h.runtime.jumpWall(-2 * hour);
    let isStopped = false;
    const stopping = h.relay.stop().then(() => {
      isStopped = true;
    });
    await h.advance(60_000);
    expect(isStopped).toBe(true);
    await stopping;
  });

  it('while nobody is there starves nothing', async () => {
    const h = await startHarness();
    h.platform.decide = ({ atMs, delivery }) =>
      delivery.kind === 'ack'
        ? { kind: 'deferred', atMs, reason: 'unavailable', cause: '503' }
        : undefined;
    await h.say('hello');
    await h.advance(30_000);
    h.runtime.jumpWall(-2 * hour);
    h.platform.decide = undefined;
    await h.crash(5_000);
    await h.advance(60_000);
    expect(h.platform.texts().join()).toContain('Interrupted');
    expect(await h.events('clock.jumped')).toHaveLength(1);
    await expectInvariants(h);
  });

  it('in the moment of a jump forward is found by the next start', async () => {
    const h = await startHarness();
    await h.say('hello');
    await h.advance(2_000);
    h.runtime.jumpWall(2 * hour);
    await h.advance(10_000);
    expect(await h.events('clock.jumped')).toHaveLength(1);
    h.runtime.jumpWall(-2 * hour);
    await h.crash(0);
    expect(await h.events('clock.jumped')).toHaveLength(2);
    await h.advance(60_000);
    expect(h.platform.texts().join()).toContain('Interrupted');
  });

  it('does not lengthen the distance of two sends', async () => {
    const platform = new FakePlatform({ capabilities: { gapMs: { channel: 1_000 } } });
    const h = await startHarness({ platform });
    await h.say('hello');
    await h.advance(2_000);
    h.memory.database.exec(`UPDATE channels SET last_sent_at_ms = last_sent_at_ms + ${2 * hour}`);
    (await h.worker.next()).finish('the answer');
    await h.advance(2_000);
    expect(h.platform.texts()).toEqual(['the answer']);
  });
});

describe('what an operator redrives', () => {
  it('says that it may repeat when nobody knew what became of it', async () => {
    const platform = new FakePlatform({ capabilities: { unknownPolicy: 'hold' } });
    const h = await startHarness({ platform });
    await h.say('hello');
    platform.decide = ({ delivery, attempt, atMs }) =>
      delivery.kind === 'terminal' && attempt.n === 1
        ? { kind: 'apply', answer: { kind: 'unknown', atMs, phase: 'written', cause: 'reset' } }
        : undefined;
    (await h.worker.next()).finish('the answer');
    await h.advance(10_000);
    const terminal = (await h.receipts()).find(({ kind }) => kind === 'terminal');
    if (terminal?.state !== 'dead') throw new Error(`the terminal is ${terminal?.state}`);
    await h.settle(h.relay.receipts.redrive(terminal.id));
    await h.advance(10_000);
    expect(platform.texts().at(-1)).toContain('may be a repetition');
    await expectInvariants(h);
  });
});

describe('a long absence', () => {
  it('leaves no message that still shows work, though the platform is busy on return', async () => {
    const platform = new FakePlatform({ capabilities: { terminalAs: 'new' } });
    const h = await startHarness({ platform });
    await h.say('hello');
    await h.advance(2_000);
    platform.decide = ({ delivery, atMs }) =>
      delivery.kind === 'amend'
        ? { kind: 'deferred', atMs, reason: 'unavailable', cause: '503' }
        : undefined;
    (await h.worker.next()).finish('the answer');
    await h.advance(1_000);
    await h.crash(hour);
    await h.advance(3_000);
    expect(platform.shown[0]?.buttons).not.toEqual([]);
    platform.decide = undefined;
    await h.advance(60_000);
    expect(platform.shown[0]?.buttons).toEqual([]);
    await expectInvariants(h);
  });

  it('is not waited out for ever by what nobody can edit', async () => {
    const platform = new FakePlatform({ capabilities: { terminalAs: 'new' } });
    const h = await startHarness({ platform });
    await h.say('hello');
    await h.advance(2_000);
    platform.decide = ({ delivery, atMs }) =>
      delivery.kind === 'amend'
        ? { kind: 'deferred', atMs, reason: 'unavailable', cause: '503' }
        : undefined;
    (await h.worker.next()).finish('the answer');
    await h.advance(hour);
    const amend = (await h.receipts()).find(({ kind }) => kind === 'amend');
    expect(amend).toMatchObject({ state: 'superseded', reason: 'expired after unavailable: 503' });
  });
});

describe('a question that somebody has deleted', () => {
  it('does not take the working message out of sight of the end', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await h.say('hello');
    await h.advance(2_000);
    const run = await h.worker.next();
    const options = [{ id: 'a', label: 'A' }];
    void run.ask({ kind: 'question', text: 'Which one?', options }).catch(() => undefined);
    await h.advance(2_000);
    expect(platform.shown).toHaveLength(2);
    platform.decide = ({ delivery, atMs }) =>
      delivery.kind === 'amend'
        ? {
            kind: 'rejected',
            atMs,
            reason: 'gone',
            code: 'unknown_message',
            repair: 'repost',
            cause: 'message to edit not found',
          }
        : undefined;
    await h.say('/cancel');
    await h.advance(60_000);
    const [working] = platform.shown;
    expect(working?.text).toContain('Cancelled');
    expect(working?.buttons.map(({ label }) => label)).not.toContain('Cancel');
    await expectInvariants(h);
  });
});

describe('an ack that is found after its work was shown elsewhere', () => {
  it('says that it goes on below; the other message stays the one that is edited', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    let answer = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const passing = { handle: 'ghost', evidence: 'accepted', surface: 'transient' } as const;
    platform.decide = ({ delivery, atMs }) =>
      delivery.kind === 'ack'
        ? { kind: 'apply_and_hold', until, answer: { kind: 'surfaced', atMs, ...passing } }
        : undefined;
    await h.say('hello');
    await h.advance(2_000);
    const run = await h.worker.next();
    run.emit({ kind: 'progress', message: 'step 1' });
    await h.advance(3_000);
    answer();
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['On it…', 'step 1']);
    const ack = (await h.receipts()).find(({ kind }) => kind === 'ack');
    const seen = { receiptId: ack?.id, handle: 'm1', evidence: 'rendered' } as const;
    await h.settle(platform.host.evidence(seen as Parameters<AdapterHost['evidence']>[0]));
    await h.advance(2_000);
    expect(platform.shown[0]).toMatchObject({ text: 'This goes on below.', buttons: [] });
    run.finish('the answer');
    await h.advance(60_000);
    expect(platform.texts()).toEqual(['This goes on below.', 'the answer']);
    await expectInvariants(h);
  });
});

describe('an account that was limited and then refused', () => {
  it('waits for the end of the limit also when it is known again', async () => {
    const platform = new FakePlatform();
    platform.scripted.push(rateLimited(60_000, 'account'));
    const h = await startHarness({ platform });
    const tell = (text: string, conversation: string) =>
      h.settle(h.relay.notify({ channel: platform.channel(conversation), text, key: text }));
    await tell('one', 'c1');
    platform.host.connection('bot', 'unauthorized', '401');
    await h.advance(10_000);
    platform.host.connection('bot', 'connected');
    await h.advance(40_000);
    await tell('two', 'c2');
    expect(platform.texts('c2')).toEqual([]);
    expect(platform.sent).toHaveLength(1);
    await h.advance(11_000);
    expect(platform.texts('c1')).toEqual(['one']);
    expect(platform.texts('c2')).toEqual(['two']);
    await expectInvariants(h);
  });
});

describe('a text in parts', () => {
  it('says of every part that may repeat that it may', async () => {
    const platform = new FakePlatform({ capabilities: { lengthMax: 200 } });
    const h = await startHarness({ platform });
    const lost = new Set<number>();
    platform.decide = ({ attempt, atMs }) => {
      if (attempt.part === 1 || lost.has(attempt.part)) return undefined;
      lost.add(attempt.part);
      return { kind: 'apply', answer: { kind: 'unknown', atMs, phase: 'written', cause: 'reset' } };
    };
    const text = Array.from({ length: 110 }, (_, n) => `word${n}`).join(' ');
    await h.settle(h.relay.notify({ channel: platform.channel(), text, key: '1' }));
    await h.advance(60_000);
    const mark = 'This may be a repetition';
    const marked = platform.texts().filter((shown) => shown.startsWith(mark));
    expect([...lost].length).toBeGreaterThan(1);
    expect(marked).toHaveLength(lost.size);
    await expectInvariants(h);
  });
});

describe('a store that cannot write for a moment', () => {
  it('does not bring back who had left, nor send away who had come back', async () => {
    const platform = new FakePlatform({ capabilities: { audience: 'reported' } });
    const h = await startHarness({ platform });
    const channel = platform.channel();
    await h.settle(platform.host.audience(channel, true));
    const full = () => Promise.reject(new StoreError('unwritable', 'the disk is full'));
    vi.spyOn(h.store, 'write').mockImplementationOnce(full);
    const left = platform.host.audience(channel, false);
    await h.runtime.settle();
    const back = platform.host.audience(channel, true);
    await h.advance(10_000);
    await Promise.all([left, back]);
    await h.say('hello');
    (await h.worker.next()).finish('the answer');
    await h.advance(1_000);
    expect(platform.texts()).toEqual(['the answer']);
  });
});

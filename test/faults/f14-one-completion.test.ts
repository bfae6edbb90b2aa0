import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../src/contracts/receipt.ts';
import type { Script } from '../../src/contracts/store.ts';
import { sendClockDefaults } from '../../src/contracts/task.ts';
import type { Core, Work } from '../../src/core/core.ts';
import { openReceipt } from '../../src/core/open.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';

describe('F14 two who announce the same', () => {
  it('F14 the end of a task is told once, whoever ends it how often', async () => {
    const h = await startHarness();
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    const cancelled = [1, 2, 3].map(() => h.relay.tasks.cancel(id, { reason: 'enough' }));
    call.finish('done');
    await h.advance(10_000);
    await Promise.all(cancelled);
    const terminals = (await h.receipts(id)).filter(({ kind }) => kind === 'terminal');
    expect(terminals).toHaveLength(1);
    expect(h.platform.shown.filter(({ kind }) => kind === 'terminal')).toHaveLength(1);
    expect(await h.events('task.ended')).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('F14 a message said twice under one key is one receipt, also at the same time and after a crash', async () => {
    const h = await startHarness();
    const channel = h.platform.channel();
    const say = () => h.relay.notify({ channel, text: 'hello', key: 'k' });
    const [a, b] = await h.settle(Promise.all([say(), say()]));
    expect(a.receiptId).toBe(b.receiptId);
    expect([a.duplicate, b.duplicate].toSorted()).toEqual([false, true]);
    await h.crash(1_000);
    expect((await h.settle(say())).duplicate).toBe(true);
    expect(h.platform.texts()).toEqual(['hello']);
    expect(h.errors).toEqual([]);
  });
});

describe('F14 the key of a receipt', () => {
  it('F14 a second producer of the same key opens nothing and is answered with the first', async () => {
    const h = await startHarness();
    const id = await h.say('go');
    (await h.worker.next()).finish('done');
    await h.advance(100);
    const [first] = (await h.receipts(id)).filter(({ kind }) => kind === 'terminal');
    if (first === undefined) throw new Error('no terminal');
    const core = { clocks: sendClockDefaults, runtime: h.runtime } as unknown as Core;
    const again = await h.settle(
      h.store.write('second', function* (tx): Script<Receipt> {
        const work = { ...tx, now: h.runtime.wallMs(), *note() {} } as unknown as Work;
        const { subject, kind, revision, channel, content } = first;
        return yield* openReceipt(work, core, { subject, kind, revision, channel, content });
      }),
    );
    expect(again.id).toBe(first.id);
    expect(await h.receipts(id)).toHaveLength((await h.receipts()).length);
    await h.advance(60_000);
    expect(h.platform.texts()).toEqual(['done']);
    expect(h.errors).toEqual([]);
  });
});

describe('F16 success that showed nothing', () => {
  it.each([
    ['without an id', { kind: 'surfaced', atMs: 0, evidence: 'accepted', surface: 'durable' }],
    [
      'with an empty id',
      { kind: 'surfaced', atMs: 0, handle: '', evidence: 'accepted', surface: 'durable' },
    ],
    ['as a bare flag', { kind: 'delivered', delivered: true }],
  ])('F16 %s is a broken contract and counts for nothing', async (_, answer) => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const id = await h.say('go');
    platform.scripted.push(answer as never);
    (await h.worker.next()).finish('done');
    await h.advance(0);
    expect((await h.task(id)).contract.state).toBe('terminal_pending');
    await h.advance(2_000);
    expect(platform.texts().join()).toContain('done');
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect(h.errors).toHaveLength(1);
    expect(h.errors[0]).toContain('fake.deliver broke its contract');
  });
});

describe('F17 a send that says nothing', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['true', true],
    ['a text', 'ok'],
  ])('F17 %s is no outcome: nothing is acked, and it is sent again', async (_, answer) => {
    const platform = new FakePlatform();
    let calls = 0;
    const h = await startHarness({
      platform,
      adapters: () => {
        const adapter = platform.adapter();
        return [
          {
            ...adapter,
            deliver: async (delivery, attempt) => {
              calls += 1;
              return calls === 1 ? (answer as never) : await adapter.deliver(delivery, attempt);
            },
          },
        ];
      },
    });
    const id = await h.say('go');
    (await h.worker.next()).finish('done');
    await h.advance(0);
    expect(platform.shown).toEqual([]);
    expect((await h.task(id)).contract.state).toBe('terminal_pending');
    await h.advance(2_000);
    expect(platform.shown).toHaveLength(1);
    expect(h.errors).toHaveLength(1);
    expect(h.errors[0]).toContain('fake.deliver broke its contract');
  });
});

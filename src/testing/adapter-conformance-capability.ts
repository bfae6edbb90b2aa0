import assert from 'node:assert/strict';
import type { Transient } from '../contracts/adapter.ts';
import type { ChannelRef } from '../contracts/id.ts';
import { TaskId } from '../contracts/id.ts';
import { uuidv7 } from '../core/uuid.ts';
import {
  type AdapterBench,
  type AdapterCheck,
  handleOf,
  isOpen,
  wellFormed,
} from './adapter-conformance-kit.ts';
import type { Ability } from './adapter-conformance-subject.ts';

const editLongestMs = 10 * 60_000;
/** Within this streamed text is seen: it may wait for the message that shows the work, and for its turn. */
const streamMs = 10_000;

function transient(
  bench: AdapterBench,
  channel: ChannelRef,
  more: Pick<Transient, 'kind' | 'seq'> & { text?: string },
): Transient {
  const taskId = TaskId.parse(uuidv7(bench.runtime));
  return { channel, taskId, liveId: bench.receiptId(), ...more };
}

export function capabilityChecks(check: AdapterCheck): void {
  declared(check);
  shown(check);
  passing(check);
  audience(check);
}

/** Whatever is checked of these is declared to be there. */
const declares: readonly [Ability, (bench: AdapterBench) => boolean][] = [
  ['press', ({ adapter }) => adapter.capabilities.buttons],
  ['edit', ({ adapter }) => adapter.capabilities.editMs > 0],
  ['files', ({ adapter }) => adapter.capabilities.files],
  ['presence', ({ adapter }) => adapter.capabilities.presence !== undefined && !!adapter.show],
  ['streams', ({ adapter }) => adapter.capabilities.streams && !!adapter.show],
  ['reconcile', ({ adapter }) => adapter.reconcile !== undefined],
  ['audience', ({ adapter }) => adapter.capabilities.audience === 'reported'],
  ['repeat', ({ adapter }) => adapter.capabilities.unknownPolicy === 'repeat'],
];

function declared(check: AdapterCheck): void {
  check('name, accounts and limits make sense', [], async (bench) => {
    const { name, accounts, capabilities } = bench.adapter;
    const { lengthMax, editMs, presence, gapMs, terminalAs } = capabilities;
    const channel = await bench.enter();
    assert.equal(channel.adapter, name);
    assert.ok(accounts.includes(channel.account), 'the conversation is of none of its accounts');
    assert.ok(Number.isInteger(lengthMax) && lengthMax >= 40, `lengthMax ${lengthMax}`);
    assert.ok(editMs >= 0, `editMs ${editMs}`);
    assert.ok(terminalAs === 'new' || editMs > 0, 'terminalAs is edit and nothing can be edited');
    if (presence !== undefined)
      assert.ok(0 < presence.refreshMs && presence.refreshMs < presence.ttlMs, 'a sign goes out');
    for (const gap of [gapMs?.channel, gapMs?.account]) assert.ok((gap ?? 0) >= 0);
  });

  for (const [ability, holds] of declares)
    check(`it declares what is checked: ${ability}`, [ability], async (bench) => {
      assert.ok(holds(bench), `"${ability}" is neither declared nor listed as lacking`);
    });

  check('a burst within gapMs meets no rate limit', [], async (bench) => {
    const channel = await bench.enter();
    for (let n = 1; n <= 10; n += 1) await bench.notify(channel, `burst ${n}`);
    await bench.advance();
    const reasons = bench.sends.flatMap(({ outcome }) =>
      outcome?.kind === 'deferred' ? [outcome.reason] : [],
    );
    assert.deepEqual(reasons, []);
    const gapMs = bench.adapter.capabilities.gapMs?.channel ?? 0;
    for (const [n, { atMs }] of bench.sends.entries())
      assert.ok(n === 0 || atMs - (bench.sends[n - 1]?.atMs ?? 0) >= gapMs, 'sent too early');
    assert.equal(bench.texts(channel).length, 10);
  });
}

function shown(check: AdapterCheck): void {
  check('where nothing is wrong the declared evidence is reached', [], async (bench) => {
    const channel = await bench.enter();
    const outcome = wellFormed(await bench.deliver(channel));
    assert.equal(outcome.kind, 'surfaced');
    assert.ok(!isOpen(outcome, bench.adapter), 'the evidence is weaker than declared');
  });

  check('buttons are seen, in order', ['press'], async (bench) => {
    const channel = await bench.enter();
    const buttons = ['one', 'two', 'three'];
    handleOf(await bench.deliver(channel, { buttons }));
    assert.deepEqual(bench.platform.shown(channel)[0]?.buttons, buttons);
  });

  check('a file is seen', ['files'], async (bench) => {
    const channel = await bench.enter();
    const files = [{ name: 'notes.txt', mimeType: 'text/plain', text: 'in a file' }];
    handleOf(await bench.deliver(channel, { files }));
    const seen = bench.platform.shown(channel).flatMap((message) => message.files);
    assert.deepEqual(seen, ['notes.txt']);
  });

  check('a message can be edited for as long as declared', ['edit'], async (bench) => {
    const channel = await bench.enter();
    const live = handleOf(await bench.deliver(channel, { text: 'old' }));
    const { editMs } = bench.adapter.capabilities;
    await bench.advance(Math.min(editMs - 1_000, editLongestMs));
    handleOf(await bench.deliver(channel, { kind: 'progress', text: 'new', live }));
    assert.deepEqual(bench.texts(channel), ['new']);
  });
}

function passing(check: AdapterCheck): void {
  check('a sign of typing is seen and settles nothing', ['presence'], async (bench) => {
    const channel = await bench.enter();
    bench.adapter.show?.(transient(bench, channel, { kind: 'typing', seq: 1 }));
    await bench.advance(1_000);
    assert.deepEqual(
      bench.platform.passed?.(channel).map(({ kind }) => kind),
      ['typing'],
    );
    assert.deepEqual(bench.platform.shown(channel), []);
  });

  check('streamed text is seen as it grows, and the newest stands', ['streams'], async (bench) => {
    const channel = await bench.enter();
    const first = transient(bench, channel, { kind: 'text', seq: 1, text: 'on the' });
    const { taskId, liveId } = first;
    // Where streamed text is an edit, it is one of the message that shows the work.
    const task = { taskId, liveId };
    handleOf(await bench.deliver(channel, { kind: 'progress', text: 'at work', task }));
    bench.adapter.show?.(first);
    await bench.advance(streamMs);
    bench.adapter.show?.({ ...first, seq: 2, text: 'on the way' });
    await bench.advance(streamMs);
    const texts = bench.platform.passed?.(channel).flatMap(({ text }) => text ?? []) ?? [];
    assert.equal(texts[0], 'on the');
    assert.equal(texts.at(-1), 'on the way');
  });

  check('show never throws, and makes no message', [], async (bench) => {
    const channel = await bench.enter();
    const all = (['typing', 'status', 'text'] as const).map((kind, at) =>
      transient(bench, channel, { kind, seq: at + 1, text: 'passes' }),
    );
    const elsewhere = { ...channel, conversation: 'nowhere' };
    for (const one of all) {
      bench.adapter.show?.(one);
      bench.adapter.show?.({ ...one, channel: elsewhere });
    }
    await bench.advance(1_000);
    await bench.stop();
    for (const one of all) bench.adapter.show?.(one);
    await bench.advance(1_000);
    assert.deepEqual(bench.texts(channel), []);
    assert.ok(!bench.logs.some((line) => line.startsWith('error')), bench.logs.join('\n'));
  });
}

function audience(check: AdapterCheck): void {
  check('without an audience nothing counts as shown', ['audience'], async (bench) => {
    const channel = await bench.enter();
    await bench.settle(bench.platform.look?.(channel, false) ?? assert.fail());
    const outcome = wellFormed(await bench.deliver(channel));
    assert.equal(outcome.kind === 'not_surfaced' && outcome.reason, 'no_audience');
    assert.deepEqual(bench.texts(channel), []);
  });

  check('what waited for somebody is seen once when they come', ['audience'], async (bench) => {
    const channel = await bench.enter();
    await bench.settle(bench.platform.look?.(channel, false) ?? assert.fail());
    for (const text of ['one', 'two']) await bench.notify(channel, text);
    await bench.advance();
    assert.deepEqual(bench.texts(channel), []);
    await bench.settle(bench.platform.look?.(channel, true) ?? assert.fail());
    await bench.advance(10_000);
    assert.deepEqual(bench.texts(channel), ['one', 'two']);
    const { rows } = await bench.relay.receipts.list({ open: true });
    assert.deepEqual(rows, []);
  });
}

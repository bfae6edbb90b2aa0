import { describe, expect, it } from 'vitest';
import { startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

const minute = 60_000;

/** Work that hangs, starves others, or waits without a word. */
describe('work that hangs elsewhere', () => {
  it('F26 a worker that throws, returns nothing, ignores its abort or never returns: four visible ends', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 2 * minute, answerMs: minute } });
    const ids: Record<string, Awaited<ReturnType<typeof h.say>>> = {};
    for (const name of ['throws', 'nothing', 'ignores', 'never'])
      ids[name] = await h.say(name, { conversation: name });
    const by = (name: string) => {
      const call = h.worker.calls.find((one) => one.task.text === name);
      if (call === undefined) throw new Error(`no call of ${name}`);
      return call;
    };
    by('throws').fail(new Error('tool rejected'));
    by('nothing').finish(undefined as unknown as string);
    by('ignores').ignoreAbort();
    const cancelled = h.relay.tasks.cancel(by('ignores').task.id, { by: 'ada' });
    await h.advance(10_000);
    expect((await cancelled).kind).toBe('detached');
    await h.advance(2 * minute);
    const ends: Record<string, string> = {};
    for (const [name, id] of Object.entries(ids)) {
      const { cause } = await h.task(id);
      ends[name] = `${cause?.end}/${cause?.reason}`;
    }
    expect(ends).toEqual({
      throws: 'failed/worker_failed',
      nothing: 'failed/no_result',
      ignores: 'cancelled/cancelled by request',
      never: 'timed_out/terminal',
    });
    const told = ['throws', 'nothing', 'ignores', 'never'].map((name) =>
      h.platform.texts(name).at(-1),
    );
    expect(told).toEqual([
      expect.stringMatching(/^Failed: the worker failed\.\n\n.*tool rejected/),
      expect.stringContaining('Failed: the worker returned nothing.'),
      expect.stringContaining('Cancelled by ada: cancelled by request.'),
      expect.stringContaining('Timed out: it took longer than it may.'),
    ]);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it.each([
    ['a number', 7],
    ['an unknown status', { status: 'fine', text: 'x' }],
    ['a text that is none', { status: 'completed', text: 42 }],
    ['a reason that is none', { status: 'failed', text: 'x', reason: { deep: 1 } }],
  ])('F26 a result that is %s ends the task visibly', async (_, result) => {
    const h = await startHarness();
    const id = await h.say('odd');
    (await h.worker.next()).finish(result as unknown as string);
    await h.advance(5_000);
    expect((await h.task(id)).state).toBe('ended');
    expect(h.platform.shown).toHaveLength(1);
    await expectInvariants(h);
  });

  it.each(['constructor', 'valueOf', 'toString'])(
    'F26 a reason %s is shown as the worker gave it',
    async (reason) => {
      const h = await startHarness();
      await h.say('odd');
      (await h.worker.next()).finish({ status: 'failed', text: '', reason });
      await h.advance(5_000);
      expect(h.platform.texts()[0]).toContain(`Failed: ${reason}.`);
      await expectInvariants(h);
      expect(h.errors).toEqual([]);
    },
  );

  it('F26 a session that cannot be opened ends the task visibly', async () => {
    const h = await startHarness();
    h.worker.ensureSession = async () => {
      throw new Error('no such binary');
    };
    const id = await h.say('work');
    await h.advance(5_000);
    expect((await h.task(id)).cause).toEqual({ end: 'failed', reason: 'worker_failed' });
    expect(h.platform.texts()[0]).toContain('no such binary');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F26 a session that never opens ends with the terminal clock', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 2 * minute, answerMs: minute } });
    h.worker.ensureSession = () => new Promise(() => undefined);
    const id = await h.say('work');
    await h.advance(2 * minute + 5_000);
    expect((await h.task(id)).cause).toEqual({ end: 'timed_out', reason: 'terminal' });
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F27 one wedged task delays neither the acks nor the answers of other chats', async () => {
    const h = await startHarness();
    await h.say('wedged', { conversation: 'wedged' });
    (await h.worker.next()).ignoreAbort();
    h.platform.decide = ({ delivery }) =>
      delivery.channel.conversation === 'wedged' ? { kind: 'hang' } : undefined;
    await h.advance(minute);
    for (let n = 0; n < 10; n += 1) {
      const atMs = h.runtime.wallMs();
      await h.say('quick', { conversation: `c${n}` });
      const call = await h.worker.next();
      await h.advance(1_500);
      expect(h.platform.texts(`c${n}`)).toEqual(['On it…']);
      expect(h.platform.shown.at(-1)?.atMs).toBe(atMs + 1_500);
      call.finish('pong');
      await h.runtime.settle();
      expect(h.platform.texts(`c${n}`)).toEqual(['pong']);
    }
    h.platform.decide = undefined;
    await h.advance(40 * minute);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F28 waiting in the queue is shown: position, its changes, and for how long', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 25 * minute, queueMs: 30 * minute } });
    for (const text of ['one', 'two', 'three']) await h.say(text);
    await h.advance(2_000);
    expect(h.platform.texts()[2]).toContain('Queued: position 2.');
    await h.advance(19 * minute);
    expect(h.platform.texts()[2]).toMatch(/Queued: position 2, waiting for (18|19) min/);
    expect(await h.events('deadline.missed')).toEqual([]);
    (await h.worker.next()).finish('ok');
    await h.advance(2_500);
    expect(h.platform.texts()[2]).toContain('Queued: you are next.');
    (await h.worker.next()).finish('ok');
    (await h.worker.next()).finish('ok');
    await h.advance(5_000);
    expect(h.platform.shown).toHaveLength(3);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F34 a silent worker: the core itself says before progressMs that it still works, since when, and what was last heard', async () => {
    const h = await startHarness();
    await h.say('silent');
    const call = await h.worker.next();
    await h.advance(2_000);
    call.emit({
      kind: 'tool_call',
      call: { id: 't', name: 'grep', title: 'Searching the code', status: 'in_progress' },
    });
    await h.advance(2_000);
    let quietSince = h.runtime.wallMs();
    let shown = h.platform.texts()[0];
    let longest = 0;
    for (let n = 0; n < 100; n += 1) {
      await h.advance(3_000);
      if (h.platform.texts()[0] !== shown) quietSince = h.runtime.wallMs();
      shown = h.platform.texts()[0];
      longest = Math.max(longest, h.runtime.wallMs() - quietSince);
    }
    expect(longest).toBeLessThan(45_000);
    expect(shown).toMatch(/^Searching the code\n\nStill working \(\d min/);
    expect(h.platform.shown).toHaveLength(1);
    call.finish('ok');
    await h.advance(1_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { createFakeWorker } from '../../src/testing/fake-worker.ts';
import { dropLibrary, library } from '../kills/library.ts';
import { startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

afterAll(dropLibrary);

/** A bot whose worker and platform never come back. It is told to stop, and nothing ends its process. */
const stuckBot = `
const [library, file] = process.argv.slice(2);
const { createRelay, createSystemRuntime, newOwner, openSqlite, splitText } = await import(library);
const runtime = createSystemRuntime();
const owner = newOwner(runtime);
const store = await openSqlite({ file, runtime, owner });
let host;
let shown = 0;
const adapter = {
  name: 'fake', accounts: ['bot'],
  capabilities: { lengthMax: 200, lengthUnit: 'utf16', editMs: 0, buttons: true, files: false,
    presence: { ttlMs: 100, refreshMs: 50 }, streams: false, terminalAs: 'new',
    unknownPolicy: 'mark', audience: 'always', evidence: 'accepted' },
  start: async (given) => { host = given; },
  cut: (delivery) => splitText(delivery.text, { max: 200, unit: 'utf16' }),
  deliver: async () => {
    shown += 1;
    return { kind: 'surfaced', atMs: Date.now(), handle: 'm' + shown, evidence: 'accepted', surface: 'durable' };
  },
  show: () => undefined,
  stop: async () => undefined,
};
let began;
const called = new Promise((resolve) => { began = resolve; });
const prompt = () => { began(); return new Promise(() => undefined); };
const session = { resumeToken: null, prompt, close: async () => undefined };
const worker = {
  name: 'stuck',
  capabilities: { session: 'none', resume: 'transcript', reattach: false, steer: false,
    abort: 'cooperative', idempotentPrompt: false, asks: [], exclusiveDirectory: false },
  ensureSession: async () => session,
  dispose: async () => undefined,
};
const relay = createRelay({ store, adapters: [adapter], workers: [worker], runtime, owner, clocks: { drainMs: 200 } });
await relay.start();
await host.accept({ kind: 'message', id: 'm-1', channel: { adapter: 'fake', account: 'bot', conversation: 'c1' },
  person: { id: 'ada' }, sentAtMs: Date.now(), text: 'go', private: false });
await called;
await relay.stop();
await store.close();
console.log('stopped, shown ' + shown);
`;

describe('F30 done and still there', () => {
  it('F30 after a stop nothing keeps the process: no timer, no handle, though a worker never ended', async () => {
    const from = pathToFileURL(await library()).href;
    const folder = await mkdtemp(join(tmpdir(), 'readback-stop-'));
    try {
      const script = join(folder, 'bot.mjs');
      await writeFile(script, stuckBot);
      const child = spawn(process.execPath, [script, from, join(folder, 'bot.db')]);
      const lines: string[] = [];
      child.stdout.on('data', (chunk: Buffer) => void lines.push(`${chunk}`));
      child.stderr.on('data', (chunk: Buffer) => void lines.push(`${chunk}`));
      const kill = setTimeout(() => child.kill('SIGKILL'), 60_000);
      const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
      clearTimeout(kill);
      expect([code, signal, lines.join('')]).toEqual([0, null, 'stopped, shown 1\n']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);

  it.each([false, true])(
    'F30 after a stop nothing sleeps any more (the work stays open for the next start: %s)',
    async (reattach) => {
      const worker = createFakeWorker({ capabilities: { reattach } });
      const h = await startHarness({ workers: [worker] });
      await h.say('ends', { conversation: 'c1' });
      (await worker.next()).finish('done');
      const id = await h.say('hangs', { conversation: 'c2' });
      (await worker.next()).ignoreAbort();
      await h.advance(10_000);
      const stopped = h.relay.stop();
      await h.advance(60_000);
      await stopped;
      expect((await h.task(id)).state).toBe(reattach ? 'running' : 'ended');
      expect(h.runtime.pending).toBe(0);
    },
  );
});

describe('F35 a drain and the answer that is not recorded yet', () => {
  it('F35 what ends while the bot stops is stored and told before it goes', async () => {
    const h = await startHarness();
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    const stopped = h.relay.stop();
    await h.advance(5_000);
    call.finish('just in time');
    await h.advance(10_000);
    await stopped;
    expect(h.platform.texts()).toEqual(['just in time']);
    await h.start();
    await h.advance(60_000);
    expect((await h.task(id)).cause?.end).toBe('completed');
    expect(h.platform.texts()).toEqual(['just in time']);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F35 also when an earlier send is slow: the answer behind it is told before the bot goes', async () => {
    const h = await startHarness();
    h.platform.decide = ({ delivery, runtime }) =>
      delivery.kind === 'ack' ? { kind: 'hold', until: runtime.sleep(6_000) } : undefined;
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    const stopped = h.relay.stop();
    call.finish('just in time');
    await h.advance(10_000);
    await stopped;
    expect(h.platform.texts()).toEqual(['just in time']);
    expect(h.errors).toEqual([]);
  });

  it('F35 a result that comes in the very last moment of the drain makes one end', async () => {
    const h = await startHarness();
    const id = await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    const stopped = h.relay.stop();
    await h.advance(9_999);
    call.finish('at the bell');
    await h.advance(10_000);
    await stopped;
    await h.start();
    await h.advance(60_000);
    const ends = await h.events('task.ended');
    expect(ends).toHaveLength(1);
    const { cause } = await h.task(id);
    const told = cause?.end === 'completed' ? 'at the bell' : 'Interrupted';
    expect(h.platform.texts().filter((text) => text.includes(told))).toHaveLength(1);
    expect(h.platform.shown).toHaveLength(1);
    await expectInvariants(h);
  });
});

describe('F36 a drain and the send that is not settled yet', () => {
  it('F36 the stop waits for the answer of the platform: after the restart it is not sent again', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    platform.decide = ({ runtime }) => ({ kind: 'apply_and_hold', until: runtime.sleep(8_000) });
    const id = await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(100);
    let gone = false;
    const stopped = h.relay.stop().then(() => {
      gone = true;
    });
    await h.advance(5_000);
    expect(gone).toBe(false);
    await h.advance(20_000);
    await stopped;
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    platform.decide = undefined;
    await h.start();
    await h.advance(60_000);
    expect(platform.texts()).toEqual(['forty-two']);
    expect(platform.sent).toHaveLength(1);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('F36 a send that outlives the stop is asked for after the restart, not repeated', async () => {
    const platform = new FakePlatform({ reconcile: true });
    const h = await startHarness({ platform });
    platform.scripted.push({ kind: 'apply_and_hang' });
    await h.say('go');
    (await h.worker.next()).finish('forty-two');
    await h.advance(100);
    const stopped = h.relay.stop();
    const again = h.relay.stop();
    await h.advance(20_000);
    await Promise.all([stopped, again]);
    await h.start();
    await h.advance(60_000);
    expect(platform.texts()).toEqual(['forty-two']);
    expect(platform.sent).toHaveLength(1);
    expect(platform.asked.length).toBeGreaterThan(0);
    await expectInvariants(h);
  });
});

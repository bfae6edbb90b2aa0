import assert from 'node:assert/strict';
import {
  type AdapterBench,
  type AdapterCheck,
  isOpen,
  longMs,
  soonMs,
  wellFormed,
} from './adapter-conformance-kit.ts';

const abortMs = 1_000;

async function stopTwice(bench: AdapterBench): Promise<void> {
  await bench.within(bench.adapter.stop(), soonMs, 'stop');
  await bench.within(bench.adapter.stop(), soonMs, 'the second stop');
}

export function stopChecks(check: AdapterCheck): void {
  check('stops soon, may be stopped twice, and sends nothing afterwards', [], async (bench) => {
    const channel = await bench.enter();
    await bench.deliver(channel, { text: 'before' });
    await stopTwice(bench);
    const { sends } = bench.platform;
    const outcome = wellFormed(await bench.deliver(channel, { text: 'after' }));
    await bench.advance(60_000);
    assert.equal(outcome.kind, 'deferred');
    assert.equal(bench.platform.sends, sends, 'it sent after its stop');
    assert.deepEqual(bench.texts(channel), ['before']);
  });

  check('takes nothing after its stop', [], async (bench) => {
    const channel = await bench.enter();
    await stopTwice(bench);
    const said = await bench.settle(bench.platform.say(channel, 'too late'));
    await bench.advance(60_000);
    assert.equal(said.taken, false);
    assert.deepEqual(bench.accepted, []);
  });

  check('stops soon though a send hangs', ['hang'], async (bench) => {
    const channel = await bench.enter();
    bench.platform.fault('hang', channel);
    await bench.notify(channel, 'hangs');
    await stopTwice(bench);
  });

  check('stops before it was started', [], async (bench) => {
    await bench.stop();
    const fresh = bench.platform.adapter();
    await bench.within(fresh.stop(), soonMs, 'stop');
  });

  check('a send settles soon after its signal aborts', ['hang'], async (bench) => {
    const channel = await bench.enter();
    bench.platform.fault('hang', channel);
    const late = new AbortController();
    const { delivery, attempt } = bench.compose(channel, { text: 'late', signal: late.signal });
    const answer = bench.adapter.deliver(delivery, attempt);
    answer.catch(() => undefined);
    await bench.advance(100);
    late.abort();
    const outcome = wellFormed(await bench.within(answer, abortMs, 'deliver after its abort'));
    assert.ok(isOpen(outcome, bench.adapter), `answered ${outcome.kind}`);
  });

  check('a send whose signal is aborted already settles soon', [], async (bench) => {
    const channel = await bench.enter();
    const signal = AbortSignal.abort();
    const { delivery, attempt } = bench.compose(channel, { text: 'late', signal });
    wellFormed(await bench.within(bench.adapter.deliver(delivery, attempt), abortMs, 'deliver'));
  });

  check('a conversation of nobody is answered, not thrown', [], async (bench) => {
    const channel = await bench.enter();
    const nowhere = { ...channel, conversation: 'nowhere at all' };
    const { delivery, attempt } = bench.compose(nowhere, { text: 'hello' });
    wellFormed(await bench.within(bench.adapter.deliver(delivery, attempt), longMs, 'deliver'));
  });

  check('its log tells no secret', [], async (bench) => {
    const channel = await bench.enter();
    await bench.settle(bench.platform.say(channel, 'hello'));
    await bench.deliver(channel);
    await bench.restart();
    for (const secret of bench.platform.secrets)
      assert.ok(!bench.logs.some((line) => line.includes(secret)), 'a secret stands in the log');
  });
}

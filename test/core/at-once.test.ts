import { describe, expect, it, vi } from 'vitest';
import { limit } from '../../src/core/limit.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

/**
 * Goal: what a script makes due costs no commit of its own, and nothing of it is done before the commit, twice, or
 * beyond the bounds of an Account. Method: the names of all writes, and how many sends are under way.
 */

const tell = (h: Harness, text: string, conversation?: string) =>
  h.relay.notify({ channel: h.platform.channel(conversation), text, key: text });

function writesOf(h: Harness): () => readonly string[] {
  const write = vi.spyOn(h.store, 'write');
  return () => write.mock.calls.map(([name]) => name);
}

/** Sends are held until it is called. */
function holdSends(platform: FakePlatform): () => void {
  let release = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  platform.decide = () => ({ kind: 'hold', until });
  return release;
}

describe('in one transaction', () => {
  it('a message is stored and claimed; its answer is the next', async () => {
    const h = await startHarness();
    const writes = writesOf(h);
    await h.settle(tell(h, 'hello'));
    expect(h.platform.texts()).toEqual(['hello']);
    expect(writes()).toEqual(['notify', 'settle']);
    await expectInvariants(h);
  });

  it('a task is stored and started, ended and its answer claimed', async () => {
    const h = await startHarness();
    const writes = writesOf(h);
    await h.say('work');
    const call = await h.worker.next();
    call.finish('worked');
    await h.runtime.settle();
    expect(h.platform.texts()).toEqual(['worked']);
    expect(writes()).toEqual(['accept', 'end', 'settle']);
    await expectInvariants(h);
  });

  it('an answer is stored and the next in the line is claimed', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const release = holdSends(platform);
    for (const text of ['one', 'two', 'three']) await h.settle(tell(h, text));
    const writes = writesOf(h);
    release();
    await h.runtime.settle();
    expect(platform.texts()).toEqual(['one', 'two', 'three']);
    expect(writes()).toEqual(['settle', 'settle', 'settle']);
    await expectInvariants(h);
  });
});

describe('what is claimed at once', () => {
  it('is bounded like all sends of an account, also within one commit', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    const release = holdSends(platform);
    const count = limit.sendsPerAccount + 8;
    const told = Array.from({ length: count }, (_, n) => tell(h, `to ${n}`, `c${n}`));
    await h.settle(Promise.all(told));
    expect(platform.sent).toHaveLength(limit.sendsPerAccount);
    release();
    await h.runtime.settle();
    expect(platform.sent).toHaveLength(count);
    await expectInvariants(h);
  });

  it('is given back when its commit failed, and sent once', async () => {
    const h = await startHarness();
    const refused = h.relay.submit({
      channel: h.platform.channel('other'),
      text: 'x',
      key: 'x',
      worker: 'nobody',
    });
    refused.catch(() => undefined);
    await h.settle(Promise.all([tell(h, 'first'), tell(h, 'elsewhere', 'second')]));
    await expect(refused).rejects.toThrow('there is no worker "nobody"');
    await h.settle(tell(h, 'after'));
    expect(h.platform.sent).toHaveLength(3);
    expect(h.platform.texts()).toEqual(['first', 'after']);
    expect(h.errors).toEqual([]);
    await h.settle(h.relay.settled());
  });

  it('is given back when nothing could be written: the channel is free again', async () => {
    const h = await startHarness();
    const write = h.store.write.bind(h.store);
    vi.spyOn(h.store, 'write').mockImplementationOnce((name, script) =>
      write(name, function* (tx) {
        yield* script(tx);
        throw new Error('the disk is gone');
      }),
    );
    await expect(h.settle(tell(h, 'lost'))).rejects.toThrow('the disk is gone');
    await h.settle(tell(h, 'kept'));
    expect(h.platform.texts()).toEqual(['kept']);
  });

  it('refuses nobody’s message when it fails itself: the loop tries it and says why', async () => {
    const platform = new FakePlatform();
    const cut = () => {
      throw new Error('cannot cut');
    };
    let broken = true;
    const h = await startHarness({
      adapters: () => [{ ...platform.adapter(), cut }],
      platform,
      routes: () => {
        if (broken) throw new Error('no way known');
        return [];
      },
    });
    const { receiptId } = await h.settle(tell(h, 'hello'));
    expect(await h.receipts()).toMatchObject([{ id: receiptId, state: 'pending' }]);
    expect(h.errors.join()).toContain('serving a channel failed');
    expect(h.errors.join()).toContain('no way known');
    broken = false;
    await h.advance(60_000);
    expect(await h.receipts()).toMatchObject([{ id: receiptId, state: 'dead' }]);
  });
});

import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { startHarness } from '../support/harness.ts';
import { rejected } from '../support/outcome.ts';

describe('what a delivery answers', () => {
  it('is the message, also where it is anchored to it no more', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    platform.decide = ({ attempt }) =>
      attempt.repairs.length > 0 ? undefined : rejected({ repair: 'drop_anchor' });
    await h.say('go', { id: 'm7' });
    (await h.worker.next()).finish('done');
    await h.advance(100);
    const about = platform.sent.map(({ delivery: { anchor, answers } }) => [anchor, answers]);
    expect(about).toEqual([
      ['m7', 'm7'],
      [undefined, 'm7'],
    ]);
    expect(h.errors).toEqual([]);
  });

  it('is the press, where one is answered', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await h.say('go');
    (await h.worker.next()).fail(new Error('no'));
    await h.advance(100);
    await h.press('Retry', { id: 'p1' });
    await h.press('Retry', { id: 'p2' });
    await h.advance(100);
    const notice = platform.sent.find(({ delivery }) => delivery.kind === 'notice')?.delivery;
    expect(notice).toMatchObject({ answers: 'p2' });
    expect(notice).not.toHaveProperty('anchor');
    (await h.worker.next()).finish('done');
    await h.advance(100);
    expect(h.errors).toEqual([]);
  });
});

describe('what is accepted', () => {
  it('is quiet when nothing will be said in answer: it answers a question', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    expect(await h.settle(platform.say('go'))).not.toHaveProperty('quiet');
    const call = await h.worker.next();
    void call.ask({ kind: 'question', text: 'which?', options: [], freeText: true });
    await h.advance(100);
    expect(await h.settle(platform.say('blue'))).toMatchObject({ kind: 'accepted', quiet: true });
    expect(await h.settle(platform.say('/status'))).not.toHaveProperty('quiet');
    call.finish('done');
    await h.advance(100);
    expect(h.errors).toEqual([]);
  });
});

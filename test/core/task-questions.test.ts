import { describe, expect, it } from 'vitest';
import type { CancelAnswer } from '../../src/contracts/relay.ts';
import type { Store } from '../../src/contracts/store.ts';
import type { AskRequest } from '../../src/contracts/worker.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { expectInvariants } from '../support/invariants.ts';

const minute = 60_000;
const may: AskRequest = {
  kind: 'permission',
  text: 'May I delete it?',
  options: [
    { id: 'yes', label: 'Yes' },
    { id: 'no', label: 'No', refuses: true },
  ],
};
const which: AskRequest = { kind: 'question', text: 'Which branch?', options: [] };

/** A running Task that has asked, its question shown. */
async function asked(h: Harness, request: AskRequest) {
  const id = await h.say('work');
  const call = await h.worker.next();
  const reply = call.ask(request);
  await h.runtime.settle();
  return { id, call, reply };
}

async function finish(h: Harness, call: { finish: (text: string) => boolean }): Promise<void> {
  call.finish('done');
  await h.advance(5_000);
  await expectInvariants(h);
  expect(h.errors).toEqual([]);
}

describe('a question', () => {
  it('with options that have no name is asked all the same: a button needs one', async () => {
    const h = await startHarness();
    const options = [
      { id: 'first', label: '  ' },
      { id: '', label: '' },
    ];
    const { call } = await asked(h, { kind: 'question', text: 'Which?', options });
    expect(h.platform.shown[0]?.buttons.map((button) => button.label)).toEqual(['first', '2']);
    await finish(h, call);
  });

  it('is answered by a press: its buttons go, the answer stands, the task runs on', async () => {
    const h = await startHarness();
    const { id, call, reply } = await asked(h, may);
    expect((await h.task(id)).state).toBe('waiting');
    await h.press('Yes');
    expect(await reply).toEqual({ outcome: 'selected', optionId: 'yes' });
    await h.advance(100);
    expect((await h.task(id)).state).toBe('running');
    expect(h.platform.texts()[0]).toContain('Answered: Yes');
    expect(h.platform.shown[0]?.buttons).toEqual([]);
    await finish(h, call);
  });

  it('with free text takes the next plain message of its person, not of others; operators may', async () => {
    const h = await startHarness();
    const { call, reply } = await asked(h, which);
    const other = await h.say('develop', { person: 'bob' });
    expect(other).toBeDefined();
    expect((await h.task(other)).state).toBe('queued');
    await h.say('main', { person: 'root', operator: true });
    expect(await reply).toEqual({ outcome: 'answered', text: 'main' });
    call.finish('ok');
    (await h.worker.next()).finish('bob done');
    await h.advance(5_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('a press of another person is refused and changes nothing', async () => {
    const h = await startHarness();
    const { id, call } = await asked(h, may);
    await h.press('Yes', { person: 'bob' });
    await h.advance(100);
    expect(h.platform.texts().at(-1)).toContain('Only the person who asked');
    expect((await h.task(id)).state).toBe('waiting');
    await h.press('No', { person: 'root', operator: true });
    expect((await h.task(id)).state).toBe('running');
    await finish(h, call);
  });

  it('takes words that come with a press of it: those of a dialog, of its person, and never later', async () => {
    const h = await startHarness();
    const { id, call, reply } = await asked(h, { ...which, options: may.options, freeText: true });
    const { ask = '' } = await h.task(id);
    await h.settle(h.platform.press(ask, { person: 'bob', text: 'mine' }));
    await h.settle(h.platform.press(ask, { text: ' ' }));
    await h.settle(h.platform.press(ask));
    expect((await h.task(id)).state).toBe('waiting');
    await h.settle(h.platform.press(ask, { text: 'main' }));
    expect(await reply).toEqual({ outcome: 'answered', text: 'main' });
    await h.settle(h.platform.press(ask, { text: 'develop' }));
    await h.advance(100);
    expect(h.platform.texts().at(-1)).toContain('answered already');
    await finish(h, call);
    expect(h.worker.calls).toHaveLength(1);
  });

  it('that takes none of them is not answered in words', async () => {
    const h = await startHarness();
    const { id, call } = await asked(h, may);
    const { ask = '' } = await h.task(id);
    await h.settle(h.platform.press(ask, { text: 'perhaps' }));
    expect((await h.task(id)).state).toBe('waiting');
    await h.press('Yes');
    await finish(h, call);
  });

  it('is not answered by an option that it has not, nor from another conversation', async () => {
    const h = await startHarness();
    const { id, call, reply } = await asked(h, { ...which, options: may.options, freeText: true });
    const { ask = '' } = await h.task(id);
    await h.settle(h.platform.press(`answer:${ask}:7`));
    await h.settle(h.platform.press(ask, { conversation: 'c2', text: 'main' }));
    await h.settle(h.platform.press(h.platform.button('Yes'), { conversation: 'c2' }));
    expect((await h.task(id)).state).toBe('waiting');
    await h.press('Yes');
    expect(await reply).toMatchObject({ outcome: 'selected', optionId: 'yes' });
    await finish(h, call);
  });

  it('answered twice says so, late says too late, and neither changes anything', async () => {
    const h = await startHarness();
    const { call } = await asked(h, may);
    const button = h.platform.button('No');
    await h.press('Yes');
    await h.settle(h.platform.press(button));
    await h.advance(100);
    expect(h.platform.texts().at(-1)).toContain('answered already');
    const second = call.ask(may);
    await h.runtime.settle();
    const late = h.platform.button('Yes');
    await h.advance(10 * minute);
    expect(await second).toEqual({ outcome: 'selected', optionId: 'no' });
    await h.settle(h.platform.press(late));
    await h.advance(100);
    expect(h.platform.texts().at(-1)).toContain('Too late');
    await finish(h, call);
  });

  it('reminds once at half time and closes with the refusing option; nothing keeps its buttons', async () => {
    const h = await startHarness();
    const { call, reply } = await asked(h, may);
    await h.advance(5 * minute - 1);
    expect(h.platform.shown).toHaveLength(1);
    await h.advance(2);
    expect(h.platform.texts()[1]).toContain('Still waiting for your answer');
    await h.advance(5 * minute);
    expect(await reply).toEqual({ outcome: 'selected', optionId: 'no' });
    expect(h.platform.texts()[0]).toContain('No answer in time: taken as “No”');
    expect(
      h.platform.shown.flatMap((message) =>
        message.buttons.filter((button) => button.id.startsWith('answer')),
      ),
    ).toEqual([]);
    expect(
      h.platform.shown.filter((message) =>
        message.history[0]?.includes('Still waiting for your answer'),
      ),
    ).toHaveLength(1);
    await finish(h, call);
  });

  it('answered after its reminder leaves no button behind on either', async () => {
    const h = await startHarness();
    const { call } = await asked(h, may);
    await h.advance(6 * minute);
    await h.press('Yes');
    await h.advance(100);
    expect(h.platform.texts().filter((text) => text.includes('Still waiting'))).toEqual([]);
    expect(
      h.platform.shown.flatMap((message) =>
        message.buttons.filter((button) => button.id.startsWith('answer')),
      ),
    ).toEqual([]);
    await finish(h, call);
  });

  it('is reminded of on a platform without buttons too', async () => {
    const h = await startHarness({
      platform: new FakePlatform({ capabilities: { buttons: false } }),
    });
    const { call } = await asked(h, which);
    await h.advance(5 * minute + 1);
    expect(h.platform.texts().filter((text) => text.includes('Still waiting'))).toHaveLength(1);
    await h.say('main');
    await h.advance(100);
    await finish(h, call);
  });

  it('without a refusing option is cancelled as timed_out', async () => {
    const h = await startHarness();
    const { call, reply } = await asked(h, which);
    await h.advance(10 * minute + 1);
    expect(await reply).toEqual({ outcome: 'cancelled', reason: 'timed_out' });
    expect(await h.say('main')).toBeDefined();
    call.finish('ok');
    (await h.worker.next()).finish('that was a new task');
    await h.advance(5_000);
    await expectInvariants(h);
  });

  it('holds the silence clocks while it is open', async () => {
    const h = await startHarness();
    const { id, call } = await asked(h, may);
    await h.advance(4 * minute);
    expect(h.platform.sent).toHaveLength(1);
    expect(await h.events('deadline.missed')).toEqual([]);
    expect((await h.task(id)).contract.state).toBe('acked');
    await h.press('Yes');
    await h.advance(31_000);
    expect(h.platform.texts().join()).toContain('Still working');
    await finish(h, call);
  });

  it('that never surfaced waits for the terminal time less its grace', async () => {
    const h = await startHarness({ deadlines: { terminalMs: 20 * minute } });
    h.platform.decide = ({ delivery, atMs }) =>
      delivery.kind === 'question'
        ? { kind: 'deferred', atMs, reason: 'unavailable', cause: 'down' }
        : undefined;
    const { id, reply } = await asked(h, may);
    let answered: unknown;
    void reply.then((value) => {
      answered = value;
    });
    await h.advance(19 * minute);
    expect(answered).toBeUndefined();
    expect((await h.task(id)).state).toBe('waiting');
    await h.advance(55_000);
    expect(answered).toEqual({ outcome: 'selected', optionId: 'no' });
    h.worker.calls[0]?.finish('ok');
    await h.advance(5 * minute);
    await expectInvariants(h);
  });

  it('is closed by the end of its task, and the worker is told', async () => {
    const h = await startHarness();
    const { id, reply } = await asked(h, may);
    await h.settle(h.relay.tasks.cancel(id, { by: 'ada' }));
    expect(await reply).toEqual({ outcome: 'cancelled', reason: 'aborted' });
    await h.advance(100);
    expect(h.platform.shown[0]?.buttons).toEqual([]);
    expect(h.platform.texts()[0]).toContain('Closed without an answer');
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('is closed at once when its task is cancelled, not when the worker obeys', async () => {
    const h = await startHarness();
    const { call, reply } = await asked(h, may);
    call.ignoreAbort();
    await h.say('/cancel');
    expect(await reply).toEqual({ outcome: 'cancelled', reason: 'aborted' });
    await h.advance(100);
    expect(h.platform.texts()[0]).toContain('Closed without an answer');
    await h.advance(6_000);
    await expectInvariants(h);
    expect(h.errors).toEqual([]);
  });

  it('two at once come one after the other', async () => {
    const h = await startHarness();
    await h.say('work');
    const call = await h.worker.next();
    const replies = [call.ask(may), call.ask(which)];
    await h.runtime.settle();
    expect(h.platform.shown).toHaveLength(1);
    await h.press('Yes');
    await h.advance(100);
    expect(h.platform.texts().at(-1)).toContain('Which branch?');
    await h.say('main');
    expect(await Promise.all(replies)).toEqual([
      { outcome: 'selected', optionId: 'yes' },
      { outcome: 'answered', text: 'main' },
    ]);
    await finish(h, call);
  });

  it('asked in the instant of a cancel is answered all the same', async () => {
    const h = await startHarness();
    const id = await h.say('work');
    const call = await h.worker.next();
    call.ignoreAbort();
    const port = h.store as { write: Store['write'] };
    const { write } = port;
    let cancelled: Promise<CancelAnswer> | undefined;
    port.write = (name, script) => {
      const written = write(name, script);
      if (name === 'ask') cancelled = h.relay.tasks.cancel(id);
      return written;
    };
    let heard: unknown = 'nothing';
    void call.ask(may).then((reply) => {
      heard = reply;
    });
    await h.runtime.settle();
    expect(heard).toEqual({ outcome: 'cancelled', reason: 'aborted' });
    await h.advance(6_000);
    expect((await cancelled)?.kind).toBe('detached');
    await expectInvariants(h);
  });

  it('cannot be asked after the end', async () => {
    const h = await startHarness();
    await h.say('work');
    const call = await h.worker.next();
    call.finish('ok');
    await h.runtime.settle();
    expect(await h.settle(call.ask(may))).toEqual({ outcome: 'cancelled', reason: 'aborted' });
    await expectInvariants(h);
  });
});

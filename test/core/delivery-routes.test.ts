import { describe, expect, it } from 'vitest';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { type Harness, type HarnessOptions, startHarness } from '../support/harness.ts';
import { rejected, transient, unavailable } from '../support/outcome.ts';

const blocked =
  (...conversations: string[]): NonNullable<FakePlatform['decide']> =>
  ({ delivery }) =>
    conversations.includes(delivery.channel.conversation) ? rejected() : undefined;

async function ended(
  options: HarnessOptions & { platform: FakePlatform },
  said: { private?: boolean } = {},
) {
  const h = await startHarness(options);
  const id = await h.say('go', said);
  (await h.worker.next()).finish('done');
  await h.advance(1_000);
  return { h, id };
}

const terminal = async (h: Harness) => (await h.receipts()).find(({ kind }) => kind === 'terminal');
const routesTo = (platform: FakePlatform, ...to: readonly (readonly [string, boolean])[]) =>
  to.map(([conversation, isPrivate]) => ({
    channel: platform.channel(conversation),
    private: isPrivate,
  }));

describe('a terminal that its channel does not take', () => {
  it('takes the next route, says where it comes from, and which task it is of', async () => {
    const platform = new FakePlatform();
    platform.decide = blocked('c1');
    const { h, id } = await ended({ platform, routes: () => routesTo(platform, ['dm', true]) });
    expect(platform.texts('dm')).toHaveLength(1);
    expect(platform.texts('dm')[0]).toMatch(/^Sent here because.*\n\n\*\*“go”\*\*.*\n\ndone$/s);
    expect((await h.task(id)).contract.state).toBe('terminal_acked');
    expect(await h.events('receipt.rerouted')).toMatchObject([
      { route: 1, to: 'fake/bot/dm', reason: 'forbidden 403: because' },
    ]);
    expect(h.errors).toEqual([]);
  });

  it('its text alone stays in the history of where it was asked, under its number there', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform, routes: () => routesTo(platform, ['dm', true]) });
    await h.settle(h.relay.notify({ channel: platform.channel('dm'), text: 'before', key: 'x' }));
    platform.decide = blocked('c1');
    await h.say('go');
    (await h.worker.next()).finish('done');
    await h.advance(1_000);
    const receipt = await terminal(h);
    expect(receipt).toMatchObject({ originChannel: 'fake/bot/c1', channel: 'fake/bot/dm' });
    const asked = await platform.host.history(platform.channel(), 0, 50);
    expect(asked.items.map(({ seq }) => seq)).toEqual([1, 2]);
    expect([receipt?.originSeq, receipt?.seq]).toEqual([2, 3]);
    expect(asked.items.at(-1)).toMatchObject({ delivery: { receiptId: receipt?.id } });
    const there = await platform.host.history(platform.channel('dm'), 0, 50);
    expect(there.items.at(-1)).toMatchObject({ seq: receipt?.seq, seen: true });
    expect(h.errors).toEqual([]);
  });

  it('asked in private it never leaves for where others read', async () => {
    const platform = new FakePlatform();
    platform.decide = blocked('c1');
    const routes = () => routesTo(platform, ['open', false], ['dm', true]);
    await ended({ platform, routes }, { private: true });
    expect(platform.texts('open')).toEqual([]);
    expect(platform.texts('dm')).toHaveLength(1);
  });

  it('with public routes only it dies, with an incident, rather than be seen by others', async () => {
    const platform = new FakePlatform();
    platform.decide = blocked('c1');
    const routes = () => routesTo(platform, ['open', false]);
    const { h, id } = await ended({ platform, routes }, { private: true });
    expect(platform.texts('open')).toEqual([]);
    expect((await h.task(id)).contract.state).toBe('terminal_failed');
    const open = (await h.relay.incidents.list({ open: true })).rows;
    expect(open).toMatchObject([
      { kind: 'receipt_dead', key: `receipt:${(await terminal(h))?.id}` },
    ]);
    expect(open[0]?.reason).not.toContain('done');
    expect(h.errors).toEqual([]);
  });

  it('public, takes them in order until one shows it', async () => {
    const platform = new FakePlatform();
    platform.decide = blocked('c1', 'open');
    const routes = () => routesTo(platform, ['open', false], ['dm', true]);
    const { h } = await ended({ platform, routes });
    expect(platform.texts('dm')).toHaveLength(1);
    expect(await h.events('receipt.rerouted')).toHaveLength(2);
    expect(h.errors).toEqual([]);
  });

  it('begins again at part 1 there, with keys of that route', async () => {
    const platform = new FakePlatform({ capabilities: { lengthMax: 60 } });
    const h = await startHarness({ platform, routes: () => routesTo(platform, ['dm', true]) });
    platform.decide = ({ delivery, attempt }) =>
      delivery.channel.conversation === 'c1' && attempt.part === 2 ? rejected() : undefined;
    const text = Array.from({ length: 20 }, (_, n) => `word${n}`).join(' ');
    await h.settle(h.relay.notify({ channel: platform.channel(), text, key: 'k' }));
    await h.advance(1_000);
    expect(platform.texts('c1')).toHaveLength(1);
    const there = platform.texts('dm').join(' ');
    for (const word of ['word0 ', 'word19']) expect(there).toContain(word);
    const keys = platform.sent.map(({ attempt }) => attempt.key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(h.errors).toEqual([]);
  });

  it('a route that leads back to the same channel is none', async () => {
    const platform = new FakePlatform();
    platform.decide = blocked('c1');
    const { h, id } = await ended({ platform, routes: () => routesTo(platform, ['c1', true]) });
    expect(platform.sent).toHaveLength(1);
    expect((await h.task(id)).contract.state).toBe('terminal_failed');
    expect(h.errors).toEqual([]);
  });

  it('what shows work where it was asked is finished there', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform, routes: () => routesTo(platform, ['dm', true]) });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.decide = ({ delivery }) =>
      delivery.kind === 'terminal' && delivery.channel.conversation === 'c1'
        ? rejected()
        : undefined;
    call.finish('done');
    await h.advance(1_000);
    expect(platform.shown[0]).toMatchObject({ conversation: 'c1', kind: 'amend', buttons: [] });
    expect(platform.shown[0]?.text).toMatch(/ went another way\.$/);
    expect(platform.texts('dm')).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });

  it('shown only for a moment it is not shown: next route, or dead', async () => {
    const platform = new FakePlatform();
    platform.decide = ({ delivery }) =>
      delivery.channel.conversation === 'c1' ? transient : undefined;
    await ended({ platform, routes: () => routesTo(platform, ['dm', true]) });
    expect(platform.texts('dm')).toHaveLength(1);
  });
});

describe('what has no second route', () => {
  it('an ack and progress are only shown where the work was asked for', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform, routes: () => routesTo(platform, ['dm', true]) });
    platform.decide = blocked('c1');
    await h.say('go');
    const call = await h.worker.next();
    call.emit({ kind: 'progress', message: 'half' });
    await h.advance(60_000);
    expect(platform.texts('dm')).toEqual([]);
    expect(h.errors).toEqual([]);
  });
});

describe('the end of all routes', () => {
  it('a dead question closes at once with the refusing option', async () => {
    const platform = new FakePlatform();
    const h = await startHarness({ platform });
    await h.say('go');
    const call = await h.worker.next();
    await h.advance(2_000);
    platform.decide = ({ delivery }) => (delivery.kind === 'question' ? rejected() : undefined);
    const options = [
      { id: 'y', label: 'Yes' },
      { id: 'n', label: 'No', refuses: true },
    ];
    const reply = call.ask({ kind: 'permission', text: 'May I?', options });
    await h.advance(100);
    expect(await h.settle(reply)).toEqual({ outcome: 'selected', optionId: 'n' });
    expect(h.errors).toEqual([]);
  });

  it('an operator’s channel is told with ids and reason; its own death opens nothing', async () => {
    const platform = new FakePlatform();
    platform.decide = blocked('c1');
    const operator = { channel: platform.channel('ops') };
    const { h } = await ended({ platform, operator });
    expect(platform.texts('ops')).toHaveLength(1);
    expect(platform.texts('ops')[0]).toContain((await terminal(h))?.id);
    expect(platform.texts('ops')[0]).not.toContain('done');
    const deaf = new FakePlatform();
    deaf.decide = blocked('c1', 'ops');
    const other = await ended({ platform: deaf, operator: { channel: deaf.channel('ops') } });
    expect((await other.h.relay.incidents.list()).rows).toHaveLength(1);
    expect([...h.errors, ...other.h.errors]).toEqual([]);
  });

  it('expireMs: the last attempt is made exactly then, then one for each route, then it is dead', async () => {
    const platform = new FakePlatform();
    platform.decide = () => unavailable;
    const h = await startHarness({
      platform,
      clocks: { expireMs: 3_600_000 },
      routes: () => routesTo(platform, ['dm', true], ['mail', true]),
    });
    const openedAt = h.runtime.wallMs();
    await h.settle(h.relay.notify({ channel: platform.channel(), text: 'hello', key: 'k' }));
    await h.advance(3_599_999);
    expect(platform.sent.every(({ delivery }) => delivery.channel.conversation === 'c1')).toBe(
      true,
    );
    const before = platform.sent.length;
    await h.advance(10);
    expect(
      platform.sent
        .slice(before)
        .map(({ delivery, atMs }) => [delivery.channel.conversation, atMs - openedAt]),
    ).toEqual([
      ['c1', 3_600_000],
      ['dm', 3_600_000],
      ['mail', 3_600_000],
    ]);
    expect((await h.receipts()).at(0)).toMatchObject({ state: 'dead' });
    expect((await h.relay.incidents.list({ open: true })).rows).toHaveLength(1);
    expect(h.errors).toEqual([]);
  });
});

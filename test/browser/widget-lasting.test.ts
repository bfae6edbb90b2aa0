import { describe, expect, test } from 'vitest';
import { FakeBot } from '../adapters/webchat/fake-bot.ts';
import { button, eventually, useStage } from './stage.ts';
import {
  connected,
  conversationOf,
  openChat,
  type Served,
  serveWebchat,
  setHidden,
  transcript,
} from './widget-page.ts';

const stage = useStage();

describe('a reload', () => {
  test('shows the same, to the letter', async () => {
    const bot = await openChat(stage.page, stage.served);
    await stage.ask('first **not bold**');
    const ack = await bot.say({
      kind: 'ack',
      text: 'On it…',
      buttons: [button('cancel:1', 'Cancel')],
    });
    await stage.ask('second');
    const live = { live: ack.handle ?? '', liveId: ack.receiptId };
    await bot.say({ kind: 'progress', text: 'Half way', ...live });
    bot.stream(ack.receiptId, 1, '# The **answer**');
    const question = await bot.say({
      kind: 'question',
      text: 'Which?',
      freeText: true,
      buttons: [button('a:0', 'This')],
    });
    await bot.say({ kind: 'amend', target: question.handle ?? '', text: 'Which? This.' });
    await bot.say({
      kind: 'terminal',
      text: '# The **answer**\n\n```sh\nls\n```',
      files: [{ name: 'f', mimeType: 'text/plain', text: 'x' }],
      ...live,
    });
    await bot.say({
      kind: 'question',
      text: 'And now?',
      freeText: true,
      buttons: [button('b:0', 'Go on')],
    });
    await bot.say({
      kind: 'terminal',
      end: 'interrupted',
      text: 'word '.repeat(14_000).trim(),
      buttons: [button('retry:1', 'Retry')],
    });
    await stage.ask('third');
    await eventually(() => stage.messages().count()).toBe(8);
    await eventually(() => stage.log().locator('.sending').count()).toBe(0);
    await stage.served.host.until(() => stage.served.host.items(bot.channel).length === 10);
    const before = await transcript(stage.page);
    await stage.page.reload();
    await connected(stage.page);
    await eventually(() => transcript(stage.page)).toBe(before);
    expect(before).toContain('third');
  });

  test('is not needed: after a lost connection nothing is missing and nothing is twice', async () => {
    const bot = await openChat(stage.page, stage.served);
    await bot.say({ text: 'one' });
    await stage.served.listen(false);
    await stage.page.getByText('No connection.').waitFor();
    const missed = await bot.say({ text: 'two' });
    expect(missed.outcomes).toMatchObject([{ kind: 'not_surfaced', reason: 'no_audience' }]);
    await stage.served.listen(true);
    await stage.page.getByRole('button', { name: 'Try now' }).click();
    await connected(stage.page);
    await stage.served.host.until(() => stage.served.host.audiences.at(-1)?.present === true);
    expect(
      (await bot.say({ text: 'two', receiptId: missed.receiptId, seq: missed.seq })).outcomes,
    ).toMatchObject([{ evidence: 'rendered' }]);
    expect(await stage.bodies()).toEqual(['one', 'two']);
  });

  test('of another database drops what is shown', async () => {
    const bot = await openChat(stage.page, stage.served);
    await bot.say({ text: 'old' });
    stage.served.host.forget('epoch-2');
    await stage.served.listen(false);
    await stage.served.listen(true);
    await eventually(() => stage.bodies()).toEqual([]);
    await connected(stage.page);
  });
});

describe('two pages', () => {
  test('of one browser are one conversation', async () => {
    const [second] = await Promise.all([stage.newPage(), stage.visit(stage.page)]);
    await second.goto(`${stage.served.origin}/webchat/chat`);
    await Promise.all([connected(stage.page), connected(second)]);
    const conversation = await conversationOf(stage.page);
    const bot = new FakeBot(stage.served.adapter, stage.served.host, conversation);
    await stage.send('from one');
    await eventually(() => stage.bodies(second)).toEqual(['from one']);
    await stage.ask('from two', second);
    await bot.say({ text: 'to both' });
    await eventually(() => stage.bodies()).toEqual(['from one', 'from two', 'to both']);
    await eventually(() => transcript(second)).toBe(await transcript(stage.page));
    expect(
      new Set(stage.served.host.inbounds.map((inbound) => inbound.channel.conversation)),
    ).toEqual(new Set([conversation]));
  });

  /** Mostly there is one from the start. Chromium may tell a page late of what another has stored: then one page moves. */
  test('that open at once are in one conversation', async () => {
    const second = await stage.newPage();
    await Promise.all(
      [stage.page, second].map((each) => each.goto(`${stage.served.origin}/webchat/chat`)),
    );
    await Promise.all([stage.page, second].map((each) => connected(each)));
    await eventually(async () => {
      const [one, other] = await Promise.all([stage.page, second].map(conversationOf));
      return one === other;
    }).toBe(true);
    const conversation = await conversationOf(second);
    await new FakeBot(stage.served.adapter, stage.served.host, conversation).say({ text: 'hello' });
    for (const page of [stage.page, second])
      await eventually(() => stage.bodies(page)).toEqual(['hello']);
  });
});

describe('evidence', () => {
  test('is not given for a hidden page; it is when the page is shown', async () => {
    const bot = await openChat(stage.page, stage.served);
    const second = await stage.newPage();
    await second.goto(`${stage.served.origin}/webchat/chat`);
    await connected(second);
    const acks: string[] = [];
    for (const each of [stage.page, second]) {
      each.on('request', (request) => {
        if (request.url().endsWith('/acks')) acks.push(each === stage.page ? 'first' : 'second');
      });
    }
    await setHidden(stage.page, true);
    expect((await bot.say({ text: 'one' })).outcomes).toMatchObject([{ evidence: 'rendered' }]);
    await eventually(() => stage.bodies()).toEqual(['one']);
    expect(acks).toEqual(['second']);
    await setHidden(second, true);
    await stage.served.host.until(() => stage.served.host.audiences.at(-1)?.present === false);
    expect((await bot.say({ text: 'two' })).outcomes).toMatchObject([{ reason: 'no_audience' }]);
    await setHidden(stage.page, false);
    await stage.served.host.until(() => stage.served.host.audiences.at(-1)?.present === true);
    await eventually(() => acks).toEqual(['second', 'first']);
  });

  test('is not given for a widget without a place on the page', async () => {
    const bot = await openChat(stage.page, stage.served);
    await stage.page.evaluate("document.querySelector('readback-chat').hidden = true");
    await stage.served.host.until(() => stage.served.host.audiences.at(-1)?.present === false);
    expect((await bot.say({ text: 'one' })).outcomes).toMatchObject([{ reason: 'no_audience' }]);
    await stage.page.evaluate("document.querySelector('readback-chat').hidden = false");
    await stage.served.host.until(() => stage.served.host.audiences.at(-1)?.present === true);
    expect((await bot.say({ text: 'one' })).outcomes).toMatchObject([{ evidence: 'rendered' }]);
  });

  test('ends with the element, and begins again with it', async () => {
    const bot = await openChat(stage.page, stage.served);
    await bot.say({ text: 'one' });
    await stage.page.evaluate(
      "window.kept = document.querySelector('readback-chat'); kept.remove()",
    );
    await stage.served.host.until(() => stage.served.host.audiences.at(-1)?.present === false);
    await stage.page.evaluate('document.body.append(kept)');
    await stage.served.host.until(() => stage.served.host.audiences.at(-1)?.present === true);
    await bot.say({ text: 'two' });
    expect(await stage.bodies()).toEqual(['one', 'two']);
  });
});

describe('sending', () => {
  test('without a connection waits, survives a reload, and happens once', async () => {
    const bot = await openChat(stage.page, stage.served);
    await bot.say({ text: 'hello' });
    await stage.page.route('**/messages', (route) => route.abort());
    await stage.send('one');
    await stage.send('two');
    await expect
      .poll(() => stage.page.getByText('Not sent yet: waiting for a connection').count())
      .toBe(2);
    await stage.page.reload();
    await connected(stage.page);
    await eventually(() => stage.bodies()).toEqual(['hello', 'one', 'two']);
    await stage.page.unroute('**/messages');
    await stage.served.host.until(() => stage.served.host.inbounds.length === 2);
    await eventually(() => stage.log().locator('.problem').count()).toBe(0);
    expect(await stage.bodies()).toEqual(['hello', 'one', 'two']);
  });

  test('whose answer is lost is repeated and shown once', async () => {
    await openChat(stage.page, stage.served);
    let tries = 0;
    await stage.page.route('**/messages', async (route) => {
      tries += 1;
      const response = await route.fetch();
      if (tries === 1) await route.abort();
      else await route.fulfill({ response });
    });
    await stage.send('once');
    await eventually(() => tries).toBe(2);
    await eventually(() => stage.log().locator('.problem').count()).toBe(0);
    expect([await stage.bodies(), stage.served.host.inbounds.length]).toEqual([['once'], 1]);
  });

  test('while the store cannot write is put off', async () => {
    await openChat(stage.page, stage.served);
    stage.served.host.failAccept = new Error('disk full');
    await stage.page.route('**/messages', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), 'retry-after': '0' } });
    });
    await stage.send('later');
    await stage.page.getByText('Not sent yet').waitFor();
    stage.served.host.failAccept = undefined;
    await stage.served.host.until(() => stage.served.host.inbounds.length === 1);
    await eventually(() => stage.log().locator('.problem').count()).toBe(0);
  });

  test('that is refused for good is the person’s to decide', async () => {
    await openChat(stage.page, stage.served);
    await stage.page.route('**/messages', (route) =>
      route.fulfill({
        status: 400,
        json: { error: { code: 'invalid_request', message: 'no such words' } },
      }),
    );
    await stage.send('bad');
    await stage.page.getByText('Not sent: no such words').waitFor();
    await stage.page.unroute('**/messages');
    await stage.page.getByRole('button', { name: 'Send again' }).click();
    await stage.served.host.until(() => stage.served.host.inbounds.length === 1);
    await stage.page.route('**/messages', (route) =>
      route.fulfill({
        status: 400,
        json: { error: { code: 'invalid_request', message: 'no such words' } },
      }),
    );
    await stage.send('worse');
    await stage.page.getByRole('button', { name: 'Discard' }).click();
    await eventually(() => stage.bodies()).toEqual(['bad']);
    await stage.page.reload();
    await connected(stage.page);
    await eventually(() => stage.bodies()).toEqual(['bad']);
  });

  test('too much is kept in the box', async () => {
    await stage.serve({ limits: { textMax: 10 } });
    await openChat(stage.page, stage.served);
    await stage.send('eleven characters');
    await stage.page.getByText('at most 10 characters').waitFor();
    expect(await stage.box().inputValue()).toBe('eleven characters');
  });
});

describe('a session', () => {
  test('that is too old becomes a new conversation, and says so', async () => {
    await stage.serve({ tokenTtlMs: 60_000 });
    const bot = await openChat(stage.page, stage.served);
    await bot.say({ text: 'old' });
    const before = await conversationOf(stage.page);
    stage.served.host.clock.jumpWall(61_000);
    await stage.send('still there?');
    await stage.page
      .getByText('Your last visit was too long ago, so this is a new conversation.')
      .waitFor();
    await stage.served.host.until(() => stage.served.host.inbounds.length === 1);
    expect(await conversationOf(stage.page)).not.toBe(before);
    expect(stage.served.host.inbounds[0]?.channel.conversation).toBe(
      await conversationOf(stage.page),
    );
    await eventually(() => stage.bodies()).toEqual(['still there?']);
    await stage.page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await stage.page.getByText('Your last visit').count()).toBe(0);
  });

  test('that is not known any more becomes a new one', async () => {
    await openChat(stage.page, stage.served);
    await stage.page.evaluate(
      "(() => { const name = Object.keys(localStorage).find((key) => key.endsWith(':session')); localStorage.setItem(name, JSON.stringify({ token: 'x', conversation: 'c' })); })()",
    );
    await stage.page.reload();
    await connected(stage.page);
    await stage.page.getByText('The earlier conversation could not be opened').waitFor();
    expect(await conversationOf(stage.page)).not.toBe('c');
  });

  test('never shows its token in an address', async () => {
    const urls: string[] = [];
    stage.page.on('request', (request) => urls.push(request.url()));
    await openChat(stage.page, stage.served);
    await stage.send('hi');
    await stage.served.host.until(() => stage.served.host.inbounds.length === 1);
    expect(urls.length).toBeGreaterThan(3);
    expect(urls.filter((url) => url.includes('eyJ'))).toEqual([]);
  });
});

describe('another site', () => {
  const embed = (of: Served): string => `(() => {
    const script = document.createElement('script');
    script.src = '${of.origin}/webchat/widget.js';
    document.head.append(script);
    document.body.append(document.createElement('readback-chat'));
  })()`;

  test('on the allow-list has the widget by one script', async () => {
    const elsewhere = await serveWebchat();
    const site = elsewhere.origin.replace('127.0.0.1', 'localhost');
    await stage.serve({ allowedOrigins: [site] });
    await stage.page.goto(`${site}/`);
    await stage.page.evaluate(embed(stage.served));
    await connected(stage.page);
    await stage.send('hi from abroad');
    await stage.served.host.until(() => stage.served.host.inbounds.length === 1);
    const bot = new FakeBot(
      stage.served.adapter,
      stage.served.host,
      stage.served.host.inbounds[0]?.channel.conversation ?? '',
    );
    expect((await bot.say({ text: 'welcome' })).outcomes).toMatchObject([{ evidence: 'rendered' }]);
    await elsewhere.close();
  });

  test('that is not is told so', async () => {
    const elsewhere = await serveWebchat();
    await stage.page.goto(`${elsewhere.origin}/`);
    await stage.page.evaluate(embed(stage.served));
    await stage.page.locator('readback-chat .banner:not([hidden])').waitFor();
    expect(stage.served.host.audiences).toEqual([]);
    await elsewhere.close();
  });
});

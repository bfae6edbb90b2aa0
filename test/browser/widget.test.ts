import { describe, expect, test } from 'vitest';
import { button, eventually, hasFocus, useStage } from './stage.ts';
import { about, openChat } from './widget-page.ts';

const stage = useStage();

describe('a conversation', () => {
  test('is operable by names and by keyboard', async () => {
    await openChat(stage.page, stage.served);
    expect(await stage.page.getByRole('heading', { name: 'Helper' }).isVisible()).toBe(true);
    expect(await stage.page.getByRole('img', { name: 'Connected' }).count()).toBe(1);
    expect(await stage.log().getAttribute('aria-live')).toBe('polite');
    const sendButton = stage.page.getByRole('button', { name: 'Send' });
    expect(await sendButton.isDisabled()).toBe(true);
    await stage.box().fill('one');
    await stage.box().press('Shift+Enter');
    await stage.box().pressSequentially('two');
    expect(await sendButton.isDisabled()).toBe(false);
    await stage.box().press('Enter');
    await stage.messages().first().waitFor();
    expect(await stage.bodies()).toEqual(['one\ntwo']);
    expect(await stage.box().inputValue()).toBe('');
    expect(await about(stage.box(), hasFocus)).toBe(true);
    await stage.box().fill('three');
    await sendButton.click();
    await stage.served.host.until(() => stage.served.host.inbounds.length === 2);
    expect(
      stage.served.host.inbounds.map((inbound) => inbound.kind === 'message' && inbound.text),
    ).toEqual(['one\ntwo', 'three']);
  });

  test('shows work in place, from the first word to the last', async () => {
    const bot = await openChat(stage.page, stage.served);
    await stage.ask('do it');
    const ack = await bot.say({
      kind: 'ack',
      text: 'On it…',
      buttons: [button('cancel:1', 'Cancel')],
    });
    expect(ack.outcomes).toMatchObject([{ kind: 'surfaced', evidence: 'rendered' }]);
    const message = stage.messages().nth(1);
    await about(message, 'node.kept = true');
    const live = { live: ack.handle ?? '', liveId: ack.receiptId };
    await bot.say({
      kind: 'progress',
      text: 'Half way',
      buttons: [button('cancel:1', 'Cancel')],
      ...live,
    });
    expect(await message.locator('.body').textContent()).toBe('Half way');
    bot.stream(ack.receiptId, 1, 'The **answer**');
    await message.locator('.body strong').waitFor();
    expect([
      await message.getAttribute('aria-busy'),
      await message.locator('.aside').textContent(),
    ]).toEqual(['true', 'Half way']);
    bot.stream(ack.receiptId, 2, 'The **answer** is');
    await message.getByText('is', { exact: false }).first().waitFor();
    await bot.say({ kind: 'terminal', text: 'The **answer** is 42.', ...live });
    expect(await stage.bodies()).toEqual(['do it', 'The answer is 42.']);
    expect(await about(message, "[node.kept, node.hasAttribute('aria-busy')]")).toEqual([
      true,
      false,
    ]);
    expect(await message.getByRole('button').count()).toBe(0);
  });

  test('reports that streamed text is seen', async () => {
    const bot = await openChat(stage.page, stage.served);
    bot.stream(bot.receiptId(), 1, 'Hel');
    await stage.served.host.until(() => stage.served.host.shownTasks.length === 1);
    expect(await stage.bodies()).toEqual(['Hel']);
  });

  test('shows dots while something is being written', async () => {
    const bot = await openChat(stage.page, stage.served);
    const about = {
      channel: bot.channel,
      taskId: bot.receiptId() as never,
      liveId: bot.receiptId(),
      seq: 1,
    };
    stage.served.adapter.show?.({ kind: 'typing', ...about });
    await stage.page.getByRole('img', { name: 'Working' }).waitFor();
    stage.served.adapter.show?.({ kind: 'status', ...about, text: 'Reading <b>files</b>' });
    await stage.page.getByText('Reading <b>files</b>').waitFor();
    await bot.say({ text: 'done' });
    await stage.page.getByRole('img', { name: 'Working' }).waitFor({ state: 'hidden' });
  });

  test('asks, and takes a press once', async () => {
    const bot = await openChat(stage.page, stage.served);
    const asked = await bot.say({
      kind: 'question',
      text: 'Which?',
      freeText: true,
      buttons: [button('a:0', 'This'), button('a:1', 'That')],
    });
    await stage.page.getByText('Or write your answer below.').waitFor();
    let go = (): void => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    await stage.page.route('**/press', async (route) => {
      await held;
      await route.continue();
    });
    const pressed = stage.page.getByRole('button', { name: 'That' });
    await pressed.focus();
    await stage.page.keyboard.press('Enter');
    await eventually(() => pressed.isDisabled()).toBe(true);
    expect(await stage.page.getByRole('button', { name: 'This' }).isDisabled()).toBe(true);
    await stage.page.keyboard.press('Enter');
    go();
    await stage.served.host.until(() => stage.served.host.inbounds.length === 1);
    await eventually(() => pressed.isDisabled()).toBe(false);
    expect(stage.served.host.inbounds).toMatchObject([{ kind: 'press', button: 'a:1' }]);
    await bot.say({ kind: 'amend', target: asked.handle ?? '', text: 'Which?\n\nAnswered: That' });
    expect([
      await stage.log().getByRole('button').count(),
      await stage.page.getByText('Or write').count(),
    ]).toEqual([0, 0]);
    expect(await about(stage.box(), hasFocus)).toBe(true);
  });

  test('says why a press was not taken, and lets it be made again under its id', async () => {
    const bot = await openChat(stage.page, stage.served);
    await bot.say({
      kind: 'terminal',
      end: 'failed',
      text: 'Failed.',
      buttons: [button('retry:1', 'Retry')],
    });
    const ids: string[] = [];
    await stage.page.route('**/press', async (route) => {
      ids.push((route.request().postDataJSON() as { id: string }).id);
      if (ids.length === 1) await route.abort();
      else await route.continue();
    });
    const retry = stage.page.getByRole('button', { name: 'Retry' });
    await retry.click();
    await stage.page.getByText('“Retry” was not sent: no answer from the server').waitFor();
    expect(await retry.isDisabled()).toBe(false);
    await retry.click();
    await stage.served.host.until(() => stage.served.host.inbounds.length === 1);
    expect(ids[1]).toBe(ids[0]);
  });

  test('gives files as links or downloads', async () => {
    const bot = await openChat(stage.page, stage.served);
    const files = [
      { name: 'notes.md', mimeType: 'text/markdown', text: '# <notes>' },
      { name: 'page', mimeType: 'text/html', url: 'https://a.example/page' },
      { name: 'evil', mimeType: 'text/html', url: 'javascript:alert(1)' },
    ];
    await bot.say({ text: 'here', files });
    const download = stage.page.waitForEvent('download');
    await stage.page.getByRole('button', { name: 'Download notes.md' }).click();
    expect((await download).suggestedFilename()).toBe('notes.md');
    const links = await about(stage.log().getByRole('link'), '[node.href, node.target, node.rel]');
    expect(links).toEqual(['https://a.example/page', '_blank', 'noopener noreferrer nofollow']);
  });
});

describe('what others write', () => {
  const evil = '<script>alert(1)</script><img src="/x" onerror="alert(2)"><svg onload=alert(3)>';

  test('is text, whoever wrote it and wherever it stands', async () => {
    await stage.serve({ heading: `"></title>${evil}`.slice(0, 100) });
    const requests: string[] = [];
    stage.page.on('request', (request) => requests.push(request.url()));
    const bot = await openChat(stage.page, stage.served);
    const text = `${evil}\n\n![x](https://evil.example/i.png) [y](javascript:alert(4)) \`${evil}\`\n\n# ${evil}\n\n- ${evil}\n\n\`\`\`"><script>\n${evil}\n\`\`\``;
    await stage.ask(evil);
    const ack = await bot.say({ kind: 'ack', text, buttons: [button('b', evil.slice(0, 80))] });
    bot.stream(ack.receiptId, 1, text);
    await stage.log().locator('[aria-busy]').waitFor();
    await bot.say({
      kind: 'terminal',
      text,
      live: ack.handle ?? '',
      liveId: ack.receiptId,
      buttons: [button('b', evil.slice(0, 80))],
      files: [{ name: evil, mimeType: 'text/html', url: 'https://a.example' }],
    });
    stage.served.adapter.show?.({
      kind: 'status',
      channel: bot.channel,
      taskId: ack.receiptId as never,
      liveId: bot.receiptId(),
      seq: 1,
      text: evil,
    });
    await stage.page.locator('.presence', { hasText: evil }).waitFor();
    expect((await stage.bodies())[0]).toBe(evil);
    expect((await stage.bodies())[1]).toContain(evil);
    const made =
      "document.querySelector('readback-chat').shadowRoot.querySelectorAll('script, img, svg[onload], iframe, [onerror]').length";
    expect(await stage.page.evaluate(made)).toBe(0);
    expect(await stage.page.getByRole('heading', { level: 2 }).textContent()).toContain(
      '<script>alert(1)</script>',
    );
    expect(requests.filter((url) => !url.startsWith(stage.served.origin))).toEqual([]);
    expect(stage.complaints).toEqual([]);
  });

  test('is laid out', async () => {
    const bot = await openChat(stage.page, stage.served);
    await bot.say({
      text: '## Title\n\n1. one\n2. **two**\n   - three\n\n> quote\n\n```ts\nlet a = 1;\n```\n\nsee [it](https://a.example) ~~now~~',
    });
    const found = await about(
      stage.log().locator('.body'),
      "[...node.querySelectorAll('*')].map((each) => each.localName).join(' ')",
    );
    expect(found).toBe('div ol li div li div strong ul li div blockquote p pre code p a s');
  });
});

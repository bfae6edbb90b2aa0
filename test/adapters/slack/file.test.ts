import { afterEach, describe, expect, test } from 'vitest';
import { isSlackFile, loadFile } from '../../../src/adapters/slack/file.ts';
import { OutStage, type OutStageOptions } from './out-stage.ts';

let stage: OutStage;
async function open(options: OutStageOptions = {}): Promise<OutStage> {
  stage = await OutStage.open(options);
  return stage;
}
afterEach(async () => {
  await stage.close();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function load(url: string, site = stage.site): Promise<string> {
  return new TextDecoder().decode(await stage.harness.settle(loadFile(site, url, undefined)));
}
function sent(name: string, text: string, mimeType?: string): string {
  const file = { name, bytes: bytes(text), ...(mimeType === undefined ? {} : { mimeType }) };
  const message = stage.ann.say('see', { to: stage.thread, files: [file] });
  return `slack:${message.files[0]?.id}`;
}

describe('a file that came in', () => {
  test('is loaded with the token in a header', async () => {
    const { slack } = await open();
    expect(await load(sent('a.txt', 'héllo'))).toBe('héllo');
    expect(slack.callsOf('download')).toHaveLength(1);
  });

  test('an HTML file is one as well', async () => {
    await open();
    expect(await load(sent('a.html', '<p>hi</p>', 'text/html'))).toBe('<p>hi</p>');
  });

  test('is not loaded when it is too big, by its size or by its bytes', async () => {
    await open({ config: { fileBytesMax: 10 } });
    await expect(load(sent('a.txt', 'more than ten bytes'))).rejects.toMatchObject({
      code: 'file_too_big',
    });
    const { site } = stage;
    const url = sent('b.txt', 'more than ten bytes');
    const call = async (): Promise<unknown> => ({
      file: {
        url_private: `${stage.slack.apiUrl.replace('/api/', '')}/files-pri/${stage.slack.teamId}-${url.slice(6)}/b.txt`,
      },
    });
    const api = { call, request: site.api.request.bind(site.api) } as never;
    await expect(load(url, { ...site, api })).rejects.toMatchObject({ code: 'file_too_big' });
  });

  test('without the right to read files: a page to log in is no file, and the redirect is not followed', async () => {
    const { slack } = await open();
    const url = sent('a.txt', 'hello');
    slack.setScopes(['chat:write']);
    await expect(load(url)).rejects.toMatchObject({ code: 'file_unavailable' });
    const { site } = stage;
    const call = async (): Promise<unknown> => ({
      file: {
        size: 5,
        url_private: `${slack.apiUrl.replace('/api/', '')}/files-pri/${slack.teamId}-${url.slice(6)}/a.txt`,
      },
    });
    const api = { call, request: site.api.request.bind(site.api) } as never;
    await expect(load(url, { ...site, api })).rejects.toThrow(/login/);
    expect(slack.callsOf('login')).toEqual([]);
  });

  test.each(['text/html', 'text/plain'])(
    'a page with status 200 for a file of %s is no file',
    async (type) => {
      await open();
      const url = sent('a.txt', 'hello', type);
      const page = async (): Promise<Response> =>
        new Response('<!DOCTYPE html><title>Login</title>', {
          headers: { 'content-type': 'text/html; charset=utf-8' },
        });
      const config = { ...stage.site.config, fetch: page as typeof fetch };
      await expect(load(url, { ...stage.site, config })).rejects.toMatchObject({
        code: 'file_unavailable',
      });
    },
  );

  test.each([
    'https://evil.example/f',
    'http://files.slack.com/f',
    'https://files.slack.com.evil.example/f',
    'file:///etc/passwd',
    'nothing',
  ])('at %s it is not fetched: the token goes to Slack alone', async (url_private) => {
    await open();
    let fetched = 0;
    const counted = async (): Promise<Response> => {
      fetched += 1;
      return new Response('x');
    };
    const config = { ...stage.site.config, fetch: counted as typeof fetch };
    const call = async (): Promise<unknown> => ({ file: { url_private } });
    const api = { call, request: stage.site.api.request.bind(stage.site.api) } as never;
    await expect(load('slack:F1', { ...stage.site, config, api })).rejects.toMatchObject({
      code: 'file_unavailable',
    });
    expect(fetched).toBe(0);
  });

  test.each(['telegram:x', 'slack:', 'slack:../../x', 'https://files.slack.com/a'])(
    '%s is no file of Slack',
    async (url) => {
      await open();
      await expect(load(url)).rejects.toMatchObject({ code: 'file_url' });
    },
  );

  test('one that is gone', async () => {
    await open();
    await expect(load('slack:F0')).rejects.toMatchObject({ code: 'file_unavailable' });
  });

  test('no token in what is thrown', async () => {
    const { slack } = await open();
    const url = sent('a.txt', 'hello');
    for (const kind of ['reset', 'server_error', 'html'] as const) {
      slack.fault('download', { kind });
      const error: unknown = await load(url).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'file_unavailable' });
      expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain(slack.botToken);
    }
  });

  test('where the token may go', () => {
    const api = 'https://slack.com/api/';
    expect(isSlackFile('https://files.slack.com/files-pri/T1-F1/a', api)).toBe(true);
    expect(isSlackFile('https://slack.com/files/a', api)).toBe(true);
    expect(isSlackFile('http://files.slack.com/files-pri/T1-F1/a', api)).toBe(false);
    expect(isSlackFile('https://files.slack.com:8443/a', api)).toBe(false);
    expect(isSlackFile('https://user@files.slack.com@evil.example/a', api)).toBe(false);
  });
});

describe('a file that goes out', () => {
  const long = Array.from({ length: 9_000 }, (_, at) => `line${at}`).join('\n');

  test('carries its key in its first block; its ts is told by the file', async () => {
    const { slack } = await open();
    await stage.begin();
    await stage.advance(3_000);
    stage.work.finish(long);
    await stage.advance(30_000);
    const file = stage.ours.find(({ files }) => files.length > 0);
    const [block] = file?.blocks ?? [];
    expect(String((block as { block_id?: string } | undefined)?.block_id)).toMatch(
      /^readback:key:/,
    );
    expect(slack.callsOf('files.info')).toHaveLength(1);
    expect(slack.callsOf('conversations.replies')).toEqual([]);
    const { rows } = await stage.harness.relay.receipts.list({});
    const terminal = rows.find(({ kind }) => kind === 'terminal');
    expect(terminal?.state).toBe('surfaced');
    expect(terminal?.parts.at(-1)?.handle).toBe(file?.ts);
  });

  test('whose ts nobody tells is found by its key', async () => {
    const { slack } = await open();
    slack.fault('files.info', { kind: 'error', error: 'file_not_found' }, { times: 10 });
    await stage.begin();
    await stage.advance(3_000);
    stage.work.finish(long);
    await stage.advance(60_000);
    const files = stage.ours.filter(({ files: all }) => all.length > 0);
    expect(files).toHaveLength(1);
    const { rows } = await stage.harness.relay.receipts.list({});
    const terminal = rows.find(({ kind }) => kind === 'terminal');
    expect(terminal?.parts.at(-1)?.handle).toBe(files[0]?.ts);
  });

  test('that Slack takes no files for becomes parts of text', async () => {
    const { slack } = await open({ config: { partsMax: 1 } });
    slack.setScopes(['chat:write', 'channels:history', 'assistant:write']);
    await stage.begin();
    await stage.advance(3_000);
    const lines = Array.from({ length: 1_000 }, (_, at) => `line${at}`);
    stage.work.finish(lines.join('\n'));
    await stage.advance(30_000);
    expect(stage.ours.filter(({ files }) => files.length > 0)).toEqual([]);
    expect(new Set(stage.texts.join('\n').match(/line\d+/g))).toEqual(new Set(lines));
  });
});

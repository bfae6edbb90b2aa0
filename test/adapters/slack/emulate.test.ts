import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSlack, type SlackAdapter } from '../../../src/adapters/slack/index.ts';
import type { Relay } from '../../../src/contracts/relay.ts';
import { createSystemRuntime } from '../../../src/core/system-runtime.ts';
import { createRelay, newOwner } from '../../../src/relay.ts';
import { openSqlite, SqliteMemory } from '../../../src/stores/sqlite/index.ts';
import { createFakeWorker, type FakeWorker } from '../../../src/testing/fake-worker.ts';
import { type Listed, SecondSlack, signingSecret } from './second-slack.ts';

/**
 * Goal: our Slack shares its author with the adapter; this one (`emulate`) does not. On the real clock, over real HTTP,
 * with the scopes of the example's manifest, which it checks itself. It is not Slack either:
 * - it has no Socket Mode and tells no app of anything: events and presses are made and signed in `SecondSlack`;
 * - it has no streams, no statuses and no limits: such methods are answered 404 without an `ok`, and the answer must
 *   come all the same;
 * - its history knows no `oldest` and gives the metadata of messages unasked; its `replies` have no pages;
 * - it lets anybody write into every public channel, so nobody has to join;
 * - edits of a message keep its metadata, as Slack's do.
 */
let slack: SecondSlack;
let adapter: SlackAdapter;
let relay: Relay;
let memory: SqliteMemory;
let worker: FakeWorker;
let logs: string[];

beforeEach(async () => {
  slack = await SecondSlack.open();
  const { token, apiUrl, fetch } = slack;
  adapter = createSlack({ token, apiUrl, fetch, signingSecret, partsMax: 1 });
  worker = createFakeWorker();
  logs = [];
  const runtime = createSystemRuntime();
  const owner = newOwner(runtime);
  memory = new SqliteMemory();
  const store = await openSqlite({ file: ':memory:', runtime, owner, memory });
  relay = createRelay({
    store,
    owner,
    runtime,
    adapters: [adapter],
    workers: [worker],
    deadlines: { ackDelayMs: 50 },
    log: (level, message, data) => void logs.push(`${level} ${message} ${JSON.stringify(data)}`),
  });
  await relay.start();
});

afterEach(async () => {
  await relay.stop({ now: true });
  await slack.stop();
  memory.close();
});

/** Ann says it, the app is told. Resolves with its `ts`, which its thread has too. */
async function ask(text: string, options?: Parameters<SecondSlack['say']>[1]): Promise<string> {
  const { ts, event } = await slack.say(text, options);
  await bring(slack.eventRequest(event));
  return ts;
}

async function bring(request: Request): Promise<void> {
  const response = await adapter.fetch?.(request);
  expect(response?.status).toBe(200);
}

const labels = ({ blocks = [] }: Listed): string[] =>
  blocks
    .flatMap(({ type, elements = [] }) => (type === 'actions' ? elements : []))
    .map(({ text }) => text?.text ?? '');

const surfaced = (kind: string): Promise<void> =>
  new Promise((done) => {
    const stop = relay.on('receipt.surfaced', (event) => {
      if (event.kind !== kind) return;
      stop();
      done();
    });
  });

describe('a Slack by another author', { timeout: 60_000 }, () => {
  it('a message is acked in its thread, progress comes by editing that, the answer is its own', async () => {
    const thread = await ask('count the files');
    const call = await worker.next();
    expect(call.task.text).toBe('count the files');
    const placeholder = await slack.reply(thread, ({ text }) => text === 'On it…');
    expect(labels(placeholder)).toEqual(['Cancel']);
    call.emit({ kind: 'progress', message: 'half of them' });
    const edited = await slack.reply(thread, ({ text }) => text.includes('half of them'));
    expect(edited.ts).toBe(placeholder.ts);
    const told = surfaced('terminal');
    call.finish('There are **12** & no more, <!channel>.');
    await told;
    const [, answer] = await slack.replies(thread);
    expect(answer?.text).toContain('There are 12 &amp; no more');
    expect(answer?.metadata?.event_type).toBe('readback');
    expect(JSON.stringify(answer?.blocks)).toContain('"bold":true');
    expect(logs.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
  });

  it('F13 a message whose answer was lost is found by what it carries', async () => {
    const thread = await ask('say it once');
    await slack.reply(thread, ({ text }) => text === 'On it…');
    slack.lose('chat.postMessage');
    const told = surfaced('terminal');
    (await worker.next()).finish('Once.');
    await told;
    const texts = (await slack.replies(thread)).map(({ text }) => text);
    expect(texts.filter((text) => text.includes('Once.'))).toEqual(['Once.']);
    const methods = slack.calls.map(({ method }) => method);
    expect(methods.filter((method) => method === 'chat.postMessage')).toHaveLength(2);
    expect(methods).toContain('conversations.replies');
  });

  it('a question is answered by a press', async () => {
    const thread = await ask('deploy');
    const call = await worker.next();
    const reply = call.ask({
      kind: 'permission',
      text: 'Where to?',
      options: [
        { id: 'staging', label: 'Staging' },
        { id: 'nowhere', label: 'Nowhere', refuses: true },
      ],
    });
    const question = await slack.reply(thread, (message) => labels(message).includes('Staging'));
    await bring(await slack.pressRequest(question, 'Staging'));
    expect(await reply).toEqual({ outcome: 'selected', optionId: 'staging' });
    call.finish('Deployed.');
    await slack.reply(thread, ({ text }) => text === 'Deployed.');
  });

  it('an answer in words gets its dialog', async () => {
    const thread = await ask('name it');
    const call = await worker.next();
    void call.ask({ kind: 'question', text: 'Which name?', options: [], freeText: true });
    const question = await slack.reply(thread, (message) =>
      labels(message).includes('Answer in words'),
    );
    await bring(await slack.pressRequest(question, 'Answer in words'));
    const { ok, view } = (await slack.called('views.open')) as { ok: boolean; view: object };
    expect(ok).toBe(true);
    expect(view).toMatchObject({ type: 'modal', callback_id: 'readback:answer' });
    call.finish('Named.');
  });

  it('F13 a long answer is uploaded, and found when the answer of that is lost', async () => {
    const thread = await ask('list them');
    slack.lose('files.completeUploadExternal');
    const told = surfaced('terminal');
    const text = Array.from({ length: 400 }, (_, n) => `line ${n + 1} of the list`).join('\n');
    (await worker.next()).finish(text);
    await told;
    const shared = (await slack.replies(thread)).flatMap(({ files = [] }) => files);
    expect(shared).toHaveLength(1);
    expect(await slack.download(shared[0]?.id ?? '')).toBe(text);
  });

  it('a file that came in is loaded', async () => {
    const file = await slack.upload('notes.txt', 'one\ntwo\n');
    await ask('read this', { files: [file] });
    const call = await worker.next();
    const [named] = call.task.files;
    expect(named).toMatchObject({ name: 'notes.txt', mimeType: 'text/plain' });
    const bytes = await adapter.file(named?.url ?? '');
    expect(new TextDecoder().decode(bytes)).toBe('one\ntwo\n');
    call.finish('Read.');
  });

  it('streamed text that cannot be shown costs nothing: the answer comes, once', async () => {
    const thread = await ask('write');
    const call = await worker.next();
    call.emit({ kind: 'text', partId: '1', delta: 'Once upon ' });
    await slack.called('chat.startStream');
    const told = surfaced('terminal');
    call.finish('Once upon a time.');
    await told;
    const texts = (await slack.replies(thread)).map(({ text }) => text);
    expect(texts.filter((text) => text.includes('Once upon'))).toEqual(['Once upon a time.']);
  });
});

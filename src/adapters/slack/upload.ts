import type { DeliveryAttempt } from '../../contracts/adapter.ts';
import type { Delivery, DeliveryOutcomeInput } from '../../contracts/delivery.ts';
import { readFailure } from './failure.ts';
import { isSlackFile } from './file.ts';
import { callJoined, NotSent } from './join.ts';
import type { SlackCall } from './outbound.ts';
import { answerOutcome, failureOutcome, type OutcomeContext } from './outcome.ts';
import type { Site } from './site.ts';

/** A file is shared a little after Slack said so: when it is looked for, from then. */
const looksMs = [0, 1_000, 2_000];
const lookMs = 2_000;

interface Sending {
  readonly delivery: Delivery;
  readonly attempt: DeliveryAttempt;
  readonly key: string;
}

/** A file that is made of text: an address for it, its bytes, and the message. Before the last of the three nothing is shown. */
export async function upload(
  site: Site,
  sending: Sending,
  { method, payload, upload: file }: SlackCall,
): Promise<DeliveryOutcomeInput> {
  const { attempt, delivery } = sending;
  const { signal } = attempt;
  const bytes = new TextEncoder().encode(file?.text || '\n');
  const name = file?.name ?? 'file';
  let fileId: string;
  try {
    fileId = await put(site, { name, bytes }, signal);
  } catch (error) {
    return beforeShown(site, sending, error);
  }
  try {
    const full = { ...payload, files: [{ id: fileId, title: name }] };
    await callJoined(site, { method, payload: full }, delivery.channel, signal);
  } catch (error) {
    if (error instanceof NotSent) return beforeShown(site, sending, error);
    return failureOutcome(readFailure(error), contextOf(site, sending, method));
  }
  return await shownAs(site, sending, fileId);
}

/** Gives Slack the bytes; answers the id of the file, which nobody sees yet. */
async function put(
  { api, config }: Site,
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
  signal: AbortSignal,
): Promise<string> {
  const payload = { filename: name, length: bytes.byteLength };
  const answer = await api.call({ method: 'files.getUploadURLExternal', payload }, { signal });
  const { upload_url: url, file_id: id } = (answer ?? {}) as {
    upload_url?: unknown;
    file_id?: unknown;
  };
  if (typeof url !== 'string' || typeof id !== 'string' || !isSlackFile(url, config.apiUrl))
    throw new TypeError('no address for a file');
  const { fetch = globalThis.fetch } = config;
  await api.request({ signal }, async (bounded) => {
    const response = await fetch(url, {
      method: 'POST',
      body: new Uint8Array(bytes),
      headers: { 'content-type': 'application/octet-stream' },
      redirect: 'manual',
      signal: bounded,
    });
    await response.body?.cancel();
    if (!response.ok) throw new TypeError(`the upload was answered ${response.status}`);
  });
  return id;
}

/** Nothing was shown, whatever went wrong. */
function beforeShown(site: Site, sending: Sending, error: unknown): DeliveryOutcomeInput {
  const context = contextOf(site, sending, 'files.getUploadURLExternal');
  const outcome = failureOutcome(readFailure(error), context);
  if (outcome.kind !== 'unknown') return outcome;
  const { atMs, cause } = outcome;
  return { kind: 'deferred', atMs, reason: 'unavailable', scope: 'part', cause };
}

/** It is shared; where its message stands says the file itself, and the history. */
async function shownAs(
  site: Site,
  sending: Sending,
  fileId: string,
): Promise<DeliveryOutcomeInput> {
  const { attempt, delivery } = sending;
  const method = 'files.completeUploadExternal';
  for (const waitMs of looksMs) {
    await site.host.runtime.sleep(waitMs, attempt.signal);
    if (attempt.signal.aborted) break;
    const ts = await sharedAt(site, delivery, { fileId, signal: attempt.signal });
    if (ts !== undefined) return answerOutcome({ ok: true, ts }, contextOf(site, sending, method));
  }
  return answerOutcome({ ok: true }, contextOf(site, sending, method));
}

interface Share {
  readonly ts?: unknown;
  readonly thread_ts?: unknown;
}
type Shares = Readonly<Record<string, Readonly<Record<string, readonly Share[]>>>>;

async function sharedAt(
  { api }: Site,
  { channel }: Delivery,
  { fileId, signal }: { readonly fileId: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    const call = { method: 'files.info', payload: { file: fileId } };
    const answer = await api.call(call, { signal, limitMs: lookMs });
    const { file } = (answer ?? {}) as { file?: { shares?: Shares } };
    const all = Object.values(file?.shares ?? {});
    const [share] = all.flatMap((of) => of[channel.conversation] ?? []);
    return typeof share?.ts === 'string' ? share.ts : undefined;
  } catch {
    return undefined;
  }
}

function contextOf({ host }: Site, { attempt, key }: Sending, method: string): OutcomeContext {
  const { part, parts, repairs } = attempt;
  return { atMs: host.runtime.wallMs(), method, more: part < parts, repairs, key };
}

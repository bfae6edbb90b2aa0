import type { Adapter, AdapterHost, DeliveryOutcomeInput } from '../../../src/contracts/index.ts';

/** The pager service's own client. */
export interface PagerService {
  /** Rejects with the code of the connection's error when there is no answer. */
  send(page: { to: string; text: string }, signal: AbortSignal): Promise<PagerAnswer>;
  /** Brings a page again until `take` resolves. Answers how to stop. */
  listen(take: (page: { id: string; from: string; text: string }) => Promise<void>): () => void;
}
export interface PagerAnswer {
  readonly status: number;
  readonly id?: string;
  readonly retryAfterMs?: number;
}

const lengthMax = 160;

export function createPager(service: PagerService): Adapter {
  let host: AdapterHost | undefined;
  let hangUp: (() => void) | undefined;
  return {
    name: 'pager',
    accounts: ['main'],
    capabilities: {
      lengthMax,
      lengthUnit: 'codepoint',
      editMs: 0,
      buttons: false,
      files: false,
      streams: false,
      terminalAs: 'new',
      unknownPolicy: 'mark',
      audience: 'always',
      evidence: 'accepted',
    },
    async start(given) {
      host = given;
      hangUp = service.listen(async ({ id, from, text }) => {
        const channel = { adapter: 'pager', account: 'main', conversation: from };
        const sentAtMs = given.runtime.wallMs();
        // Rejects while nothing can be stored: then the service brings it again.
        await given.accept({ kind: 'message', id, channel, person: { id: from }, sentAtMs, text });
      });
    },
    cut({ text }) {
      const points = [...text];
      const parts = [{ text: points.splice(0, lengthMax).join('') }];
      while (points.length > 0) parts.push({ text: points.splice(0, lengthMax).join('') });
      return parts;
    },
    async deliver({ channel }, { content, part, parts, live, signal }) {
      const atMs = host?.runtime.wallMs() ?? 0;
      if (hangUp === undefined)
        return { kind: 'deferred', atMs, reason: 'not_connected', cause: 'not running' };
      if (live !== undefined)
        return { kind: 'not_surfaced', atMs, reason: 'unsupported', cause: 'pages stay as sent' };
      const page = { to: channel.conversation, text: content.text };
      return await service.send(page, signal).then(
        (answer) => answered(answer, { atMs, isLast: part === parts }),
        (error: { code?: string }) => broken(error.code ?? 'ABORTED', atMs),
      );
    },
    async stop() {
      hangUp?.();
      hangUp = undefined;
    },
  };
}

/** Pure: by status and id alone, never by the words of an error. */
function answered(
  { status, id, retryAfterMs }: PagerAnswer,
  { atMs, isLast }: { atMs: number; isLast: boolean },
): DeliveryOutcomeInput {
  const cause = `status ${status}`;
  if (status === 200 && id !== undefined) {
    const kind = isLast ? 'surfaced' : 'partly_surfaced';
    return { kind, atMs, handle: id, evidence: 'accepted', surface: 'durable' };
  }
  if (status === 429)
    return {
      kind: 'deferred',
      atMs,
      reason: 'rate_limited',
      retryAfterMs: retryAfterMs ?? 1_000,
      cause,
    };
  if (status === 401)
    return { kind: 'deferred', atMs, reason: 'unauthorized', scope: 'account', cause };
  if (status >= 500 || status === 200) return { kind: 'unknown', atMs, phase: 'answered', cause };
  const reason = status === 403 ? 'blocked' : status === 410 ? 'gone' : 'invalid';
  return { kind: 'rejected', atMs, reason, code: `${status}`, cause };
}

/** Pure: refused is the one failure of which it is certain that nothing left. */
function broken(code: string, atMs: number): DeliveryOutcomeInput {
  if (code === 'ECONNREFUSED')
    return { kind: 'deferred', atMs, reason: 'not_connected', cause: code };
  return { kind: 'unknown', atMs, phase: 'written', cause: code };
}

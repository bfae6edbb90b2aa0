import type { Context } from 'hono';
import type { History, HistoryItem } from '../../contracts/adapter.ts';
import type { Connection } from './connection.ts';
import type { Conversation } from './conversation.ts';
import { check, type Env } from './http.ts';
import { EventsQuery, parsePosition } from './inbound.ts';
import { deliveryFrame, frame, historyToWire } from './outbound.ts';
import { HttpProblem } from './problem.ts';
import type { Site } from './site.ts';
import type { WireDelivery, WireReady } from './wire.ts';

const pageSize = 100;
/** So far before its position a client is told again what nobody has said to be seen: its word may have been lost. */
const lookBack = 200;
const busyRetryMs = 5_000;

/** From where a client resumes. */
interface Position {
  readonly afterSeq: number;
  /** It stood in another transcript: what it holds is void. */
  readonly reset: boolean;
}

/** `GET /events`: the transcript after `Last-Event-ID`, then what is live, as server-sent events. */
export async function openEvents(site: Site, c: Context<Env>): Promise<Response> {
  const query = check(c.req.query(), EventsQuery);
  const conversation = site.registry.open(c.get('visitor').conversation);
  checkRoom(site, conversation, query.connection);
  const connection = conversation.connect(query.connection, query.visible === 'true');
  try {
    const start = await findStart(site, conversation, c.req.header('last-event-id'));
    void replay(site, { conversation, connection, fresh: c.get('fresh'), ...start }).catch(
      (cause: unknown) => {
        site.host.log('warn', 'webchat: a replay failed', {
          channel: conversation.channel,
          cause: String(cause),
        });
        connection.close('history');
      },
    );
  } catch (cause) {
    connection.close('history');
    throw unavailable(cause);
  }
  return c.body(connection.body, 200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
}

/** The store does not answer: the client comes again. */
export function unavailable(cause: unknown): HttpProblem {
  if (cause instanceof HttpProblem) return cause;
  return new HttpProblem(
    503,
    { code: 'unavailable', message: 'not possible at the moment: try again' },
    busyRetryMs,
  );
}

function checkRoom(site: Site, conversation: Conversation, id: string): void {
  if (conversation.connections.has(id)) return;
  const { connections, connectionsPerConversation } = site.config.limits;
  if (conversation.connections.size >= connectionsPerConversation) {
    throw new HttpProblem(
      429,
      {
        code: 'too_many_connections',
        message: 'too many pages of this conversation are open',
        allowed: `at most ${connectionsPerConversation}`,
      },
      busyRetryMs,
    );
  }
  if (site.registry.connections >= connections) {
    throw new HttpProblem(
      503,
      { code: 'full', message: 'too many people are here: try again' },
      busyRetryMs,
    );
  }
}

async function findStart(
  site: Site,
  conversation: Conversation,
  lastEventId: string | undefined,
): Promise<Position & { first: History }> {
  const read = (afterSeq: number): Promise<History> =>
    site.host.history(conversation.channel, afterSeq, pageSize);
  if (lastEventId === undefined) return { afterSeq: 0, reset: false, first: await read(0) };
  const position = parsePosition(lastEventId);
  const first = await read(Math.max(0, (position?.seq ?? 0) - lookBack));
  if (position?.epoch === first.epoch) return { afterSeq: position.seq, reset: false, first };
  return { afterSeq: 0, reset: true, first: await read(0) };
}

interface Replay extends Position {
  readonly conversation: Conversation;
  readonly connection: Connection;
  readonly fresh: string | undefined;
  readonly first: History;
}

async function replay(site: Site, job: Replay): Promise<void> {
  const { conversation, connection, first } = job;
  const { epoch } = first;
  site.registry.epoch = epoch;
  const missing = new Map(
    conversation.recentFor(connection, epoch).map((data) => [keyOf(data), data]),
  );
  if (job.reset) await connection.replay(frame({ event: 'reset', data: { epoch } }));
  let page = first;
  for (;;) {
    for (const item of page.items) await replayItem(item, job, missing);
    const last = page.items.at(-1);
    if (!page.more || last === undefined) break;
    page = await site.host.history(conversation.channel, last.seq, pageSize);
    if (page.epoch !== epoch) return connection.close('history');
  }
  for (const data of missing.values()) await connection.replay(deliveryFrame(data, epoch));
  connection.open();
  conversation.liveText.sendTo(connection);
  connection.send(frame({ event: 'ready', data: readyOf(site, job) }));
  conversation.updateAudience();
}

/** Before the position: only what is not known to be seen, and without moving the position back. */
async function replayItem(
  item: HistoryItem,
  { conversation, connection, first, afterSeq }: Replay,
  missing: Map<string, WireDelivery>,
): Promise<void> {
  const isHeld = item.seq <= afterSeq;
  if (isHeld && (item.kind === 'inbound' || item.seen)) return;
  for (const event of historyToWire(item)) {
    if (event.event === 'delivery') {
      conversation.ledger.note(event.data);
      missing.delete(keyOf(event.data));
    }
    const placed = event.event === 'delivery' && !isHeld;
    await connection.replay(placed ? deliveryFrame(event.data, first.epoch) : frame(event));
  }
}

function readyOf({ config }: Site, { first, fresh }: Replay): WireReady {
  const { pingMs, silenceMs, limits } = config;
  const token = fresh === undefined ? {} : { token: fresh };
  return { epoch: first.epoch, pingMs, silenceMs, textMax: limits.textMax, ...token };
}

function keyOf({ receiptId, part }: WireDelivery): string {
  return `${receiptId}.${part}`;
}

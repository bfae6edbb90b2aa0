import { Hono } from 'hono';
import type { Accepted } from '../../contracts/adapter.ts';
import { type InboundInput, messageTextMax } from '../../contracts/inbound.ts';
import { takeAcks } from './acks-route.ts';
import type { Conversation } from './conversation.ts';
import { openEvents, unavailable } from './events-route.ts';
import { readFile } from './file-route.ts';
import {
  answerProblem,
  authenticate,
  type Env,
  guardOrigin,
  harden,
  readBody,
  tooMany,
} from './http.ts';
import {
  AcksBody,
  MessageBody,
  PressBody,
  SessionBody,
  toMessage,
  toPress,
  VisibilityBody,
} from './inbound.ts';
import { historyToWire } from './outbound.ts';
import { chatPage, widgetRoute } from './page.ts';
import { HttpProblem } from './problem.ts';
import type { HistoryDelivery, Site } from './site.ts';

const historyPage = 200;
/** How far back a button is looked for. */
const historyPagesMax = 25;

/** All that a browser may ask, rooted at `/`; documented in docs/webchat-protocol.md. */
export function createRoutes(site: Site): Hono<Env> {
  const app = new Hono<Env>();
  app.onError((cause, c) => answerProblem(cause, site, c));
  app.notFound((c) => {
    const got = `${c.req.method} ${c.req.path}`.slice(0, 200);
    return answerProblem(
      new HttpProblem(404, { code: 'no_such_route', message: 'there is nothing here', got }),
      site,
      c,
    );
  });
  app.use(harden);
  app.get('/widget.js', widgetRoute());
  if (site.config.page) app.get('/chat', (c) => chatPage(c, site.config.heading));
  app.use(guardOrigin(site.config.allowedOrigins));
  addSession(app, site);
  for (const path of ['/events', '/messages', '/press', '/acks', '/visibility', '/files/*'])
    app.use(path, authenticate(site));
  app.get('/events', (c) => openEvents(site, c));
  app.get('/files/:receiptId/:index', (c) => readFile(site, c));
  addInbound(app, site);
  addReports(app, site);
  return app;
}

function addSession(app: Hono<Env>, site: Site): void {
  app.post('/session', async (c) => {
    const waitMs = site.sessions.take();
    if (waitMs > 0) throw tooMany('too_many_sessions', waitMs);
    const body = await readBody(c.req.raw, SessionBody, site.config.limits.bodyBytes);
    const visitor = site.tokens.newVisitor(body.name);
    const token = await site.tokens.sign(visitor);
    return c.json({ token, conversation: visitor.conversation, person: visitor.personId }, 201);
  });
}

/** What becomes an Inbound: answered only when it is stored. */
function addInbound(app: Hono<Env>, site: Site): void {
  const { bodyBytes, textMax } = site.config.limits;
  app.post('/messages', async (c) => {
    const body = await readBody(c.req.raw, MessageBody, bodyBytes);
    checkText(body.text, textMax);
    const conversation = site.registry.open(c.get('visitor').conversation);
    const atMs = site.host.runtime.wallMs();
    const inbound = toMessage(body, {
      channel: conversation.channel,
      visitor: c.get('visitor'),
      atMs,
    });
    const accepted = await accept(site, inbound);
    await echo(site, conversation, accepted.seq);
    return c.json({ seq: accepted.seq, duplicate: accepted.kind === 'duplicate' }, 202);
  });
  app.post('/press', async (c) => {
    const body = await readBody(c.req.raw, PressBody, bodyBytes);
    if (body.text !== undefined) checkText(body.text, Math.min(textMax, messageTextMax));
    const conversation = site.registry.open(c.get('visitor').conversation);
    if (!(await knowsButton(site, conversation, body.button))) {
      throw new HttpProblem(403, {
        code: 'unknown_button',
        message: 'this button was never shown in this conversation',
        path: 'button',
        got: body.button,
      });
    }
    const atMs = site.host.runtime.wallMs();
    const inbound = toPress(body, {
      channel: conversation.channel,
      visitor: c.get('visitor'),
      atMs,
    });
    const accepted = await accept(site, inbound);
    return c.json({ seq: accepted.seq, duplicate: accepted.kind === 'duplicate' }, 202);
  });
}

/** What browsers say of what they show. */
function addReports(app: Hono<Env>, site: Site): void {
  const { bodyBytes } = site.config.limits;
  app.post('/acks', async (c) => {
    const body = await readBody(c.req.raw, AcksBody, bodyBytes);
    const results = await takeAcks(site, site.registry.open(c.get('visitor').conversation), body);
    return c.json({ results });
  });
  app.post('/visibility', async (c) => {
    const body = await readBody(c.req.raw, VisibilityBody, bodyBytes);
    const conversation = site.registry.open(c.get('visitor').conversation);
    const connection = conversation.connections.get(body.connection);
    if (connection === undefined) {
      throw new HttpProblem(404, {
        code: 'unknown_connection',
        message: 'this event stream is not open (any more): open it again',
        path: 'connection',
        got: body.connection,
      });
    }
    connection.visible = body.visible;
    connection.heardAtMs = site.host.runtime.monoMs();
    conversation.updateAudience();
    return c.body(null, 204);
  });
}

function checkText(text: string, max: number): void {
  if (text.trim() === '')
    throw new HttpProblem(400, {
      code: 'invalid_request',
      message: 'there is nothing in it',
      path: 'text',
      got: 'white space',
      allowed: `1 to ${max} characters`,
    });
  if (text.length > max)
    throw new HttpProblem(400, {
      code: 'invalid_request',
      message: 'it is too long',
      path: 'text',
      got: `${text.length} characters`,
      allowed: `at most ${max} characters`,
    });
}

async function accept(site: Site, inbound: InboundInput): Promise<Accepted> {
  try {
    return await site.host.accept(inbound);
  } catch (cause) {
    site.host.log('warn', 'webchat: an inbound was not accepted', { cause: String(cause) });
    throw unavailable(cause);
  }
}

/** To all pages of the conversation, as it is stored: a repeated request echoes the same. */
async function echo(site: Site, conversation: Conversation, seq: number): Promise<void> {
  if (conversation.connections.size === 0) return;
  const { items } = await site.host
    .history(conversation.channel, seq - 1, 1)
    .catch(() => ({ items: [] }));
  for (const event of items.flatMap(historyToWire)) {
    if (event.event === 'message' && event.data.seq === seq)
      conversation.publishMessage(event.data);
  }
}

/** By what was lately sent, else by the transcript. */
async function knowsButton(
  site: Site,
  conversation: Conversation,
  button: string,
): Promise<boolean> {
  if (conversation.ledger.knowsButton(button)) return true;
  let afterSeq = 0;
  for (let pages = 0; pages < historyPagesMax; pages += 1) {
    const page = await site.host
      .history(conversation.channel, afterSeq, historyPage)
      .catch((cause: unknown) => {
        throw unavailable(cause);
      });
    const shows = (item: HistoryDelivery): boolean =>
      item.delivery.buttons.some(({ id }) => id === button);
    if (page.items.some((item) => item.kind === 'delivery' && shows(item))) return true;
    const last = page.items.at(-1);
    if (!page.more || last === undefined) return false;
    afterSeq = last.seq;
  }
  return false;
}

import type { Context } from 'hono';
import { unavailable } from './events-route.ts';
import { check, type Env } from './http.ts';
import { FileQuery } from './inbound.ts';
import { HttpProblem } from './problem.ts';
import type { Site } from './site.ts';

/** `GET /files/:receiptId/:index?seq=`: a text file of a delivery of this conversation, as a download. */
export async function readFile(site: Site, c: Context<Env>): Promise<Response> {
  const { seq } = check(c.req.query(), FileQuery);
  const { channel } = site.registry.open(c.get('visitor').conversation);
  const { items } = await site.host.history(channel, seq - 1, 1).catch((cause: unknown) => {
    throw unavailable(cause);
  });
  const item = items[0];
  const ours = item?.kind === 'delivery' && item.delivery.receiptId === c.req.param('receiptId');
  const file = ours ? item.delivery.files[Number(c.req.param('index'))] : undefined;
  if (file?.text === undefined)
    throw new HttpProblem(404, {
      code: 'no_such_file',
      message: 'there is no such file in this conversation',
    });
  return c.body(file.text, 200, {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
  });
}

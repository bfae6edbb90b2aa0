import type { FakeSlackOptions } from '../../../src/testing/slack/index.ts';
import { server } from './ground.ts';

export type Json = Record<string, unknown>;
type Event = Json & { type: string; subtype?: string };

/** A server whose app is a function: it keeps the events and answers as told. */
export async function heard(
  answer: (n: number) => Response | Promise<Response> = () => new Response(),
  options: FakeSlackOptions = {},
) {
  const requests: Request[] = [];
  const bodies: Json[] = [];
  const slack = await server({
    ...options,
    requestFetch: async (request) => {
      requests.push(request.clone());
      bodies.push(JSON.parse(await request.text()) as Json);
      return await answer(bodies.length - 1);
    },
  });
  const events = (): Event[] => bodies.map(({ event }) => event as Event);
  return { slack, requests, bodies, events };
}

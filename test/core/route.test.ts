import { describe, expect, it } from 'vitest';
import { channelKey } from '../../src/contracts/id.ts';
import { nextRoute, type Route } from '../../src/core/route.ts';
import fc from '../support/fast-check.ts';

const ref = (conversation: string) => ({ adapter: 'fake', account: 'bot', conversation });
const routes: readonly Route[] = [
  { channel: ref('open') },
  { channel: ref('dm'), private: true },
  { channel: ref('mail'), private: true },
];
const origin = channelKey(ref('c1'));

describe('the next route', () => {
  it.each(['terminal', 'question', 'notice'] as const)('of a %s follows the list', (kind) => {
    const from = { kind, private: false, origin };
    expect(nextRoute(routes, { ...from, route: 0 })).toEqual({ route: 1, channel: ref('open') });
    expect(nextRoute(routes, { ...from, route: 1 })).toEqual({ route: 2, channel: ref('dm') });
    expect(nextRoute(routes, { ...from, route: 2 })).toEqual({ route: 3, channel: ref('mail') });
    expect(nextRoute(routes, { ...from, route: 3 })).toBeUndefined();
    expect(nextRoute([], { ...from, route: 0 })).toBeUndefined();
  });

  it.each(['ack', 'progress', 'amend'] as const)('of an %s: there is none', (kind) => {
    expect(nextRoute(routes, { kind, private: false, origin, route: 0 })).toBeUndefined();
  });

  it('leads not back to where it was asked', () => {
    const back: readonly Route[] = [{ channel: ref('c1') }, { channel: ref('dm'), private: true }];
    expect(nextRoute(back, { kind: 'terminal', private: false, origin, route: 0 })).toEqual({
      route: 2,
      channel: ref('dm'),
    });
    expect(
      nextRoute(back.slice(0, 1), { kind: 'terminal', private: false, origin, route: 0 }),
    ).toBeUndefined();
  });

  it('never widens the audience and never comes twice', () => {
    const route = fc.record({
      channel: fc.constantFrom('a', 'b', 'c', 'd').map(ref),
      private: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(route, { maxLength: 8 }), (list) => {
        const taken: number[] = [];
        for (let at = 0; ; ) {
          const next = nextRoute(list, { kind: 'terminal', private: true, origin, route: at });
          if (next === undefined) break;
          expect(list[next.route - 1]?.private).toBe(true);
          expect(next.route).toBeGreaterThan(at);
          taken.push(next.route);
          at = next.route;
        }
        expect(taken).toHaveLength(list.filter((one) => one.private).length);
      }),
    );
  });
});

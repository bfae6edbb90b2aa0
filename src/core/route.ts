import type { DeliveryKind } from '../contracts/delivery.ts';
import { type ChannelKey, type ChannelRef, channelKey } from '../contracts/id.ts';

/** Another way to the same person. `private`: nobody else reads there. */
export interface Route {
  readonly channel: ChannelRef;
  readonly private?: boolean;
}

/** Pure: the next route of a Receipt, or undefined when it has none left. A route never widens the audience. */
export function nextRoute(
  routes: readonly Route[],
  from: {
    readonly kind: DeliveryKind;
    readonly route: number;
    readonly private: boolean;
    /** Where it was asked: no route leads back there. */
    readonly origin: ChannelKey;
  },
): { readonly route: number; readonly channel: ChannelRef } | undefined {
  if (from.kind === 'ack' || from.kind === 'progress' || from.kind === 'amend') return undefined;
  for (let index = from.route; index < routes.length; index++) {
    const route = routes[index];
    if (route === undefined || (from.private && route.private !== true)) continue;
    if (channelKey(route.channel) === from.origin) continue;

    return { route: index + 1, channel: route.channel };
  }
  return undefined;
}

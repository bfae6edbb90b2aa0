import { BoundedSet } from '../shared/bounded.ts';
import { Limiter } from './limiter.ts';
import { Lookup } from './lookup.ts';
import { Passing } from './passing.ts';
import { Secret } from './secret.ts';
import type { SiteParts } from './site-parts.ts';

const joinedMax = 1_000;

export type { Identity, SiteParts } from './site-parts.ts';

/** What one start made; one stop ends it. */
export interface Site extends SiteParts {
  readonly limiter: Limiter;
  readonly secret: Secret;
  readonly passing: Passing;
  readonly lookup: Lookup;
  /** Channels that the bot tried to join. */
  readonly joined: Set<string>;
  /** Assistant threads that have no title yet. */
  readonly untitled: Set<string>;
}

export function createSite(parts: SiteParts): Site {
  const limiter = new Limiter();
  const lookup = new Lookup(parts);
  return {
    ...parts,
    limiter,
    lookup,
    secret: new Secret(parts.host, parts.account),
    passing: new Passing({ ...parts, limiter, lookup }),
    joined: new BoundedSet(joinedMax),
    untitled: new Set(),
  };
}

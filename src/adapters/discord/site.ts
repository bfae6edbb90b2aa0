import type { AdapterHost } from '../../contracts/adapter.ts';
import type { Budget } from './budget.ts';
import type { DiscordConfig } from './config.ts';
import { Limiter } from './limiter.ts';
import type { Link } from './link.ts';
import { Lives } from './lives.ts';
import { createNoncer, type Noncer } from './nonce.ts';
import { Passing } from './passing.ts';
import { Places } from './places.ts';
import type { RestApi } from './rest.ts';
import type { Named } from './said.ts';
import { Sent } from './sent.ts';

/** Who we are, as Discord says. */
export interface Identity extends Named {
  readonly applicationId: string;
  readonly roleIds: readonly string[];
}

/** What one start needs from outside of this. */
export interface SiteParts {
  readonly config: DiscordConfig;
  readonly account: string;
  readonly host: AdapterHost;
  readonly rest: RestApi;
  readonly link: Link;
  readonly budget: Budget;
  /** Undefined until Discord said who we are. */
  us(): Identity | undefined;
}

/** What one start made; one stop ends it. */
export interface Site extends SiteParts {
  readonly limiter: Limiter;
  readonly noncer: Noncer;
  readonly places: Places;
  readonly lives: Lives;
  readonly sent: Sent;
  readonly passing: Passing;
}

export function createSite(parts: SiteParts): Site {
  const { host, account, config } = parts;
  const limiter = new Limiter();
  const base = {
    ...parts,
    limiter,
    noncer: createNoncer(config.token),
    places: new Places(host, account),
    lives: new Lives(host, { account, token: config.token }),
    sent: new Sent(),
  };
  return { ...base, passing: new Passing(base) };
}

import type { AdapterHost } from '../../contracts/adapter.ts';
import type { WebApi } from './api.ts';
import type { SlackConfig } from './config.ts';
import type { Link } from './link.ts';
import type { Ourselves } from './metadata.ts';
import type { Places } from './places.ts';

/** Who we are in which workspace, as `auth.test` says. */
export interface Identity extends Ourselves {
  readonly teamId: string;
}

/** What one start needs from outside of this. */
export interface SiteParts {
  readonly config: SlackConfig;
  readonly account: string;
  readonly host: AdapterHost;
  readonly api: WebApi;
  readonly link: Link;
  readonly places: Places;
  /** Undefined until `auth.test` was answered. */
  us(): Identity | undefined;
}

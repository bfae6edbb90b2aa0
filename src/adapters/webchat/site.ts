import type { AdapterHost, HistoryItem } from '../../contracts/adapter.ts';
import type { WebchatConfig } from './config.ts';
import type { Bucket } from './rate.ts';
import type { Registry } from './registry.ts';
import type { Tokens } from './token.ts';

/** What the routes work with, from start to stop. */
export interface Site {
  readonly config: WebchatConfig;
  readonly host: AdapterHost;
  readonly tokens: Tokens;
  readonly registry: Registry;
  /** New visitors over all. */
  readonly sessions: Bucket;
}

export type HistoryDelivery = Extract<HistoryItem, { kind: 'delivery' }>;

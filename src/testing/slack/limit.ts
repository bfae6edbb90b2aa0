import type { SlackLimits } from './shape-server.ts';

/** Calls a minute of Slack's tiers, by method. Tier 1 is more than Slack says: it takes bursts, which restarts need. */
const tier1 = 20;
const tier2 = 20;
const tier3 = 50;
const tier4 = 100;
const perMinute: Readonly<Record<string, number>> = {
  'apps.connections.open': tier1,
  'assistant.threads.setStatus': 600,
  'assistant.threads.setSuggestedPrompts': tier3,
  'assistant.threads.setTitle': tier3,
  'chat.appendStream': tier4,
  'chat.delete': tier3,
  'chat.postEphemeral': tier4,
  'chat.startStream': tier2,
  'chat.stopStream': tier2,
  'chat.update': tier3,
  'conversations.history': tier3,
  'conversations.info': tier3,
  'conversations.join': tier3,
  'conversations.list': tier2,
  'conversations.members': tier4,
  'conversations.open': tier3,
  'conversations.replies': tier3,
  'files.completeUploadExternal': tier4,
  'files.getUploadURLExternal': tier4,
  'files.info': tier4,
  'reactions.add': tier3,
  'reactions.remove': tier2,
  'users.info': tier4,
  'views.open': tier4,
  'views.push': tier4,
  'views.update': tier4,
};
const soldApp = { 'conversations.history': 1, 'conversations.replies': 1 };
const historySoldMax = 15;
const minuteMs = 60_000;
/** Two calls that an app starts exactly a window apart may arrive a little closer. */
const toleranceMs = 100;
const channelsMax = 10_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Counts what an app calls and says for how long it must wait. */
export class Limits {
  readonly #limits: SlackLimits | undefined;
  readonly #perMinute: Readonly<Record<string, number>>;
  readonly #minutes = new Map<string, number[]>();
  readonly #channels = new Map<string, Bucket>();
  hits = 0;

  constructor(limits: SlackLimits | false) {
    this.#limits = limits === false ? undefined : limits;
    const sold = this.#limits?.soldApp === true ? soldApp : {};
    this.#perMinute = { ...perMinute, ...sold, ...this.#limits?.perMinute };
  }

  /** The most messages that one history call brings; undefined where Slack's own bound counts. */
  get historyMax(): number | undefined {
    return this.#limits?.soldApp === true ? historySoldMax : undefined;
  }

  /** Whether a post above the channel's limit is answered `ok` and not shown. */
  get swallows(): boolean {
    return this.#limits?.burst === 'swallowed';
  }

  /** Counts one call of a method in a workspace, or says how many milliseconds it comes too early. */
  useMethod(teamId: string, method: string, nowMs: number): number {
    const max = this.#perMinute[method];
    if (this.#limits === undefined || max === undefined) return 0;
    const key = `${teamId} ${method}`;
    const since = nowMs - minuteMs + toleranceMs;
    const used = (this.#minutes.get(key) ?? []).filter((atMs) => atMs > since);
    this.#minutes.set(key, used);
    if (used.length >= max) {
      this.hits += 1;
      return (used[used.length - max] as number) + minuteMs - nowMs;
    }
    used.push(nowMs);
    return 0;
  }

  /** The same for one post to a channel, whatever its thread. */
  usePost(channelId: string, nowMs: number): number {
    if (this.#limits === undefined) return 0;
    const { channelPerSecond = 1, channelBurst = 1 } = this.#limits;
    const bucket = this.#channels.get(channelId) ?? { tokens: channelBurst, atMs: nowMs };
    const gained = Math.max(0, ((nowMs - bucket.atMs) / 1_000) * channelPerSecond);
    bucket.tokens = Math.min(channelBurst, bucket.tokens + gained);
    bucket.atMs = nowMs;
    this.#channels.delete(channelId);
    this.#channels.set(channelId, bucket);
    this.#forgetOldest();
    if (bucket.tokens < 1 - (toleranceMs / 1_000) * channelPerSecond) {
      this.hits += 1;
      return ((1 - bucket.tokens) / channelPerSecond) * 1_000;
    }
    bucket.tokens -= 1;
    return 0;
  }

  #forgetOldest(): void {
    if (this.#channels.size <= channelsMax) return;
    for (const oldest of this.#channels.keys()) {
      this.#channels.delete(oldest);
      return;
    }
  }
}

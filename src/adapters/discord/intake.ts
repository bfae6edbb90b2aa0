import { Lines } from '../shared/line.ts';
import {
  about,
  type Coming,
  contextOf,
  type InSite,
  read,
  settle,
  store,
  textOf,
  upToDate,
} from './dispatch.ts';
import type { DiscordDispatch, DiscordMessage } from './inbound-shape.ts';
import { Interactions } from './interactions.ts';
import type { Identity } from './site.ts';

/** So long what comes now waits for what was missed before it. */
const missedMs = 30_000;

const ofMessages: readonly string[] = [
  'MESSAGE_CREATE',
  'MESSAGE_UPDATE',
  'MESSAGE_DELETE',
  'MESSAGE_DELETE_BULK',
];
const ofPlaces: readonly string[] = [
  'CHANNEL_CREATE',
  'CHANNEL_UPDATE',
  'CHANNEL_DELETE',
  'THREAD_CREATE',
  'THREAD_UPDATE',
  'THREAD_DELETE',
  'GUILD_DELETE',
];

interface IntakeParts {
  readonly stopping: AbortSignal;
  /** Resolves when nothing that was missed there is still to come, or at that time (monotonic). Never rejects. */
  missed(channelId: string, untilMs: number): Promise<void>;
}

interface Waiting extends Coming {
  readonly id: string;
  readonly channelId: string;
  /** Of every time that it came. */
  readonly done: (() => void)[];
}

/**
 * Hands to the relay what the gateway brings. What is said in one channel is stored in the order in which it came, after
 * what was missed there; while the store cannot write it is kept, up to a thousand, and Discord brings it again when the
 * session is resumed. What a person waits for (a command, a press) goes past it.
 */
export class Intake {
  readonly #site: InSite;
  readonly #parts: IntakeParts;
  readonly #lines: Lines<Waiting>;
  readonly #interactions: Interactions;
  readonly #waiting = new Map<string, Waiting>();

  constructor(site: InSite, parts: IntakeParts) {
    this.#site = site;
    this.#parts = parts;
    this.#interactions = new Interactions(site, parts.stopping);
    const { host, places } = site;
    this.#lines = new Lines({
      runtime: host.runtime,
      stopping: parts.stopping,
      store: (coming, behind) => this.#store(coming, behind),
      canWrite: () => places.canWrite(),
      leftOut: (coming) => {
        host.log('error', 'left out: it alone cannot be stored', about(coming.dispatch));
        this.#done(coming);
      },
    });
  }

  /** Whether something that came is not stored yet: until then the time is not noted, so that a crash loses nothing. */
  get isBehind(): boolean {
    return this.#waiting.size > 0 || !this.#interactions.isEmpty;
  }

  /**
   * To be called with every dispatch, in order. `done` is called when it may count as committed: it is stored, or is
   * nothing for the relay; also before this returns, and once for every time that it came. False: too much waits, and it
   * is not kept; the connection must be ended, and resumed later. Never throws.
   */
  take(dispatch: DiscordDispatch, done: () => void): boolean {
    try {
      return this.#take(dispatch, done);
    } catch (error) {
      // What has not Discord's shape would come again for ever.
      const name = error instanceof Error ? error.name : 'error';
      this.#site.host.log('warn', 'not taken: of unknown shape', { kind: dispatch.t, error: name });
      done();
      return true;
    }
  }

  #take(dispatch: DiscordDispatch, done: () => void): boolean {
    const us = this.#site.us();
    if (us === undefined) return false;
    const { t, d } = dispatch;
    if (t === 'INTERACTION_CREATE') return this.#interactions.take(us, dispatch, done);
    if (ofMessages.includes(t ?? '')) return this.#takeMessage(us, dispatch, done);
    if (t === 'GUILD_CREATE') this.#site.places.sees(d, us.userId);
    if (ofPlaces.includes(t ?? ''))
      for (const incoming of read(dispatch, contextOf(this.#site, us)))
        settle(this.#site, incoming);
    done();
    return true;
  }

  #takeMessage(us: Identity, dispatch: DiscordDispatch, done: () => void): boolean {
    const channelId = textOf(dispatch.d, 'channel_id');
    const id = idOf(dispatch);
    if (channelId === undefined || id === undefined) {
      done();
      return true;
    }
    const atMs = this.#site.host.runtime.monoMs();
    if (isSaidBy(us, dispatch)) {
      // It proves what was sent, and waits for nobody.
      void store(this.#site, { us, dispatch, atMs });
      done();
      return true;
    }
    const same = this.#waiting.get(id);
    if (same !== undefined) {
      same.done.push(done);
      return true;
    }
    const coming = { us, dispatch, atMs, id, channelId, done: [done] };
    this.#waiting.set(id, coming);
    if (this.#lines.enter(channelId, id, coming) !== undefined) return true;
    this.#waiting.delete(id);
    return false;
  }

  async #store(coming: Waiting, behind: () => readonly Waiting[]): Promise<boolean> {
    const { channelId, atMs, dispatch } = coming;
    await this.#parts.missed(channelId, atMs + missedMs);
    const newest = upToDate(
      dispatch,
      behind().map((one) => one.dispatch),
    );
    if (newest === undefined)
      this.#site.host.log('debug', 'not taken: it was deleted before', about(dispatch));
    else if (!(await store(this.#site, { ...coming, dispatch: newest }))) return false;
    this.#done(coming);
    return true;
  }

  #done(coming: Waiting): void {
    this.#waiting.delete(coming.id);
    for (const done of coming.done) done();
  }
}

const isSaidBy = ({ userId }: Identity, { d }: DiscordDispatch): boolean =>
  ((d ?? {}) as DiscordMessage).author?.id === userId;

/** The same whenever Discord brings it again; undefined for what has none. */
function idOf({ t, d }: DiscordDispatch): string | undefined {
  const {
    id,
    ids,
    edited_timestamp: editedAt,
  } = (d ?? {}) as DiscordMessage & {
    readonly ids?: unknown;
  };
  const own = Array.isArray(ids) ? ids.join() : id;
  return typeof own === 'string' ? `${t} ${own} ${editedAt ?? ''}` : undefined;
}

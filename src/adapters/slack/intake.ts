import { Lines, type Taken } from '../shared/line.ts';
import { about, type Envelope, echoIn, isOurs, store, upToDate } from './envelope.ts';
import type { Identity, Site } from './site.ts';

/** So long after it came it is not acknowledged any more: Slack waits for three seconds. */
const ackMs = 2_500;
/** So long what comes now waits for what was missed before it. */
const missedMs = 30_000;

interface IntakeParts {
  readonly stopping: AbortSignal;
  /** Resolves when nothing that was missed there is still to come, or at that time (monotonic). Never rejects. */
  missed(conversation: string, untilMs: number): Promise<void>;
}

interface Coming {
  readonly us: Identity;
  readonly envelope: Envelope;
  readonly conversation: string;
  readonly atMs: number;
}

/**
 * Hands to the relay what came in, by HTTP or over a socket. Events of one conversation are stored in the order in which
 * they came, after what was missed there; while the store cannot write they are kept, and Slack is told that they must
 * come again. What a person waits for (a press, a dialog, a command) goes past them: Slack shows an error after three
 * seconds and takes no other answer.
 */
export class Intake {
  readonly #site: Site;
  readonly #parts: IntakeParts;
  readonly #lines: Lines<Coming>;
  #lostMs: number | undefined;

  constructor(site: Site, parts: IntakeParts) {
    this.#site = site;
    this.#parts = parts;
    const { host, places } = site;
    this.#lines = new Lines({
      runtime: host.runtime,
      stopping: parts.stopping,
      store: (coming, behind) => this.#store(coming, behind),
      canWrite: () => places.canWrite(),
      leftOut: ({ envelope }) =>
        host.log('error', 'left out: it alone cannot be stored', about(envelope)),
    });
  }

  /** Whether something that came is not stored yet: until then the time is not noted, so that a crash loses nothing. */
  get isBehind(): boolean {
    return !this.#lines.isEmpty || this.#lostMs !== undefined;
  }

  /** Resolves when it is stored, or when it is too late to say so. Never rejects. */
  async take(body: unknown): Promise<Taken> {
    const { host, us } = this.#site;
    const who = us();
    if (who === undefined) return this.#lose();
    const taking = this.#taking(who, body);
    const over = new AbortController();
    const late = host.runtime.sleep(ackMs, over.signal).then(() => 'refused' as const);
    try {
      return await Promise.race([taking, late]);
    } finally {
      over.abort('over');
    }
  }

  /** Since when something came that was not kept, by the wall clock, once all is stored that was; told once. */
  lostSinceMs(): number | undefined {
    if (!this.#lines.isEmpty) return undefined;
    const lostMs = this.#lostMs;
    this.#lostMs = undefined;
    return lostMs;
  }

  async #taking(us: Identity, body: unknown): Promise<Taken> {
    if (typeof body !== 'object' || body === null) return 'taken';
    const envelope: Envelope = body;
    let line: Line | undefined;
    try {
      if (!this.#isForUs(us, envelope)) return 'taken';
      line = lineOf(envelope);
    } catch (error) {
      const kind = error instanceof Error ? error.name : 'error';
      this.#site.host.log('debug', 'not taken: of unknown shape', { error: kind });
      return 'taken';
    }
    if (line === undefined) return (await store(this.#site, us, envelope)) ? 'taken' : 'refused';
    const { conversation, id } = line;
    const atMs = this.#site.host.runtime.monoMs();
    const coming = { us, envelope, conversation, atMs };
    return await (this.#lines.enter(conversation, id, coming) ?? this.#lose());
  }

  #isForUs(us: Identity, envelope: Envelope): boolean {
    const { host, link } = this.#site;
    if (isOurs(envelope, us)) {
      if (envelope.event !== undefined) link.heard(echoIn(envelope.event, us));
      return true;
    }
    host.log('info', 'not taken: of another workspace', about(envelope));
    return false;
  }

  #lose(): Taken {
    this.#lostMs ??= this.#site.host.runtime.wallMs();
    return 'refused';
  }

  async #store(coming: Coming, behind: () => readonly Coming[]): Promise<boolean> {
    const { us, envelope, conversation, atMs } = coming;
    await this.#parts.missed(conversation, atMs + missedMs);
    const newest = upToDate(
      envelope,
      behind().map((one) => one.envelope),
    );
    if (newest !== undefined) return await store(this.#site, us, newest);
    this.#site.host.log('debug', 'not taken: it was deleted before', about(envelope));
    return true;
  }
}

interface Line {
  readonly conversation: string;
  readonly id: string;
}

/** Undefined for what is of no conversation, and for what a person waits for. */
function lineOf({ event, event_id: id }: Envelope): Line | undefined {
  const conversation = event?.channel ?? event?.old_channel_id;
  if (typeof conversation !== 'string' || typeof id !== 'string') return undefined;
  return { conversation, id };
}

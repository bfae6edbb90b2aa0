import type { DiscordCall } from './call.ts';
import { accept, contextOf, type InSite, read } from './dispatch.ts';
import { readFailure } from './failure.ts';
import { answerFirst } from './first-answer.ts';
import type { Incoming, Interaction } from './inbound.ts';
import type { DiscordDispatch } from './inbound-shape.ts';
import {
  deferCall,
  dialogCall,
  failCall,
  tellAfterCall,
  tellCall,
  updateCall,
  withdrawCall,
} from './interaction-call.ts';
import { beginLife, type Life } from './life.ts';
import type { Identity } from './site.ts';
import { snowflakeMs } from './snowflake.ts';

/** Between two tries to store it: about ten seconds, then the person is told that it was not taken. */
const againMs = [300, 700, 1_500, 2_500, 2_500, 2_500];
/** Tries to tell that. */
const tellings = 3;
const tellMs = 5_000;
/** They are over within seconds. */
const openMax = 1_000;
/** A token holds so long. */
const tokenMs = 15 * 60_000;

type Taken = Extract<Incoming, { kind: 'inbound' }> & { readonly interaction: Interaction };

/**
 * Answers what a person waits for: commands, presses, dialogs. Discord takes the first answer within three seconds, so it
 * leaves at once and waits for no store. What is answered is a promise: when it cannot be stored the person is told so.
 */
export class Interactions {
  readonly #site: InSite;
  readonly #stopping: AbortSignal;
  #open = 0;

  constructor(site: InSite, stopping: AbortSignal) {
    this.#site = site;
    this.#stopping = stopping;
  }

  get isEmpty(): boolean {
    return this.#open === 0;
  }

  /** As `Intake.take`. May throw for what has not Discord's shape. */
  take(us: Identity, dispatch: DiscordDispatch, done: () => void): boolean {
    if (this.#open >= openMax) return false;
    const [incoming] = read(dispatch, contextOf(this.#site, us));
    if (incoming === undefined || !('interaction' in incoming)) {
      const why = incoming?.kind === 'nothing' ? incoming.why : 'nothing';
      this.#site.host.log('debug', `not taken: ${why}`, { kind: 'interaction' });
      done();
      return true;
    }
    this.#open += 1;
    void this.#act(incoming as Exclude<Incoming, { kind: 'nothing' }>, done);
    return true;
  }

  async #act(incoming: Incoming, done: () => void): Promise<void> {
    try {
      if (await this.#answer(incoming)) done();
    } catch (error) {
      this.#site.host.log('error', 'an interaction was not answered', { error: nameOf(error) });
      done();
    } finally {
      this.#open -= 1;
    }
  }

  /** Whether it is over; false when the bot stops before. */
  async #answer(incoming: Incoming): Promise<boolean> {
    const { config, host } = this.#site;
    const { words } = config;
    switch (incoming.kind) {
      case 'refused':
        host.log('info', `not taken: ${incoming.why}`, { kind: 'interaction' });
        await this.#first(tellCall(incoming.interaction, words.refused), incoming.interaction);
        return true;
      case 'dialog':
        await this.#first(
          dialogCall(incoming.interaction, incoming.askId, words),
          incoming.interaction,
        );
        return true;
      case 'seen': {
        const { receiptId, part } = incoming;
        const first = this.#first(updateCall(incoming.interaction), incoming.interaction);
        const seen = await this.#insist(async () => {
          return await host.evidence({ receiptId, part, evidence: 'answered' });
        });
        await first;
        return seen !== 'stopping';
      }
      case 'inbound': {
        const { interaction, answer } = incoming;
        if (interaction === undefined) return true;
        const taken = { ...incoming, interaction };
        return answer === 'reply' ? await this.#reply(taken) : await this.#update(taken);
      }
      case 'nothing':
      case 'ours':
      case 'place':
      case 'unplaced':
      case 'gone':
      case 'left':
        return true;
    }
  }

  /** A message is promised; it comes when what was asked is stored. */
  async #reply({ interaction, inbound }: Taken): Promise<boolean> {
    const { lives, config, host } = this.#site;
    const { ephemeral } = config;
    const { id } = interaction;
    const known = lives.get(id) ?? this.#begin(interaction, ephemeral);
    void lives.put(known);
    // One that comes again was answered before.
    const first =
      known.state === 'open'
        ? await this.#first(deferCall(interaction, { ephemeral }), interaction)
        : 'done';
    if (first === 'stopping') return false;
    const event = first === 'done' ? { kind: 'deferred' as const } : { kind: 'over' as const };
    if (first !== 'done' && !interaction.reachable) {
      await lives.on(id, event);
      host.log('warn', 'not taken: it was too late for its first answer', { id });
      return true;
    }
    let isQuiet = false;
    const stored = await this.#insist(async () => {
      // Kept before: what answers it must find it.
      await lives.on(id, event);
      const accepted = await accept(this.#site, inbound);
      isQuiet = accepted?.kind === 'accepted' && accepted.quiet === true;
      return accepted;
    });
    if (first === 'done' && stored === 'failed')
      await this.#fail(failCall(known, config.words.failed));
    // It answered a question, which says so itself.
    if (first === 'done' && isQuiet) {
      await lives.on(id, { kind: 'over' });
      await this.#fail(withdrawCall(known));
    }
    return stored !== 'stopping';
  }

  /** What was pressed stays as it is; what comes of it is said in messages. */
  async #update({ interaction, inbound }: Taken): Promise<boolean> {
    const { lives, config } = this.#site;
    const { id, messageId, ephemeral = false } = interaction;
    const known = lives.get(id) ?? this.#begin(interaction, ephemeral);
    void lives.put(known);
    const first = await this.#first(updateCall(interaction), interaction);
    if (first === 'stopping') return false;
    const isOver = first !== 'done' || messageId === undefined;
    const event = isOver ? { kind: 'over' as const } : { kind: 'written' as const, messageId };
    const stored = await this.#insist(async () => {
      await lives.on(id, event);
      return await accept(this.#site, inbound);
    });
    if (stored === 'failed' && first === 'done')
      await this.#fail(tellAfterCall(known, config.words.failed));
    return stored !== 'stopping';
  }

  /** One that comes again after a restart came when its id was made. */
  #begin(interaction: Interaction, ephemeral: boolean): Life {
    const wallMs = this.#site.host.runtime.wallMs();
    const madeMs = snowflakeMs(interaction.id);
    const nowMs = Math.min(wallMs, Math.max(madeMs, wallMs - tokenMs, 0));
    return beginLife(interaction, { nowMs, ephemeral });
  }

  async #first(call: DiscordCall, { id }: Interaction): Promise<'done' | 'late' | 'stopping'> {
    const first = await answerFirst(this.#site, call, this.#stopping);
    if (first === 'late') this.#site.host.log('warn', 'a first answer was too late', { id });
    return first;
  }

  /** Tries for about ten seconds; `failed` also when the relay cannot take it. */
  async #insist(act: () => Promise<unknown>): Promise<'stored' | 'failed' | 'stopping'> {
    const { host } = this.#site;
    for (const waitMs of [0, ...againMs]) {
      if (waitMs > 0) await host.runtime.sleep(waitMs, this.#stopping);
      if (this.#stopping.aborted) return 'stopping';
      try {
        return (await act()) === undefined ? 'failed' : 'stored';
      } catch (error) {
        if (isStopping(error)) return 'stopping';
        host.log('debug', 'not stored', { kind: 'interaction', error: nameOf(error) });
      }
    }
    return 'failed';
  }

  /** What was promised does not come. */
  async #fail(call: DiscordCall): Promise<void> {
    const { host, rest } = this.#site;
    for (const waitMs of againMs.slice(0, tellings)) {
      try {
        await rest.call(call, { signal: this.#stopping, limitMs: tellMs });
        return;
      } catch (error) {
        const { words } = readFailure(error);
        host.log('warn', 'it was not told that something could not be taken', { cause: words });
      }
      await host.runtime.sleep(waitMs, this.#stopping);
    }
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'error');

/** The relay takes nothing on any more: Discord brings it again to the next one. */
const isStopping = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'stopping';

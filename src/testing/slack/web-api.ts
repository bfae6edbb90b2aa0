import type { Args } from './args.ts';
import type { MethodEntry } from './call.ts';
import { chatMethods } from './methods-chat.ts';
import { conversationMethods } from './methods-conversation.ts';
import { fileMethods } from './methods-file.ts';
import { moreMethods } from './methods-more.ts';
import { streamMethods } from './methods-stream.ts';
import { viewMethods } from './methods-view.ts';
import { Refusal, TooMany } from './refusal.ts';
import type { Json, TeamRecord, World } from './state.ts';

const methods: Readonly<Record<string, MethodEntry>> = {
  ...moreMethods,
  ...chatMethods,
  ...streamMethods,
  ...conversationMethods,
  ...fileMethods,
  ...viewMethods,
};

export interface ApiAnswer {
  readonly body: Json;
  /** Present for a 429. */
  readonly retryAfterS?: number;
  /** What the token may do; present for a bot's. */
  readonly scopes?: string;
}

/** The methods of the Web API by name, with tokens, scopes and limits before them. */
export class WebApi {
  readonly #world: World;
  readonly #ticket: () => string;

  constructor(world: World, ticket: () => string) {
    this.#world = world;
    this.#ticket = ticket;
  }

  /** The workspace of a token; undefined for the app's own and for what is none. */
  teamOf(token: string): TeamRecord | undefined {
    for (const team of this.#world.teams.values()) if (team.botToken === token) return team;
    return undefined;
  }

  call(method: string, args: Args, token: string): ApiAnswer {
    const team = this.teamOf(token);
    const scopes = team && { scopes: [...team.scopes].join(',') };
    return { ...this.#answer(method, args, token), ...scopes };
  }

  #answer(method: string, args: Args, token: string): ApiAnswer {
    try {
      const done = method === 'apps.connections.open' ? this.#open(token) : null;
      return { body: { ok: true, ...(done ?? this.#run(method, args, token)) } };
    } catch (error) {
      if (error instanceof TooMany)
        return { body: { ok: false, error: 'ratelimited' }, retryAfterS: error.retryAfterS };
      if (!(error instanceof Refusal)) throw error;
      return { body: { ok: false, error: error.message, ...error.extra } };
    }
  }

  #run(method: string, args: Args, token: string): Json {
    const entry = methods[method];
    if (entry === undefined) throw new Refusal('unknown_method', { req_method: method });
    const team = this.#admitted(token);
    const missing = entry.scopes(args, team).filter((scope) => !team.scopes.has(scope));
    if (missing.length > 0)
      throw new Refusal('missing_scope', {
        needed: missing.join(','),
        provided: [...team.scopes].join(','),
      });
    this.#count(team.teamId, method);
    return entry.run(args, { world: this.#world, team });
  }

  #admitted(token: string): TeamRecord {
    if (token === '') throw new Refusal('not_authed');
    if (token === this.#world.appToken) throw new Refusal('not_allowed_token_type');
    const team = this.teamOf(token);
    if (team === undefined) throw new Refusal('invalid_auth');
    if (team.isRevoked) throw new Refusal('token_revoked');
    return team;
  }

  #open(token: string): Json {
    if (token === '') throw new Refusal('not_authed');
    if (token !== this.#world.appToken)
      throw new Refusal(
        this.teamOf(token) === undefined ? 'invalid_auth' : 'not_allowed_token_type',
      );
    this.#count('', 'apps.connections.open');
    return { url: this.#ticket() };
  }

  #count(teamId: string, method: string): void {
    const waitMs = this.#world.limits.useMethod(teamId, method, this.#world.nowMs());
    if (waitMs > 0) throw new TooMany(waitMs);
  }
}

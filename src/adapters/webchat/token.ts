import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Runtime } from '../../contracts/runtime.ts';
import type { WebchatConfig } from './config.ts';
import { HttpProblem } from './problem.ts';

/** Who a token stands for: one person in one conversation of theirs. */
export interface Visitor {
  readonly personId: string;
  readonly conversation: string;
  readonly name?: string;
}

export interface Verified {
  readonly visitor: Visitor;
  /** Old enough to be replaced by a fresh one. */
  readonly renewable: boolean;
}

const id = z.string().min(1).max(200);
const Claims = z.object({
  sub: id,
  conv: id,
  name: z.string().max(80).optional(),
  iat: z.number(),
  exp: z.number(),
});

/** Signs and verifies visitor tokens: JWT, HS256, audience `readback-webchat/<account>`. Time is the runtime's. */
export class Tokens {
  readonly #key: Uint8Array;
  readonly #config: Pick<WebchatConfig, 'account' | 'tokenTtlMs' | 'tokenRenewMs'>;
  readonly #runtime: Runtime;

  constructor(
    key: Uint8Array,
    config: Pick<WebchatConfig, 'account' | 'tokenTtlMs' | 'tokenRenewMs'>,
    runtime: Runtime,
  ) {
    this.#key = key;
    this.#config = config;
    this.#runtime = runtime;
  }

  /** A stranger: both ids are 128 bits of chance. */
  newVisitor(name: string | undefined): Visitor {
    const chance = (): string => Buffer.from(this.#runtime.random(16)).toString('base64url');
    const visitor = { personId: `p_${chance()}`, conversation: `c_${chance()}` };
    return name === undefined ? visitor : { ...visitor, name };
  }

  sign(visitor: Visitor): Promise<string> {
    const nowS = Math.floor(this.#runtime.wallMs() / 1_000);
    const { personId: sub, conversation: conv, name } = visitor;
    const aud = this.#audience;
    const exp = nowS + Math.ceil(this.#config.tokenTtlMs / 1_000);
    return new SignJWT({ sub, conv, aud, iat: nowS, exp, ...(name !== undefined && { name }) })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(this.#key);
  }

  /** Throws a 401 problem: `token_missing`, `token_expired` or `token_invalid`. */
  async verify(authorization: string | undefined): Promise<Verified> {
    const token = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(authorization ?? '')?.[1];
    if (token === undefined)
      throw refused('token_missing', 'an "Authorization: Bearer <token>" header is needed');
    const nowMs = this.#runtime.wallMs();
    const options = {
      algorithms: ['HS256'],
      audience: this.#audience,
      currentDate: new Date(nowMs),
    };
    const answer = await jwtVerify(token, this.#key, options).catch((cause: unknown) => {
      if (cause instanceof errors.JWTExpired)
        throw refused('token_expired', 'the token is too old: begin a new session');
      throw refused('token_invalid', 'the token was not made here: begin a new session');
    });
    const claims = Claims.safeParse(answer.payload);
    if (!claims.success) throw refused('token_invalid', 'the token lacks sub, conv, iat or exp');
    const { sub: personId, conv: conversation, name, iat } = claims.data;
    const visitor =
      name === undefined ? { personId, conversation } : { personId, conversation, name };
    return { visitor, renewable: nowMs - iat * 1_000 >= this.#config.tokenRenewMs };
  }

  get #audience(): string {
    return `readback-webchat/${this.#config.account}`;
  }
}

function refused(code: string, message: string): HttpProblem {
  return new HttpProblem(401, { code, message });
}

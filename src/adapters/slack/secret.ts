import type { AdapterHost } from '../../contracts/adapter.ts';
import { orAborted } from '../shared/aborted.ts';
import { createSigner, type Signer } from './metadata.ts';

const stateKey = 'secret';
const secretBytes = 32;

type Host = Pick<AdapterHost, 'state' | 'log' | 'runtime'>;

/**
 * The secret that the keys of our messages are made with: made once, before the first send, and kept in the relay's
 * store, so that a new token of the app knows them again. There is no other while the store cannot be read.
 */
export class Secret {
  readonly #host: Host;
  readonly #account: string;
  #signer: Signer | undefined;
  #loading: Promise<void> | undefined;

  constructor(host: Host, account: string) {
    this.#host = host;
    this.#account = account;
  }

  /** Undefined while the secret can be neither read nor stored, or when the signal aborts first. Never rejects. */
  async signer(signal: AbortSignal): Promise<Signer | undefined> {
    if (this.#signer !== undefined) return this.#signer;
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    await orAborted(this.#loading, signal);
    return this.#signer;
  }

  async #load(): Promise<void> {
    const { log } = this.#host;
    try {
      this.#signer = createSigner(await this.#readOrMake());
    } catch (error) {
      const name = error instanceof Error ? error.name : 'error';
      log('warn', 'the secret of the keys of messages was not read', { error: name });
    }
  }

  async #readOrMake(): Promise<string> {
    const { state, runtime } = this.#host;
    const stored = await state.get(this.#account, stateKey);
    if (stored !== undefined) return stored;
    const made = Buffer.from(runtime.random(secretBytes)).toString('base64url');
    await state.set(this.#account, stateKey, made);
    return made;
  }
}

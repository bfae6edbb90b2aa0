import type { Storage } from './storage.ts';

/** Who this browser is to the bot. */
export interface Session {
  readonly token: string;
  readonly conversation: string;
}

const name = 'session';

/** The visitor token, shared by all pages of this browser that name the same endpoint and account. */
export class SessionStore {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get(): Session | undefined {
    const value = this.#storage.get(name) as Partial<Session> | undefined;
    if (typeof value?.token !== 'string' || typeof value.conversation !== 'string')
      return undefined;
    return { token: value.token, conversation: value.conversation };
  }

  set(session: Session): void {
    this.#storage.set(name, session);
  }

  /** A fresh token for the same conversation. */
  renew(token: string): void {
    const session = this.get();
    if (session !== undefined) this.set({ ...session, token });
  }

  /** Forgets a token that was refused. False when another page has put a new one in its place. */
  drop(token: string): boolean {
    if (this.get()?.token !== token) return false;
    this.#storage.remove(name);
    return true;
  }

  watch(changed: () => void): () => void {
    return this.#storage.watch(name, changed);
  }

  /**
   * Runs alone among the pages of this browser, so that two that open at once get one conversation. A browser may tell
   * a page late of what another has stored: then there are two for a moment, and `watch` brings both into the one that
   * was stored last.
   */
  async alone<T>(act: () => Promise<T>): Promise<T> {
    const locks = (navigator as Partial<Navigator>).locks;
    return locks === undefined
      ? await act()
      : await locks.request(`${this.#storage.prefix}${name}`, act);
  }
}

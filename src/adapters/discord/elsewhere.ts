import type { AdapterHost } from '../../contracts/adapter.ts';
import type { ChannelRef } from '../../contracts/id.ts';
import { BoundedMap } from '../shared/bounded.ts';

const noteKey = 'elsewhere';
/** Of a note no more than 64 KiB are kept; a message takes less than 75 bytes. */
const messagesMax = 800;

/**
 * Messages of ours that do not stand in their conversation, since they were for one person alone: what is pressed below
 * them belongs to it. Kept durably: a question may be answered after a restart. The oldest of many is forgotten.
 */
export class Elsewhere {
  readonly #host: Pick<AdapterHost, 'state' | 'log'>;
  readonly #account: string;
  readonly #conversations = new BoundedMap<string, ChannelRef>(messagesMax);
  #loading: Promise<void> | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(host: Pick<AdapterHost, 'state' | 'log'>, account: string) {
    this.#host = host;
    this.#account = account;
  }

  /** Reads what was kept, once. Rejects while it cannot be read. */
  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  of(messageId: string): ChannelRef | undefined {
    return this.#conversations.get(messageId);
  }

  /** Known at once; resolves when it is kept, or could not be. Never rejects. */
  async add(messageId: string, conversation: ChannelRef): Promise<void> {
    this.#conversations.set(messageId, conversation);
    const save = async (): Promise<void> => {
      await this.load();
      const rows = [...this.#conversations].map(([id, { conversation: of, thread }]) =>
        thread === undefined ? [id, of] : [id, of, thread],
      );
      await this.#host.state.set(this.#account, noteKey, JSON.stringify(rows));
    };
    this.#saving = this.#saving.then(save).catch((error: unknown) => {
      const name = error instanceof Error ? error.name : 'error';
      this.#host.log('warn', 'where a message belongs was not noted', { error: name });
    });
    await this.#saving;
  }

  async #load(): Promise<void> {
    const text = await this.#host.state.get(this.#account, noteKey);
    const now = [...this.#conversations];
    for (const [id, channel] of [...this.#parse(text), ...now])
      this.#conversations.set(id, channel);
  }

  /** What is no list of ours is none. */
  #parse(text: string | undefined): [string, ChannelRef][] {
    try {
      const rows: unknown = JSON.parse(text ?? '[]');
      return (Array.isArray(rows) ? rows : []).flatMap((row: unknown): [string, ChannelRef][] => {
        const [id, conversation, thread] = (Array.isArray(row) ? row : []) as unknown[];
        if (typeof id !== 'string' || typeof conversation !== 'string') return [];
        const channel = { adapter: 'discord', account: this.#account, conversation };
        return [[id, typeof thread === 'string' ? { ...channel, thread } : channel]];
      });
    } catch {
      return [];
    }
  }
}

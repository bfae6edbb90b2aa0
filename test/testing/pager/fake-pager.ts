import type { ChannelRef } from '../../../src/contracts/index.ts';
import type {
  FaultKind,
  PlatformUnderTest,
  Said,
  SeenMessage,
} from '../../../src/testing/adapter-conformance.ts';
import type { FakeRuntime } from '../../../src/testing/fake-runtime.ts';
import { createPager, type PagerAnswer, type PagerService } from './pager.ts';

const statuses: Partial<Record<FaultKind, PagerAnswer>> = {
  server_error: { status: 502 },
  rate_limited: { status: 429, retryAfterMs: 3_000 },
  unauthorized: { status: 401 },
  blocked: { status: 403 },
  gone: { status: 410 },
  invalid: { status: 400 },
};

/** The pager service with its people. */
export class FakePager implements PlatformUnderTest, PagerService {
  readonly secrets = [];
  sends = 0;
  readonly #runtime: FakeRuntime;
  readonly #shown = new Map<string, SeenMessage[]>();
  readonly #faults = new Map<string, FaultKind>();
  readonly #said = new Map<string, { id: string; from: string; text: string }>();
  readonly #waiting = new Set<string>();
  #late: number[] = [];
  #take: Parameters<PagerService['listen']>[0] | undefined;

  constructor(runtime: FakeRuntime) {
    this.#runtime = runtime;
  }

  adapter() {
    this.#take = undefined;
    return createPager(this);
  }

  async enter(conversation: string): Promise<ChannelRef> {
    return { adapter: 'pager', account: 'main', conversation };
  }

  shown({ conversation }: ChannelRef): readonly SeenMessage[] {
    return this.#shown.get(conversation) ?? [];
  }

  fault(kind: FaultKind, { conversation }: ChannelRef): { retryAfterMs?: number } {
    this.#faults.set(conversation, kind);
    return kind === 'rate_limited' ? { retryAfterMs: 3_000 } : {};
  }

  slow(ms: readonly number[]): void {
    this.#late = [...ms];
  }

  async say({ conversation }: ChannelRef, text: string): Promise<Said> {
    const id = `page${this.#said.size + 1}`;
    this.#said.set(id, { id, from: conversation, text });
    return await this.redeliver({ adapter: 'pager', account: 'main', conversation }, id);
  }

  async redeliver(_: ChannelRef, id: string): Promise<Said> {
    const page = this.#said.get(id);
    const taken =
      page &&
      this.#take?.(page).then(
        () => true,
        () => false,
      );
    const isTaken = (await taken) ?? false;
    this.#waiting[isTaken ? 'delete' : 'add'](id);
    return { id, taken: isTaken };
  }

  async end(): Promise<void> {
    this.#take = undefined;
  }

  listen(take: Parameters<PagerService['listen']>[0]): () => void {
    this.#take = take;
    void this.#bringWaiting();
    return () => {
      this.#take = undefined;
    };
  }

  async send(page: { to: string; text: string }, signal: AbortSignal): Promise<PagerAnswer> {
    this.sends += 1;
    const fault = this.#faults.get(page.to);
    this.#faults.delete(page.to);
    if (fault === 'refused') throw { code: 'ECONNREFUSED' };
    if (fault === 'reset_before') throw { code: 'ECONNRESET' };
    if (fault === 'hang') await this.#runtime.sleep(Number.POSITIVE_INFINITY, signal);
    if (fault === 'hang') throw { code: 'ABORTED' };
    const status = fault && statuses[fault];
    if (status !== undefined) return status;
    await this.#runtime.sleep(this.#late.shift() ?? 0, signal);
    const handle = `m${this.sends}`;
    const shown = this.#shown.get(page.to) ?? [];
    this.#shown.set(page.to, [...shown, { handle, text: page.text, buttons: [], files: [] }]);
    if (fault === 'applied_then_reset') throw { code: 'ECONNRESET' };
    return { status: 200, id: handle };
  }

  /** One after the other, as they were said. */
  async #bringWaiting(): Promise<void> {
    for (const id of [...this.#waiting]) {
      const { from } = this.#said.get(id) ?? { from: '' };
      await this.redeliver({ adapter: 'pager', account: 'main', conversation: from }, id);
    }
  }
}

import { waitUntil } from '../wait.ts';
import type { GatewayHub } from './gateway-hub.ts';
import type { DiscordWaitOptions } from './shape-part.ts';
import type { DiscordSession, FakeDiscordGateway } from './shape-server.ts';
import type { World } from './state.ts';

/** What a test sees of the gateway, and may do to it. */
export class GatewayView implements FakeDiscordGateway {
  readonly #world: World;
  readonly #hub: GatewayHub;

  constructor(world: World, hub: GatewayHub) {
    this.#world = world;
    this.#hub = hub;
  }

  get open(): number {
    return this.#hub.connections.size;
  }

  get made(): number {
    return this.#hub.made;
  }

  get identifies(): number {
    return this.#hub.identifies;
  }

  get resumes(): number {
    return this.#hub.resumes;
  }

  get sessions(): readonly DiscordSession[] {
    return this.#hub.sessions;
  }

  get closes(): FakeDiscordGateway['closes'] {
    return this.#hub.closes;
  }

  async connected(count = 1, { timeoutMs }: DiscordWaitOptions = {}): Promise<void> {
    const shown = (): string[] => [`${this.open} connections`];
    await waitUntil(this.#world, { timeoutMs, shown }, () => {
      const ready = [...this.#hub.connections].filter(({ isReady, session }) => isReady && session);
      return ready.length >= count ? true : undefined;
    });
  }

  drop(): void {
    this.#hub.drop();
  }

  close(code: number, reason?: string): void {
    for (const connection of [...this.#hub.connections]) this.#hub.close(connection, code, reason);
  }

  refuse(how: 'reset' | 'unavailable' | false = 'reset'): void {
    this.#hub.refusal = how;
  }

  op7(): void {
    this.#hub.op7();
  }

  invalidate({ canResume = false }: { readonly canResume?: boolean } = {}): void {
    this.#hub.invalidate(canResume);
  }

  forget(): void {
    this.#hub.forget();
  }

  repeat(type: string, id: string): number {
    return this.#hub.repeat(type, id);
  }

  askHeartbeat(): void {
    this.#hub.askHeartbeat();
  }

  mute(isMute = true): void {
    this.#hub.mute(isMute);
  }

  disallow(intents: readonly ('MessageContent' | 'GuildMembers' | 'GuildPresences')[]): void {
    const { portal } = this.#world;
    portal.hasContent = !intents.includes('MessageContent');
    portal.hasMembers = !intents.includes('GuildMembers');
    portal.hasPresences = !intents.includes('GuildPresences');
  }
}

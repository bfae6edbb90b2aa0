import type { EventContext, RelayEventName, RelayEvents } from '../contracts/event.ts';

type Listener<Name extends RelayEventName> = (
  event: RelayEvents[Name],
  context: EventContext,
) => void;

/** Tells listeners what is committed, in order. A listener that throws is reported and changes nothing. */
export class Emitter {
  readonly #listeners = new Map<RelayEventName, Set<Listener<RelayEventName>>>();
  readonly #failed: (name: RelayEventName, error: unknown) => void;

  constructor(failed: (name: RelayEventName, error: unknown) => void) {
    this.#failed = failed;
  }

  on<Name extends RelayEventName>(name: Name, listener: Listener<Name>): () => void {
    const heard = this.#listeners.get(name) ?? new Set();
    heard.add(listener as Listener<RelayEventName>);
    this.#listeners.set(name, heard);
    return () => heard.delete(listener as Listener<RelayEventName>);
  }

  emit<Name extends RelayEventName>(
    name: Name,
    event: RelayEvents[Name],
    context: EventContext,
  ): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(event, context);
      } catch (error) {
        this.#failed(name, error);
      }
    }
  }
}

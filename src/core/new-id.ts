import type { Core } from './core.ts';
import { uuidv7 } from './uuid.ts';

/** A new id: ordered by the relay's time, ending in chance. Parse it into the id that it is. */
export function newId(core: Pick<Core, 'clock' | 'runtime'>): string {
  return uuidv7({ wallMs: () => core.clock.now(), random: (bytes) => core.runtime.random(bytes) });
}

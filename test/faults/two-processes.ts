import type { Relay } from '../../src/contracts/relay.ts';
import type { Store } from '../../src/contracts/store.ts';
import { createRelay, newOwner } from '../../src/relay.ts';
import { openSqlite, SqliteMemory } from '../../src/stores/sqlite/index.ts';
import type { FakePlatform } from '../../src/testing/fake-platform.ts';
import type { Harness } from '../support/harness.ts';

/** A store shared by live processes: nobody is gone before their lease ran out. */
function shared(store: Store): Store {
  return { ...store, ownerGone: () => false };
}

/** A second process over the disk of the first, at work at the same time; each with its own connection to the platform. */
export async function startSecond(h: Harness, platform: FakePlatform): Promise<Relay> {
  Object.assign(h.store, { ownerGone: () => false });
  const { runtime } = h;
  const owner = newOwner(runtime);
  const memory = new SqliteMemory(h.memory.database);
  const store = shared(await openSqlite({ file: ':memory:', runtime, owner, memory }));
  const relay = createRelay({
    store,
    adapters: [platform.adapter()],
    workers: [h.worker],
    runtime,
    owner,
    log: (level, message, data) => {
      if (level === 'error') h.errors.push(`second: ${message} ${JSON.stringify(data)}`);
    },
  });
  await h.settle(relay.start());
  return relay;
}

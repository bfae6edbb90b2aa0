import { openSqlite } from '../../../src/stores/sqlite/index.ts';
import { put, putBasics } from '../../../src/testing/store-conformance-kit.ts';
import { keyOf, ownerId, t0 } from '../../../src/testing/store-conformance-rows.ts';
import { runtime } from '../runtime.ts';

/*
 * What another process does to a database. Bundled and started by `child-process.ts`; says each thing on a line.
 * hold: opens it and stays. try: opens it, or says why not. write: writes for ever, and says what was acknowledged.
 */
const [, , act = '', file = '', n = '7'] = process.argv;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function write(): Promise<void> {
  const store = await openSqlite({ file, runtime, owner: ownerId(Number(n)) });
  if ((await store.read((reads) => reads.channel(keyOf(1)))) === undefined) await putBasics(store);
  say('open');
  const one = async (writer: number): Promise<void> => {
    for (let i = 0; ; i++) {
      const key = `${n}-${writer}-${i}`;
      await put(store, (tx) => tx.setAdapterState('child', key, `${t0}`));
      say(key);
    }
  };
  await Promise.all([1, 2, 3, 4].map(one));
}

async function attempt(): Promise<void> {
  try {
    await openSqlite({ file, runtime, owner: ownerId(Number(n)) });
    say('open');
  } catch (error) {
    const { code, message, ids } = error as { code: string; message: string; ids: object };
    say(JSON.stringify({ code, message, ids }));
    process.exit(0);
  }
}

if (act === 'write') await write();
else {
  await attempt();
  setInterval(() => {}, 1_000);
}

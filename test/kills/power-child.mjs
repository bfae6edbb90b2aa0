// Writes to a store for a while, and notes in the log of the disk what was acknowledged, between the writes that it
// took. A row of each number, and the last number; up to four at once, so that a commit holds more than one:
//   node power-child.mjs <library> <config as JSON>
import { appendFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [library, text] = process.argv.slice(2);
const { file, durability, rounds } = JSON.parse(text);
const { createSystemRuntime, newOwner, openSqlite } = await import(pathToFileURL(library).href);
const runtime = createSystemRuntime();

const note = (n) => appendFileSync(process.env.READBACK_DISK_LOG, `note ${n} 0 0\n`);

/** Of each length, so that rows begin and end anywhere in a page. */
const textOf = (n) => `${n}:`.padEnd(3 + ((n * 397) % 2_500), 'x');

async function write(store) {
  const acknowledged = await store.write('count', function* (tx) {
    const n = Number((yield* tx.adapterState('bot', 'last')) ?? 0) + 1;
    tx.setAdapterState('bot', `${n}`, textOf(n));
    tx.setAdapterState('bot', 'last', `${n}`);
    return n;
  });
  note(acknowledged);
}

for (const [life, count] of rounds.entries()) {
  const store = await openSqlite({ file, runtime, owner: newOwner(runtime), durability });
  for (let round = 0; round < count; round += 1)
    await Promise.all(Array.from({ length: 1 + (round % 4) }, () => write(store)));
  if (life < rounds.length - 1) await store.close();
}
process.kill(process.pid, 'SIGKILL');

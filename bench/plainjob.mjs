import Database from 'better-sqlite3';
import { better, defineQueue } from 'plainjob';
import { question } from './stage.mjs';

/**
 * The npm peer: `plainjob`, at `synchronous=FULL` as we are. Jobs are added before; what is counted is claim and
 * complete alone, its cheapest part: no order per channel, no fence, no attempt, nothing that is told to anybody.
 */
export function plainjobLives(file, total) {
  const database = new Database(file);
  const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
  const queue = defineQueue({ connection: better(database), logger: silent });
  // It sets NORMAL itself.
  database.pragma('synchronous = FULL');
  queue.addMany(
    'work',
    Array.from({ length: total }, () => question),
  );
  const one = async () => {
    const job = queue.getAndMarkJobAsProcessing('work');
    await undefined;
    queue.markJobAsDone(job.id);
  };
  return {
    one,
    close: () => {
      queue.close();
      database.close();
    },
  };
}

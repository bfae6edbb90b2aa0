// Kills small bots on real files, life after life, and judges what people saw of each.
//   npm run crash -- [--kills N] [--seed S] [--jobs J] [--minutes M]
// A bot has a seed: the first takes S, each next one the next. Its seed alone decides where and how it is to die in each
// of its lives, what is said to it and what its platform does; the moment is the machine's. It lives all its lives, so
// there are a few kills more than N. Ends with 1 when a promise was broken: it is then told what, and how to repeat
// that bot; its folder, with the file and all that was shown, is kept.
import { register } from 'node:module';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

register('./load-typescript.mjs', import.meta.url);
const { LeanBot } = await import('../test/kills/lean.ts');
const { dropLibrary, library } = await import('../test/kills/library.ts');
const { createChance } = await import('../src/testing/chance.ts');
const { crashPoints } = await import('../src/contracts/crash-point.ts');

/** How often a bot is killed before it may live in peace. */
const lives = 24;
/** When a life without a place of its own is killed from outside: in real milliseconds after it was up. */
const killMaxMs = 400;
/** When one is that did not come to its place. */
const patienceMs = 2_500;
const points = Object.keys(crashPoints);
const recovery = points.filter((point) => point.startsWith('recovery.'));

const options = read();
const sum = { kills: 0, bots: 0, accepted: 0, shown: 0, duplicates: 0, restMs: 0, points: {} };
const broken = [];
/** Bots at work: their folders go with us. */
const alive = new Set();
process.on('exit', () => {
  for (const bot of alive) bot.dispose();
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

await lead();

async function lead() {
  await library();
  const startMs = performance.now();
  const endMs = startMs + options.minutes * 60_000;
  let next = options.seed;
  // What the bots at work will add is counted on; should it be less, there is one more.
  const more = () => sum.kills + alive.size * lives < options.kills;
  const work = async () => {
    while (more() && performance.now() < endMs) {
      const seed = next;
      next += 1;
      await live(seed, endMs);
      const perSecond = (sum.kills / (performance.now() - startMs)) * 1_000;
      const bad = broken.length === 0 ? '' : `, ${broken.length} broken`;
      console.error(`${sum.kills} kills, ${sum.bots} bots, ${perSecond.toFixed(1)}/s${bad}`);
    }
  };
  const jobs = Math.min(options.jobs, Math.ceil(options.kills / lives));
  await Promise.all(Array.from({ length: jobs }, work));
  await dropLibrary();
  report((performance.now() - startMs) / 1_000, next - 1);
  process.exitCode = broken.length > 0 || sum.kills === 0 ? 1 : 0;
}

/** One bot: all its lives, then the judgement. */
async function live(seed, endMs) {
  const chance = createChance(seed);
  // Each of its lives has a seed of its own.
  const bot = new LeanBot(seed * 1_000, { askable: chance.below(4) !== 0 });
  alive.add(bot);
  let found;
  try {
    for (let n = 0; n < lives; n += 1) {
      const life = planLife(chance, n);
      if (performance.now() < endMs) await bot.live(life);
    }
    found = await bot.judge();
  } catch (error) {
    found = [error instanceof Error ? error.message : String(error)];
  }
  alive.delete(bot);
  add(bot);
  if (found.length === 0) bot.dispose();
  else tell(seed, bot, found);
}

/** Where a life ends, and under which load. */
function planLife(chance, n) {
  const messages = 2 + chance.below(6);
  const pick = (list) => list[chance.below(list.length)];
  const at = (die) => ({ messages, killAfterMs: patienceMs, die });
  // A new file is the only one that is migrated.
  if (n === 0 && chance.below(3) === 0) return at({ point: 'store.migrating', nth: 1 });
  switch (chance.below(6)) {
    case 0:
    case 1:
      return at({ nth: 1 + chance.below(160) });
    case 2:
    case 3:
      return at(placeOf(pick(points), chance));
    case 4:
      // Before it takes messages: what it recovers was left by the life before.
      return chance.below(2) === 0
        ? at({ point: pick(recovery), nth: 1 + chance.below(2) })
        : at({ nth: 1 + chance.below(15) });
    default:
      return { messages, killAfterMs: chance.below(killMaxMs) };
  }
}

/** The end in peace is passed once. */
function placeOf(point, chance) {
  const once = point.startsWith('stop.') || point === 'store.checkpointing';
  return { point, nth: once ? 1 : 1 + chance.below(3) };
}

function add(bot) {
  const { accepted, shown, duplicates, restMs } = bot.figures;
  sum.bots += 1;
  sum.kills += bot.deaths.length;
  sum.accepted += accepted;
  sum.shown += shown;
  sum.duplicates += duplicates;
  sum.restMs = Math.max(sum.restMs, restMs);
  for (const { point } of bot.deaths) sum.points[point] = (sum.points[point] ?? 0) + 1;
}

function tell(seed, bot, found) {
  broken.push(seed);
  console.log(`seed ${seed} broke:`);
  for (const one of found) console.log(`  ${one}`);
  console.log(`  again:  npm run crash -- --seed ${seed} --kills 1`);
  console.log(`  folder: ${bot.folder}`);
}

function report(seconds, last) {
  const ways = Object.entries(sum.points).sort(([, a], [, b]) => b - a);
  const never = points.filter((point) => sum.points[point] === undefined);
  console.log(
    `kills            ${sum.kills} in ${seconds.toFixed(0)} s (${(sum.kills / seconds).toFixed(1)}/s)`,
  );
  for (const [point, count] of ways) console.log(`  ${String(count).padStart(7)} ${point}`);
  if (never.length > 0) console.log(`  never   ${never.join(', ')}`);
  console.log(`bots             ${sum.bots} (seeds ${options.seed} to ${last})`);
  console.log(`accepted, shown  ${sum.accepted}, ${sum.shown}`);
  console.log(
    `duplicates       ${sum.duplicates} (${((sum.duplicates / Math.max(1, sum.shown)) * 10_000).toFixed(1)} per 10k shown; each marked and counted)`,
  );
  console.log(`longest to rest  ${(sum.restMs / 1_000).toFixed(1)} s of the bot's time`);
  console.log(`broken           ${broken.length === 0 ? 'none' : broken.join(', ')}`);
}

function read() {
  try {
    const { values } = parseArgs({
      options: {
        kills: { type: 'string', default: '1000' },
        seed: { type: 'string', default: '1' },
        // A life waits as much as it works.
        jobs: { type: 'string', default: String(2 * availableParallelism()) },
        minutes: { type: 'string', default: '60' },
      },
    });
    return Object.fromEntries(Object.entries(values).map((one) => [one[0], wholeNumber(...one)]));
  } catch (error) {
    return refuse(error.message);
  }
}

function wholeNumber(name, value) {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  return refuse(`--${name}: got ${value}; allowed is a whole number above 0`);
}

function refuse(why) {
  console.error(why);
  console.error('npm run crash -- [--kills N] [--seed S] [--jobs J] [--minutes M]');
  return process.exit(2);
}

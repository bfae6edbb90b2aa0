// Lives through many seeds of the simulation, on all cores.
//   npm run simulate -- [--seeds N] [--from S] [--minutes M] [--steps K] [--jobs J]
// Ends with 1 when a seed broke an invariant: it is then told how to repeat it, with the shortest story that was found.
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { shrink, simulate } from '../dist/testing/index.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '60' },
    steps: { type: 'string', default: '30' },
    jobs: { type: 'string', default: String(availableParallelism()) },
  },
});
const whole = (name) => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name}: got ${values[name]}; allowed is a whole number above 0`);
  process.exit(2);
};
const seeds = whole('seeds');
const from = whole('from');
const steps = whole('steps');
const jobs = Math.min(whole('jobs'), seeds);
const minutes = whole('minutes');

if (process.send === undefined) await lead();
else process.on('message', live);

/** Hands out the seeds one by one and adds up what comes back. */
async function lead() {
  const startMs = performance.now();
  const endMs = startMs + minutes * 60_000;
  const sum = { seeds: 0, ms: 0, crashes: 0, tasks: 0, shown: 0, twice: 0, late: 0, faults: {} };
  const broken = [];
  let next = from;
  const workers = Array.from({ length: jobs }, () =>
    fork(import.meta.filename, process.argv.slice(2)),
  );
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise((resolve) => {
          const give = () => {
            if (next < from + seeds && performance.now() < endMs) worker.send({ seed: next++ });
            else worker.disconnect();
          };
          worker.on('message', (result) => {
            add(sum, result.figures);
            if (result.story !== undefined) {
              broken.push(result.seed);
              console.log(result.story);
            }
            if (sum.seeds % 500 === 0) console.error(`${sum.seeds} seeds, ${broken.length} broken`);
            give();
          });
          worker.on('exit', resolve);
          give();
        }),
    ),
  );
  report(sum, { from, seconds: (performance.now() - startMs) / 1_000, broken });
  process.exitCode = broken.length > 0 || sum.seeds === 0 ? 1 : 0;
}

function add(sum, figures) {
  sum.seeds += 1;
  sum.ms += figures.simulatedMs;
  sum.crashes += figures.crashes;
  sum.tasks += figures.tasks;
  sum.shown += figures.shown;
  sum.twice += figures.duplicates;
  sum.late = Math.max(sum.late, figures.latestMs);
  for (const [kind, count] of Object.entries(figures.faults))
    sum.faults[kind] = (sum.faults[kind] ?? 0) + count;
}

function report(sum, { from: first, seconds, broken }) {
  const hours = sum.ms / 3_600_000;
  const faults = Object.values(sum.faults).reduce((all, count) => all + count, 0);
  console.log(`seeds            ${sum.seeds} (${first} to ${first + sum.seeds - 1})`);
  console.log(
    `simulated        ${hours.toFixed(1)} h in ${seconds.toFixed(0)} s (${Math.round((hours * 3_600) / seconds)}x)`,
  );
  console.log(`tasks, messages  ${sum.tasks}, ${sum.shown}`);
  console.log(`crashes          ${sum.crashes}`);
  console.log(`faults           ${faults}`);
  for (const [kind, count] of Object.entries(sum.faults).sort(([, a], [, b]) => b - a))
    console.log(`  ${String(count).padStart(7)} ${kind}`);
  console.log(
    `duplicates       ${((sum.twice / Math.max(1, sum.shown)) * 10_000).toFixed(1)} per 10k shown`,
  );
  console.log(`longest lateness ${sum.late} ms`);
  console.log(`broken           ${broken.length === 0 ? 'none' : broken.join(', ')}`);
}

/** In a child: one seed after the other. */
async function live({ seed }) {
  const result = await simulate({ seed, steps });
  process.send({
    seed,
    figures: result.figures,
    ...(result.broken.length === 0 ? {} : { story: await storyOf(result) }),
  });
}

async function storyOf(result) {
  const { seed } = result.plan;
  const shortest = await shrink(result, { runsMax: 100 });
  return [
    `seed ${seed} broke: ${result.broken[0]}`,
    `  again: npm run simulate -- --seeds 1 --from ${seed} --steps ${steps}`,
    `  shortest story (${shortest.plan.steps.length} of ${result.plan.steps.length} steps):`,
    ...shortest.log.map((line) => `    ${line}`),
  ].join('\n');
}

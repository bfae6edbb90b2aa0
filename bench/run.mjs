// npm run bench [-- <names>] [--json] [--quick] [--scale <share>]: measures, each figure beside its limit, peer or target.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { delays } from './delays.mjs';
import { loads } from './loads.mjs';
import { rates } from './rates.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    /** A tenth of everything, once: whether it runs, not what it measures. */
    quick: { type: 'boolean', default: false },
    /** A share of everything, once; above 0.3 the code is warm. */
    scale: { type: 'string' },
  },
});
const scale = values.quick ? 0.1 : Number(values.scale ?? 1);
const all = [...rates, ...delays, ...loads];
const chosen = all.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
if (chosen.length === 0) {
  process.stderr.write(`no figure has such a name; there are: ${all.map((one) => one.name)}\n`);
  process.exit(2);
}

const number = (value) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2);
const say = (text) => process.stdout.write(`${text}\n`);

if (!values.json) {
  const load = loadavg()[0].toFixed(2);
  say(`${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}, load ${load}\n`);
  say('| figure | target | value | against | ratio | |\n|---|---|---|---|---|---|');
}
for (const figure of chosen) {
  const { name, says, unit, target = '', beside = '' } = figure;
  const found = await figure.run(scale);
  const { value, against, ratio, note } = found;
  if (values.json) {
    const line = { name, value, unit, against: against ?? null, ratio: ratio ?? null };
    say(JSON.stringify(line));
    continue;
  }
  const other = against === undefined ? beside : `${number(against)} (${beside})`;
  const verdict = figure.meets === undefined ? '' : figure.meets(found) ? 'met' : 'missed';
  const more = note === undefined ? '' : `; ${note}`;
  say(
    `| ${name}: ${says} | ${target} | ${number(value)} ${unit}${more} | ${other} | ${ratio === undefined ? '' : ratio.toFixed(2)} | ${verdict} |`,
  );
}
process.exit(0);

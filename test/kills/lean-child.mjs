// One life of a small bot that is made to die: store, core, platform and worker in one process, time runs faster.
// What people saw and what the work did is appended to files before anything is answered, so it outlives the process:
//   node lean-child.mjs <library> <config as JSON>
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [library, text] = process.argv.slice(2);
const config = JSON.parse(text);
const { folder, seed, die, mortal, doomed, messages, speed, durability } = config;
const { createChance, createRelay, createSystemRuntime, keep, newOwner, openSqlite, splitText } =
  await import(pathToFileURL(library).href);
const chance = createChance(seed);
/** Longest time that a life which is to die goes on after its messages, in real milliseconds. */
const lullMs = 500;
/** In that time the last life comes to rest, in real milliseconds: it takes a few hundred. */
const restMaxMs = 60_000;

/** A line that is there whatever happens to this process. */
const note = (file, line) => appendFileSync(join(folder, file), `${JSON.stringify(line)}\n`);
const noted = (file) => {
  const path = join(folder, file);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};

const passed = new Map();
let passings = 0;
/** Dies at the n-th passing of a point, or of any. */
function crashPoint(point) {
  passings += 1;
  passed.set(point, (passed.get(point) ?? 0) + 1);
  if (die === undefined) return;
  const count = die.point === undefined ? passings : die.point === point ? passed.get(point) : 0;
  if (count !== die.nth) return;
  end(point);
}

function end(point) {
  note('killed', { point, seed });
  process.kill(process.pid, 'SIGKILL');
}

const system = createSystemRuntime();
const bornMs = noted('born')[0] ?? Date.now();
if (noted('born').length === 0) note('born', bornMs);
let jumpMs = 0;
const runtime = {
  ...system,
  wallMs: () => Math.round(bornMs + (Date.now() - bornMs) * speed + jumpMs),
  monoMs: () => performance.now() * speed,
  sleep: (ms, signal) => system.sleep(ms / speed, signal),
  crashPoint,
};

/** What was made, by its key: an edit makes nothing. */
const isNew = ({ attempt }) => attempt.live === undefined;
const shown = new Map(
  noted('shown')
    .filter(isNew)
    .map((message) => [message.key, message]),
);
async function reconcile({ key }) {
  const found = shown.get(key);
  return found === undefined
    ? { kind: 'absent' }
    : { kind: 'shown', handle: found.handle, evidence: 'accepted' };
}

let makings = 0;
function made() {
  makings += 1;
  return makings;
}

let host;
const adapter = {
  name: 'fake',
  accounts: ['bot'],
  capabilities: {
    lengthMax: 200,
    lengthUnit: 'utf16',
    editMs: Number.POSITIVE_INFINITY,
    buttons: true,
    files: false,
    streams: false,
    terminalAs: config.terminalAs,
    unknownPolicy: 'mark',
    audience: 'always',
    evidence: 'accepted',
  },
  start: async (given) => {
    host = given;
  },
  cut: ({ text: whole }) => splitText(whole, { max: 200, unit: 'utf16' }),
  deliver: async (delivery, { signal: _, ...attempt }) => {
    const atMs = runtime.wallMs();
    const trouble = chance.below(12);
    if (trouble === 0) return { kind: 'deferred', atMs, reason: 'unavailable', cause: 'busy' };
    if (trouble === 1) return { kind: 'unknown', atMs, phase: 'written', cause: 'reset' };
    // What is sent again is another message.
    const handle = attempt.live ?? `${delivery.receiptId}.${attempt.part}.${seed}.${made()}`;
    const message = { key: attempt.key, handle, delivery, attempt, atMs };
    note('shown', message);
    if (isNew(message)) shown.set(attempt.key, message);
    if (trouble === 2) return { kind: 'unknown', atMs, phase: 'written', cause: 'reset' };
    const kind = attempt.part < attempt.parts ? 'partly_surfaced' : 'surfaced';
    const surface = attempt.live === undefined ? 'durable' : 'edited';
    return { kind, atMs, handle, evidence: 'accepted', surface };
  },
  ...(config.askable ? { reconcile } : {}),
  catchUp: async () => {
    const taken = new Set(noted('accepted'));
    for (const inbound of noted('sent')) if (!taken.has(inbound.id)) await accept(inbound);
  },
  stop: async () => {},
};

const worker = {
  name: 'worker',
  capabilities: {
    session: 'none',
    resume: 'transcript',
    reattach: false,
    steer: false,
    abort: 'cooperative',
    idempotentPrompt: false,
    asks: [],
    exclusiveDirectory: false,
  },
  ensureSession: async () => ({
    resumeToken: null,
    prompt: async (task, io) => {
      note('effects', task.id);
      const course = task.text.length % 5;
      if (course === 1) await runtime.sleep(5_000, io.signal);
      if (course === 2) await runtime.sleep(45_000, io.signal);
      if (course === 3) throw new Error('broke');
      if (course === 4) return { status: 'completed', text: `${task.text}: ${'long '.repeat(90)}` };
      return { status: 'completed', text: `${task.text}: done` };
    },
    close: async () => {},
  }),
  dispose: async () => {},
};

async function accept(inbound) {
  await host.accept(inbound);
  note('accepted', inbound.id);
}

function messageOf(n) {
  return {
    kind: 'message',
    id: `${seed}-${n}`,
    channel: { adapter: 'fake', account: 'bot', conversation: `c${chance.below(4)}` },
    person: { id: 'ada', name: 'ada' },
    sentAtMs: runtime.wallMs(),
    text: chance.below(8) === 0 ? '/cancel' : `do ${seed} ${'x'.repeat(chance.below(5))}`,
  };
}

const bornMono = runtime.monoMs();
/** Heard by who kills it after a time: from now on there is something to kill. */
process.stdout.write('up\n');
const owner = newOwner(runtime);
const file = join(folder, 'bot.db');
const store = await openSqlite({ file, runtime, owner, durability });
const relay = createRelay({
  store,
  owner,
  runtime,
  adapters: [adapter],
  workers: [worker],
  deadlines: {
    progressMs: 30_000,
    terminalMs: 60_000,
    answerMs: 30_000,
    queueMs: 60_000,
    idleMs: 0,
  },
  log: (level, message, data) => {
    // What was not caught up on in time is delivered again in the next life.
    const expected = ['accepting failed', 'catching up failed'].includes(message);
    if (level === 'error' && !expected) note('errors', { message, data });
  },
});
await relay.start();
keep();
const sending = [];
for (let n = 0; n < messages; n += 1) {
  const inbound = messageOf(n);
  note('sent', inbound);
  sending.push(accept(inbound));
  if (chance.below(2) === 0) await wait(chance.below(4));
}
await Promise.all(sending);
if (die?.point === 'clock.jumped' || chance.below(3) === 0)
  jumpMs = chance.below(2) === 0 ? 3_600_000 : -3_600_000;
if (mortal) await lull();
else await rest();
await relay.stop();
await store.close();
process.exit(0);

async function atRest() {
  const { tasksOpen, receiptsOpen } = await relay.figures();
  return tasksOpen === 0 && receiptsOpen === 0;
}

/** A life that has not died yet goes on while there is work, and not for long; then it dies if it must, or ends. */
async function lull() {
  // These are passed by its end in peace alone.
  if (die?.point?.startsWith('stop.') || die?.point === 'store.checkpointing') return;
  await lullTime();
  if (doomed) end('anywhere');
}

async function lullTime() {
  // A clock or a poll comes also when there is nothing to do.
  const patient = jumpMs !== 0 || die?.point?.startsWith('clock.');
  const untilMs = performance.now() + lullMs;
  while (performance.now() < untilMs) {
    await wait(20);
    if (!patient && (await atRest())) return;
  }
}

/** The last life: until nothing is open. */
async function rest() {
  const untilMs = performance.now() + restMaxMs;
  while (!(await atRest())) {
    if (performance.now() > untilMs) {
      const open = JSON.stringify(await relay.figures());
      process.stderr.write(`nothing killed it, and it did not come to rest: ${open}\n`);
      process.exit(1);
    }
    await wait(5);
  }
  note('rest', runtime.monoMs() - bornMono);
}

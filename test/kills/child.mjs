// A whole bot in a process of its own, made to be killed: the real core on a real file. Its platform and its worker
// live in the parent, which hears and answers line by line:
//   node child.mjs <library> <config as JSON>
import { appendFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [library, text] = process.argv.slice(2);
const config = JSON.parse(text);
const { createRelay, createSystemRuntime, keep, newOwner, openSqlite, RelayEvents, splitText } =
  await import(pathToFileURL(library).href);

const waiting = new Map();
const working = new Map();
let calls = 0;

/** Asks the parent. Never answered when one of us dies before. */
function ask(port, body) {
  calls += 1;
  const id = calls;
  return new Promise((done) => {
    waiting.set(id, done);
    tell({ kind: 'call', id, port, body });
  });
}

function tell(line) {
  if (process.connected) process.send(line);
}

/** Dies here, as by a kill from outside, when it is the place that the parent named. */
let passes = 0;
function mayDie(place) {
  const { die } = config;
  if (die === undefined || Object.keys(die).some((k) => k !== 'nth' && die[k] !== place[k])) return;
  passes += 1;
  if (passes === (die.nth ?? 1)) process.kill(process.pid, 'SIGKILL');
}

/** The store with a place to die before and after every commit. */
function mortal(store) {
  const write = async (name, script) => {
    mayDie({ at: 'before', write: name });
    const result = await store.write(name, script);
    mayDie({ at: 'after', write: name });
    return result;
  };
  return { ...store, write };
}

let host;
const { lengthMax, editMs, ...capabilities } = config.capabilities;
const adapter = {
  name: 'fake',
  accounts: ['bot'],
  capabilities: { ...capabilities, lengthMax, editMs: editMs ?? Number.POSITIVE_INFINITY },
  start: async (given) => {
    host = given;
  },
  cut: (delivery) => splitText(delivery.text, { max: lengthMax, unit: 'utf16' }),
  deliver: async (delivery, { signal: _, ...attempt }) => {
    mayDie({ at: 'claimed', act: 'send' });
    const outcome = await ask('deliver', { delivery, attempt });
    mayDie({ at: 'answered', delivery: delivery.kind, part: attempt.part });
    return outcome;
  },
  ...(config.reconcile && {
    reconcile: ({ signal: _, ...question }) => {
      mayDie({ at: 'claimed', act: 'reconcile' });
      return ask('reconcile', question);
    },
  }),
  stop: async () => {},
};

/** Work has effects: each call leaves a line in a file. */
function work(port, task, io) {
  appendFileSync(config.effects, `${port} ${task.id}\n`);
  working.set(task.id, io);
  io.signal.addEventListener('abort', () =>
    tell({ kind: 'abort', task: task.id, cause: io.signal.reason }),
  );
  return ask(port, { task });
}

const worker = {
  name: 'worker',
  capabilities: {
    session: 'none',
    resume: 'transcript',
    reattach: config.reattach === true,
    steer: false,
    abort: 'cooperative',
    idempotentPrompt: false,
    asks: ['permission', 'question'],
    exclusiveDirectory: false,
  },
  ensureSession: async () => ({
    resumeToken: null,
    prompt: (task, io) => work('prompt', task, io),
    ...(config.reattach && { attach: (task, io) => work('attach', task, io) }),
    close: async () => {},
  }),
  dispose: async () => {},
};

async function main() {
  const runtime = createSystemRuntime();
  const owner = newOwner(runtime);
  const store = mortal(await openSqlite({ file: config.file, runtime, owner }));
  const relay = createRelay({
    store,
    owner,
    runtime,
    adapters: [adapter],
    workers: [worker],
    deadlines: config.deadlines,
    clocks: config.clocks,
    log: (level, message, data) => tell({ kind: 'log', level, message, data }),
  });
  const drained = [];
  const checkDrained = async () => {
    if (drained.length === 0) return;
    const { tasksOpen, receiptsOpen } = await relay.figures();
    if (tasksOpen === 0 && receiptsOpen === 0) for (const done of drained.splice(0)) done();
  };
  for (const name of Object.keys(RelayEvents)) {
    relay.on(name, (data, { taskId }) => {
      mayDie({ at: 'event', event: name, receipt: data.kind });
      tell({ kind: 'event', name, data, taskId });
      void checkDrained();
    });
  }
  const answers = {
    accept: (inbound) => host.accept(inbound),
    drained: () =>
      new Promise((done) => {
        drained.push(done);
        void checkDrained();
      }),
    health: () => relay.health(),
    stop: async () => {
      await relay.stop({ now: true });
      await store.close();
    },
  };
  process.on('message', (line) => hear(line, answers));
  await relay.start();
  keep();
  tell({ kind: 'ready' });
}

function hear(line, answers) {
  if (line.kind === 'answer') {
    waiting.get(line.id)?.(line.value);
    waiting.delete(line.id);
  } else if (line.kind === 'emit') {
    working.get(line.task)?.emit(line.event);
  } else if (line.kind === 'ask') {
    working.get(line.task)?.ask(line.request);
  } else {
    answers[line.name](line.body).then(
      (value) => tell({ kind: 'answer', id: line.id, value }),
      (error) => tell({ kind: 'answer', id: line.id, error: String(error) }),
    );
  }
}

process.on('disconnect', () => process.exit());
await main().catch((error) => {
  const { code, message, ids } = error;
  process.send({ kind: 'refused', code, message, ids }, () => process.exit(1));
});

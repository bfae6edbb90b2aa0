// A bot on a platform in a process of its own, made to be killed: the real core, the real adapter with its client
// library, a real file. The platform lives in the parent, and so does the worker, which hears and answers line by line:
//   node platform-child.mjs <library> <config as JSON>
import { appendFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [library, text] = process.argv.slice(2);
const {
  file,
  effects,
  create,
  adapter: adapterConfig,
  deadlines,
  clocks,
  reattach,
  die,
} = JSON.parse(text);
const {
  createRelay,
  createSystemRuntime,
  keep,
  newOwner,
  openSqlite,
  RelayEvents,
  serve,
  [create]: createAdapter,
} = await import(pathToFileURL(library).href);

function tell(line) {
  if (process.connected) process.send(line);
}

/** Something came in: from now on the place to die is one. */
let met = false;
function mayDie(place) {
  if (!met || die === undefined) return;
  if (Object.keys(die).every((key) => die[key] === place[key]))
    process.kill(process.pid, 'SIGKILL');
}

/** Each call of the worker leaves a line in a file: work has effects. */
const working = new Map();
function work(port, task, io) {
  appendFileSync(effects, `${port} ${task.id}\n`);
  return new Promise((resolve) => {
    io.signal.addEventListener('abort', () =>
      resolve({ status: io.signal.reason.end, text: '', reason: io.signal.reason.reason }),
    );
    working.set(task.id, { io, resolve });
    tell({ kind: 'work', port, task: { id: task.id, text: task.text } });
  });
}

const worker = {
  name: 'worker',
  capabilities: {
    session: 'none',
    resume: 'transcript',
    reattach,
    steer: false,
    abort: 'cooperative',
    idempotentPrompt: false,
    asks: [],
    exclusiveDirectory: false,
  },
  ensureSession: async () => ({
    resumeToken: null,
    prompt: (task, io) => work('prompt', task, io),
    ...(reattach && { attach: (task, io) => work('attach', task, io) }),
    close: async () => {},
  }),
  dispose: async () => {},
};

const runtime = { ...createSystemRuntime(), crashPoint: (point) => mayDie({ point }) };
const owner = newOwner(runtime);
const opened = await openSqlite({ file, runtime, owner });
const store = {
  ...opened,
  write: async (name, script) => {
    if (name === 'accept') met = true;
    mayDie({ before: name });
    return await opened.write(name, script);
  },
};
const adapter = createAdapter(adapterConfig);
const relay = createRelay({
  store,
  owner,
  runtime,
  adapters: [adapter],
  workers: [worker],
  deadlines,
  clocks,
  log: (level, message, data) => tell({ kind: 'log', level, message, data }),
});

let rest;
async function checkRest() {
  if (rest === undefined) return;
  const { tasksOpen, receiptsOpen } = await relay.figures();
  if (tasksOpen === 0 && receiptsOpen === 0) rest();
}
for (const name of Object.keys(RelayEvents)) {
  relay.on(name, (data) => {
    tell({ kind: 'event', name, data });
    void checkRest();
  });
}

const acts = {
  emit: ({ task, event }) => working.get(task)?.io.emit(event),
  finish: ({ task, text: result }) =>
    working.get(task)?.resolve({ status: 'completed', text: result }),
  drain: async () => {
    await new Promise((resolve) => {
      rest = resolve;
      void checkRest();
    });
    tell({ kind: 'drained' });
  },
  stop: async () => {
    await relay.stop({ now: true });
    await served?.close();
    await store.close();
    process.disconnect();
  },
};
process.on('message', (line) => acts[line.act](line));
process.on('disconnect', () => process.exit());
await relay.start();
keep();
const served = adapter.fetch && (await serve({ adapters: [adapter], relay, port: 0 }));
tell({ kind: 'ready', url: served?.url });

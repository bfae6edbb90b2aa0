// The bot of the whole tests: one worker whose every step a test commands over the process's own channel.
import { defineConfig, defineWorker } from 'readback';

const acts = new Map();
let runs = 0;

process.on('message', ({ run, act, ...said }) => acts.get(run)?.[act]?.(said));
process.on('disconnect', () => process.exit(1));

const send = (line) => {
  if (process.connected) process.send(line, () => {});
};

const commanded = defineWorker({ name: 'commanded' }, async (task, io) => {
  runs += 1;
  const run = runs;
  return await new Promise((resolve, reject) => {
    let deaf = false;
    acts.set(run, {
      progress: ({ message, fraction }) => io.progress(message, fraction),
      text: ({ delta }) => io.text(delta),
      ask: async ({ request }) => send({ kind: 'answered', run, reply: await io.ask(request) }),
      end: ({ text }) => resolve(text),
      fail: ({ message }) => reject(new Error(message)),
      // ignores its abort from now on
      deafen: () => {
        deaf = true;
      },
    });
    io.signal.addEventListener('abort', () => {
      send({ kind: 'aborted', run });
      if (!deaf) reject(new Error('aborted'));
    });
    send({ kind: 'began', run, text: task.text, attempt: task.attempt });
  });
});

// biome-ignore lint/style/noDefaultExport: what `readback start` reads
export default (env) => defineConfig({ workers: [commanded], ...JSON.parse(env.WHOLE_SETTINGS) });

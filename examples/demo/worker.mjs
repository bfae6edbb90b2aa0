import { setTimeout as sleep } from 'node:timers/promises';
import { defineWorker } from 'readback';

const secondsMax = 1_200;

/** What can be typed, and what each command shows. */
export const help = `Type one of these:

- \`slow 60\` works for 60 seconds and reports as it goes
- \`silent 60\` says nothing until it is done: you are kept informed all the same
- \`ask\` asks you something
- \`stream\` writes a longer text piece by piece
- \`fail\` goes wrong
- \`hang\` never ends and ignores being cancelled; cancel it

Anything else is echoed. \`/status\`, \`/cancel\` and \`/retry\` always work.`;

/** One function does the work; the commands only choose what there is to see. */
export const demo = defineWorker({ name: 'demo' }, async (task, io) => {
  const [command = '', ...rest] = task.text.trim().split(/\s+/);
  switch (command.toLowerCase()) {
    case 'slow':
      return await withSeconds(rest, (seconds) => slow(seconds, io));
    case 'silent':
      return await withSeconds(rest, (seconds) => silent(seconds, io));
    case 'ask':
      return await ask(io);
    case 'stream':
      return await stream(io);
    case 'fail':
      throw new Error('the demo was asked to fail');
    case 'hang':
      // no look at io.signal: this worker ignores its abort
      return await new Promise(() => {});
    case 'help':
      return help;
    default:
      return `You said: ${task.text}\n\nType \`help\` to see what I can do.`;
  }
});

/** Runs with the number that was typed, or tells what may be typed. */
async function withSeconds([typed, ...more], run) {
  const seconds = /^\d{1,6}$/.test(typed ?? '') ? Number(typed) : Number.NaN;
  if (more.length === 0 && seconds >= 1 && seconds <= secondsMax) return await run(seconds);
  const got = typed === undefined ? 'nothing' : `“${[typed, ...more].join(' ')}”`;
  return `How many seconds? I got ${got} and take a whole number from 1 to ${secondsMax}, as in \`slow 60\`.`;
}

/** Reports every few seconds, then says what it did. Ends early when it is aborted. */
async function slow(seconds, io) {
  const step = Math.min(5, Math.max(1, Math.round(seconds / 10)));
  for (let done = 0; done < seconds; ) {
    io.progress(`Counting: ${done} of ${seconds} s`, done / seconds);
    const next = Math.min(step, seconds - done);
    await sleep(next * 1_000, undefined, { signal: io.signal });
    done += next;
  }
  return `Done: I counted to ${seconds}.`;
}

/** Gives no sign of life but its result. */
async function silent(seconds, io) {
  await sleep(seconds * 1_000, undefined, { signal: io.signal });
  return `Done: I was silent for ${seconds} s.`;
}

/** One question with buttons, one with free text. */
async function ask(io) {
  const paint = await io.ask('Shall I paint the bike shed?', ['yes', 'no']);
  if (paint === undefined) return 'Nobody answered, so the bike shed stays as it is.';
  if (paint === 'no') return 'The bike shed stays as it is.';
  const colour = await io.ask('Which colour? Just write it.');
  if (colour === undefined) return 'Nobody named a colour, so the bike shed stays as it is.';
  return `The bike shed is **${colour.trim()}** now.`;
}

const essay = `## What a promise needs

A bot that works in the background owes you three things:

1. **An ack**: within seconds you see that it took the work on.
2. **Progress**: while it works, it is never silent for long.
3. **An end**: exactly one last message, and it is retried until you could see it.

> A promise that is kept only while nothing breaks is not one.

So every message is written down *before* it is sent:

\`\`\`js
open(receipt); // durable
await deliver(receipt); // may fail, may crash
settle(receipt); // by evidence that it was seen
\`\`\`

If the process dies in between, the next one reads what was written, and tells you the truth.
`;

/** Word by word, as a language model would. The streamed text is the result. */
async function stream(io) {
  for (const word of essay.split(/(?<=\s)/)) {
    io.text(word);
    await sleep(60, undefined, { signal: io.signal });
  }
}

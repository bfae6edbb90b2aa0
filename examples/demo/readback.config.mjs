import { defineConfig } from 'readback';
import { demo } from './worker.mjs';

export default defineConfig({
  workers: [demo],
  page: 'index.html',
  // shorter than usual, so that `silent 60` shows the heartbeat at 20 seconds
  deadlines: { progressMs: 30_000 },
  hint: `Open it and try:
  slow 60     reports progress, then a result
  silent 60   says nothing until its end; you are kept informed all the same
  ask         asks you something
  stream      writes a longer text piece by piece
  fail, hang  go wrong in two ways
Then type slow 60 again, kill -9 this process in the middle, start it again, and read what you are told.`,
});

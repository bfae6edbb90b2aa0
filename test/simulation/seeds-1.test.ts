import { liveThrough } from './seeds.ts';

/** Goal: whatever fails in whatever order, the promise holds. Two files, so that two cores share the seeds. */
liveThrough(1, 30);

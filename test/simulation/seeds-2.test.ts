import { liveThrough } from './seeds.ts';

/** The other half of the seeds. */
liveThrough(101, 30);

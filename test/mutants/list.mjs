import { clockMutants } from './clocks.mjs';
import { sendingMutants } from './sending.mjs';
import { settlingMutants } from './settling.mjs';
import { storingMutants } from './storing.mjs';
import { taskMutants } from './tasks.mjs';

/**
 * Every fault that the tests must see.
 * @type {readonly import('./apply.mjs').Mutant[]}
 */
export const mutants = [
  ...taskMutants,
  ...clockMutants,
  ...sendingMutants,
  ...settlingMutants,
  ...storingMutants,
];

import { describe, expect, it } from 'vitest';
import fc from '../support/fast-check.ts';
import { checked, limitMs } from './check.ts';
import { type Step, steps } from './histories.ts';
import { liveReads, liveStep, modelReadsOf, modelStep } from './live.ts';
import { ModelStore, portNames } from './model.ts';
import { allReads } from './reads.ts';
import { same } from './same.ts';
import { grounds, type Site } from './sites.ts';

/** One step of a history, done to the store and to the model. */
class StepCommand implements fc.AsyncCommand<ModelStore, Site> {
  readonly step: Step;

  constructor(step: Step) {
    this.step = step;
  }

  check(): boolean {
    return true;
  }

  async run(model: ModelStore, site: Site): Promise<void> {
    const live = await liveStep(site, model, { step: this.step });
    same(JSON.stringify(this.step), modelStep(model, this.step), live);
  }

  toString(): string {
    return JSON.stringify(this.step);
  }
}

describe('a history of scripts, reads, restarts and crashes', () => {
  it('asks all that the port can do', () => {
    const model = new ModelStore();
    const sample = fc.sample(fc.oneof(...steps(['queued'])), { numRuns: 300, seed: 1 });
    for (const step of sample) modelStep(model, step);
    expect([...model.called].sort()).toEqual([...portNames].sort());
  });

  for (const ground of grounds) {
    it(`leaves what the model says: ${ground.name}`, { timeout: limitMs }, async () => {
      const histories = (replayPath: string | undefined) =>
        fc.commands(
          steps(ground.crashes).map((step) => step.map((one) => new StepCommand(one))),
          { maxCommands: 60, size: 'max', ...(replayPath === undefined ? {} : { replayPath }) },
        );
      const run = async (history: Iterable<StepCommand>): Promise<void> => {
        const site = await ground.open();
        try {
          const model = new ModelStore();
          await fc.asyncModelRun(() => ({ model, real: site }), history);
          const [expected, live] = [modelReadsOf(model, allReads), await liveReads(site, allReads)];
          for (const [at, read] of allReads.entries())
            same(JSON.stringify(read), expected.slice(at, at + 1), live.slice(at, at + 1));
        } finally {
          await site.end();
        }
      };
      await checked({ name: ground.name, share: 0.9 / grounds.length, histories, run });
    });
  }
});

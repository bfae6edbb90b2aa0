import assert from 'node:assert/strict';
import { capabilityChecks } from './adapter-conformance-capability.ts';
import { editChecks } from './adapter-conformance-edit.ts';
import { inboundChecks } from './adapter-conformance-inbound.ts';
import { AdapterBench, type AdapterCheck } from './adapter-conformance-kit.ts';
import { orderChecks } from './adapter-conformance-order.ts';
import { outcomeChecks } from './adapter-conformance-outcome.ts';
import { restartChecks } from './adapter-conformance-restart.ts';
import { splitChecks } from './adapter-conformance-split.ts';
import { stopChecks } from './adapter-conformance-stop.ts';
import {
  type AdapterSubject,
  type NotApplicable,
  wrongExcuse,
} from './adapter-conformance-subject.ts';
import { unknownChecks } from './adapter-conformance-unknown.ts';
import type { Runner } from './store-conformance-kit.ts';

export {
  type Ability,
  type AdapterSubject,
  type Excuse,
  type FaultKind,
  faultKinds,
  type Lack,
  type NotApplicable,
  type PlatformUnderTest,
  type Said,
  type SeenMessage,
  type Talent,
  talents,
} from './adapter-conformance-subject.ts';
export { holdTime } from './adapter-conformance-time.ts';

const suites = {
  order: orderChecks,
  outcomes: outcomeChecks,
  'unknown outcomes': unknownChecks,
  splitting: splitChecks,
  edits: editChecks,
  restart: restartChecks,
  inbound: inboundChecks,
  capabilities: capabilityChecks,
  stopping: stopChecks,
};

/**
 * What every Adapter must do, as tests, over a fake of its platform; the important ones through the real relay, judged
 * by what a person sees. It does not test how texts look on the platform nor whether the fake is like the platform:
 * recorded payloads do that.
 *
 * A check that the subject cannot make is a test named `not applicable: …`, which fails when its excuse does not hold.
 * All of those are answered as well.
 *
 * @example adapterConformance({ name: 'mine', lacks: [], open: async (runtime) => openMine(runtime) }, { describe, it })
 */
export function adapterConformance(
  subject: AdapterSubject,
  runner: Runner,
): readonly NotApplicable[] {
  const left: NotApplicable[] = [];
  const check: AdapterCheck = (name, needs, body) => {
    const lacks = subject.lacks.filter(({ ability }) => needs.includes(ability));
    if (lacks.length === 0) {
      runner.it(name, () => onBench(subject, body));
      return;
    }
    left.push({ check: name, lacks });
    const why = lacks.map(({ ability, excuse, why: says }) => `${ability} (${excuse}): ${says}`);
    runner.it(`not applicable: ${name}; lacks ${why.join('; ')}`, () =>
      onBench(subject, async ({ adapter }) => {
        for (const lack of lacks) assert.equal(wrongExcuse(lack, adapter), undefined);
      }),
    );
  };
  for (const [name, suite] of Object.entries(suites))
    runner.describe(`${subject.name}: ${name}`, () => suite(check));
  return left;
}

async function onBench(
  subject: AdapterSubject,
  body: (bench: AdapterBench) => Promise<void>,
): Promise<void> {
  const bench = new AdapterBench(subject);
  bench.platform = await subject.open(bench.runtime);
  await bench.start();
  let passed = false;
  try {
    await body(bench);
    passed = true;
  } finally {
    // What went wrong first is what counts.
    await bench.end().catch((error: unknown) => {
      if (passed) throw error;
    });
  }
}

import { describe, expect, it } from 'vitest';
import {
  type AdapterSubject,
  adapterConformance,
  type Lack,
} from '../../../src/testing/adapter-conformance.ts';
import { AdapterBench } from '../../../src/testing/adapter-conformance-kit.ts';
import { SlackPlatform, type SlackSubject } from './conformance-platform.ts';

const lacks: readonly Lack[] = [
  { ability: 'repeat', excuse: 'unknownPolicy: not repeat', why: 'Slack knows no keys of sends' },
  { ability: 'audience', excuse: 'audience: always', why: 'Slack does not tell who looks' },
];
const minute = 60_000;

const subjectOf = (of: SlackSubject): AdapterSubject => ({
  name: 'slack',
  lacks,
  open: (runtime) => SlackPlatform.open(runtime, of),
});

describe.each(['socket', 'http'] as const)('%s', (mode) => {
  const subject = subjectOf({ mode, place: 'assistant' });
  const left = adapterConformance(subject, { describe, it });

  it('leaves out only what nobody can do on Slack', () => {
    const named = new Set(left.flatMap(({ lacks: of }) => of.map(({ ability }) => ability)));
    expect([...named].toSorted()).toEqual(lacks.map(({ ability }) => ability).toSorted());
  });

  it.each(['the same process', 'the next'])(
    'brings what could not be stored until it is, by %s',
    async (which) => {
      const bench = new AdapterBench(subject);
      bench.platform = await subject.open(bench.runtime);
      await bench.start();
      const channel = await bench.enter();
      bench.refuses = true;
      const said = await bench.settle(bench.platform.say(channel, 'once more'));
      expect(said.taken).toBe(false);
      await bench.advance(30_000);
      if (which === 'the next') await bench.stop();
      bench.refuses = false;
      if (which === 'the next') await bench.start();
      await bench.enter();
      // Slack tries after a minute, and five minutes later for the last time.
      await bench.advance(7 * minute);
      expect(bench.accepted).toMatchObject([{ kind: 'message', text: 'once more' }]);
      await bench.end();
    },
  );
});

describe('in the thread of a channel', () => {
  const subject = subjectOf({ mode: 'http', place: 'channel' });
  const telling = /order/;
  adapterConformance(subject, {
    describe: (name, body) => (telling.test(name) ? describe(name, body) : undefined),
    it,
  });
});

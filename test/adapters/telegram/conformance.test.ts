import { describe, expect, it } from 'vitest';
import {
  type AdapterSubject,
  adapterConformance,
  type Lack,
} from '../../../src/testing/adapter-conformance.ts';
import { AdapterBench } from '../../../src/testing/adapter-conformance-kit.ts';
import type { FakeRuntime } from '../../../src/testing/index.ts';
import { TelegramPlatform, webhook } from './conformance-platform.ts';

const lacks: readonly Lack[] = [
  { ability: 'deleted', excuse: 'platform', why: 'Telegram tells no bot of a deleted message' },
  { ability: 'reconcile', excuse: 'no reconcile', why: 'a bot cannot read what it has sent' },
  { ability: 'repeat', excuse: 'unknownPolicy: not repeat', why: 'Telegram knows no keys' },
  { ability: 'audience', excuse: 'audience: always', why: 'Telegram does not tell who looks' },
];

describe.each([
  ['polling', 'polling'],
  ['webhook', { webhook }],
] as const)('%s', (_, mode) => {
  const subject: AdapterSubject = {
    name: 'telegram',
    lacks,
    // A draft is shown by itself; an edit, the default, only on the message of a Task, which the kit does not make.
    open: (runtime) => TelegramPlatform.open(runtime, { mode, streams: 'draft' }),
  };
  const left = adapterConformance(subject, { describe, it });

  it('leaves out only what nobody can do on Telegram', () => {
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
      await bench.advance(60_000);
      if (which === 'the next') await bench.stop();
      bench.refuses = false;
      if (which === 'the next') await bench.start();
      await bench.advance(60_000);
      expect(bench.accepted).toMatchObject([{ kind: 'message', text: 'once more' }]);
      await bench.end();
    },
  );
});

describe('a message of unknown outcome held', () => {
  const config = { mode: 'polling', unknownPolicy: 'hold' } as const;
  const subject = {
    name: 'telegram',
    lacks,
    open: (runtime: FakeRuntime) => TelegramPlatform.open(runtime, config),
  };
  const telling = /unknown outcomes|splitting/;
  adapterConformance(subject, {
    describe: (name, body) => (telling.test(name) ? describe(name, body) : undefined),
    it,
  });
});

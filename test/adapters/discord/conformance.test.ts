import { describe, expect, it } from 'vitest';
import {
  type AdapterSubject,
  adapterConformance,
  type Lack,
} from '../../../src/testing/adapter-conformance.ts';
import { DiscordPlatform, type Where } from './conformance-platform.ts';

const lacks: readonly Lack[] = [
  { ability: 'audience', excuse: 'audience: always', why: 'Discord does not tell who looks' },
];

const subjectOf = (where: Where): AdapterSubject => ({
  name: 'discord',
  lacks,
  open: (runtime) => DiscordPlatform.open(runtime, where),
});

describe('in direct messages', () => {
  const left = adapterConformance(subjectOf('dm'), { describe, it });

  it('leaves out only what nobody can do on Discord', () => {
    const named = new Set(left.flatMap(({ lacks: of }) => of.map(({ ability }) => ability)));
    expect([...named].toSorted()).toEqual(lacks.map(({ ability }) => ability).toSorted());
  });
});

describe.each(['channel', 'thread'] as const)('in a %s of a server', (where) => {
  const telling = /order/;
  adapterConformance(subjectOf(where), {
    describe: (name, body) => (telling.test(name) ? describe(name, body) : undefined),
    it,
  });
});

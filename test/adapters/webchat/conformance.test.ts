import { describe, expect, it } from 'vitest';
import {
  type AdapterSubject,
  adapterConformance,
  type Lack,
} from '../../../src/testing/adapter-conformance.ts';
import { WebchatPlatform } from './conformance-platform.ts';

const lacks: readonly Lack[] = [
  { ability: 'refused', excuse: 'asks nobody', why: 'pages ask it, it connects to nothing' },
  { ability: 'server_error', excuse: 'asks nobody', why: 'pages ask it, no server answers it' },
  { ability: 'rate_limited', excuse: 'platform', why: 'pages take as much as comes' },
  { ability: 'unauthorized', excuse: 'platform', why: 'the bot needs no token of anybody' },
  { ability: 'blocked', excuse: 'platform', why: 'a visitor cannot block, only leave' },
  { ability: 'gone', excuse: 'platform', why: 'a conversation without pages has no audience' },
  { ability: 'invalid', excuse: 'platform', why: 'pages refuse no text' },
  { ability: 'edited', excuse: 'platform', why: 'visitors cannot change what they wrote' },
  { ability: 'deleted', excuse: 'platform', why: 'visitors cannot delete what they wrote' },
  { ability: 'delete_ours', excuse: 'platform', why: 'an edit makes the message when it is gone' },
];

const webchat: AdapterSubject = {
  name: 'webchat',
  lacks,
  open: async (runtime) => new WebchatPlatform(runtime),
};

const left = adapterConformance(webchat, { describe, it });

it('leaves out only what nobody can do to web pages', () => {
  const named = new Set(left.flatMap(({ lacks: of }) => of.map(({ ability }) => ability)));
  expect([...named].toSorted()).toEqual(lacks.map(({ ability }) => ability).toSorted());
});

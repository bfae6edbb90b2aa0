import { describe, it } from 'vitest';
import { adapterConformance } from '../../../src/testing/adapter-conformance.ts';
import { FakePager } from './fake-pager.ts';

const plain = 'a page is a text and nothing else';

adapterConformance(
  {
    name: 'pager',
    open: async (runtime) => new FakePager(runtime),
    lacks: [
      { ability: 'press', excuse: 'buttons: false', why: plain },
      { ability: 'edit', excuse: 'editMs: 0', why: plain },
      { ability: 'delete_ours', excuse: 'editMs: 0', why: plain },
      { ability: 'files', excuse: 'files: false', why: plain },
      { ability: 'presence', excuse: 'no presence', why: plain },
      { ability: 'streams', excuse: 'streams: false', why: plain },
      { ability: 'edited', excuse: 'platform', why: plain },
      { ability: 'deleted', excuse: 'platform', why: plain },
      { ability: 'reconcile', excuse: 'no reconcile', why: 'the service lists no pages' },
      { ability: 'repeat', excuse: 'unknownPolicy: not repeat', why: 'the service knows no keys' },
      { ability: 'audience', excuse: 'audience: always', why: 'it does not tell who looks' },
    ],
  },
  { describe, it },
);

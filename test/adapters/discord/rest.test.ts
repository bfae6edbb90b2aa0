import { REST } from 'discord.js';
import { expect, test } from 'vitest';
import { createRest } from '../../../src/adapters/discord/rest.ts';
import { createFakeRuntime } from '../../../src/testing/index.ts';

test('the client holds back nothing by itself, however much leaves in a second', async () => {
  const rest = createRest(
    { REST },
    {
      token: 'fake',
      apiUrl: 'https://discord.example/api',
      fetch: async () => Response.json({ id: '1' }),
      runtime: createFakeRuntime(),
      heard: () => undefined,
    },
  );
  const calls = Array.from({ length: 60 }, (_, n) =>
    rest.call({ method: 'GET', route: `/channels/${1_190_000_000_000_000_000n + BigInt(n)}` }),
  );
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 60 }, () => ({ id: '1' })));
  rest.stop();
});

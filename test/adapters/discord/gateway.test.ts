import { WebSocketManager } from '@discordjs/ws';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  type ConnectionParts,
  connect,
  isGatewayUrl,
} from '../../../src/adapters/discord/gateway.ts';
import type { StoredSession } from '../../../src/adapters/discord/session.ts';
import { startFakeDiscord } from '../../../src/testing/discord/index.ts';
import { turn } from './gateway-stage.ts';

type Options = ConstructorParameters<typeof WebSocketManager>[0];

/** One connection of the real client, and what the client was given. */
async function connection() {
  const discord = await startFakeDiscord({ limits: false });
  const url = discord.apiUrl.replace(/^http(.*)\/api$/, 'ws$1/gateway');
  const given: Options[] = [];
  class Noted extends WebSocketManager {
    constructor(options: Options) {
      super(options);
      given.push(options);
    }
  }
  const stop = new AbortController();
  let session: StoredSession | undefined;
  const parts: ConnectionParts = {
    discord: { WebSocketManager: Noted },
    token: discord.token,
    intents: 512,
    shard: 0,
    shardCount: 1,
    url,
    throttler: { waitForIdentify: async () => undefined },
    session: () => session,
    began: ({ sessionId, resumeURL, sequence }) => {
      session = { sessionId, resumeURL, sequence, shardCount: 1, intents: 512 };
    },
    opened: () => undefined,
    take: () => true,
    heard: () => undefined,
  };
  const ended = connect(parts, stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await ended;
    await discord.stop();
  });
  await discord.gateway.connected();
  const [options] = given;
  if (options === undefined) throw new Error('no client was made');
  return { discord, ended, stop, options, session: () => session };
}

/** Whether it comes, within some turns of the event loop. */
async function comes(promise: unknown): Promise<boolean> {
  let came = false;
  void Promise.resolve(promise).then(() => {
    came = true;
  });
  for (let n = 0; n < 5; n += 1) await turn();
  return came;
}

describe('one connection', () => {
  test('tells the client at once what it can resume, whatever the client says of it', async () => {
    const { options, session } = await connection();
    const current = options.retrieveSessionInfo?.(0);
    expect(current).toMatchObject({ sessionId: session()?.sessionId, sequence: 1, shardCount: 1 });
    await options.updateSessionInfo?.(0, null);
    await options.updateSessionInfo?.(0, { ...(current as never as object), sequence: 7 } as never);
    expect(options.retrieveSessionInfo?.(0)).toEqual(current);
  });

  test.each(['drop', 'stop'] as const)(
    'when it is over (%s) the client makes no other, and begins no session',
    async (how) => {
      const { discord, ended, stop, options } = await connection();
      const throttler = await options.buildIdentifyThrottler?.(undefined as never);
      const identify = (): unknown => throttler?.waitForIdentify(0, new AbortController().signal);
      expect(await comes(identify())).toBe(true);
      if (how === 'drop') discord.gateway.drop();
      else stop.abort();
      expect(await ended).toMatchObject({ stage: 'open', isBehind: false });
      expect(await comes(options.retrieveSessionInfo?.(0))).toBe(false);
      expect(await comes(identify())).toBe(false);
    },
  );

  test('ends with the code that it was closed with', async () => {
    const { discord, ended } = await connection();
    discord.gateway.close(4008);
    expect(await ended).toMatchObject({ stage: 'open', code: 4008 });
  });

  test('that is not to be begun any more is not', async () => {
    const { discord } = await connection();
    const made = discord.gateway.made;
    const parts = {
      discord: { WebSocketManager },
      url: 'ws://127.0.0.1:1',
      session: () => undefined,
    };
    const end = await connect(parts as never, AbortSignal.abort());
    expect(end.stage).toBe('none');
    expect(discord.gateway.made).toBe(made);
  });
});

test('an address of the gateway is a socket address, to which the client can add what it asks for', () => {
  expect(['wss://gateway.discord.gg', 'ws://127.0.0.1:80/x'].map(isGatewayUrl)).toEqual([
    true,
    true,
  ]);
  for (const url of ['', 'gateway', 'https://x', 'wss://x/#a', 'wss://x/?v=1', 'wss://'])
    expect(isGatewayUrl(url)).toBe(false);
});

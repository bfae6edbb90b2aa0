import { GatewayCloseCodes, GatewayIntentBits } from 'discord.js';
import { describe, expect, test } from 'vitest';
import {
  contentProblem,
  gatewayEnd,
  intentsOf,
} from '../../../src/adapters/discord/gateway-rule.ts';

const { Guilds, GuildMessages, DirectMessages, MessageContent } = GatewayIntentBits;
const asked = { channels: 'mentioned', messageContent: true } as const;

describe('intents', () => {
  test('as many as are needed', () => {
    expect(intentsOf(asked)).toBe(Guilds | GuildMessages | DirectMessages | MessageContent);
    expect(intentsOf({ ...asked, messageContent: false })).toBe(
      Guilds | GuildMessages | DirectMessages,
    );
    expect(intentsOf({ ...asked, channels: 'off' })).toBe(Guilds | DirectMessages);
  });

  test('one that is switched off in the portal is said, with the remedy', () => {
    expect(contentProblem(asked, 0)).toMatch(/"Message Content Intent"/);
    expect(contentProblem(asked, 1 << 18)).toBeUndefined();
    expect(contentProblem(asked, 1 << 19)).toBeUndefined();
    expect(contentProblem({ ...asked, messageContent: false }, 0)).toBeUndefined();
    expect(contentProblem({ ...asked, channels: 'off' }, 0)).toBeUndefined();
  });
});

describe('closed for good', () => {
  test.each([
    [GatewayCloseCodes.AuthenticationFailed, 'unauthorized', /token/],
    [GatewayCloseCodes.InvalidShard, 'misconfigured', /shard/],
    [GatewayCloseCodes.ShardingRequired, 'misconfigured', /set shards to "auto"/],
    [GatewayCloseCodes.InvalidAPIVersion, 'misconfigured', /version/],
    [GatewayCloseCodes.InvalidIntents, 'misconfigured', /intent/],
    [GatewayCloseCodes.DisallowedIntents, 'misconfigured', /"Message Content Intent"/],
  ] as const)('%i: %s', (code, state, cause) => {
    expect(gatewayEnd(code)).toMatchObject({ state, cause: expect.stringMatching(cause) });
  });

  test.each([1_000, 1_001, 1_006, 4_000, 4_001, 4_002, 4_003, 4_005, 4_007, 4_008, 4_009])(
    '%i is not',
    (code) => {
      expect(gatewayEnd(code)).toBeUndefined();
    },
  );
});

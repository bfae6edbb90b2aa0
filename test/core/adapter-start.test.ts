import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Adapter } from '../../src/contracts/adapter.ts';
import { ConfigError } from '../../src/contracts/error.ts';
import { FakePlatform } from '../../src/testing/fake-platform.ts';
import { Harness } from '../support/harness.ts';

function broken(start: Adapter['start']): { harness: Harness; stopped: string[] } {
  const stopped: string[] = [];
  const named = (name: string): Adapter => {
    const adapter = new FakePlatform({ name }).adapter();
    return {
      ...adapter,
      stop: async () => {
        stopped.push(name);
      },
    };
  };
  const adapters = (): readonly Adapter[] => [named('good'), { ...named('bad'), start }];
  return { harness: new Harness({ adapters }), stopped };
}

describe('an adapter that does not start', () => {
  it('fails the start with its own error, and what was opened is closed', async () => {
    const { harness, stopped } = broken(async () => {
      throw new ConfigError('key_file', 'webchat: the key file cannot be read');
    });
    await expect(harness.start()).rejects.toThrow('the key file cannot be read');
    expect(stopped.sort()).toEqual(['bad', 'good']);
  });

  it('and never answers is named with its port after a minute', async () => {
    let called!: () => void;
    const began = new Promise<void>((resolve) => {
      called = resolve;
    });
    const { harness, stopped } = broken(() => {
      called();
      return new Promise(() => undefined);
    });
    const started = expect(harness.start()).rejects.toThrow('bad.start gave no answer');
    await began;
    // The harness lets all come to rest first; then the time is ours to move.
    for (let turns = 0; turns < 20; turns += 1) await turn();
    await harness.runtime.advance(61_000);
    await started;
    expect(stopped.sort()).toEqual(['bad', 'good']);
  });
});

import { expect, test } from 'vitest';
import { TaskId } from '../../src/contracts/id.ts';
import { createSystemRuntime } from '../../src/core/system-runtime.ts';
import { uuidv7 } from '../../src/core/uuid.ts';

test('an id is a valid UUID of version 7 that carries its time', () => {
  const at = {
    wallMs: () => 0x0123_4567_89ab,
    random: (bytes: number) => new Uint8Array(bytes).fill(0xff),
  };
  expect(uuidv7(at)).toBe('01234567-89ab-7fff-bfff-ffffffffffff');
  expect(uuidv7({ ...at, random: (bytes) => new Uint8Array(bytes) })).toBe(
    '01234567-89ab-7000-8000-000000000000',
  );
});

test('ids are valid, unlike, and sort by their millisecond', () => {
  const runtime = createSystemRuntime();
  let wallMs = Date.UTC(2026, 0, 1);
  const ids = Array.from({ length: 2_000 }, () => {
    wallMs += 1;
    return TaskId.parse(uuidv7({ wallMs: () => wallMs, random: runtime.random }));
  });
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual(ids);
});

import { expect, test } from 'vitest';
import { weights } from '../../../src/adapters/shared/weight.ts';

test('what somebody waits for weighs more than what only shows work', () => {
  const light = Object.entries(weights).filter(([, weight]) => weight === 'work');
  expect(light.map(([kind]) => kind)).toEqual(['progress', 'amend']);
});

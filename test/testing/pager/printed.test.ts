import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/adapters/writing-an-adapter.md'), 'utf8');
const printed = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]);

/** As a reader would import it. */
function published(file: string): string {
  return readFileSync(join(import.meta.dirname, file), 'utf8')
    .replaceAll("'../../../src/contracts/index.ts'", "'readback/contracts'")
    .replaceAll(/'\.\.\/\.\.\/\.\.\/src\/testing\/[a-z-]+\.ts'/g, "'readback/testing'");
}

it('the page on writing an adapter prints the code that is run here', () => {
  expect(printed).toEqual(['pager.ts', 'fake-pager.ts', 'pager.test.ts'].map(published));
});

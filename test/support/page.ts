import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** A page of the documentation, as tests read it. */
export class Page {
  readonly text: string;

  constructor(path: string) {
    this.text = readFileSync(join(root, path), 'utf8');
  }

  /** What stands below a heading, up to the next one of its kind or above. */
  section(heading: string): string {
    const start = this.text.indexOf(`\n${heading}\n`);
    expect(start, heading).toBeGreaterThan(0);
    const level = heading.indexOf(' ');
    const rest = this.text.slice(start + heading.length + 2);
    const end = new RegExp(`^#{2,${level}} `, 'm').exec(rest)?.index;
    return rest.slice(0, end);
  }

  /** The names in the first column of the table below a heading, sorted. */
  firstCells(heading: string): string[] {
    const rows = this.section(heading).matchAll(/^\| ((?:`[\w.:]+`(?:, )?)+) \|/gm);
    return [...rows]
      .flatMap(([, cell = '']) => [...cell.matchAll(/`([\w.:]+)`/g)].map(([, name = '']) => name))
      .sort();
  }

  /** Runs the test that it shows, with the package as it was built, and answers what that said. */
  runShownTest(): string {
    const code = /```js\n(\/\/ bot\.test\.mjs[\s\S]*?)```/.exec(this.text)?.[1] ?? '';
    const folder = mkdtempSync(join(tmpdir(), 'readback-page-'));
    try {
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(root, join(folder, 'node_modules/readback'));
      writeFileSync(join(folder, 'bot.test.mjs'), code);
      return execFileSync(process.execPath, ['--test', '--test-reporter=tap', folder], {
        cwd: folder,
        encoding: 'utf8',
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

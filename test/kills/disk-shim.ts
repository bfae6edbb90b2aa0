import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Elsewhere nothing loads it: tests that need it say so in their titles. */
export const shimLoads = process.platform === 'linux';

/** Inside which call a process dies, counted from 1 in each of its lives. */
export type DiskDeath =
  | `sync:${number}:${'before' | 'after'}`
  | `write:${number}:${'before' | 'half' | 'after'}`;

export interface ShimOptions {
  /** Files whose path begins so count, and the folder that they lie in. */
  readonly files: string;
  readonly die?: DiskDeath | undefined;
  /** Made or appended to: every call that was done. */
  readonly log?: string;
}

/** The shim of the disk, compiled for this run. */
export class DiskShim {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'readback-shim-'));
  readonly #library: string = join(this.#folder, 'disk-shim.so');

  /** Throws when it cannot be compiled: the tests that need it must fail, not pass by. */
  constructor() {
    const source = join(import.meta.dirname, 'disk-shim.c');
    const [compiler = 'cc', ...own] = (process.env['CC'] ?? 'cc').split(' ');
    const flags = [...own, '-std=gnu11', '-shared', '-fPIC', '-O2', '-Wall', '-Wextra'];
    try {
      execFileSync(compiler, [...flags, '-o', this.#library, source, '-ldl'], { stdio: 'pipe' });
    } catch (error) {
      this.dispose();
      throw new Error(whyNot(compiler, error as CompileError), { cause: error });
    }
  }

  /** What a process needs in its environment to run on it. */
  env({ files, die, log }: ShimOptions): Record<string, string> {
    return {
      LD_PRELOAD: this.#library,
      READBACK_DISK_FILES: files,
      READBACK_DISK_DEATHS: this.#deathsFile,
      ...(die === undefined ? {} : { READBACK_DISK_DIE: die }),
      ...(log === undefined ? {} : { READBACK_DISK_LOG: log }),
    };
  }

  /** Where its processes died: `sync` or `write`, and the name of the file. */
  get deaths(): readonly { readonly act: string; readonly name: string }[] {
    if (!existsSync(this.#deathsFile)) return [];
    const lines = readFileSync(this.#deathsFile, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => {
      const [act = '', name = ''] = line.split(' ');
      return { act, name };
    });
  }

  get #deathsFile(): string {
    return join(this.#folder, 'deaths');
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

type CompileError = { readonly code?: string; readonly stderr?: Buffer };

function whyNot(compiler: string, { code, stderr }: CompileError): string {
  if (code !== 'ENOENT') return `${compiler} cannot compile test/kills/disk-shim.c\n${stderr}`;
  const install = 'apt-get install build-essential, dnf install gcc, or apk add build-base';
  return `the tests of the disk need a C compiler and ${compiler} is not there: ${install}`;
}

import type { EventEmitter } from 'node:events';
import type { Parts } from './parts.ts';

/** All that a command may touch of the world outside. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Writes to stdout; what was asked for. Line ends are the caller's. */
  readonly out: (text: string) => void;
  /** Writes one JSON document to stdout. */
  readonly json: (document: unknown) => void;
  /** Writes to stderr; what went wrong. */
  readonly err: (text: string) => void;
  /** Who sits at the keyboard: stored with a cancel and a redrive. */
  readonly user: string;
  readonly version: string;
  readonly parts: Parts;
  /** Whose signals and uncaught errors `start` hears. */
  readonly process: Pick<EventEmitter, 'on' | 'off'>;
}

/** 0: done. 1: failed. 2: asked wrongly. */
export type ExitCode = number;
export const exitDone = 0;
export const exitFailed = 1;
export const exitUsage = 2;

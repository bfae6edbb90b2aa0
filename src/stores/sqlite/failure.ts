import Database from 'better-sqlite3';
import { ContractError, StoreError } from '../../contracts/error.ts';

const unwritable = [
  'SQLITE_FULL',
  'SQLITE_IOERR',
  'SQLITE_READONLY',
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  'SQLITE_CANTOPEN',
  'SQLITE_NOMEM',
  'SQLITE_PERM',
];
const corrupt = ['SQLITE_CORRUPT', 'SQLITE_NOTADB'];

/** What a caller is told of what the driver threw: classified by code, the cause kept. Errors of ours stay as they are. */
export function failureOf(
  error: unknown,
  ids: Readonly<Record<string, string | number>> = {},
): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const is = (codes: readonly string[]): boolean =>
    codes.some((code) => error.code.startsWith(code));
  if (is(unwritable))
    return new StoreError('unwritable', `the database cannot be written: ${error.code}`, {
      ids,
      cause: error,
    });
  if (is(corrupt))
    return new StoreError('corrupt', `the database file is damaged: ${error.code}`, {
      ids,
      cause: error,
    });
  if (error.code.startsWith('SQLITE_CONSTRAINT')) {
    return new ContractError('duplicate', `a row breaks a rule of its table: ${error.message}`, {
      ids,
      cause: error,
    });
  }
  return new StoreError('statement', `a statement failed: ${error.code}`, { ids, cause: error });
}

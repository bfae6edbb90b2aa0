import { ContractError } from '../contracts/error.ts';

/** A row that must be there: its absence is a fault of ours. */
export function present<T>(row: T | undefined, what: string, id: string): T {
  if (row === undefined)
    throw new ContractError('row_missing', `${what} ${id} is not there`, { ids: { [what]: id } });
  return row;
}

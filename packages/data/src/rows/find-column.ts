import { TableError } from './table-error.js';

/** Index of the only column of that name. @throws {@link TableError} if there is no such column, or more than one. */
export function findColumn(where: string, file: string, columns: readonly string[], name: string): number {
  const index = columns.indexOf(name);
  if (index >= 0 && index === columns.lastIndexOf(name)) return index;
  const expected = `${index < 0 ? 'a' : 'one'} column ${JSON.stringify(name)}`;
  throw new TableError(where, file, `expected ${expected}, found columns: ${columns.join(', ')}`, { column: name });
}

import { printable, quoted } from './quoted.js';
import { TableError } from './table-error.js';

/** Number of columns that a message lists. */
const LISTED_COLUMNS = 50;

/** Index of the only column of that name. @throws {@link TableError} if there is no such column, or more than one. */
export function findColumn(where: string, file: string, columns: readonly string[], name: string): number {
  const index = columns.indexOf(name);
  if (index >= 0 && index === columns.lastIndexOf(name)) return index;
  const expected = `${index < 0 ? 'a' : 'one'} column ${quoted(name)}`;
  const more = columns.length > LISTED_COLUMNS ? ` and ${columns.length - LISTED_COLUMNS} more` : '';
  throw new TableError(
    where,
    file,
    `expected ${expected}, found columns: ${printable(columns.slice(0, LISTED_COLUMNS).join(', '))}${more}`,
    { column: name, columns },
  );
}

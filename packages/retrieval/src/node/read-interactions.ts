import { readFile } from 'node:fs/promises';
import { MmrecFileError } from './mmrec-file-error.js';

/** The columns of a `.inter` file. */
export interface MmrecInteractions {
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** 0 train, 1 validation, 2 test. */
  readonly parts: Int32Array;
}

const WHERE = 'readMmrecInteractions';
const COLUMNS = ['userID', 'itemID', 'x_label'] as const;
const LARGEST = { userID: 2 ** 31 - 1, itemID: 2 ** 31 - 1, x_label: 2 } as const;

/**
 * Reads MMRec's `NAME.inter`: a table separated by tabs whose header has `userID`, `itemID` and `x_label` (0 train, 1
 * validation, 2 test). Other columns are ignored.
 *
 * @throws {@link MmrecFileError} naming the file and the line for a missing column, a short line, a value that is not a
 *   whole number in its range, or a file without rows.
 */
export async function readMmrecInteractions(file: string): Promise<MmrecInteractions> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new MmrecFileError(WHERE, file, `cannot read the file: ${error.code ?? error.message}`);
  });
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = lines[0]!.split('\t');
  const at = COLUMNS.map((name) => {
    const column = header.indexOf(name);
    if (column >= 0) return column;
    const found = header.map((each) => each.slice(0, 40)).join(', ');
    throw new MmrecFileError(WHERE, file, `expected a column ${name} (separated by tabs), got ${found}`, 1);
  });
  const numbers = COLUMNS.map(() => new Int32Array(lines.length));
  let rows = 0;
  for (let line = 1; line < lines.length; line++) {
    if (lines[line] === '') continue;
    const cells = lines[line]!.split('\t');
    for (const [i, name] of COLUMNS.entries()) numbers[i]![rows] = wholeNumber(cells[at[i]!], name, file, line + 1);
    rows++;
  }
  if (rows === 0) throw new MmrecFileError(WHERE, file, 'expected interactions, got none');
  const [users, items, parts] = numbers.map((column) => column.slice(0, rows)) as [Int32Array, Int32Array, Int32Array];
  return { users, items, parts };
}

function wholeNumber(cell: string | undefined, name: (typeof COLUMNS)[number], file: string, line: number): number {
  // Tables written by pandas may have whole numbers with a decimal point.
  if (cell !== undefined && /^\d+(\.0*)?$/.test(cell) && Number(cell) <= LARGEST[name]) return Number(cell);
  const got = cell === undefined ? 'no cell' : `"${cell.slice(0, 40)}"`;
  throw new MmrecFileError(
    WHERE,
    file,
    `expected ${name} to be a whole number from 0 to ${LARGEST[name]}, got ${got}`,
    line,
  );
}

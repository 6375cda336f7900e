import { quoted } from './quoted.js';

/** Bounds on what a table may hold, so that a foreign file cannot fill the memory. Beyond them a table is refused. */
export interface TableLimits {
  /**
   * Maximum length of a row, the header included: in bytes for CSV and TSV files, in characters for JSON and for CSV
   * text. Of Parquet, where a small file can hold huge cells, in bytes of the texts that are read. Default 2,097,152.
   */
  readonly maxRowLength?: number;
  /** Maximum number of columns. Default 10,000. */
  readonly maxColumns?: number;
  /** Maximum number of rows. Default 200,000,000. */
  readonly maxRows?: number;
}

/** Fills in the defaults. @throws RangeError if a limit is not a whole number from 1. */
export function tableLimits(
  where: string,
  { maxRowLength = 2 ** 21, maxColumns = 10_000, maxRows = 200_000_000 }: TableLimits,
): Required<TableLimits> {
  const limits = { maxRowLength, maxColumns, maxRows };
  for (const [name, limit] of Object.entries(limits)) {
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new RangeError(`${where}: expected ${name} to be a whole number from 1, got ${quoted(limit)}`);
    }
  }
  return limits;
}

export function tooManyColumns(columns: number, { maxColumns }: Required<TableLimits>): string | undefined {
  return columns > maxColumns ? `expected at most ${maxColumns} columns (maxColumns), got ${columns}` : undefined;
}

/** The problem of a row that is too long. @param unit in which the row was measured; see `maxRowLength` */
export function rowTooLong({ maxRowLength }: Required<TableLimits>, unit: 'bytes' | 'characters'): string {
  return `expected rows of at most ${maxRowLength} ${unit} (maxRowLength), got a longer one`;
}

/** The problem of a table with too many rows. */
export function tooManyRows({ maxRows }: Required<TableLimits>): string {
  return `expected at most ${maxRows} rows (maxRows), got more`;
}

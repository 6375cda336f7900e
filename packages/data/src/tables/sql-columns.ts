/** A column of a table in DuckDB. */
export interface SqlColumn {
  readonly name: string;
  /** The column in SQL. */
  readonly sql: string;
  readonly type: string;
}

/** Bytes of a row's texts, in SQL. Numbers, dates and truth values are short. */
export function lengthOf(columns: readonly SqlColumn[]): string {
  const long = columns.filter(
    ({ type }) => !/^(U?(TINY|SMALL|BIG|HUGE)?INT|FLOAT|DOUBLE|DECIMAL|BOOL|DATE|TIME)/.test(type),
  );
  return ['0', ...long.map((column) => `coalesce(strlen(${asText(column)}), 0)`)].join(' + ');
}

/** An id column in SQL: floating-point numbers as they are, because their text is `7.0`; everything else as text. */
export function asId(column: SqlColumn): string {
  // A 32-bit float is exact up to 2²⁴ only.
  if (column.type === 'FLOAT')
    return `CASE WHEN abs(${column.sql}) > 16777216 THEN 'nan' ELSE ${column.sql} END::DOUBLE`;
  return column.type === 'DOUBLE' ? column.sql : asText(column);
}

/** A column in SQL, as text. */
export function asText({ sql }: SqlColumn): string {
  return `CAST(${sql} AS VARCHAR)`;
}

/** A number column in SQL, as DOUBLE; null for a cell that is not a decimal number. */
export function asNumber({ sql, type }: SqlColumn): string {
  if (/^(TIMESTAMP|DATE)/.test(type)) return `epoch(${sql})`;
  // A 32-bit 3.8 is the number written as 3.8, not the double 3.79999995.
  if (type === 'FLOAT') return `CAST(CAST(${sql} AS VARCHAR) AS DOUBLE)`;
  // DuckDB accepts 1_000 as a number.
  if (type === 'VARCHAR') return `CASE WHEN contains(${sql}, '_') THEN NULL ELSE TRY_CAST(${sql} AS DOUBLE) END`;
  return `TRY_CAST(${sql} AS DOUBLE)`;
}

/** A text in SQL. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

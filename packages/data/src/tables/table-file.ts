import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { TableError } from '../rows/table-error.js';
import { csvRecords } from './csv-records.js';

export type TableKind = 'csv' | 'tsv' | 'parquet' | 'jsonl' | 'json';

const KINDS: ReadonlyMap<string, TableKind> = new Map([
  ['.csv', 'csv'],
  ['.tsv', 'tsv'],
  ['.parquet', 'parquet'],
  ['.jsonl', 'jsonl'],
  ['.ndjson', 'jsonl'],
  ['.json', 'json'],
]);

/** Kind of a table by its file's extension. @throws {@link TableError} if the file is missing, empty, a folder, or of no known kind. */
export async function checkTableFile(where: string, file: string): Promise<TableKind> {
  const kind = KINDS.get(path.extname(file).toLowerCase());
  if (kind === undefined) {
    throw new TableError(where, file, `expected a file ending in ${[...KINDS.keys()].join(', ')}`);
  }
  const found = await statOrNothing(file);
  if (found === undefined) throw new TableError(where, file, await describeMissing(file));
  if (found.isDirectory()) throw new TableError(where, file, 'expected a file, got a folder');
  if (found.size === 0) throw new TableError(where, file, 'expected a table, got an empty file');
  return kind;
}

/** Line of a data row (both from 1), or nothing where the kind of file has no lines. Reads the file: for error messages. */
export async function lineOfRow(file: string, kind: TableKind, row: number): Promise<number | undefined> {
  if (kind === 'parquet' || kind === 'json') return undefined;
  let rows = 0;
  if (kind === 'jsonl') {
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      line++;
      if (text.trim() !== '' && ++rows === row) return line;
    }
    return undefined;
  }
  let width: number | undefined;
  for await (const { line, fields } of csvRecords(file, delimiterOf(kind))) {
    if (width === undefined) {
      width = fields.length;
      continue;
    }
    // DuckDB skips blank lines, but in a table of one column a blank line is an empty cell.
    if (width > 1 && fields.length === 1 && fields[0] === '') continue;
    if (++rows === row) return line;
  }
  return undefined;
}

/** The header's names as written, or none if the file has no record. */
export async function csvHeader(file: string, kind: 'csv' | 'tsv'): Promise<readonly string[]> {
  for await (const { fields } of csvRecords(file, delimiterOf(kind))) return fields;
  return [];
}

export function delimiterOf(kind: 'csv' | 'tsv'): string {
  return kind === 'csv' ? ',' : '\t';
}

async function statOrNothing(file: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function describeMissing(file: string): Promise<string> {
  const folder = path.dirname(path.resolve(file));
  if ((await statOrNothing(folder)) === undefined) return `no such folder: ${folder}`;
  const tables = (await readdir(folder)).filter((name) => KINDS.has(path.extname(name).toLowerCase())).sort();
  const beside = tables.length === 0 ? 'no tables' : tables.slice(0, 8).join(', ') + (tables.length > 8 ? ', …' : '');
  return `no such file; the folder holds ${beside}`;
}

import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { TableError } from '../rows/table-error.js';

export type TableKind = 'csv' | 'tsv' | 'parquet' | 'jsonl' | 'json';

const KINDS: ReadonlyMap<string, TableKind> = new Map([
  ['.csv', 'csv'],
  ['.tsv', 'tsv'],
  ['.parquet', 'parquet'],
  ['.jsonl', 'jsonl'],
  ['.ndjson', 'jsonl'],
  ['.json', 'json'],
]);

/**
 * Kind of a table by its file's extension.
 *
 * @throws {@link TableError} if the file is missing, empty, a folder, or of an unknown kind.
 */
export async function checkTableFile(where: string, file: string): Promise<TableKind> {
  const kind = KINDS.get(path.extname(file).toLowerCase());
  if (kind === undefined) {
    throw new TableError(where, file, `expected a file ending in ${[...KINDS.keys()].join(', ')}`);
  }
  const found = await statIfPresent(file);
  if (found === undefined) throw new TableError(where, file, await describeMissing(file));
  if (found.isDirectory()) throw new TableError(where, file, 'expected a file, got a folder');
  if (!found.isFile()) throw new TableError(where, file, 'expected a file, got a device or pipe');
  if (found.size === 0) throw new TableError(where, file, 'expected a table, got an empty file');
  return kind;
}

async function statIfPresent(file: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A path with a NUL, or one that is too long, names no file.
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(code ?? '')) return undefined;
    throw error;
  }
}

async function describeMissing(file: string): Promise<string> {
  const folder = path.dirname(path.resolve(file));
  if ((await statIfPresent(folder)) === undefined) return `no such folder: ${folder}`;
  const tables = (await readdir(folder)).filter((name) => KINDS.has(path.extname(name).toLowerCase())).sort();
  const found = tables.length === 0 ? 'no tables' : tables.slice(0, 8).join(', ') + (tables.length > 8 ? ', …' : '');
  return `no such file; the folder holds ${found}`;
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll } from 'vitest';

interface TableFolder {
  readonly folder: string;
  /** Writes a file. @returns its path. */
  write(name: string, content: string | Uint8Array): string;
  /** Writes the result of a query to a Parquet file. @returns its path. */
  writeParquet(name: string, sql: string): Promise<string>;
}

/** A folder for the calling test file. */
export function tableFolder(): TableFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'sifaka-data-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    write(name, content) {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    },
    async writeParquet(name, sql) {
      const file = path.join(folder, name);
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      await connection.run(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
      connection.closeSync();
      instance.closeSync();
      return file;
    },
  };
}

import { createReadStream } from 'node:fs';
import { findColumn } from '../rows/find-column.js';
import { numberOf } from '../rows/number-cell.js';
import { TableError } from '../rows/table-error.js';
import { rowTooLong, type TableLimits, tooManyColumns } from '../rows/table-limits.js';
import type { CellProblem, TableChunk, TableRows } from '../rows/table-rows.js';
import { idCell, type JsonRecord, parseRecord, textCell } from './json-record.js';
import { RecordProblem, type RecordText, splitLines, splitObjects } from './json-records.js';

const CHUNK_ROWS = 2048;

/**
 * One file of JSON lines, or of a JSON array of objects. Values are not converted on the way, so ids keep all their
 * digits. A BOM is dropped.
 */
export class JsonTable {
  readonly file: string;
  readonly #where: string;
  readonly #kind: 'jsonl' | 'json';
  readonly #limits: Required<TableLimits>;
  /** Lines of the chunk that was read last, and its first row. */
  #lines: readonly (number | undefined)[] = [];
  #firstRow = 1;

  constructor(where: string, file: string, kind: 'jsonl' | 'json', limits: Required<TableLimits>) {
    this.#where = where;
    this.file = file;
    this.#kind = kind;
    this.#limits = limits;
  }

  /** Chunks of 2,048 rows. @throws {@link TableError} if a column is missing or the file is malformed. */
  async *read({ ids, texts, numbers }: TableRows): AsyncGenerator<TableChunk> {
    await this.#findColumns([...ids, ...texts, ...numbers]);
    let records: JsonRecord[] = [];
    let lines: (number | undefined)[] = [];
    const take = (): TableChunk => {
      const rows = records;
      this.#lines = lines;
      records = [];
      lines = [];
      return {
        firstRow: this.#firstRow,
        rows: rows.length,
        ids: ids.map((name) => rows.map((record) => idCell(record.get(name)))),
        texts: texts.map((name) => rows.map((record) => textCell(record.get(name)))),
        numbers: numbers.map((name) => rows.map((record) => numberOf(textCell(record.get(name)) ?? ''))),
        rawNumber: (column, row) => textCell(rows[row]!.get(numbers[column]!)),
      };
    };
    for await (const { record, line } of this.#records()) {
      records.push(record);
      lines.push(line);
      if (records.length < CHUNK_ROWS) continue;
      yield take();
      this.#firstRow += CHUNK_ROWS;
    }
    if (records.length > 0) yield take();
  }

  /** An error about one cell of the chunk that was read last, with its line. */
  async errorAt({ row, column, problem }: CellProblem): Promise<TableError> {
    return this.#error(problem, { row, column, line: this.#lines[row - this.#firstRow] });
  }

  close(): void {}

  /** Reads until each column has occurred in a row. */
  async #findColumns(names: readonly string[]): Promise<void> {
    const found = new Set<string>();
    const missing = new Set(names);
    for await (const { record, line } of this.#records()) {
      for (const name of record.keys()) {
        found.add(name);
        missing.delete(name);
      }
      const problem = tooManyColumns(found.size, this.#limits);
      if (problem !== undefined) throw this.#error(problem, { line });
      if (missing.size === 0) return;
    }
    if (found.size === 0) return; // No row: the reader says so.
    for (const name of names) findColumn(this.#where, this.file, [...found], name);
  }

  async *#records(): AsyncGenerator<{ readonly record: JsonRecord; readonly line: number | undefined }> {
    const split = this.#kind === 'jsonl' ? splitLines : splitObjects;
    let row = 0;
    let current: RecordText | undefined;
    try {
      for await (current of split(this.#text(), this.#limits.maxRowLength, rowTooLong(this.#limits, 'characters'))) {
        row++;
        const record = parseRecord(current.text);
        const problem = tooManyColumns(record.size, this.#limits);
        if (problem !== undefined) throw new RecordProblem(problem, current.line);
        yield { record, line: current.line };
      }
    } catch (error) {
      if (error instanceof RecordProblem) throw this.#error(error.message, { line: error.line });
      if (!(error instanceof SyntaxError)) throw error;
      throw this.#error(`expected a JSON object, got ${error.message}`, { row, line: current?.line });
    }
  }

  /** The file's text without a BOM. */
  async *#text(): AsyncGenerator<string> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    try {
      for await (const bytes of createReadStream(this.file) as AsyncIterable<Uint8Array>) {
        yield decoder.decode(bytes, { stream: true });
      }
      decoder.decode();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw this.#error('expected text in UTF-8, got other bytes', {});
    }
  }

  #error(
    problem: string,
    { line, ...details }: { readonly line?: number | undefined; readonly row?: number; readonly column?: string },
  ): TableError {
    return new TableError(this.#where, this.file, problem, line === undefined ? details : { ...details, line });
  }
}

import { describeBadId } from '../samples/outside-id.js';
import { printable } from './quoted.js';

/** Some rows of a table, column by column. */
export interface TableChunk {
  /** Data row (from 1) of the chunk's first row. */
  readonly firstRow: number;
  readonly rows: number;
  /** One array per id column, for {@link idText}; null for an empty cell. */
  readonly ids: readonly (readonly unknown[])[];
  /** One array per text column; null for an empty cell. */
  readonly texts: readonly (readonly (string | null)[])[];
  /** One array per number column; null for a cell that is not a number. */
  readonly numbers: readonly (readonly (number | null)[])[];
  /** The text of a number column's cell, for messages. */
  rawNumber(column: number, row: number): string | null;
}

/** A cell that cannot be used. */
export interface CellProblem {
  /** Data row, from 1. */
  readonly row: number;
  readonly column: string;
  readonly problem: string;
}

/**
 * Takes the rows of a table, chunk by chunk: `InteractionRows`, `ItemRows`, `QueryRows`. The readers of all formats
 * feed these classes, so they refuse the same cells with the same messages.
 */
export interface TableRows {
  /** Names of the columns to read as ids. */
  readonly ids: readonly string[];
  /** Names of the columns to read as text. */
  readonly texts: readonly string[];
  /** Names of the columns to read as numbers. */
  readonly numbers: readonly string[];
  /** Rows taken so far. */
  readonly length: number;
  /** Takes a chunk. @returns the first problem, or undefined. */
  add(chunk: TableChunk): CellProblem | undefined;
}

/** The problem of a cell that {@link idText} refuses. */
export function badId(row: number, column: string, cell: unknown): CellProblem {
  const got = cell === null || cell === '' ? 'an empty cell' : describeBadId(cell);
  return { row, column, problem: `expected an id in ${printable(column)}, got ${got}` };
}

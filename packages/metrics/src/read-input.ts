import { MetricInputError } from './metric-input-error.js';

/** Groups renumbered 0, 1, 2 … in order of first appearance. */
export interface GroupIndex {
  readonly count: number;
  /** `[rows]` */
  readonly ofRow: Uint32Array;
}

/**
 * Scores of any scale, including infinite ones. A NaN has no rank and is refused. The other inputs must have as many
 * rows.
 */
export function readScores(where: string, name: string, values: ArrayLike<number>): Float64Array {
  if (values.length === 0) throw new MetricInputError(where, `at least one row in ${name}`, 'none');
  const read = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw new MetricInputError(where, `numbers in ${name}`, String(value), i);
    }
    read[i] = value;
  }
  return read;
}

export function readProbabilities(where: string, values: ArrayLike<number>): Float64Array {
  const probabilities = readScores(where, 'probabilities', values);
  const i = probabilities.findIndex((p) => p < 0 || p > 1);
  if (i >= 0) throw new MetricInputError(where, 'probabilities from 0 to 1', String(probabilities[i]), i);
  return probabilities;
}

export function readLabels(where: string, values: ArrayLike<number>, rows: number): Uint8Array {
  checkLength(where, 'labels', values, rows);
  const read = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    const value = values[i];
    if (value !== 0 && value !== 1) throw new MetricInputError(where, '0 or 1 in labels', String(value), i);
    read[i] = value;
  }
  return read;
}

export function readGroups(where: string, name: string, values: ArrayLike<number>, rows: number): GroupIndex {
  checkLength(where, name, values, rows);
  const numbers = new Map<number, number>();
  const ofRow = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    const id = values[i]!;
    if (!Number.isSafeInteger(id)) throw new MetricInputError(where, `integer ids in ${name}`, String(id), i);
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    ofRow[i] = number;
  }
  return { count: numbers.size, ofRow };
}

export function checkLength(where: string, name: string, values: ArrayLike<number>, rows: number): void {
  if (values.length !== rows)
    throw new MetricInputError(where, `${rows} values in ${name}, one per row`, String(values.length));
}

/** For options that are counts: K, bins, resamples. */
export function checkCount(where: string, name: string, value: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `from 1 to ${most}`;
  throw new MetricInputError(where, `${name} to be an integer ${range}`, String(value));
}

/** Most bins or resamples: each takes memory of its own, up to 100 bytes. */
export const MOST_KEPT: number = 2 ** 20;

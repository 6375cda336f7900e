import { quoted } from '../rows/quoted.js';
import type { Statistics } from './gather-statistics.js';

/** Mean and standard deviation of each column, `[width]`. */
export interface Standardization {
  readonly mean: Float32Array;
  /** 1 for a column of one value. */
  readonly deviation: Float32Array;
}

/**
 * Finds how to bring each column to mean 0 and deviation 1: `(value − mean) / deviation`. Keep it with a model, and use
 * it for samples, streams and serving alike.
 *
 * @param indices positions of samples; only those of the train part do not leak
 * @throws RangeError if there are no indices, or one is out of range.
 */
export function standardization({ width, values }: Statistics, indices: Int32Array): Standardization {
  if (indices.length === 0) throw new RangeError('standardization: expected samples, got none');
  const [sums, squares] = [new Float64Array(width), new Float64Array(width)];
  const addTo = (totals: Float64Array, term: (value: number, column: number) => number) => {
    for (const sample of indices) {
      for (let column = 0; column < width; column++) totals[column]! += term(values[sample * width + column]!, column);
    }
  };
  const outside = indices.find((sample) => !(sample >= 0 && (sample + 1) * width <= values.length));
  if (outside !== undefined) {
    const expected = `samples in [0, ${width === 0 ? 0 : values.length / width})`;
    throw new RangeError(`standardization: expected ${expected}, got ${quoted(outside)}`);
  }
  addTo(sums, (value) => value);
  const mean = sums.map((sum) => sum / indices.length);
  addTo(squares, (value, column) => (value - mean[column]!) ** 2);
  const deviation = squares.map((sum) => Math.sqrt(sum / indices.length));
  return {
    mean: Float32Array.from(mean),
    deviation: Float32Array.from(deviation, (value) => (value > 1e-6 ? value : 1)),
  };
}

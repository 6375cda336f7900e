import { concat, matMul, reshape, slice, type Tensor, tensor2d, tidy, transpose } from '@tensorflow/tfjs-core';

/** Rows and columns of patches. */
export type PatchGrid = readonly [rows: number, columns: number];

export interface ResizeOptions {
  readonly from: PatchGrid;
  readonly to: PatchGrid;
  /** Rows of the table before those of patches. They do not change. */
  readonly before: number;
  /** Whether shrinking averages over what it drops. */
  readonly antialias: boolean;
}

/**
 * A table of positions for another number of patches, by bicubic interpolation as PyTorch's
 * `interpolate(mode='bicubic')` has it (Keys, 1981), with or without `antialias`.
 *
 * @param positions `[before + rows · columns, D]`
 * @returns `[before + rows′ · columns′, D]`
 */
export function resizePositions(positions: Tensor, { from, to, before, antialias }: ResizeOptions): Tensor {
  const [count, dim] = positions.shape as [number, number];
  const [rows, columns] = [0, 1].map((axis) => bicubicMatrix(from[axis]!, to[axis]!, antialias));
  return tidy(() => {
    const patches = slice(positions, [before, 0], [count - before, dim]);
    const tall = matMul(tensor2d(rows!, [to[0], from[0]]), reshape(patches, [from[0], from[1] * dim])); // [r′, c · D]
    const turned = transpose(reshape(tall, [to[0], from[1], dim]), [1, 0, 2]); // [c, r′, D]
    const wide = matMul(tensor2d(columns!, [to[1], from[1]]), reshape(turned, [from[1], to[0] * dim])); // [c′, r′ · D]
    const grid = transpose(reshape(wide, [to[1], to[0], dim]), [1, 0, 2]); // [r′, c′, D]
    return concat([slice(positions, [0, 0], [before, dim]), reshape(grid, [to[0] * to[1], dim])]);
  });
}

/** Weights of the old positions in each of the new ones. @returns `[to · from]` */
export function bicubicMatrix(from: number, to: number, antialias: boolean): Float32Array {
  const matrix = new Float32Array(to * from);
  const step = from / to;
  const width = antialias ? Math.max(step, 1) : 1; // of the filter, in old positions
  const curve = antialias ? -0.5 : -0.75; // PyTorch's constants
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * step - 0.5;
    const taps = new Map<number, number>();
    for (let j = Math.ceil(centre - 2 * width); j <= Math.floor(centre + 2 * width); j++) {
      // Without antialias, what lies beyond the border is the border. With it, it is left out.
      if (antialias && (j < 0 || j >= from)) continue;
      const at = Math.min(Math.max(j, 0), from - 1);
      taps.set(at, (taps.get(at) ?? 0) + keys((j - centre) / width, curve));
    }
    const total = [...taps.values()].reduce((a, b) => a + b, 0);
    for (const [at, weight] of taps) matrix[i * from + at] = weight / total;
  }
  return matrix;
}

/** Keys' cubic convolution kernel. */
function keys(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((x - 5) * x + 8) * x * a - 4 * a;
  return 0;
}

import { div, matMul, maximum, reshape, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { assertShape } from './shape-error.js';

/**
 * The mean of the vectors that are present: `Σ_l m_l x_l / max(1, Σ_l m_l)`. Where none is, it is zeros.
 *
 * @param x `[B, L, D]`
 * @param mask `[B, L]`: 1 for a vector, 0 for padding
 * @returns `[B, D]`, owned by the caller.
 * @throws {@link ShapeError} if the shapes do not fit.
 */
export function maskedMean(x: Tensor, mask: Tensor): Tensor {
  assertShape('maskedMean: x', x, ['B', 'L', 'D']);
  const [batch, length, dim] = x.shape as [number, number, number];
  assertShape('maskedMean: mask', mask, [batch, length]);
  return tidy(() => {
    const total = reshape(matMul(reshape(mask, [batch, 1, length]), x), [batch, dim]); // [B, D]
    return div(total, maximum(sum(mask, 1, true), 1));
  });
}

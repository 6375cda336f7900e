import { assertShape, l2Normalize, stopGradient } from '@sifaka/nn';
import {
  add,
  cast,
  div,
  greater,
  matMul,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { sortDescending } from './sort-descending.js';

export interface HistorySimilarityOutput {
  /** `[B, L]`: cosine of the candidate with each history item, in the order of the history; 0 where there is none. */
  readonly cosines: Tensor;
  /** `[B, top]`: the cosines of the history's items, largest first, then 0 for each place without one. */
  readonly sorted: Tensor;
}

// Sorts behind any cosine.
const PADDING = 4;

/**
 * LEMUR's similarity module: `c = [cos(d_target, d_1), …, cos(d_target, d_N)]` and its ranked version (arXiv 2511.10962 §3).
 * Place `k` of the ranked version is the `k`-th largest cosine, whatever the padding: ours, the paper does not speak of padding.
 * Gradient reaches the encoder through the target only, because histories carry none.
 *
 * @param target `[B, D]`
 * @param history `[B, L, D]`
 * @param mask `[B, L]`: 1 where there is an item
 * @param options.top how many of the ranked cosines are wanted; fewer are found faster. Default all, `L`.
 * @throws {@link ShapeError} naming the argument whose width, length or batch differs.
 * @throws RangeError if `top` is not a whole number from 0 to `L`.
 */
export function historySimilarity(
  target: Tensor,
  history: Tensor,
  mask: Tensor,
  options: { readonly top?: number } = {},
): HistorySimilarityOutput {
  assertShape('historySimilarity: history', history, ['B', 'L', 'D']);
  const [batch, length, dim] = history.shape as [number, number, number];
  assertShape('historySimilarity: target', target, [batch, dim]);
  assertShape('historySimilarity: mask', mask, [batch, length]);
  return tidy(() => {
    const direction = reshape(l2Normalize(target), [batch, dim, 1]);
    // Lengths are divided out of the products: a normalised copy of a history of 1,000 costs more than the products.
    const lengths = sqrt(add(sum(square(history), -1), 1e-12)); // [B, L]
    const cosines = mul(div(reshape(matMul(history, direction), [batch, length]), lengths), mask); // [B, L]
    const ranked = sortDescending(add(cosines, mul(sub(mask, 1), PADDING)), options.top); // [B, top]
    return { cosines, sorted: mul(ranked, cast(greater(stopGradient(ranked), -PADDING / 2), 'float32')) };
  });
}

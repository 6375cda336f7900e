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

/** The caller owns both tensors. */
export interface HistorySimilarityOutput {
  /** `[B, L]`: cosine of the candidate with each item, in the order of the history. 0 for padding. */
  readonly cosines: Tensor;
  /** `[B, top]`: the largest cosines, largest first. Padding comes last, as 0. */
  readonly sorted: Tensor;
}

// Sorts padding behind every cosine.
const PADDING = 4;

/**
 * LEMUR's similarity module (arXiv 2511.10962, §3): the cosines `c = [cos(d_target, d_1), …, cos(d_target, d_L)]` of a
 * candidate with its history, and the same cosines sorted.
 *
 * The paper does not cover padding. Here padding comes last, even behind negative cosines, so that index `k` of
 * `sorted` is always the `k`-th largest cosine. In LEMUR only the target passes a gradient on, because histories are
 * constants.
 *
 * Shapes: `B` batch, `L` history length, `D` item vector width.
 *
 * @param target `[B, D]`
 * @param history `[B, L, D]`
 * @param mask `[B, L]`: 1 for an item, 0 for padding
 * @param options.top number of sorted cosines. Fewer are faster. Default `L`.
 * @throws {@link ShapeError} naming the argument that has the wrong shape.
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
    // Dividing the products by the norms is cheaper than making a normalised copy of a long history.
    const norms = sqrt(add(sum(square(history), -1), 1e-12)); // [B, L]
    const cosines = mul(div(reshape(matMul(history, direction), [batch, length]), norms), mask); // [B, L]
    const ranked = sortDescending(add(cosines, mul(sub(mask, 1), PADDING)), options.top); // [B, top]
    return { cosines, sorted: mul(ranked, cast(greater(stopGradient(ranked), -PADDING / 2), 'float32')) };
  });
}

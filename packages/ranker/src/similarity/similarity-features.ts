import { assertWhole } from '@sifaka/nn';
import {
  add,
  concat,
  div,
  maximum,
  mul,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { historySimilarity } from './history-similarity.js';

export interface SimilarityFeaturesOptions {
  /** Number of most recent items whose cosines are kept, in the order of the history. Default: all. */
  readonly recent?: number;
  /** Number of largest cosines that are kept, largest first. Default: all. */
  readonly top?: number;
  /** Adds the mean and standard deviation of all cosines. Default false. */
  readonly statistics?: boolean;
}

/**
 * {@link historySimilarity} as one group of features for a head: `[recent cosines; largest cosines; mean, deviation]`.
 *
 * The paper does not say how it compresses up to 1,000 cosines. By default all are kept, which suits short histories.
 * The options are not in the paper. All of them are differentiable, unlike a histogram, and none sorts a long row in
 * full, unlike quantiles.
 *
 * @param target `[B, D]`
 * @param history `[B, L, D]`, most recent first
 * @param mask `[B, L]`: 1 for an item, 0 for padding
 * @returns `[B, W]`, `W` = {@link similarityWidth}. The statistics of an empty history are 0.
 * @throws {@link ShapeError} naming the argument that has the wrong shape.
 * @throws RangeError if `recent` or `top` is not a whole number from 0, or if no features are left.
 */
export function similarityFeatures(
  target: Tensor,
  history: Tensor,
  mask: Tensor,
  options: SimilarityFeaturesOptions = {},
): Tensor {
  const length = history.shape[1] ?? 0;
  const { recent, top, statistics } = partsOf('similarityFeatures', length, options);
  return tidy(() => {
    const { cosines, sorted } = historySimilarity(target, history, mask, { top });
    const parts: Tensor[] = [];
    if (recent > 0) parts.push(recent === length ? cosines : slice(cosines, [0, 0], [cosines.shape[0]!, recent]));
    if (top > 0) parts.push(sorted);
    if (statistics) parts.push(...meanAndDeviation(cosines, mask));
    return concat(parts, 1);
  });
}

/**
 * Width of {@link similarityFeatures} for histories of this length. The head's group needs it.
 *
 * @throws RangeError if the length, `recent` or `top` is not a whole number from 0, or if no features are left.
 */
export function similarityWidth(historyLength: number, options: SimilarityFeaturesOptions = {}): number {
  const { recent, top, statistics } = partsOf('similarityWidth', historyLength, options);
  return recent + top + (statistics ? 2 : 0);
}

function partsOf(
  where: string,
  length: number,
  { recent = length, top = length, statistics = false }: SimilarityFeaturesOptions,
): Required<SimilarityFeaturesOptions> {
  assertWhole(where, { historyLength: length, recent, top }, 0);
  if (recent + top === 0 && !statistics) throw new RangeError(`${where}: expected some features, got none`);
  return { recent: Math.min(recent, length), top: Math.min(top, length), statistics };
}

/**
 * Mean and standard deviation over the items of each history.
 *
 * @param cosines `[B, L]`, 0 for padding
 * @returns `[B, 1]` each
 */
function meanAndDeviation(cosines: Tensor, mask: Tensor): [Tensor, Tensor] {
  const count = maximum(sum(mask, 1, true), 1); // [B, 1]
  const mean = div(sum(cosines, 1, true), count);
  const variance = div(sum(mul(square(sub(cosines, mean)), mask), 1, true), count);
  // A history of one item has the variance 0, where √v has an infinite slope. √(v + ε) − √ε is 0 there, with a finite
  // slope.
  return [mean, sub(sqrt(add(variance, EPSILON)), Math.sqrt(EPSILON))];
}

const EPSILON = 1e-6;

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
  /** Cosines with so many of the most recent items, in the order of the history. Default all. */
  readonly recent?: number;
  /** So many of the largest cosines, largest first. Default all. */
  readonly top?: number;
  /** Mean and standard deviation of all cosines. Default false. */
  readonly statistics?: boolean;
}

/**
 * {@link historySimilarity} as one group of features for a ranker: `[recent cosines; largest cosines; mean, deviation]`.
 *
 * How LEMUR compresses its vectors of up to 1,000 cosines is not stated. By default nothing is left out, as for short histories; the
 * options are ours. All of it is differentiable (a histogram would not be), and none needs a whole long row sorted (quantiles would).
 *
 * @param target `[B, D]`
 * @param history `[B, L, D]`, most recent first
 * @param mask `[B, L]`: 1 where there is an item
 * @returns `[B, W]`, `W` = {@link similarityWidth}. The statistics of an empty history are 0.
 * @throws {@link ShapeError} naming the argument whose width, length or batch differs.
 * @throws RangeError if `recent` or `top` is no whole number, or nothing is left.
 */
export function similarityFeatures(
  target: Tensor,
  history: Tensor,
  mask: Tensor,
  options: SimilarityFeaturesOptions = {},
): Tensor {
  const length = history.shape[1] ?? 0;
  const { recent, top, statistics } = partsOf(length, options);
  return tidy(() => {
    const { cosines, sorted } = historySimilarity(target, history, mask, { top });
    const parts: Tensor[] = [];
    if (recent > 0) parts.push(recent === length ? cosines : slice(cosines, [0, 0], [cosines.shape[0]!, recent]));
    if (top > 0) parts.push(sorted);
    if (statistics) parts.push(...meanAndDeviation(cosines, mask));
    return parts.length === 1 ? parts[0]! : concat(parts, 1);
  });
}

/** The width of {@link similarityFeatures} for histories of this length: what RankMixer's group must be told. */
export function similarityWidth(historyLength: number, options: SimilarityFeaturesOptions = {}): number {
  const { recent, top, statistics } = partsOf(historyLength, options);
  return recent + top + (statistics ? 2 : 0);
}

function partsOf(
  length: number,
  { recent = length, top = length, statistics = false }: SimilarityFeaturesOptions,
): Required<SimilarityFeaturesOptions> {
  for (const [name, count] of Object.entries({ recent, top })) {
    if (!(Number.isInteger(count) && count >= 0)) {
      throw new RangeError(`similarityFeatures: expected ${name} to be a whole number from 0, got ${count}`);
    }
  }
  if (recent + top === 0 && !statistics) throw new RangeError('similarityFeatures: expected some features, got none');
  return { recent: Math.min(recent, length), top: Math.min(top, length), statistics };
}

/** Over the known items. @param cosines `[B, L]`, 0 where the mask is @returns `[B, 1]` each */
function meanAndDeviation(cosines: Tensor, mask: Tensor): [Tensor, Tensor] {
  const count = maximum(sum(mask, 1, true), 1); // [B, 1]
  const mean = div(sum(cosines, 1, true), count);
  const variance = div(sum(mul(square(sub(cosines, mean)), mask), 1, true), count);
  // The root's slope is infinite at 0, where histories of one item are; √(v + ε) − √ε is 0 there.
  return [mean, sub(sqrt(add(variance, EPSILON)), Math.sqrt(EPSILON))];
}

const EPSILON = 1e-6;

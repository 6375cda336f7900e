import { assertShape, l2Normalize, ShapeError, stopGradient } from '@sifaka/nn';
import {
  add,
  exp,
  gather,
  log,
  matMul,
  max,
  mean,
  mul,
  reshape,
  type Scalar,
  scalar,
  sub,
  sum,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
} from '@tensorflow/tfjs-core';
import type { NegativeMask } from './negative-mask.js';

export interface InfoNceOptions {
  /** Multiplies the cosines (an inverse temperature): 50 in LEMUR, where others divide by τ = 0.02. */
  readonly scale: number;
  /** For each query, the place of its positive among the candidates. */
  readonly positives: ArrayLike<number>;
  /** Which candidates stand in each denominator. Default: all. */
  readonly mask?: NegativeMask;
  /**
   * Subtracts the batch's mean from queries and from candidates before the cosines. Young encoders give all inputs nearly the same
   * vector; without this, the easiest way down is to make the vectors equal, and training stays at chance. Not in the paper's
   * formula. The candidates' mean is over those that stand in at least one denominator: one that is masked for everybody does not move
   * it, one that is masked for some does. Default false.
   */
  readonly centre?: boolean;
  /** Over queries. Default `'mean'`. */
  readonly reduction?: 'mean' | 'sum';
}

/**
 * InfoNCE on cosines, one direction: the mean, or sum, over queries of `−log( e^{s·cos(q_i, d_{p(i)})} / Σ_j A_ij e^{s·cos(q_i, d_j)} )`.
 *
 * @param queries `[N, D]`
 * @param candidates `[M, D]`
 * @returns a scalar; 0 when there is no query.
 * @throws {@link ShapeError} if widths or the mask's size differ, RangeError if a positive is outside the candidates or the mask leaves
 *   a query no candidate at all.
 */
export function infoNce(
  queries: Tensor,
  candidates: Tensor,
  { scale, positives, mask, centre = false, reduction = 'mean' }: InfoNceOptions,
): Scalar {
  assertShape('infoNce: queries', queries, ['N', 'D']);
  const [numQueries, width] = queries.shape as [number, number];
  const numCandidates = candidates.shape[0]!;
  assertShape('infoNce: candidates', candidates, ['M', width]);
  if (positives.length !== numQueries)
    throw new ShapeError('infoNce: positives', `[${numQueries}]`, [positives.length]);
  if (mask !== undefined && (mask.queries !== numQueries || mask.candidates !== numCandidates)) {
    throw new ShapeError('infoNce: mask', `[${numQueries}, ${numCandidates}]`, [mask.queries, mask.candidates]);
  }
  for (let i = 0; mask !== undefined && i < numQueries; i++) {
    if (!mask.values.subarray(i * numCandidates, (i + 1) * numCandidates).includes(1)) {
      throw new RangeError(`infoNce: expected a mask that leaves query ${i} a candidate, got none`);
    }
  }
  if (numQueries === 0) return scalar(0);
  const flatPositives = Int32Array.from(positives, (place, i) => {
    if (!(place >= 0 && place < numCandidates)) {
      throw new RangeError(`infoNce: expected positive ${i} among ${numCandidates} candidates, got ${place}`);
    }
    return i * numCandidates + place;
  });
  return tidy(() => {
    const [q, d] = centre ? [centred(queries), centred(candidates, mask)] : [queries, candidates];
    const logits = mul(matMul(l2Normalize(q), l2Normalize(d), false, true), scale); // [N, M]
    const masked =
      mask === undefined ? logits : add(logits, mul(add(tensor2d(mask.values, [numQueries, numCandidates]), -1), 1e9)); // −10⁹ where A = 0
    const own = gather(reshape(logits, [-1]), tensor1d(flatPositives, 'int32')); // [N]
    // The largest is a shift that cancels; its gradient is zero, and TensorFlow.js' logSumExp computes it all the same.
    const top = stopGradient(max(masked, 1, true)); // [N, 1]
    const losses = add(log(sum(exp(sub(masked, top)), 1)), sub(reshape(top, [-1]), own)); // [N]
    return (reduction === 'sum' ? sum(losses) : mean(losses)) as Scalar;
  });
}

/** `[M, D]` vectors less the mean of those that the mask leaves to at least one query. */
function centred(vectors: Tensor, mask?: NegativeMask): Tensor {
  const inPlay = mask === undefined ? undefined : columnsInPlay(mask);
  if (inPlay === undefined || inPlay.every((weight) => weight === 1)) return sub(vectors, mean(vectors, 0, true));
  const count = inPlay.reduce((total, weight) => total + weight, 0);
  const weights = tensor2d(
    inPlay.map((weight) => weight / count),
    [1, inPlay.length],
  );
  return sub(vectors, matMul(weights, vectors)); // [M, D] − [1, D]
}

/** `[M]`: 1 for a candidate in some query's denominator, else 0. */
function columnsInPlay({ candidates, values }: NegativeMask): Float32Array {
  const inPlay = new Float32Array(candidates);
  for (let k = 0; k < values.length; k++) if (values[k] === 1) inPlay[k % candidates] = 1;
  return inPlay;
}

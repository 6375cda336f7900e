import { assertChoice, assertNumber, assertShape, l2Normalize, ShapeError, stopGradient } from '@sifaka/nn';
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
import { assertLength } from './check-options.js';
import type { NegativeMask } from './negative-mask.js';
import { assertPairs, type PairLimit } from './pair-limit.js';

export interface InfoNceOptions extends PairLimit {
  /** Multiplies the cosines: an inverse temperature `1 / τ`. LEMUR uses 50. */
  readonly scale: number;
  /** `[N]` index of each query's positive among the candidates. */
  readonly positives: ArrayLike<number>;
  /** Candidates in each query's denominator. Default: all. */
  readonly mask?: NegativeMask;
  /**
   * Subtracts the mean query from the queries and the mean candidate from the candidates before the cosines. Untrained
   * encoders map all inputs to nearly the same vector. Without centring, making all vectors equal is then the easiest
   * way to lower the loss, and training stays at chance. The candidate mean includes every candidate in at least one
   * denominator. Not in LEMUR. Default false.
   */
  readonly centre?: boolean;
  /** Over queries. Default `'mean'`. */
  readonly reduction?: 'mean' | 'sum';
}

/**
 * InfoNCE (van den Oord et al., arXiv 1807.03748) over cosines, in one direction. The mean or sum over queries of
 * `−log( e^{s·cos(q_i, d_{p(i)})} / Σ_j A_ij e^{s·cos(q_i, d_j)} )`, with `s` the scale, `p` the positives and `A` the
 * mask.
 *
 * @param queries `[N, D]`
 * @param candidates `[M, D]`
 * @returns a scalar, owned by the caller; a constant 0 if there are no queries.
 * @throws {@link ShapeError} if the widths, the number of positives or the mask's size differ.
 * @throws RangeError for a scale that is not positive, an unknown reduction, more pairs than `maxPairs`, a positive
 *   that is not among the candidates, or a mask that leaves a query without any candidate or holds values other than 0
 *   and 1.
 */
export function infoNce(
  queries: Tensor,
  candidates: Tensor,
  { scale, positives, mask, centre = false, reduction = 'mean', ...limit }: InfoNceOptions,
): Scalar {
  assertNumber('infoNce', { scale }, { above: true });
  assertChoice('infoNce', { reduction }, ['mean', 'sum']);
  assertShape('infoNce: queries', queries, ['N', 'D']);
  const [numQueries, width] = queries.shape as [number, number];
  const numCandidates = candidates.shape[0]!;
  assertShape('infoNce: candidates', candidates, ['M', width]);
  if (positives.length !== numQueries)
    throw new ShapeError('infoNce: positives', `[${numQueries}]`, [positives.length]);
  if (mask !== undefined && (mask.queries !== numQueries || mask.candidates !== numCandidates)) {
    throw new ShapeError('infoNce: mask', `[${numQueries}, ${numCandidates}]`, [mask.queries, mask.candidates]);
  }
  assertPairs('infoNce', numQueries, numCandidates, limit);
  if (numQueries === 0) return scalar(0);
  const flatPositives = Int32Array.from(positives, (positive, i) => {
    if (!(Number.isInteger(positive) && positive >= 0 && positive < numCandidates)) {
      throw new RangeError(`infoNce: expected positive ${i} among ${numCandidates} candidates, got ${positive}`);
    }
    return i * numCandidates + positive;
  });
  const bias = mask === undefined ? undefined : biasOf(mask);
  return tidy(() => {
    const [q, d] = centre ? [centred(queries), centred(candidates, mask)] : [queries, candidates];
    const logits = mul(matMul(l2Normalize(q), l2Normalize(d), false, true), scale); // [N, M]
    const masked = bias === undefined ? logits : add(logits, tensor2d(bias, [numQueries, numCandidates]));
    const own = gather(reshape(logits, [-1]), tensor1d(flatPositives, 'int32')); // [N]
    // The largest logit is a shift that cancels out. Its gradient is zero; TensorFlow.js' logSumExp would compute it.
    const top = stopGradient(max(masked, 1, true)); // [N, 1]
    const losses = add(log(sum(exp(sub(masked, top)), 1)), sub(reshape(top, [-1]), own)); // [N]
    return (reduction === 'sum' ? sum(losses) : mean(losses)) as Scalar;
  });
}

/**
 * `[N · M]`: 0 for a candidate in the denominator, otherwise −10⁹, so that its exponential is 0. Built on the host,
 * because a mask on the device would need two more arrays of this size.
 */
function biasOf({ queries, candidates, values }: NegativeMask): Float32Array {
  assertLength('infoNce', 'the mask', values, queries * candidates);
  const bias = new Float32Array(values.length);
  for (let i = 0; i < queries; i++) {
    let left = 0;
    for (let k = i * candidates; k < (i + 1) * candidates; k++) {
      if (values[k] === 1) left++;
      else if (values[k] === 0) bias[k] = -1e9;
      else throw new RangeError(`infoNce: expected 0 or 1 in the mask, got ${values[k]} for query ${i}`);
    }
    if (left === 0) throw new RangeError(`infoNce: expected a mask that leaves query ${i} a candidate, got none`);
  }
  return bias;
}

/** Subtracts the mean from `[M, D]` vectors: the mean of those that the mask keeps for at least one query. */
function centred(vectors: Tensor, mask?: NegativeMask): Tensor {
  const used = mask === undefined ? undefined : usedCandidates(mask);
  if (used === undefined || used.every((weight) => weight === 1)) return sub(vectors, mean(vectors, 0, true));
  const count = used.reduce((total, weight) => total + weight, 0);
  const weights = tensor2d(
    used.map((weight) => weight / count),
    [1, used.length],
  );
  return sub(vectors, matMul(weights, vectors)); // [M, D] − [1, D]
}

/** `[M]`: 1 for a candidate in at least one denominator, otherwise 0. */
function usedCandidates({ candidates, values }: NegativeMask): Float32Array {
  const used = new Float32Array(candidates);
  for (let k = 0; k < values.length; k++) if (values[k] === 1) used[k % candidates] = 1;
  return used;
}

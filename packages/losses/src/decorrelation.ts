import { assertShape } from '@sifaka/nn';
import {
  add,
  div,
  log,
  matMul,
  mean,
  mul,
  type Scalar,
  scalar,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';

/**
 * Penalty for vectors that use few of their dimensions: `log(D · ‖C‖²)` with `C = Zᵀ Z / N`, where `Z` are the vectors
 * minus their mean, scaled to length 1. `‖C‖²` is the mean squared cosine over all pairs of rows.
 *
 * It is 0 if all directions are used alike, and `log D` if all vectors are on one line. Equal vectors have no direction
 * and give 0. `D · e^−loss` is the number of dimensions that are in use (the participation ratio).
 *
 * Not in LEMUR or EM3, which start from pretrained encoders. New encoders collapse under SQDC to one or two directions
 * within a few hundred steps, and cosines then say nothing. The covariance term of VICReg (arXiv 2105.04906) does the
 * same for unscaled vectors.
 *
 * @param vectors `[N, D]`
 * @returns a scalar, owned by the caller; a constant 0 for fewer than two vectors.
 * @throws {@link ShapeError} if the vectors have another number of axes.
 */
export function decorrelation(vectors: Tensor): Scalar {
  assertShape('decorrelation: vectors', vectors, ['N', 'D']);
  const [count, width] = vectors.shape as [number, number];
  if (count < 2) return scalar(0);
  return tidy(() => {
    const centred = sub(vectors, mean(vectors, 0, true));
    const directions = div(centred, sqrt(add(sum(square(centred), 1, true), EPSILON))); // [N, D]
    const correlations = div(matMul(directions, directions, true, false), count); // [D, D]
    // The trace is 1, but smaller for vectors so close to their mean that ε shortens them.
    const trace = mean(sum(square(directions), 1));
    return log(div(add(mul(sum(square(correlations)), width), EPSILON), add(square(trace), EPSILON))) as Scalar;
  });
}

/** Keeps equal vectors, which have no direction, finite. */
const EPSILON = 1e-6;

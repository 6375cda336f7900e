import { ShapeError } from '@sifaka/nn';
import { abs, add, exp, log1p, mean, mul, neg, relu, type Scalar, sub, type Tensor, tidy } from '@tensorflow/tfjs-core';

/**
 * Mean binary cross-entropy of logits: `max(z, 0) − z·y + log(1 + e^−|z|)`, which is stable for large logits.
 * LEMUR (arXiv 2511.10962) §3: `l_CTR = −(1/|D|) Σ [y log ŷ + (1 − y) log(1 − ŷ)]`.
 *
 * @param logits `[B]`
 * @param labels `[B]`, 0 to 1
 * @returns a scalar, owned by the caller.
 * @throws {@link ShapeError} if the shapes differ.
 * @throws RangeError if there are no rows, whose mean is not a number.
 */
export function binaryCrossEntropy(logits: Tensor, labels: Tensor): Scalar {
  if (logits.shape.join() !== labels.shape.join()) {
    throw new ShapeError('binaryCrossEntropy: labels', `[${logits.shape.join(', ')}]`, labels.shape);
  }
  if (logits.size === 0) throw new RangeError('binaryCrossEntropy: expected at least one row, got none');
  return tidy(() => mean(add(sub(relu(logits), mul(logits, labels)), log1p(exp(neg(abs(logits)))))) as Scalar);
}

import { binaryCrossEntropy } from '@sifaka/losses';
import { assertShape } from '@sifaka/nn';
import { mul, ones, type Scalar, sub, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';

/**
 * BPR (Rendle et al., UAI 2009): the mean of `−ln σ(x_ui − x_uj)` over triples of a user, a positive `i` and a negative
 * `j`, with `x_ui` the dot product of two vectors. It is the cross-entropy of the difference with the label 1.
 *
 * @param users `[B, D]`
 * @param positives `[B, D]`
 * @param negatives `[B, D]`
 * @returns a scalar, owned by the caller.
 * @throws ShapeError if the shapes differ.
 */
export function bprLoss(users: Tensor, positives: Tensor, negatives: Tensor): Scalar {
  assertShape('bprLoss: users', users, ['B', 'D']);
  assertShape('bprLoss: positives', positives, users.shape);
  assertShape('bprLoss: negatives', negatives, users.shape);
  return tidy(() => {
    const difference = sum(mul(users, sub(positives, negatives)), 1); // [B]
    return binaryCrossEntropy(difference, ones(difference.shape as [number]));
  });
}

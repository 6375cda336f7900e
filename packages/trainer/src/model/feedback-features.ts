import type { BatchHistory } from '@sifaka/data';
import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';

export const FEEDBACK_WIDTH = 3;

/**
 * How a user took what they met: the share of it that they liked, drawn to a half by one like and one dislike that were not there, and the logarithms of
 * one more than their likes and of one more than their dislikes. A count of likes alone tells training users apart and misleads on new
 * ones; beside the dislikes it is a rate.
 *
 * @param met items met with their labels, `[B, M]` @returns `[B, 3]`
 */
export function feedbackFeatures({ labels, length, lengths }: BatchHistory): Tensor2D {
  const features = new Float32Array(lengths.length * FEEDBACK_WIDTH);
  lengths.forEach((met, row) => {
    const liked = labels.subarray(row * length, row * length + met).reduce((total, label) => total + label, 0);
    features.set([(liked + 1) / (met + 2), Math.log1p(liked), Math.log1p(met - liked)], row * FEEDBACK_WIDTH);
  });
  return tensor2d(features, [lengths.length, FEEDBACK_WIDTH]);
}

import type { BatchHistory } from '@sifaka/data';
import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';

export const FEEDBACK_WIDTH = 3;

/**
 * Features of how a user rated their recent events: the share of likes, smoothed with one pseudo-like and one
 * pseudo-dislike, `log(1 + likes)` and `log(1 + dislikes)`. Not in the paper. The number of likes alone identifies
 * training users and misleads for new ones; together with the dislikes it is a rate.
 *
 * @param recent history of all events with their labels, `[B, L]`
 * @returns `[B, 3]`
 */
export function feedbackFeatures(recent: BatchHistory): Tensor2D {
  const { labels, length, lengths } = recent;
  const features = new Float32Array(lengths.length * FEEDBACK_WIDTH);
  lengths.forEach((events, row) => {
    const liked = labels.subarray(row * length, row * length + events).reduce((total, label) => total + label, 0);
    features.set([(liked + 1) / (events + 2), Math.log1p(liked), Math.log1p(events - liked)], row * FEEDBACK_WIDTH);
  });
  return tensor2d(features, [lengths.length, FEEDBACK_WIDTH]);
}

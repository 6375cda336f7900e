import type { BatchHistory } from '@sifaka/data';
import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';

/** The share of likes and two counts. */
const SUMMARIES = 3;

/** Number of features of a history of `length` events. */
export function feedbackWidth(length: number): number {
  return SUMMARIES + length;
}

/**
 * Features of how a user rated their recent events, whatever the items. Not in the paper.
 *
 * - The share of likes, smoothed with one pseudo-like and one pseudo-dislike, `log(1 + likes)` and
 *   `log(1 + dislikes)`. The number of likes alone identifies training users and misleads for new ones; together with
 *   the dislikes it is a rate.
 * - Each event in order, most recent first: 1 liked, −1 disliked, 0 where there is none. A model that reads contents
 *   sees this order in its cosines with the disliked items, which are zero where an event was liked. With it, a model of
 *   ids alone knows as much, so that their difference is content.
 *
 * @param recent history of all events with their labels, `[B, L]`
 * @returns `[B, 3 + L]`
 */
export function feedbackFeatures(recent: BatchHistory): Tensor2D {
  const { labels, length, lengths } = recent;
  const width = feedbackWidth(length);
  const features = new Float32Array(lengths.length * width);
  lengths.forEach((events, row) => {
    const ofRow = labels.subarray(row * length, row * length + events);
    const liked = ofRow.reduce((total, label) => total + label, 0);
    features.set([(liked + 1) / (events + 2), Math.log1p(liked), Math.log1p(events - liked)], row * width);
    const signs = Array.from(ofRow, (label) => 2 * label - 1); // Labels are bytes without a sign.
    features.set(signs, row * width + SUMMARIES);
  });
  return tensor2d(features, [lengths.length, width]);
}

import type { BatchHistory, HistoryOptions } from '@sifaka/data';
import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';

/** The share of likes and two counts. */
const SUMMARIES = 3;

/** Number of features of these histories. */
export function feedbackWidth(histories: readonly HistoryOptions[]): number {
  return histories.reduce((total, { events, length }) => total + (events === 'all' ? SUMMARIES + length : 1), 0);
}

/**
 * Features of how often and in what order a user liked, whatever the items. Not in the paper.
 *
 * A model that reads contents has them in its cosines, even where all contents are equal: there are as many as the
 * history has items, and those with the disliked items are zero where an event was liked. With these features a model
 * of ids alone knows as much, so that their difference is content.
 *
 * A history of likes has one feature, `log(1 + events)`. A history of all events has
 *
 * - the share of likes, smoothed with one pseudo-like and one pseudo-dislike, `log(1 + likes)` and
 *   `log(1 + dislikes)`. The number of likes alone identifies training users and misleads for new ones; together with
 *   the dislikes it is a rate.
 * - each event in order, most recent first: 1 liked, −1 disliked, 0 where there is none.
 *
 * @param histories of one batch, with labels where they are of all events
 * @returns `[B, W]`: the features of each history, one after the other.
 */
export function feedbackFeatures(histories: readonly BatchHistory[]): Tensor2D {
  const rows = histories[0]!.lengths.length;
  const width = feedbackWidth(histories);
  const features = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    features.set(
      histories.flatMap((history) => featuresOf(history, row)),
      row * width,
    );
  }
  return tensor2d(features, [rows, width]);
}

function featuresOf({ events, labels, length, lengths }: BatchHistory, row: number): number[] {
  const count = lengths[row]!;
  if (events !== 'all') return [Math.log1p(count)];
  const ofRow = Array.from(labels.subarray(row * length, row * length + count));
  const liked = ofRow.reduce((total, label) => total + label, 0);
  const signs = Array.from({ length }, (_, i) => (i < count ? 2 * ofRow[i]! - 1 : 0));
  return [(liked + 1) / (count + 2), Math.log1p(liked), Math.log1p(count - liked), ...signs];
}

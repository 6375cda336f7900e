import { countPairs } from './pair-counts.js';
import { readLabels, readScores } from './read-input.js';
import { ascendingOrder } from './sorted-groups.js';

/**
 * Area under the ROC curve: the share of (positive, negative) pairs whose positive scores higher. A tie counts half.
 *
 * Prefer logits to probabilities: a sigmoid that saturates in float32 turns different scores into ties.
 *
 * @param scores `[rows]`, any scale; higher means more likely positive.
 * @param labels `[rows]`, 0 or 1.
 * @returns 0 to 1; `NaN` if a class is missing.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a NaN score, or a label other than 0 and 1.
 */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const s = readScores('auc', 'scores', scores);
  const y = readLabels('auc', labels, s.length);
  const { won, tied, positives, negatives } = countPairs(ascendingOrder(s), 0, s.length, s, y);
  return (won + tied / 2) / (positives * negatives);
}

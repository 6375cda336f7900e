import { readLabels, readProbabilities, readScores } from './read-input.js';

/**
 * Mean negative log likelihood in nats: `−mean(y · ln p + (1 − y) · ln(1 − p))`.
 *
 * Probabilities are clipped to `[ε, 1 − ε]` with `ε` = 2⁻⁵², as in scikit-learn for float64. A certain and wrong
 * prediction then costs 36, not infinity. With logits, use {@link logLossFromLogits}, which does not clip.
 *
 * @param probabilities `[rows]`, 0 to 1.
 * @param labels `[rows]`, 0 or 1.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a probability outside [0, 1], or a label other than 0
 *   and 1.
 */
export function logLoss(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const p = readProbabilities('logLoss', probabilities);
  const y = readLabels('logLoss', labels, p.length);
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const clipped = Math.min(Math.max(p[i]!, Number.EPSILON), 1 - Number.EPSILON);
    sum -= y[i] === 1 ? Math.log(clipped) : Math.log1p(-clipped);
  }
  return sum / p.length;
}

/**
 * {@link logLoss} of `sigmoid(logits)`, computed from the logits: `mean(softplus(z))` with `z = −logit` for a positive
 * and `z = logit` for a negative. Accurate for logits of any size. Not clipped: an infinite logit with the wrong sign
 * costs infinity.
 *
 * @param logits `[rows]`
 * @param labels `[rows]`, 0 or 1.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a NaN logit, or a label other than 0 and 1.
 */
export function logLossFromLogits(logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  const x = readScores('logLossFromLogits', 'logits', logits);
  const y = readLabels('logLossFromLogits', labels, x.length);
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const z = y[i] === 1 ? -x[i]! : x[i]!;
    sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
  return sum / x.length;
}

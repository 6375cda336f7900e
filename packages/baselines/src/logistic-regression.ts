import { type FeatureBlock, FeatureRow } from './features.js';
import { sigmoid, softplus } from './logistic.js';
import { solvePositive } from './solve-positive.js';

export interface LogisticRegressionOptions {
  readonly blocks: readonly FeatureBlock[];
  /** By sample: 1 for a liked event, 0 otherwise. */
  readonly labels: Float32Array;
  /** Positions of the samples to learn from. */
  readonly train: Int32Array;
  /** `λ` in `λ/2 · |weights|²`, for all weights alike, that of the constant too. Default 0.01. */
  readonly penalty?: number;
}

/** A fitted logistic regression. */
export interface LogisticRegression {
  /** The weight of the constant 1, then those of the blocks in their order. */
  readonly weights: Float64Array;
  logit(sample: number): number;
}

/** Newton's method needs about ten steps. */
const MOST_STEPS = 100;
/** How much smaller the loss may still become, in nats over all samples together. */
const TOLERANCE = 1e-8;

/**
 * Fits a logistic regression with a ridge penalty by Newton's method, until the loss is at its minimum. The penalty
 * makes the minimum unique, so columns that depend on each other do no harm. Each step takes `O(n k² + d³)` for `n`
 * samples with `k` features that are not 0, and `d` weights.
 *
 * @throws RangeError if a feature is not finite, or features are so large (beyond about 1e6) that rounding hides the
 *   penalty.
 */
export function fitLogisticRegression(options: LogisticRegressionOptions): LogisticRegression {
  const { blocks, labels, train, penalty = 0.01 } = options;
  const width = blocks.reduce((sum, block) => sum + block.width, 1);
  const row = new FeatureRow();
  const read = (sample: number): void => {
    row.clear();
    row.add(0, 1);
    let first = 1;
    for (const block of blocks) {
      block.write(sample, row, first);
      first += block.width;
    }
  };
  const logit = (sample: number, weights: Float64Array): number => {
    read(sample);
    let sum = 0;
    for (let k = 0; k < row.columns.length; k++) sum += weights[row.columns[k]!]! * row.values[k]!;
    return sum;
  };

  /** Loss, and its gradient and curvature, which are overwritten at the next call. */
  const gradient = new Float64Array(width);
  const curvature = new Float64Array(width * width);
  const evaluate = (weights: Float64Array): number => {
    let loss = weights.reduce((sum, weight) => sum + (penalty / 2) * weight * weight, 0);
    gradient.set(weights.map((weight) => penalty * weight));
    curvature.fill(0);
    for (let column = 0; column < width; column++) curvature[column * width + column] = penalty;
    for (const sample of train) {
      const score = logit(sample, weights);
      const label = labels[sample]!;
      const probability = sigmoid(score);
      loss += softplus(score) - label * score;
      addSample(row, probability - label, probability * (1 - probability), gradient, curvature);
    }
    if (!Number.isFinite(loss))
      throw new RangeError(`fitLogisticRegression: expected finite features, got a loss of ${loss}`);
    return loss;
  };

  let weights = new Float64Array(width);
  let loss = evaluate(weights);
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = gradient.slice();
    solvePositive(curvature, direction);
    const gain = gradient.reduce((sum, slope, column) => sum + slope * direction[column]!, 0) / 2;
    if (gain <= TOLERANCE + 1e-12 * loss) return { weights, logit: (sample) => logit(sample, weights) };
    // A whole step can overshoot where the curvature is small. Halves of it reach a smaller loss.
    for (let share = 1, before = loss; ; share /= 2) {
      const next = weights.map((weight, column) => weight - share * direction[column]!);
      loss = evaluate(next);
      if (loss > before && share > 1e-6) continue;
      weights = next;
      break;
    }
  }
  throw new RangeError(`fitLogisticRegression: expected a minimum within ${MOST_STEPS} steps, got a loss of ${loss}`);
}

/** Adds one sample's gradient and curvature; of the latter the lower triangle. */
function addSample(
  { columns, values }: FeatureRow,
  residual: number,
  weight: number,
  gradient: Float64Array,
  curvature: Float64Array,
): void {
  const width = gradient.length;
  for (let a = 0; a < columns.length; a++) {
    const [column, value] = [columns[a]!, values[a]!];
    gradient[column]! += residual * value;
    for (let b = 0; b <= a; b++) curvature[column * width + columns[b]!]! += weight * value * values[b]!;
  }
}

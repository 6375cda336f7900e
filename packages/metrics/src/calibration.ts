import { checkCount, MOST_KEPT, readLabels, readProbabilities } from './read-input.js';

export interface CalibrationOptions {
  /** Bins of equal width over [0, 1], up to 2²⁰. Default 10. */
  readonly bins?: number;
}

/** Rows with `from < probability ≤ to`; the first bin holds 0 as well. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean probability; `NaN` for an empty bin. */
  readonly predicted: number;
  /** Share of positives; `NaN` for an empty bin. */
  readonly observed: number;
}

export interface CalibrationResult {
  /** `Σ count/N · |observed − predicted|` over the bins: 0 is perfect. */
  readonly expectedCalibrationError: number;
  /** `Σ probability / Σ label`. Above 1 the model predicts too many positives. `Infinity` without positives. */
  readonly predictedToObserved: number;
  readonly bins: readonly CalibrationBin[];
}

/**
 * Compares predicted probabilities with observed frequencies. Error as in Guo et al., "On Calibration of Modern Neural
 * Networks", ICML 2017, Eq. 3; bins as in scikit-learn's `calibration_curve(strategy='uniform')`.
 *
 * @param probabilities `[rows]`, 0 to 1.
 * @param labels `[rows]`, 0 or 1.
 * @throws {@link MetricInputError} for no rows, unequal lengths, a probability outside [0, 1], a label other than 0 and
 *   1, or a number of bins that is not an integer from 1 to 2²⁰.
 */
export function calibration(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  { bins: numBins = 10 }: CalibrationOptions = {},
): CalibrationResult {
  const p = readProbabilities('calibration', probabilities);
  const y = readLabels('calibration', labels, p.length);
  checkCount('calibration', 'bins', numBins, MOST_KEPT);

  const counts = new Float64Array(numBins);
  const predicted = new Float64Array(numBins);
  const positives = new Float64Array(numBins);
  for (let i = 0; i < p.length; i++) {
    const bin = binOf(p[i]!, numBins);
    counts[bin]!++;
    predicted[bin]! += p[i]!;
    positives[bin]! += y[i]!;
  }

  const bins: CalibrationBin[] = [];
  let error = 0;
  for (let b = 0; b < numBins; b++) {
    const count = counts[b]!;
    error += Math.abs(positives[b]! - predicted[b]!);
    bins.push({
      from: b / numBins,
      to: (b + 1) / numBins,
      count,
      predicted: predicted[b]! / count,
      observed: positives[b]! / count,
    });
  }
  return {
    expectedCalibrationError: error / p.length,
    predictedToObserved: sum(predicted) / sum(positives),
    bins,
  };
}

function binOf(probability: number, numBins: number): number {
  const bin = Math.min(Math.floor(probability * numBins), numBins - 1);
  // The edge `bin / numBins` belongs to the bin below. The product never rounds to a lower bin: a probability above the
  // rounded edge is above the exact one.
  return bin > 0 && probability <= bin / numBins ? bin - 1 : bin;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

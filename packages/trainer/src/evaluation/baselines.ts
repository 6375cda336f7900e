import { itemPopularity, type Samples } from '@sifaka/data';

/** Learns from the samples `train` and scores the samples `indices`. @returns logits, in the order of `indices` */
export type Baseline = (samples: Samples, train: Int32Array, indices: Int32Array) => Float32Array;

/** A logistic regression on `log(1 + count)` of the item's events in train. */
export const popularity: Baseline = (samples, train, indices) => {
  const counts = itemPopularity(samples, train);
  const feature = (sample: number) => Math.log1p(counts[samples.items[sample]!]!);
  const { slope, intercept } = fitLogistic(train, feature, samples.labels);
  return Float32Array.from(indices, (sample) => intercept + slope * feature(sample));
};

/**
 * `σ(μ + b_user + b_item)`: an L2-penalised logistic regression, fitted by Newton steps on one bias at a time. No
 * learned model of the first reference run was shown to beat it, so it belongs in every table.
 */
export const userItemBiases: Baseline = (samples, train, indices) => {
  const { users, items, labels } = samples;
  const mean = new Float64Array(1);
  const user = new Float64Array(samples.numUsers);
  const item = new Float64Array(samples.numItems);
  const logit = (sample: number) => mean[0]! + user[users[sample]!]! + item[items[sample]!]!;

  /** One Newton step for each of these biases: `b += (Σ(y − σ) − λb) / (Σσ(1 − σ) + λ)`. */
  const fit = (biases: Float64Array, biasOf: (sample: number) => number, penalty: number): void => {
    const slope = biases.map((bias) => -penalty * bias);
    const curvature = new Float64Array(biases.length).fill(penalty + 1e-9);
    for (const sample of train) {
      const probability = sigmoid(logit(sample));
      const bias = biasOf(sample);
      slope[bias]! += labels[sample]! - probability;
      curvature[bias]! += probability * (1 - probability);
    }
    biases.forEach((_, bias) => {
      biases[bias]! += slope[bias]! / curvature[bias]!;
    });
  };

  for (let sweep = 0; sweep < BIAS_SWEEPS; sweep++) {
    fit(mean, () => 0, 0);
    fit(user, (sample) => users[sample]!, BIAS_PENALTY);
    fit(item, (sample) => items[sample]!, BIAS_PENALTY);
  }
  return Float32Array.from(indices, logit);
};

const BIAS_SWEEPS = 20;
/** `λ`: a normal prior of variance 1/3 on each bias. A dozen ratings outweigh it. */
const BIAS_PENALTY = 3;

/** Fits `σ(intercept + slope · feature)` by Newton's method. */
function fitLogistic(
  train: Int32Array,
  feature: (sample: number) => number,
  labels: Float32Array,
): { slope: number; intercept: number } {
  let slope = 0;
  let intercept = 0;
  for (let iteration = 0; iteration < 25; iteration++) {
    let gradient0 = 0;
    let gradient1 = 0;
    let h00 = 1e-9;
    let h01 = 0;
    let h11 = 1e-9;
    for (const sample of train) {
      const x = feature(sample);
      const probability = sigmoid(intercept + slope * x);
      const residual = labels[sample]! - probability;
      const weight = probability * (1 - probability);
      gradient0 += residual;
      gradient1 += residual * x;
      h00 += weight;
      h01 += weight * x;
      h11 += weight * x * x;
    }
    const determinant = h00 * h11 - h01 * h01 + 1e-12;
    intercept += (h11 * gradient0 - h01 * gradient1) / determinant;
    slope += (h00 * gradient1 - h01 * gradient0) / determinant;
  }
  return { slope, intercept };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

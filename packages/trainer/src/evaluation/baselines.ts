import { itemPopularity, type Samples } from '@sifaka/data';

/** Scores for some samples, learned from others. @returns logits */
export type Baseline = (samples: Samples, train: Int32Array, indices: Int32Array) => Float32Array;

/** How often an item was rated in train, turned into a logit by a logistic regression on `log(1 + count)`. */
export const popularity: Baseline = (samples, train, indices) => {
  const counts = itemPopularity(samples, train);
  const feature = (sample: number) => Math.log1p(counts[samples.items[sample]!]!);
  const { slope, intercept } = fitLogistic(train, feature, samples.labels);
  return Float32Array.from(indices, (sample) => intercept + slope * feature(sample));
};

/**
 * `σ(μ + b_user + b_item)`, an L2-penalised logistic regression fitted by Newton steps on one bias at a time. No learned model of
 * the first reference run was shown to beat it, so it belongs in every table.
 */
export const userItemBiases: Baseline = (samples, train, indices) => {
  const { users, items, labels } = samples;
  const user = new Float64Array(samples.numUsers);
  const item = new Float64Array(samples.numItems);
  let mean = 0;
  const logit = (sample: number) => mean + user[users[sample]!]! + item[items[sample]!]!;
  for (let sweep = 0; sweep < BIAS_SWEEPS; sweep++) {
    mean += newtonSteps(
      train,
      () => 0,
      1,
      0,
      logit,
      labels,
      () => 0,
    )[0]!;
    addAll(
      user,
      newtonSteps(
        train,
        (s) => users[s]!,
        user.length,
        BIAS_PENALTY,
        logit,
        labels,
        (k) => user[k]!,
      ),
    );
    addAll(
      item,
      newtonSteps(
        train,
        (s) => items[s]!,
        item.length,
        BIAS_PENALTY,
        logit,
        labels,
        (k) => item[k]!,
      ),
    );
  }
  return Float32Array.from(indices, logit);
};

const BIAS_SWEEPS = 20;
/** Each bias is drawn to 0 as if by a normal prior of variance 1/3: a dozen ratings outweigh it. */
const BIAS_PENALTY = 3;

/** One damped Newton step for every bias: `Σ(y − σ) − λb` over `Σσ(1 − σ) + λ`. */
function newtonSteps(
  train: Int32Array,
  keyOf: (sample: number) => number,
  keys: number,
  penalty: number,
  logit: (sample: number) => number,
  labels: Float32Array,
  current: (key: number) => number,
): Float64Array {
  const slope = Float64Array.from({ length: keys }, (_, key) => -penalty * current(key));
  const curvature = new Float64Array(keys).fill(penalty + 1e-9);
  for (const sample of train) {
    const probability = sigmoid(logit(sample));
    const key = keyOf(sample);
    slope[key]! += labels[sample]! - probability;
    curvature[key]! += probability * (1 - probability);
  }
  return slope.map((value, key) => value / curvature[key]!);
}

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

function addAll(target: Float64Array, delta: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += delta[i]!;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

import type { Baseline } from './baseline.js';
import { sigmoid } from './logistic.js';

/**
 * `σ(μ + b_user + b_item)`: an L2-penalised logistic regression, fitted by Newton steps on one bias at a time. No
 * learned model that read likes alone beat it on MovieLens (docs/decisions/0009), so it belongs in every table.
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

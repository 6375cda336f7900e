import { binaryCrossEntropy } from '@sifaka/losses';
import { auc } from '@sifaka/metrics';
import { AdamW, deriveSeed, type NamedParameters, seededRandom, warmupCosine } from '@sifaka/nn';
import type { RankingOutput } from '@sifaka/ranker';
import { add, type Scalar, type Tensor, tensor1d, tidy, variableGrads } from '@tensorflow/tfjs-core';

/** Rows of a task. `inputs` is what the model takes. */
export interface TaskRows<Inputs> {
  readonly inputs: Inputs;
  /** The true log odds of label 1, one per row. Labels are drawn from them. No model ranks better than they do. */
  readonly logOdds: ArrayLike<number>;
}

/**
 * Draws rows of a task.
 *
 * @param random numbers in [0, 1), the only source of randomness.
 * @param rows number of rows. Runs inside a `tidy`.
 */
export type DrawRows<Inputs> = (random: () => number, rows: number) => TaskRows<Inputs>;

/** What learns a task: a head, or readers in front of one. */
export interface TaskModel<Inputs> {
  readonly parameters: NamedParameters;
  /** @returns logits `[B]`, as served. */
  forward(inputs: Inputs): Tensor;
  /** As trained. Default: `forward`, without an auxiliary loss. */
  forwardTraining?(inputs: Inputs): RankingOutput;
}

export interface LearnTaskOptions {
  readonly seed: number;
  /** Number of updates, each on fresh rows. */
  readonly steps: number;
  /** Rows per update. Default 128. */
  readonly rows?: number;
  /** The highest learning rate. It rises over the first 20th of the steps and falls along a cosine. Default 0.01. */
  readonly learningRate?: number;
  /** Least number of rows that are scored. Default 2,000. */
  readonly testRows?: number;
}

/** Both on the same test rows, which are not trained on. */
export interface LearnTaskResult {
  /** AUC of the model, as served. */
  readonly auc: number;
  /** AUC of the true log odds. */
  readonly bestAuc: number;
}

/** Trains a model on a task by binary cross-entropy, plus the model's auxiliary loss if it has one, and scores it. */
export function learnTask<Inputs>(
  draw: DrawRows<Inputs>,
  model: TaskModel<Inputs>,
  { seed, steps, rows = 128, learningRate = 0.01, testRows = 2000 }: LearnTaskOptions,
): LearnTaskResult {
  const variables = [...model.parameters.values()];
  const optimizer = new AdamW(model.parameters, { weightDecay: 0 });
  const rate = warmupCosine({ peak: learningRate, warmupSteps: Math.ceil(steps / 20), totalSteps: steps });
  const random = seededRandom(deriveSeed(seed, 'train'));
  for (let step = 0; step < steps; step++) {
    tidy(() => {
      const { inputs, logOdds } = draw(random, rows);
      const labels = tensor1d(drawLabels(random, logOdds));
      const { grads } = variableGrads(() => {
        const { logits, auxiliaryLoss } = model.forwardTraining?.(inputs) ?? { logits: model.forward(inputs) };
        const loss = binaryCrossEntropy(logits, labels);
        return auxiliaryLoss === undefined ? loss : (add(loss, auxiliaryLoss) as Scalar);
      }, variables);
      const gradients = new Map([...model.parameters].map(([path, { name }]) => [path, grads[name]!]));
      optimizer.apply(gradients, { learningRate: rate(step) });
    });
  }
  optimizer.dispose();

  const fresh = seededRandom(deriveSeed(seed, 'test'));
  const [scores, truth, labels]: [number[], number[], number[]] = [[], [], []];
  while (scores.length < testRows) {
    tidy(() => {
      const { inputs, logOdds } = draw(fresh, rows);
      scores.push(...model.forward(inputs).dataSync());
      truth.push(...Array.from(logOdds));
      labels.push(...drawLabels(fresh, logOdds));
    });
  }
  return { auc: auc(scores, labels), bestAuc: auc(truth, labels) };
}

function drawLabels(random: () => number, logOdds: ArrayLike<number>): Float32Array {
  return Float32Array.from(logOdds, (z) => (random() < 1 / (1 + Math.exp(-z)) ? 1 : 0));
}

import { AdamW, assertNumber, assertWhole, exportParameters, importParameters } from '@sifaka/nn';
import { type Tensor, variableGrads } from '@tensorflow/tfjs-core';
import type { RetrievalData } from '../data/retrieval-data.js';
import type { RetrievalModel } from '../models/retrieval-model.js';
import { type BprBatch, BprBatches } from './bpr-batches.js';
import { assertInteractions, evaluateRetrieval, type RetrievalMetrics } from './evaluate-retrieval.js';

export interface TrainRetrievalOptions {
  /** Of Adam. Default 1e-3. */
  readonly learningRate?: number;
  /** Default 2048. */
  readonly batchSize?: number;
  /** Default 1000. */
  readonly maxEpochs?: number;
  /** Training ends after this many epochs without a better validation Recall@20. Default 20. */
  readonly patience?: number;
  /** Of the order of interactions and their negatives. */
  readonly seed: number;
  /** Called after each epoch. */
  readonly onEpoch?: (epoch: RetrievalEpoch) => void;
}

export interface RetrievalEpoch {
  /** From 0. */
  readonly epoch: number;
  /** Mean over the batches. */
  readonly loss: number;
  readonly validation: RetrievalMetrics;
}

export interface RetrievalTraining {
  /** The epoch with the best validation Recall@20, from 0. */
  readonly bestEpoch: number;
  /** Of this epoch. */
  readonly validation: RetrievalMetrics;
  readonly test: RetrievalMetrics;
  /** All epochs. */
  readonly epochs: readonly RetrievalEpoch[];
}

/**
 * Trains a model as MMRec does: Adam without weight decay over all weights, one negative per train interaction, an
 * evaluation over the full catalogue after each epoch, and early stopping by validation Recall@20. Test decides
 * nothing: it is evaluated once, at the end. The model then has the weights of the best epoch.
 *
 * The defaults are those of EM3's public experiment.
 *
 * @throws RangeError for an option outside its range or a part without interactions, before the first step, or for a
 *   loss that is not finite, naming the epoch.
 */
export async function trainRetrieval(
  model: RetrievalModel,
  data: RetrievalData,
  options: TrainRetrievalOptions,
): Promise<RetrievalTraining> {
  const { learningRate = 1e-3, batchSize = 2048, maxEpochs = 1000, patience = 20, seed, onEpoch } = options;
  assertNumber('trainRetrieval', { learningRate });
  assertWhole('trainRetrieval', { maxEpochs, patience });
  // Test is ranked at the end: that it is empty should not come out after hours of training.
  for (const part of ['validation', 'test'] as const) assertInteractions('trainRetrieval', data, part);
  const batches = new BprBatches({ data, batchSize, seed });
  const optimizer = new AdamW(model.parameters, { weightDecay: 0 });
  const epochs: RetrievalEpoch[] = [];
  let best: { readonly epoch: RetrievalEpoch; readonly weights: ReturnType<typeof exportParameters> } | undefined;
  let step = 0;
  try {
    for (let epoch = 0; epoch < maxEpochs; epoch++) {
      model.startEpoch?.(epoch);
      let total = 0;
      let count = 0;
      for (const batch of batches.epoch(epoch)) {
        total += await trainStep(model, optimizer, batch, { step: step++, learningRate });
        count++;
      }
      const loss = total / count;
      if (!Number.isFinite(loss)) {
        throw new RangeError(`trainRetrieval: expected a finite loss, got ${loss} in epoch ${epoch}`);
      }
      const done: RetrievalEpoch = { epoch, loss, validation: await evaluate(model, data, 'validation') };
      epochs.push(done);
      onEpoch?.(done);
      if (best === undefined || done.validation.recall20 > best.epoch.validation.recall20) {
        best = { epoch: done, weights: exportParameters(model.parameters) };
      }
      if (epoch - best.epoch.epoch >= patience) break;
    }
    importParameters(model.parameters, best!.weights);
    const { epoch: bestEpoch, validation } = best!.epoch;
    return { bestEpoch, validation, test: await evaluate(model, data, 'test'), epochs };
  } finally {
    optimizer.dispose();
  }
}

/** @returns the loss before the update. */
async function trainStep(
  model: RetrievalModel,
  optimizer: AdamW,
  batch: BprBatch,
  { step, learningRate }: { readonly step: number; readonly learningRate: number },
): Promise<number> {
  const { value, grads } = variableGrads(() => model.loss(batch, step), [...model.parameters.values()]);
  const gradients = new Map<string, Tensor>();
  for (const [path, { name }] of model.parameters) {
    const gradient = grads[name];
    if (gradient != null) gradients.set(path, gradient);
  }
  optimizer.apply(gradients, { learningRate });
  const [loss] = await value.data();
  for (const tensor of [value, ...gradients.values()]) tensor.dispose();
  return loss!;
}

async function evaluate(
  model: RetrievalModel,
  data: RetrievalData,
  part: 'validation' | 'test',
): Promise<RetrievalMetrics> {
  const vectors = model.vectors();
  try {
    return await evaluateRetrieval(vectors, data, part);
  } finally {
    vectors.users.dispose();
    vectors.items.dispose();
  }
}

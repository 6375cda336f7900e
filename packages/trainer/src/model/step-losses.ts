import type { Batch } from '@sifaka/data';
import { decorrelation, sqdc } from '@sifaka/losses';
import { add, gather, mul, type Scalar, sum, tensor1d } from '@tensorflow/tfjs-core';
import { type BatchRows, visibleCandidates } from './batch-rows.js';
import type { CandidateVectors } from './candidate-vectors.js';
import type { MultimodalRanker } from './multimodal-ranker.js';
import type { RankerOptions } from './options.js';

/** The losses of a joint step before their weights. One that is off is undefined. */
export interface JointLosses {
  readonly ranking: Scalar;
  readonly contrast: Scalar | undefined;
  readonly contentId: Scalar | undefined;
  readonly decorrelation: Scalar | undefined;
  /** Of the modules themselves, such as a mixture of experts. It has no weight. */
  readonly auxiliary: Scalar | undefined;
}

/** `l_CTR + λ · l_SQDC`, and the losses that options add. */
export function jointLoss({ ranking, ...losses }: JointLosses, options: RankerOptions): Scalar {
  let total = ranking;
  if (losses.contrast !== undefined) total = add(total, mul(losses.contrast, options.sqdc.weight));
  if (losses.contentId !== undefined) total = add(total, mul(losses.contentId, options.cic.weight));
  if (losses.decorrelation !== undefined) total = add(total, mul(losses.decorrelation, options.decorrelation.weight));
  if (losses.auxiliary !== undefined) total = add(total, losses.auxiliary);
  return total;
}

/**
 * The loss of a contrast step: SQDC with weight 1, and decorrelation with the ratio to it that it has in joint
 * training.
 */
export function contrastStageLoss(
  contrast: Scalar,
  { items, queries }: CandidateVectors,
  { sqdc: { weight: lambda }, decorrelation: { weight } }: RankerOptions,
): Scalar {
  // If no liked row has a query, SQDC is a constant. TensorFlow.js differentiates none, so tie it to the weights.
  const total = add<Scalar>(contrast, mul(sum(queries!.vectors), 0));
  return weight === 0 ? total : add(total, mul(decorrelation(items), weight / (lambda || 1)));
}

/** SQDC of a batch, of a model with a query tower. */
export function contrastOf(
  { options }: MultimodalRanker,
  batch: Batch,
  { queries, items, itemOf }: CandidateVectors,
): Scalar {
  const { vectors, hasQuery, qids } = queries!;
  return sqdc(vectors, items, {
    ...options.sqdc,
    items: batch.items,
    labels: batch.labels,
    users: batch.users,
    history: batch.histories['liked']!,
    sessions: qids,
    documentOf: itemOf,
    hasQuery,
  });
}

/**
 * EM3's contrast between the vectors of candidates and their id embeddings, of those whose id is visible.
 *
 * @param candidates distinct ids of the batch's items, `[U]`
 * @param seed of this step's negatives
 * @returns undefined if it is off, or no id is visible.
 */
export function contentIdContrastOf(
  { contentId }: MultimodalRanker,
  batch: Batch,
  rows: BatchRows,
  candidates: Int32Array,
  { items }: CandidateVectors,
  seed: number,
): Scalar | undefined {
  const visible = contentId && visibleCandidates(rows, batch.items, candidates);
  if (contentId === undefined || visible === undefined) return undefined;
  const { indices, embeddings } = visible;
  const content = indices.length === candidates.length ? items : gather(items, tensor1d(indices, 'int32'));
  return contentId.forward(content, embeddings, seed);
}

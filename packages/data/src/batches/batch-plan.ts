import { assertHistoryOptions, type NamedHistories } from '../history/history-options.js';
import { quoted } from '../rows/quoted.js';
import type { Samples } from '../samples/samples.js';
import type { Statistics } from '../statistics/gather-statistics.js';
import { type Batch, gatherBatch } from './batch.js';
import { drawInteger, randomStream } from './random-stream.js';

export interface SequentialBatchesOptions {
  readonly samples: Samples;
  /** Positions of the samples, such as a part of a split. */
  readonly indices: Int32Array;
  /** Samples in a full batch. */
  readonly batchSize: number;
  /** The histories of `batch.histories`, by name. Default: none. */
  readonly histories?: NamedHistories;
  /** The statistics of all samples, for `batch.statistics`. Default: none. */
  readonly statistics?: Statistics;
}

export interface BatchPlanOptions extends SequentialBatchesOptions {
  /** Determines the order of every epoch. */
  readonly seed: number;
  /** Whether to drop the last batch of an epoch if it is not full; each epoch drops different ones. Default true. */
  readonly dropLast?: boolean;
}

/**
 * Shuffled batches for training, as a pure function of the step: a step number is enough to resume a run exactly.
 *
 * Epoch `e = floor(step / batchesPerEpoch)` is a Fisher–Yates permutation of `indices`, seeded with `(seed, e)`.
 */
export class BatchPlan {
  readonly batchesPerEpoch: number;
  readonly #options: BatchPlanOptions;
  #epoch = -1;
  #order: Int32Array;

  /**
   * @throws RangeError if a size is not a whole number, the kind of a history's events is unknown, the statistics are
   *   of other samples, or there are too few samples for one batch.
   */
  constructor(options: BatchPlanOptions) {
    assertOptions('BatchPlan', options);
    const { indices, batchSize, dropLast = true } = options;
    this.#options = options;
    this.#order = new Int32Array(indices.length);
    this.batchesPerEpoch = dropLast ? Math.floor(indices.length / batchSize) : Math.ceil(indices.length / batchSize);
    if (this.batchesPerEpoch === 0) {
      throw new RangeError(`BatchPlan: expected at least one batch of ${batchSize}, got ${indices.length} samples`);
    }
  }

  /** @param step from 0, counted over all epochs. @throws RangeError if it is not a whole number from 0. */
  batch(step: number): Batch {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(`BatchPlan.batch: expected a whole number from 0, got ${quoted(step)}`);
    }
    const { samples, batchSize, histories, statistics } = this.#options;
    const start = (step % this.batchesPerEpoch) * batchSize;
    const order = this.#permutation(Math.floor(step / this.batchesPerEpoch));
    return gatherBatch(samples, order.slice(start, start + batchSize), histories, statistics);
  }

  #permutation(epoch: number): Int32Array {
    if (epoch === this.#epoch) return this.#order;
    const random = randomStream(this.#options.seed, 'BatchPlan', epoch);
    const order = this.#options.indices.slice();
    for (let i = order.length - 1; i > 0; i--) {
      const j = drawInteger(random, i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    this.#order = order;
    this.#epoch = epoch;
    return order;
  }
}

/**
 * Batches in the order of `indices`, for evaluation. The last one may be short.
 *
 * @throws RangeError if a size is not a whole number, the kind of a history's events is unknown, or the statistics are
 *   of other samples.
 */
export function sequentialBatches(options: SequentialBatchesOptions): Iterable<Batch> {
  assertOptions('sequentialBatches', options);
  const { samples, indices, batchSize, histories, statistics } = options;
  return {
    *[Symbol.iterator]() {
      for (let start = 0; start < indices.length; start += batchSize) {
        yield gatherBatch(samples, indices.slice(start, start + batchSize), histories, statistics);
      }
    },
  };
}

function assertOptions(
  where: string,
  { samples, batchSize, histories = {}, statistics }: SequentialBatchesOptions,
): void {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`${where}: expected batchSize to be a whole number from 1, got ${quoted(batchSize)}`);
  }
  assertHistoryOptions(where, histories);
  if (statistics !== undefined && statistics.values.length !== samples.length * statistics.width) {
    const expected = `statistics of ${samples.length} samples × ${statistics.width}`;
    throw new RangeError(`${where}: expected ${expected}, got ${statistics.values.length} values`);
  }
}

import { quoted } from '../rows/quoted.js';
import type { Samples } from '../samples/samples.js';
import { FirstEvents } from './first-events.js';
import { type RandomGenerator, randomStream } from './random-stream.js';
import { drawAllowed } from './weighted-draw.js';

export interface NegativeSamplerOptions {
  readonly samples: Samples;
  readonly seed: number;
  /**
   * `[numItems]` relative frequency of each item; 0 = never drawn. Default: uniform. To draw by popularity, pass
   * {@link itemPopularity} of the train part, or its power 0.75 (word2vec: Mikolov et al. 2013, arXiv 1310.4546).
   */
  readonly weights?: ArrayLike<number>;
}

/**
 * Draws items that the sample's user has not interacted with, up to and including the sample's timestamp. Items of the
 * user's later events may be drawn: excluding them would leak the future.
 */
export class NegativeSampler {
  readonly #samples: Samples;
  readonly #seed: number;
  /** Running sums of the weights. */
  readonly #cumulative: Float64Array;
  readonly #first: FirstEvents;

  /** @throws RangeError if the weights are not one finite number ≥ 0 per item with a positive sum. */
  constructor({ samples, seed, weights }: NegativeSamplerOptions) {
    this.#samples = samples;
    this.#seed = seed;
    this.#cumulative = cumulate(weights ?? new Uint8Array(samples.numItems).fill(1), samples.numItems);
    this.#first = new FirstEvents({ ...samples, times: samples.timestamps });
  }

  /**
   * Draws `count` items for each sample, independently: an item can occur twice.
   *
   * @param rows `[B]` positions of samples
   * @param step number of the draw; the same step gives the same items
   * @returns `[B, count]`, row by row, dense item ids.
   * @throws RangeError if `count` or `step` is not a whole number from 0, or a user has interacted with every item that
   *   may be drawn.
   */
  sample(rows: Int32Array, count: number, step: number): Int32Array {
    for (const [name, value] of Object.entries({ count, step })) {
      if (Number.isSafeInteger(value) && value >= 0) continue;
      throw new RangeError(
        `NegativeSampler.sample: expected ${name} to be a whole number from 0, got ${quoted(value)}`,
      );
    }
    const random = randomStream(this.#seed, 'NegativeSampler', step);
    const negatives = new Int32Array(rows.length * count);
    return negatives.map((_, i) => this.#draw(rows[Math.floor(i / count)]!, random));
  }

  #draw(row: number, random: RandomGenerator): number {
    const item = drawAllowed(this.#cumulative, (each) => !this.#hasEvent(row, each), random);
    if (item >= 0) return item;
    throw new RangeError(
      `NegativeSampler.sample: user ${this.#samples.users[row]} of sample ${row} has interacted with every item`,
    );
  }

  #hasEvent(row: number, item: number): boolean {
    return this.#first.time(this.#samples.users[row]!, item) <= this.#samples.timestamps[row]!;
  }
}

function cumulate(weights: ArrayLike<number>, numItems: number): Float64Array {
  if (weights.length !== numItems) {
    throw new RangeError(`NegativeSampler: expected ${numItems} weights, one per item, got ${weights.length}`);
  }
  let sum = 0;
  const cumulative = Float64Array.from(weights, (weight, item) => {
    if (!(weight >= 0 && Number.isFinite(weight))) {
      throw new RangeError(`NegativeSampler: expected weights from 0, got ${weight} for item ${item}`);
    }
    sum += weight;
    return sum;
  });
  if (sum === 0) throw new RangeError('NegativeSampler: expected a positive weight, got none');
  return cumulative;
}

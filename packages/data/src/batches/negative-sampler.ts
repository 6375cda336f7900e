import { partitionPoint } from '../history/partition-point.js';
import { quoted } from '../rows/quoted.js';
import type { Samples } from '../samples/samples.js';
import { drawUnit, type RandomGenerator, randomStream } from './random-stream.js';

export interface NegativeSamplerOptions {
  readonly samples: Samples;
  readonly seed: number;
  /**
   * `[numItems]` relative frequency of each item; 0 = never drawn. Default: uniform. To draw by popularity, pass
   * {@link itemPopularity} of the train part, or its power 0.75 (word2vec: Mikolov et al. 2013, arXiv 1310.4546).
   */
  readonly weights?: ArrayLike<number>;
}

// Most draws are accepted, because most items have no event of the user. After this many rejections an explicit list of
// the allowed items is cheaper.
const MAX_REJECTIONS = 32;

/**
 * Draws items that the sample's user has not interacted with, up to and including the sample's timestamp. Items of the
 * user's later events may be drawn: excluding them would leak the future.
 */
export class NegativeSampler {
  readonly #samples: Samples;
  readonly #seed: number;
  /** Running sums of the weights. */
  readonly #cumulative: Float64Array;
  /** `user · numItems + item` of every pair with an event, ascending. */
  readonly #pairs: Float64Array;
  /** Time of each pair's first event. */
  readonly #since: Float64Array;

  /** @throws RangeError if the weights are not one finite number ≥ 0 per item with a positive sum. */
  constructor({ samples, seed, weights }: NegativeSamplerOptions) {
    this.#samples = samples;
    this.#seed = seed;
    this.#cumulative = cumulate(weights ?? new Uint8Array(samples.numItems).fill(1), samples.numItems);
    const pairOf = (sample: number) => samples.users[sample]! * samples.numItems + samples.items[sample]!;
    this.#pairs = Float64Array.from({ length: samples.length }, (_, sample) => pairOf(sample)).sort();
    this.#since = new Float64Array(samples.length);
    // Backwards in time, so that the first event is written last.
    for (let sample = samples.length - 1; sample >= 0; sample--) {
      this.#since[lowerBound(this.#pairs, pairOf(sample))] = samples.timestamps[sample]!;
    }
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
    for (let rejections = 0; rejections < MAX_REJECTIONS; rejections++) {
      const item = drawFrom(this.#cumulative, random);
      if (!this.#hasEvent(row, item)) return item;
    }
    let total = 0;
    const allowed = this.#cumulative.map((sum, item) => {
      const weight = sum - (this.#cumulative[item - 1] ?? 0);
      if (!this.#hasEvent(row, item)) total += weight;
      return total;
    });
    if (total === 0) {
      throw new RangeError(
        `NegativeSampler.sample: user ${this.#samples.users[row]} of sample ${row} has interacted with every item`,
      );
    }
    return drawFrom(allowed, random);
  }

  #hasEvent(row: number, item: number): boolean {
    const pair = this.#samples.users[row]! * this.#samples.numItems + item;
    const index = lowerBound(this.#pairs, pair);
    return this.#pairs[index] === pair && this.#since[index]! <= this.#samples.timestamps[row]!;
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

/** Draws an index with a probability in proportion to its increment in the running sums. */
function drawFrom(cumulative: Float64Array, random: RandomGenerator): number {
  const point = drawUnit(random) * cumulative[cumulative.length - 1]!;
  return partitionPoint(0, cumulative.length - 1, (index) => cumulative[index]! <= point);
}

/** The first index with a value not below `value`. */
function lowerBound(sorted: Float64Array, value: number): number {
  return partitionPoint(0, sorted.length, (index) => sorted[index]! < value);
}

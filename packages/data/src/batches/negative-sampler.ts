import type { Samples } from '../samples/samples.js';
import { drawUnit, type RandomGenerator, randomStream } from './random-stream.js';

export interface NegativeSamplerOptions {
  readonly samples: Samples;
  readonly seed: number;
  /**
   * `[numItems]` how often an item is drawn, relative to the others; 0 = never. Default: every item alike. For draws by
   * popularity pass {@link itemPopularity} of the train part, or its power 0.75 (Mikolov et al. 2013).
   */
  readonly weights?: ArrayLike<number>;
}

// Refusals are rare (a user knows few of many items); past this many, drawing from an explicit list is cheaper.
const MAX_REFUSALS = 32;

/**
 * Draws items that a sample's user had not interacted with, in any way, up to and including the sample's moment. What the user
 * turns to later may be drawn: excluding it would tell the model the future.
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
   * Independent draws: an item can come twice.
   *
   * @param rows `[B]` samples
   * @param step which draw this is; the same step gives the same items.
   * @returns `[B, count]`, row by row, dense item ids.
   * @throws RangeError if a user has interacted with every item that may be drawn.
   */
  sample(rows: Int32Array, count: number, step: number): Int32Array {
    const random = randomStream(this.#seed, 'NegativeSampler', step);
    const negatives = new Int32Array(rows.length * count);
    return negatives.map((_, i) => this.#draw(rows[Math.floor(i / count)]!, random));
  }

  #draw(row: number, random: RandomGenerator): number {
    for (let refusals = 0; refusals < MAX_REFUSALS; refusals++) {
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

/** An index with probability in proportion to its step in the running sums; one whose step is 0 never comes. */
function drawFrom(cumulative: Float64Array, random: RandomGenerator): number {
  const point = drawUnit(random) * cumulative[cumulative.length - 1]!;
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (cumulative[middle]! <= point) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index with a value not below `value`. */
function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

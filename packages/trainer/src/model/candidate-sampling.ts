import type { MemoryBank } from '@sifaka/memory-bank';
import { shuffled } from '@sifaka/nn';
import type { HotContentOptions, SamplingOptions } from './options.js';

/** Which of a batch's distinct candidates are encoded. */
export interface DrawnCandidates {
  /** Encoded forward and backward. */
  readonly learning: Int32Array;
  /** Encoded forward only: their vectors are refreshed, the encoders do not learn from them. */
  readonly refreshing: Int32Array;
}

/**
 * Draws LEMUR's forward and backward samples (Table 4): of `U` distinct candidates, `round(p·U)` are encoded, and
 * `round(q·U)` of these also learn. Candidates missing from the bank are always encoded. The paper does not say how it
 * draws; this draws uniformly among all candidates except the hot ones that {@link HotContentOptions} leaves out.
 *
 * @param candidates distinct item ids
 * @param random numbers in [0, 1)
 * @throws RangeError unless 0 ≤ q ≤ p ≤ 1 and the rate of hot content is in 0 … 1.
 */
export function drawCandidates(
  candidates: Int32Array,
  bank: MemoryBank,
  { forward, backward, hot }: SamplingOptions,
  random: () => number,
): DrawnCandidates {
  if (!(backward >= 0 && forward >= backward && forward <= 1)) {
    throw new RangeError(`drawCandidates: expected 0 ≤ backward ≤ forward ≤ 1, got ${backward} and ${forward}`);
  }
  if (hot !== undefined && !(hot.rate >= 0 && hot.rate <= 1)) {
    throw new RangeError(`drawCandidates: expected a rate of hot content in 0 … 1, got ${hot.rate}`);
  }
  const drawable = hot === undefined ? candidates : candidates.filter(takesPart(bank, hot, random));
  const order = shuffled(drawable, random);
  const learners = Math.round(backward * order.length);
  const encoded = Math.max(learners, Math.round(forward * order.length));
  return {
    learning: order.slice(0, learners),
    refreshing: order.slice(learners).filter((id, index) => learners + index < encoded || !bank.has(id)),
  };
}

/** Whether a candidate takes part in the draw: a hot one only with probability `rate`. */
function takesPart(
  bank: MemoryBank,
  { writes, rate }: HotContentOptions,
  random: () => number,
): (id: number) => boolean {
  return (id) => bank.version(id) < writes || random() < rate;
}

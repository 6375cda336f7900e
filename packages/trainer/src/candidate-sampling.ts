import type { MemoryBank } from '@sifaka/memory-bank';
import type { SamplingOptions } from './options.js';

/** Which of a batch's distinct candidates are encoded. */
export interface DrawnCandidates {
  /** Encoded forward and backward. */
  readonly learning: Int32Array;
  /** Encoded forward only: their vectors are refreshed, the encoders do not learn from them. */
  readonly refreshing: Int32Array;
}

/**
 * Draws LEMUR's forward and backward samples (Table 4): of `U` distinct candidates, `round(p·U)` are encoded, `round(q·U)` of these also
 * learn. Whom the bank does not know is encoded too, else it would have no vector. The paper does not say how it draws; here
 * uniformly.
 *
 * @param candidates distinct item ids
 * @param random numbers in [0, 1)
 * @throws RangeError unless 0 ≤ q ≤ p ≤ 1.
 */
export function drawCandidates(
  candidates: Int32Array,
  bank: MemoryBank,
  { forward, backward }: SamplingOptions,
  random: () => number,
): DrawnCandidates {
  if (!(backward >= 0 && forward >= backward && forward <= 1)) {
    throw new RangeError(`drawCandidates: expected 0 ≤ backward ≤ forward ≤ 1, got ${backward} and ${forward}`);
  }
  const shuffled = candidates.slice();
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  const learners = Math.round(backward * candidates.length);
  const encoded = Math.max(learners, Math.round(forward * candidates.length));
  return {
    learning: shuffled.slice(0, learners),
    refreshing: shuffled.slice(learners).filter((id, place) => learners + place < encoded || !bank.has(id)),
  };
}

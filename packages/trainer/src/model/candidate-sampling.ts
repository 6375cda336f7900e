import type { MemoryBank } from '@sifaka/memory-bank';
import type { HotContentOptions, SamplingOptions } from './options.js';

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
 * uniformly, among all but the hot candidates that {@link HotContentOptions} spares.
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
  const shuffled = hot === undefined ? candidates.slice() : candidates.filter(spare(bank, hot, random));
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  const learners = Math.round(backward * shuffled.length);
  const encoded = Math.max(learners, Math.round(forward * shuffled.length));
  return {
    learning: shuffled.slice(0, learners),
    refreshing: shuffled.slice(learners).filter((id, place) => learners + place < encoded || !bank.has(id)),
  };
}

/** Whether a candidate takes part: a hot one by chance. */
function spare(bank: MemoryBank, { writings, rate }: HotContentOptions, random: () => number): (id: number) => boolean {
  return (id) => bank.version(id) < writings || random() < rate;
}

// Medians and their spread. Times on a shared machine have long tails, so no distribution is assumed.
import { seededRandom } from '@sifaka/nn';

export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

export function median(values) {
  return quantile(values, 0.5);
}

/**
 * Ratio of a contender's median to a reference's, with a 90 % bootstrap interval. It resamples rounds, the same ones
 * for both sides, because load that slows down a round slows down both.
 *
 * @param times by round, `[rounds][runs]`
 * @param reference times of the same rounds
 */
export function ratioOfMedians(times, reference, { draws = 2000 } = {}) {
  const random = seededRandom(1);
  const rounds = Math.min(times.length, reference.length);
  const ratio = (chosen) =>
    median(chosen.flatMap((round) => times[round])) / median(chosen.flatMap((round) => reference[round]));
  const all = Array.from({ length: rounds }, (_, i) => i);
  const drawn = Array.from({ length: draws }, () => ratio(all.map(() => Math.floor(random() * rounds))));
  return { ratio: ratio(all), low: quantile(drawn, 0.05), high: quantile(drawn, 0.95) };
}

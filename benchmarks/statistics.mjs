// Medians and their spread. Times on a shared machine have long tails, so no distribution is assumed.

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
 * Ratio of a contender's median to that of a reference, with a 90 % bootstrap interval. It resamples rounds, the same
 * for both sides, because load that slows down a round slows down both.
 *
 * @param times by round, `[rounds][runs]`
 * @param reference times of the same rounds
 */
export function ratioOfMedians(times, reference, { draws = 2000 } = {}) {
  const random = generator(1);
  const rounds = Math.min(times.length, reference.length);
  const ratio = (chosen) =>
    median(chosen.flatMap((round) => times[round])) / median(chosen.flatMap((round) => reference[round]));
  const all = Array.from({ length: rounds }, (_, i) => i);
  const drawn = Array.from({ length: draws }, () => ratio(all.map(() => Math.floor(random() * rounds))));
  return { ratio: ratio(all), low: quantile(drawn, 0.05), high: quantile(drawn, 0.95) };
}

/** Seeded random numbers in [0, 1) (mulberry32). */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

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
 * Ratio of two contenders' medians, with a 90 % bootstrap interval. It resamples rounds, the same for both sides,
 * because load that slows down a round slows down both.
 *
 * @param ours times by round, `[rounds][runs]`
 * @param theirs times of the same rounds
 */
export function ratioOfMedians(ours, theirs, { draws = 2000 } = {}) {
  const random = generator(1);
  const rounds = Math.min(ours.length, theirs.length);
  const ratio = (chosen) =>
    median(chosen.flatMap((round) => ours[round])) / median(chosen.flatMap((round) => theirs[round]));
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

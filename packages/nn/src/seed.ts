import { assertSeed } from './assert-options.js';

/**
 * Derives a seed from another seed and a path: `deriveSeed(1, 'image', 'blocks', 0)`. The same path gives the same
 * 32-bit seed on every machine and engine. Different paths give unrelated seeds (FNV-1a over the path, then murmur3's
 * finaliser).
 *
 * @throws RangeError unless the seed is a whole number.
 */
export function deriveSeed(seed: number, ...path: readonly (string | number)[]): number {
  assertSeed('deriveSeed', seed);
  let hash = 0x811c9dc5 ^ (seed >>> 0);
  const text = path.map((part) => `/${part}`).join('');
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Seeded random numbers in [0, 1) on the host (mulberry32), for sampling, id dropout and shuffles.
 *
 * @throws RangeError unless the seed is a whole number.
 */
export function seededRandom(seed: number): () => number {
  assertSeed('seededRandom', seed);
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * A copy of the ids in a random order (Fisher–Yates, from the last one down).
 *
 * @param random numbers in [0, 1), such as those of {@link seededRandom}
 */
export function shuffled(ids: Int32Array, random: () => number): Int32Array {
  const order = ids.slice();
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

export type { RandomGenerator };

/**
 * An independent generator for each (seed, name, counter).
 *
 * All 128 bits of state are hashed (FNV-1a over the key, murmur3's finaliser per word), because pure-rand's own
 * seeding gives neighbouring seeds similar first draws.
 */
export function randomStream(seed: number, name: string, counter: number): RandomGenerator {
  let hash = 0x811c9dc5;
  for (const char of `${seed}/${name}/${counter}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  const state = [1, 2, 3, 4].map((word) => finalize(hash + Math.imul(word, 0x9e3779b9)));
  return xoroshiro128plusFromState(state);
}

/** Uniform in 0 … bound − 1, without bias. */
export function drawInteger(random: RandomGenerator, bound: number): number {
  return uniformInt(random, 0, bound - 1);
}

/** Uniform in [0, 1), 53 bits. */
export function drawUnit(random: RandomGenerator): number {
  return uniformFloat64(random);
}

function finalize(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/**
 * A generator of uniform integers: xoshiro128** (Blackman and Vigna, ACM TOMS 2021; period 2¹²⁸ − 1), seeded by
 * splitmix32. The same seed gives the same integers on every machine.
 *
 * @param seed integer from 0 to 2³² − 1.
 * @returns a function that draws from `[0, bound)`.
 */
export function randomIntegers(seed: number): (bound: number) => number {
  let filler = seed;
  const fill = (): number => {
    filler = (filler + 0x9e3779b9) | 0;
    let z = Math.imul(filler ^ (filler >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let [s0, s1, s2, s3] = [fill(), fill(), fill(), fill()];

  const next = (): number => {
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    return result;
  };

  return (bound) => {
    // Rejects draws beyond the last multiple of the bound, which would favour small integers.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let drawn = next();
    while (drawn >= limit) drawn = next();
    return drawn % bound;
  };
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

import { describe, expect, it } from 'vitest';
import { randomIntegers } from '../src/random-integers.js';

describe('randomIntegers', () => {
  it('favours no integer, even if 2³² is no multiple of the bound', () => {
    const drawBelow = randomIntegers(1);
    const thirds = [0, 0, 0];
    for (let i = 0; i < 6000; i++) thirds[Math.floor(drawBelow(3 * 2 ** 30) / 2 ** 30)]!++;
    // Four standard deviations. Without rejection the first third would hold 3000.
    for (const count of thirds) expect(Math.abs(count - 2000)).toBeLessThan(4 * Math.sqrt((6000 * 2) / 9));
  });

  it('gives the same integers on every machine', () => {
    // From the published algorithm in Python.
    const drawBelow = randomIntegers(7);
    expect(Array.from({ length: 6 }, () => drawBelow(1000))).toEqual([603, 892, 120, 890, 55, 466]);
  });
});
